"""Bills made here: small PDFs that the emulator can read."""

from __future__ import annotations

import io

import pikepdf


def bill_pdf(account: str = "900-0004", used: str = "1,040", total: str = "208.00") -> bytes:
    """Return an electricity bill for May 2025; another account makes another bill."""
    return text_pdf(
        "EXAMPLE LIGHT & POWER",
        f"Account number {account}",
        f"Meter EX-{account}",
        "Billing period May 1, 2025 to May 31, 2025",
        "Bill date June 3, 2025",
        f"Electricity used {used} kWh",
        f"Total due USD {total}",
    )


def bills(count: int) -> list[bytes]:
    """Return so many different bills."""
    return [bill_pdf(account=f"7{number:03}-{number:04}") for number in range(count)]


def text_pdf(*lines: str) -> bytes:
    """Return a PDF of one page with these lines; the same lines give the same bytes."""
    shown = "".join(
        f"1 0 0 1 40 {780 - 16 * row} Tm ({line}) Tj\n" for row, line in enumerate(lines)
    )
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        page.obj.Contents = pdf.make_stream(f"BT /F 11 Tf\n{shown}ET".encode("latin-1"))
        out = io.BytesIO()
        pdf.save(out, static_id=True)
    return out.getvalue()
