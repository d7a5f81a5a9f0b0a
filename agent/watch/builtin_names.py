"""Names that are never bills, on any system: temporary, hidden, of sync tools and of NAS boxes.

A folder of such a name is not entered. Case does not matter.
"""

from __future__ import annotations

import re

_NAMES = (
    r"\..*",  # hidden: also .stfolder, .sync, .dropbox.cache, .Trash-1000, .snapshot, macOS ._x
    r"~\$.*",  # owner files of Microsoft Office
    r"~syncthing~.*",
    r"@eadir|@tmp|@recycle|@recently-snapshot",  # Synology, QNAP
    r"\#recycle|\#snapshot",
    r"\$recycle\.bin|recycler|recycled|system volume information|found\.\d{3}",
    r"lost\+found|~snapshot",
    r"__macosx|network trash folder|temporary items|icon\r",
    r"thumbs\.db|ehthumbs\.db|desktop\.ini",
)
_ENDINGS = (
    "crdownload",  # Chrome, Edge
    "download",  # Safari: a folder Bill.pdf.download with the half Bill.pdf in it
    "opdownload",
    "part",  # Firefox
    "partial",
    "filepart",  # WinSCP
    "!sync",
    "!ut",
    "aria2",
    "tmp",
    "temp",
    "swp",
    "lock",
)
_BUILT_IN = re.compile(
    rf"(?:{'|'.join(_NAMES)}|.*\.(?:{'|'.join(map(re.escape, _ENDINGS))}))\Z",
    re.IGNORECASE | re.DOTALL,
)


def is_built_in(name: str) -> bool:
    """Whether a file or folder called ``name`` is left alone whatever the settings say."""
    return _BUILT_IN.match(name) is not None
