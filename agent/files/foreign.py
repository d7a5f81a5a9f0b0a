"""What bytes are that are neither PDF, PNG nor JPEG, in words that a clerk knows."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SAVE_AS_PDF = "Save it as PDF."
_SAVE_AS_PICTURE = "Save it as PDF or PNG."
_UNPACK = "Unpack it and put the bills themselves into the folder."
_GET_AGAIN = "Download or scan the bill again."
_LEAVE_OUT = "Take it out of the folder."


@dataclass(frozen=True, slots=True)
class Foreign:
    """What the bytes are ("a web page") and what the person can do about it."""

    noun: str
    advice: str


_UNKNOWN = Foreign("a file of an unknown kind", _GET_AGAIN)

_STARTS: tuple[tuple[bytes, Foreign], ...] = (
    (b"II*\0", Foreign("a TIFF picture", _SAVE_AS_PICTURE)),
    (b"MM\0*", Foreign("a TIFF picture", _SAVE_AS_PICTURE)),
    (b"II+\0", Foreign("a TIFF picture", _SAVE_AS_PICTURE)),
    (b"MM\0+", Foreign("a TIFF picture", _SAVE_AS_PICTURE)),
    (b"GIF8", Foreign("a GIF picture", _SAVE_AS_PICTURE)),
    (b"8BPS", Foreign("a Photoshop picture", _SAVE_AS_PICTURE)),
    (b"\0\0\0\x0cjP  \r\n", Foreign("a JPEG 2000 picture", _SAVE_AS_PICTURE)),
    (b"AT&TFORM", Foreign("a DjVu document", _SAVE_AS_PDF)),
    (b"%!PS", Foreign("a PostScript file", _SAVE_AS_PDF)),
    (b"{\\rtf", Foreign("a text document (RTF)", _SAVE_AS_PDF)),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Foreign("an older Office document", _SAVE_AS_PDF)),
    (b"\x78\x9f\x3e\x22", Foreign("an Outlook attachment (winmail.dat)", _GET_AGAIN)),
    (b"Rar!\x1a\x07", Foreign("a RAR archive", _UNPACK)),
    (b"7z\xbc\xaf\x27\x1c", Foreign("a 7-Zip archive", _UNPACK)),
    (b"\x1f\x8b\x08", Foreign("a packed file (gzip)", _UNPACK)),
    (b"MZ", Foreign("a Windows program", _LEAVE_OUT)),
    (b"\x7fELF", Foreign("a program", _LEAVE_OUT)),
    (b"\xcf\xfa\xed\xfe", Foreign("a program", _LEAVE_OUT)),
    (b"\xca\xfe\xba\xbe", Foreign("a program", _LEAVE_OUT)),
    (b"#!", Foreign("a program (script)", _LEAVE_OUT)),
    (b"L\0\0\0\x01\x14\x02\0", Foreign("a Windows shortcut", "Copy the bill itself.")),
    (b"[InternetShortcut]", Foreign("a link to a web page", _GET_AGAIN)),
    (b"\0\x05\x16\x07", Foreign("a companion file of macOS", _LEAVE_OUT)),
)

_WEB_PAGE = Foreign("a web page", "Download the bill again after signing in.")
_E_MAIL = Foreign("an e-mail", "Save its attachment into the folder.")
_OFFICE = (
    (b"word/", Foreign("a Word document", _SAVE_AS_PDF)),
    (b"xl/", Foreign("an Excel workbook", _SAVE_AS_PDF)),
    (b"ppt/", Foreign("a PowerPoint file", _SAVE_AS_PDF)),
    (b"vnd.oasis.opendocument", Foreign("an OpenDocument file", _SAVE_AS_PDF)),
)

_HTML = re.compile(rb"<(!doctype\s+html|html|head|body|title|meta|script)\b", re.IGNORECASE)
_MAIL_HEADER = re.compile(
    rb"^(received|return-path|delivered-to|mime-version|message-id|from|subject|date|to"
    rb"|x-[a-z-]+|content-type):[ \t]",
    re.IGNORECASE | re.MULTILINE,
)
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_TEXT_CONTROLS = b"\t\n\r\f\x1b"


def what_it_is(head: bytes) -> Foreign:
    """Return what a file is that begins with ``head``, its first 4096 bytes."""
    for start, foreign in _STARTS:
        if head.startswith(start):
            return foreign
    return _container(head) or _text(head) or _UNKNOWN


def _container(head: bytes) -> Foreign | None:
    """Return what a file is whose kind stands a little behind its first bytes."""
    if head.startswith(b"PK\x03\x04"):
        for inside, foreign in _OFFICE:
            if inside in head:
                return foreign
        return Foreign("a ZIP archive", _UNPACK)
    if head[4:8] == b"ftyp":
        if head[8:12] in _HEIF_BRANDS:
            return Foreign("a HEIC picture", _SAVE_AS_PICTURE)
        if head[8:12] == b"avif":
            return Foreign("an AVIF picture", _SAVE_AS_PICTURE)
        return Foreign("a video", _LEAVE_OUT)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Foreign("a WebP picture", _SAVE_AS_PICTURE)
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0":
        return Foreign("a BMP picture", _SAVE_AS_PICTURE)
    if not head.strip(b"\0"):
        return Foreign("a file of zeros whose content was never written", "Copy it again.")
    return None


def _text(head: bytes) -> Foreign | None:
    """Return what a file is that a person could read as text."""
    text = head.removeprefix(b"\xef\xbb\xbf")
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = text.replace(b"\0", b"")[2:]
    if _HTML.search(text):
        return _WEB_PAGE
    if any(byte < 0x20 and byte not in _TEXT_CONTROLS for byte in text):
        return None
    start = text.lstrip()
    if len(_MAIL_HEADER.findall(text)) >= 2:
        return _E_MAIL
    if start.startswith(b"<svg") or (start.startswith(b"<?xml") and b"<svg" in start):
        return Foreign("an SVG picture", _SAVE_AS_PICTURE)
    if start.startswith(b"<?xml"):
        return Foreign("an XML file", "If it is an e-invoice, use its PDF.")
    if start.startswith((b"{", b"[")):
        return Foreign("a data file (JSON)", _GET_AGAIN)
    return Foreign("a text file", _GET_AGAIN)
