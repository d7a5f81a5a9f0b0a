"""``python tests/journeys --worlds 20000``: live through random worlds on all cores.

``--seed S`` begins with another one; ``--seed S --shrink`` shows the fewest events with which the
world of that seed fails, and ``--keep NAME`` keeps them as a regression test.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from random_days import random_days
from worlds import LENGTH, failure_of, keep, shrunk

from agent.files.examiner import Examiner


def main() -> int:
    """Run the worlds; return pytest's exit code."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python tests/journeys")
    parser.add_argument("--worlds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shrink", action="store_true")
    parser.add_argument("--keep", metavar="NAME")
    wanted = parser.parse_args()
    if wanted.shrink or wanted.keep:
        return _shrink(wanted.seed, wanted.keep)
    tests = str(Path(__file__).parent / "test_worlds.py")
    sizes = [f"--worlds={wanted.worlds}", f"--seed={wanted.seed}"]
    # A process of its own: pytest would rewrite what is imported here already.
    # Each test is named as it ends: nobody waits an hour to hear that one failed.
    told = ["--verbose", "-n", "auto"]
    return subprocess.call([sys.executable, "-m", "pytest", tests, *sizes, *told])


def _shrink(seed: int, name: str | None) -> int:
    examiner = Examiner()
    try:
        days = shrunk(random_days(seed, LENGTH), examiner)
        failure = failure_of(days, examiner)
    finally:
        examiner.close()
    if failure is None:
        print(f"The world of seed {seed} ends well.")
        return 0
    print(failure)
    for event in days:
        print("  ", event.as_json())
    if name:
        print(f"Kept in {keep(name, failure, days)}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
