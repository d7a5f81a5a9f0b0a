"""Memory and processor time of an idle service with 1,000 finished bills, and its tray (Linux).

Beside it: an interpreter that imported the same libraries and does nothing. The tray's panel is
the one of ``tests/tray/desk.py``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_world import emulator, small_pdf, write_configuration
from large_folder import cpu_of

sys.path.append(str(Path(__file__).parents[1] / "tray"))
from desk import ATray, Desk
from user_home import without_screen

BILLS = 1000
LIBRARIES = "import httpx, watchdog.observers, pydantic, truststore, sqlite3, typer, rich"


def memory_of(pid: int) -> float:
    """Return the resident MiB of a process and its children."""
    total = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            stat = (folder / "stat").read_text(encoding="ascii").rsplit(") ", 1)[1].split()
            status = (folder / "status").read_text(encoding="ascii")
        except OSError:
            continue
        if int(folder.name) == pid or int(stat[1]) == pid:
            for line in status.splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1])
    return total / 1024


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name, emulator(processing_seconds=0.1) as url:
        folder = Path(name)
        config = write_configuration(folder, url)
        for number in range(BILLS):
            (folder / "bills" / f"bill-{number}.pdf").write_bytes(small_pdf(number))
        environment = os.environ | {"NECTAR_API_KEY": "bench"}
        command = [sys.executable, "-m", "agent"]
        subprocess.run(
            [*command, "once", "--config", str(config)],
            env=environment,
            check=True,
            stderr=subprocess.DEVNULL,
        )
        bare = subprocess.Popen([sys.executable, "-c", f"{LIBRARIES}; input()"], stdin=-1)
        service = subprocess.Popen(
            [*command, "run", "--config", str(config)], env=environment, stderr=subprocess.DEVNULL
        )
        desk = Desk(folder)
        desk.begin_panel()
        tray = ATray(
            [*command, "tray", "--config", str(config)],
            without_screen(folder, desk.session.address),
            folder / "said",
        )
        time.sleep(90)  # started, read the folder, ended the helper process
        assert "All bills are read" in desk.title(), desk.title()
        before, before_tray = cpu_of(service.pid), cpu_of(tray.process.pid)
        time.sleep(60)
        used = (cpu_of(service.pid) - before) / 60
        used_by_tray = (cpu_of(tray.process.pid) - before_tray) / 60
        print(f"idle interpreter with the libraries  {memory_of(bare.pid):6.1f} MiB")
        print(f"idle service                         {memory_of(service.pid):6.1f} MiB")
        print(f"processor time of the idle service   {used * 1000:6.2f} ms a second")
        print(f"idle tray                            {memory_of(tray.process.pid):6.1f} MiB")
        print(f"processor time of the idle tray      {used_by_tray * 1000:6.2f} ms a second")
        for process in (tray.process, service, bare):
            process.terminate()
            process.wait(10)
        desk.end()


if __name__ == "__main__":
    main()
