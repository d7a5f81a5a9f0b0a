"""Files whose content is in the cloud: listing them is free, reading them downloads them."""

from __future__ import annotations

import os
import stat

_RECALL_ON_OPEN = 0x00040000  # Windows; the stat module does not name these two
_RECALL_ON_DATA_ACCESS = 0x00400000
_WINDOWS_ATTRIBUTES = stat.FILE_ATTRIBUTE_OFFLINE | _RECALL_ON_OPEN | _RECALL_ON_DATA_ACCESS
_MACOS_DATALESS = 0x40000000

_CAN_TELL = any(hasattr(os.stat_result, name) for name in ("st_file_attributes", "st_flags"))

_ICLOUD_ENDING = ".icloud"


def is_placeholder(status: os.stat_result) -> bool:
    """Whether the content is not on this disk. Each system's own member tells; Linux has none."""
    return _CAN_TELL and has_no_content(
        getattr(status, "st_file_attributes", 0), getattr(status, "st_flags", 0)
    )


def has_no_content(windows_attributes: int, macos_flags: int) -> bool:
    """Whether a file with these attributes or flags has its content elsewhere."""
    return bool(windows_attributes & _WINDOWS_ATTRIBUTES or macos_flags & _MACOS_DATALESS)


def lies_elsewhere(path: str) -> bool:
    """Whether the content of the file at ``path`` is not on this disk; False where no file lies.

    Raises ``OSError`` where nobody can tell. Reads and downloads nothing.
    """
    if not _CAN_TELL:
        return False
    try:
        return is_placeholder(os.lstat(path))
    except FileNotFoundError:
        return os.path.lexists(stub_path(path))


def stub_path(path: str) -> str:
    """Return where iCloud keeps the stub of the file at ``path``, if it does."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}{_ICLOUD_ENDING}")  # noqa: PTH118 - exact bytes


def evicted_name(name: str) -> str | None:
    """Return the name of the file that iCloud keeps as the stub ``name``, or None.

    Before macOS 14 a file ``Bill.pdf`` that was put back into the cloud is replaced by a hidden
    ``.Bill.pdf.icloud``.
    """
    if name.startswith(".") and name.endswith(_ICLOUD_ENDING):
        return name[1 : -len(_ICLOUD_ENDING)] or None
    return None
