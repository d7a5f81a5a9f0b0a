"""Names that the contract fixes: results beside files, temporary files, uploads at Nectar."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

from agent.bills.values import Kind, Sha256

RESULT_ENDING = ".json"
MARK_NAME = ".nectar-bill-agent"
PART_PATTERN = re.compile(r"^\.nectar-[0-9a-f]{12}\.part$")
"""Our temporary files beside the originals; anything of this name is ours to overwrite."""

_UPLOAD_STEM_LENGTH = 80


def result_path(path: str) -> str:
    """Return where the result of the file at ``path`` lies."""
    return path + RESULT_ENDING


def upload_name(path: str, sha256: Sha256, kind: Kind) -> str:
    """Return the ASCII name under which the file is uploaded.

    The stem is the file's own (accents dropped, other characters replaced), then the first 12
    hexadecimal digits of its sha256, then the ending that follows the bytes:
    ``scan001.3f9ab2c41d7e.pdf``.
    """
    name = PurePath(path).name
    stem = name.rpartition(".")[0] or name
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    safe = (
        re.sub(r"[^A-Za-z0-9._() -]+", "_", plain).strip(" ._")[:_UPLOAD_STEM_LENGTH].rstrip(" .")
    )
    return f"{safe or 'bill'}.{sha256[:12]}.{kind.value}"


def bears_fingerprint(file_name: str, sha256: Sha256) -> bool:
    """Whether a document's ``fileName`` at Nectar is that of an upload of these bytes.

    Nectar may keep a path, change the ending, the case or the dots, or add something of its own
    behind the stem (``scan.3f9ab2c41d7e_a1B2c3D.pdf``), so only the 12 digits count, as a word
    of their own.
    """
    return re.search(rf"(?<![0-9a-z]){sha256[:12]}(?![0-9a-z])", file_name.lower()) is not None
