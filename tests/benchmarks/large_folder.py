"""A folder with 100,000 decided files: one full reading, start to `ready`, the next due row.

Beside it: a plain walk with a stat of each file, and the number of seconds it takes.
"""

from __future__ import annotations

import os
import resource
import sqlite3
import tempfile
import time
from pathlib import Path

from bench_world import emulator, start_service, write_configuration

FILES = 100_000
ROWS = 1_000_000


def walk(folder: Path) -> float:
    """Return the processor seconds of a plain walk with a stat of each file."""
    started = time.process_time()
    for root, _, names in os.walk(folder):
        for name in names:
            os.lstat(os.path.join(root, name))  # noqa: PTH118  # the plainest way
    return time.process_time() - started


def until_ready(config: Path, settle_seconds: float = 30.0) -> tuple[float, float, float]:
    """Return seconds to `ready`, then processor seconds of the first and of a later reading."""
    started = time.perf_counter()
    process = start_service(config)
    ready = time.perf_counter() - started
    time.sleep(settle_seconds)  # the first full reading, written down
    first = cpu_of(process.pid)
    # A file that is no bill brings a hint, and the hint one reading.
    (config.parent / "bills" / "note.txt").write_text(f"{first}", encoding="utf-8")
    time.sleep(40)  # a hint in a large folder waits for more of them
    second = cpu_of(process.pid) - first
    process.terminate()
    process.wait(10)
    return ready, first, second


def cpu_of(pid: int) -> float:
    """Return the processor seconds of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(") ", 1)[1].split()
    ticks = int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def next_due(folder: Path) -> float:
    """Return the seconds that finding the next due row takes among a million."""
    from agent.store.store import Store  # noqa: PLC0415  # not needed by the rest

    store = Store(folder / "million.sqlite3")
    store.close()
    connection = sqlite3.connect(folder / "million.sqlite3")
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
        "INSERT INTO files (id, folder_id, path, size, modified_ns, file_number, stage, state, "
        "since, first_seen, last_seen, due, failures, bugs, owed, owed_since, present, present_at, "
        "fate, missing, dismissed, may_go_elsewhere) "
        "SELECT i, 1, CAST('/x/' || i AS BLOB), 1, 1, '1', 'found', 'waiting', 0, 0, 0, "
        "1e9 + i, 0, 0, '', 0, '', 0, '', 0, 0, 0 FROM n",
        (ROWS,),
    )
    connection.commit()
    connection.close()
    store = Store(folder / "million.sqlite3")
    started = time.perf_counter()
    for _ in range(100):
        store.next_due(1e9 + 500_000)
    taken = (time.perf_counter() - started) / 100
    store.close()
    return taken


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name, emulator() as url:
        folder = Path(name)
        config = write_configuration(folder, url)
        text = config.read_text(encoding="utf-8").replace('existing = "all"', 'existing = "new"')
        config.write_text(text, encoding="utf-8")
        for number in range(FILES):
            path = folder / "bills" / f"{number // 1000:03}" / f"bill-{number}.pdf"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"%PDF")
        plain = walk(folder / "bills")
        until_ready(config, 60.0)  # decides them: left alone
        ready, first, second = until_ready(config)
        print(f"plain walk with a stat of each file  {plain:6.2f} s of CPU")
        print(f"start to ready                       {ready:6.2f} s")
        print(f"start and the first full reading     {first:6.2f} s of CPU")
        print(f"one full reading later               {second:6.2f} s of CPU")
        print(f"ratio of a reading to the plain walk {second / plain:6.1f}")
        print(f"next due row of a million            {next_due(folder) * 1000:6.3f} ms")
        print(f"peak memory of this script           {resource.getrusage(resource.RUSAGE_SELF)[2]}")


if __name__ == "__main__":
    main()
