"""The first look of a folder with 100,000 files: how long people's requests and a stop wait.

Beside it: the same requests to the same service at rest.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench_world import emulator, start_service, write_configuration
from large_folder import FILES

from agent.store.connecting import store_path
from agent.store.opening import open_for_people
from agent.store.requests import answer_of, leave_request

AT_REST_SECONDS = 5.0


def ask(data: Path) -> float:
    """Leave a request and return the seconds until it was answered."""
    people = open_for_people(store_path(data))
    assert people is not None
    with closing(people):
        began = time.perf_counter()
        request = leave_request(people, "resume", {}, time.time())
        while answer_of(people, request) is None:
            time.sleep(0.01)
            assert time.perf_counter() - began < 300
        return time.perf_counter() - began


def known(data: Path) -> int:
    """Return how many files the store knows."""
    people = open_for_people(store_path(data))
    assert people is not None
    with closing(people):
        return int(people.execute("SELECT count(*) FROM files").fetchone()[0])


def slowest_answer(data: Path, until: float) -> float:
    """Return the longest that a request waits while nothing else is asked, up to a moment."""
    slowest = 0.0
    while time.perf_counter() < until:
        slowest = max(slowest, ask(data))
        time.sleep(0.05)
    return slowest


def main() -> None:
    """Measure and print."""
    existing = sys.argv[1] if len(sys.argv) > 1 else "ask"
    with tempfile.TemporaryDirectory() as name, emulator() as url:
        folder = Path(name)
        config = write_configuration(folder, url)
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace('existing = "all"', f'existing = "{existing}"'), "utf-8")
        for number in range(FILES):
            path = folder / "bills" / f"{number // 1000:03}" / f"bill-{number}.pdf"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"%PDF")
        data = folder / "data"

        process = start_service(config)
        began, slowest = time.perf_counter(), 0.0
        while known(data) < FILES:
            slowest = max(slowest, ask(data))
        took = time.perf_counter() - began
        time.sleep(3)
        at_rest = slowest_answer(data, time.perf_counter() + AT_REST_SECONDS)
        process.terminate()
        process.wait(60)
        print(f"first look of {FILES:,} files              {took:6.2f} s")
        print(f"slowest answer during it                 {slowest:6.2f} s")
        print(f"slowest answer at rest                   {at_rest:6.2f} s")

        for file in data.iterdir():
            if file.is_file():
                file.unlink()
        (folder / "bills" / ".nectar-bill-agent").unlink()
        for wait in (1.5, 3.0, 5.0):
            process = start_service(config)
            time.sleep(wait)
            began = time.perf_counter()
            process.terminate()
            process.wait(120)
            print(
                f"stop {wait} s after `ready`                 {time.perf_counter() - began:6.2f} s"
            )


if __name__ == "__main__":
    main()
