"""One file's bytes opened by the library of their kind. Runs in the helper process only."""

from __future__ import annotations

from typing import Any

from agent.files import wire
from agent.files.pdf_opening import count_pages
from agent.files.picture_opening import open_picture
from agent.files.refusals import Broken, Locked, TooManyPixels


def open_bytes(request: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Return the answer to one request (see ``agent.files.wire``)."""
    try:
        if request["kind"] == "pdf":
            pages = count_pages(data, may_repair=request["mayRepair"])
        else:
            open_picture(data, request["kind"], most_pixels=request["mostPixels"])
            pages = 1
    except Locked:
        return {"refused": wire.LOCKED}
    except Broken:
        return {"refused": wire.BROKEN}
    except TooManyPixels as error:
        width, height = error.args
        return {"refused": wire.TOO_MANY_PIXELS, "width": width, "height": height}
    return {"pages": pages}
