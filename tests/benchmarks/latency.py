"""From the end of the quiet time to the start of the upload, for bills that come one by one.

Beside it: the quiet time itself, which no program that waits for settled files can spare.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_world import emulator, small_pdf, tell, write_configuration

BILLS = 20
QUIET = 1.0


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name, emulator() as url:
        folder = Path(name)
        config = write_configuration(folder, url, quiet=QUIET)
        process = subprocess.Popen(
            [sys.executable, "-m", "agent", "run", "--config", str(config)],
            env=os.environ | {"NECTAR_API_KEY": "bench"},
            stderr=subprocess.DEVNULL,
        )
        time.sleep(5)
        written: list[float] = []
        for number in range(BILLS):
            (folder / "bills" / f"bill-{number}.pdf").write_bytes(small_pdf(number))
            written.append(time.time())
            time.sleep(1.7)
        time.sleep(5)
        seen = tell(url, "GET", "requests")
        process.terminate()
        process.wait(10)
    assert isinstance(seen, dict)
    sent = [one["time"] for one in seen["requests"] if one["method"] == "POST"]
    waits = [later - earlier - QUIET for earlier, later in zip(written, sent, strict=True)]
    print(f"quiet time                       {QUIET:6.3f} s")
    print(f"from its end to the upload, median {statistics.median(waits):6.3f} s")
    print(f"slowest of {BILLS}                    {max(waits):6.3f} s")


if __name__ == "__main__":
    main()
