"""What the benchmarks share: small bills, an emulator in a process of its own, a configuration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVE = """
import sys
from agent.emulator.server import serve
serve(0, lambda url: print(url, flush=True))
"""


def small_pdf(number: int) -> bytes:
    """Return a one-page PDF with a text of its own, about 700 bytes."""
    text = (
        f"Pine Valley Power electric bill. Account number {number:06d}. Service period "
        f"01/01/2026 to 01/31/2026. Usage {number + 100} kWh. Total amount due $ {number + 20}.10"
    )
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body = b"%PDF-1.4\n"
    offsets = []
    for position, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (position, content)
    start = len(body)
    body += b"xref\n0 6\n0000000000 65535 f \n"
    body += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return body + b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


@contextmanager
def emulator(**behaviour: object) -> Iterator[str]:
    """Run the emulator in a process of its own; give its API address."""
    process = subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if behaviour:
            tell(url, "PUT", "behaviour", behaviour)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def tell(url: str, method: str, what: str, value: object = None) -> object:
    """Ask the emulator about itself, or set how it behaves."""
    origin = url.rsplit("/", 1)[0]
    request = urllib.request.Request(
        f"{origin}/_emulator/{what}",
        method=method,
        data=None if value is None else json.dumps(value).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"null")


def start_service(config: Path) -> subprocess.Popen[str]:
    """Start the service and wait until it says `ready`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "agent", "run", "--config", str(config)],
        env=os.environ | {"NECTAR_API_KEY": "bench"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.strip() == "ready":
            break
    # A line for each file follows; a full pipe would hold the agent up.
    threading.Thread(target=process.stderr.read, daemon=True).start()
    return process


def write_configuration(folder: Path, url: str, *, requests: int = 10, quiet: float = 1.0) -> Path:
    """Write a configuration for one folder ``bills`` below ``folder``."""
    (folder / "bills").mkdir(exist_ok=True)
    path = folder / "config.toml"
    path.write_text(
        f"""
[nectar]
base_url = "{url}"
company = "HMF"
environment = "sandbox"
max_requests = {requests}
[[folders]]
path = '{folder / "bills"}'
site = "PLANT-07"
[detection]
quiet_seconds = {quiet}
existing = "all"
[agent]
data_dir = '{folder / "data"}'
""",
        encoding="utf-8",
    )
    return path
