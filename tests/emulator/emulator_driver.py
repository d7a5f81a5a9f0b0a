"""Driving the emulator without a socket, in a time of the test's own."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from agent.emulator.behaviour import Behaviour
from agent.emulator.nectar import Emulator
from agent.emulator.requests import EmulatorAnswer, EmulatorRequest
from agent.emulator.world import HARBOR_MILL_FOODS, PLANT_07

BILLS = Path(__file__).parents[3] / "shared" / "bills"
START = 1_770_836_400.0  # 2026-02-11T19:00:00Z
BOUNDARY = "frontier"


def form(
    data: bytes | None, file_name: str = "bill.pdf", site: str | None = None, part: str = "document"
) -> tuple[dict[str, str], bytes]:
    """Return headers and body of an upload as a browser writes it."""
    body = b""
    if site is not None:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="siteId"\r\n\r\n'
        body += head.encode() + site.encode() + b"\r\n"
    if data is not None:
        disposition = f'form-data; name="{part}"; filename="{file_name}"'
        head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\nContent-Type: x/y\r\n\r\n"
        body += head.encode() + data + b"\r\n"
    body += f"--{BOUNDARY}--\r\n".encode()
    return {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}, body


def text_pdf(*lines: str) -> bytes:
    """Return a PDF of one page with these lines in Latin letters."""
    shown = b"".join(
        f"1 0 0 1 40 {780 - 16 * index} Tm ({_escaped(line)}) Tj\n".encode("cp1252")
        for index, line in enumerate(lines)
    )
    stream = b"BT /F 11 Tf\n" + shown + b"ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    pdf = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(pdf)
    pdf += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    pdf += b"".join(b"%010d 00000 n \n" % place for place in places)
    pdf += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n" % (len(objects) + 1, table)
    return pdf + b"%%EOF\n"


def bill_pdf(account: str = "900-0004", used: str = "1,040", total: str = "208.00") -> bytes:
    """Return a small electricity bill for May 2025."""
    return text_pdf(
        "EXAMPLE LIGHT & POWER",
        f"Account number {account}",
        "Meter EX-0004",
        "Billing period May 1, 2025 to May 31, 2025",
        "Bill date June 3, 2025",
        f"Electricity used {used} kWh",
        f"Total due USD {total}",
    )


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


class Driver:
    """A client in virtual time: each answer is kept, nothing waits."""

    def __init__(self, behaviour: Behaviour | None = None, key: str = "any key") -> None:
        self.emulator = Emulator(behaviour)
        self.key = key
        self.now = START

    def send(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> EmulatorAnswer:
        """Send any request with the key."""
        given = {"X-API-Key": self.key, **(headers or {})}
        return self.emulator.answer(EmulatorRequest.of(method, path, given, body), self.now)

    def get(self, path: str, **query: Any) -> EmulatorAnswer:
        """Send a GET below the version."""
        asked = f"?{urlencode(query, doseq=True)}" if query else ""
        return self.send("GET", f"/v2.2{path}{asked}")

    def upload(
        self,
        data: bytes | None,
        file_name: str = "bill.pdf",
        site: str | None = PLANT_07.id,
        company: str = HARBOR_MILL_FOODS.id,
    ) -> EmulatorAnswer:
        """Upload a file."""
        headers, body = form(data, file_name, site)
        return self.send("POST", f"/v2.2/job/company/{company}", headers, body)

    def finished(self, data: bytes, file_name: str = "bill.pdf", seconds: float = 60) -> Any:
        """Upload a file, let time pass and return its job."""
        job_id = self.upload(data, file_name).json()["id"]
        self.now += seconds
        return self.get(f"/job/{job_id}").json()

    def document_of(self, data: bytes, file_name: str = "bill.pdf") -> Any:
        """Upload a file, let a minute pass and return its only document."""
        (document_id,) = self.finished(data, file_name)["parsedDocumentIds"]
        return self.get(f"/document/{document_id}").json()
