"""Opening a PDF as far as Nectar's limits ask. Runs in the helper process only."""

from __future__ import annotations

import io

import pikepdf

from agent.files.refusals import Broken, Locked


def count_pages(data: bytes, *, may_repair: bool) -> int:
    """Return the number of pages; locks that only the owner's password lifts are fine.

    A file without its end mark must not be repaired: half a PDF would come out as a whole one
    with fewer pages. Raises ``Locked`` or ``Broken``.
    """
    try:
        with pikepdf.open(
            io.BytesIO(data), attempt_recovery=may_repair, suppress_warnings=True
        ) as pdf:
            return len(pdf.pages)
    except pikepdf.PasswordError as error:
        raise Locked from error
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError) as error:
        # Beside its own error the library lets through what its C++ side throws.
        raise Broken from error
