"""The owner mark ``.nectar-bill-agent`` in a folder's root: which agent serves the folder.

It is written once and whole, so that of two agents that come at the same time exactly one owns
the folder, and no agent ever reads half a mark.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from agent.bills.errors import NeedsAttention
from agent.bills.exact_json import parse_json
from agent.bills.names import MARK_NAME
from agent.bills.values import Mark
from agent.system.cautious_opening import open_cautiously
from agent.system.here import hide
from agent.system.os_errors import Cause, cause_of

_LONGEST_MARK = 4096


def read_mark(folder: str) -> Mark | None:
    """Return the mark of ``folder``, or None where there is none.

    Raises ``NeedsAttention`` where it cannot be understood or may not be read: then nobody can
    tell whose the folder is. Raises ``OSError`` where it cannot be read now.
    """
    path = Path(folder, MARK_NAME)
    try:
        content = _content(path)
    except OSError as error:
        cause = cause_of(error)
        if cause is Cause.MISSING:
            return None
        if cause is Cause.DENIED:
            raise _says_nothing(path, "may not be read by this user") from error
        raise
    if content is None:
        raise _is_no_file(path)
    mark = _understood(content)
    if mark is None:
        raise _says_nothing(path, "does not say which computer serves this folder")
    return mark


def write_mark(folder: str, mark: Mark, put: Callable[[Path, Path], None] | None = None) -> Mark:
    """Put ``mark`` into ``folder`` unless there is one, and return the one that is there then.

    ``put`` gives a file a name that is not taken, else it raises ``FileExistsError``; None: as
    this system does it. Raises ``OSError`` where the folder takes no files, ``NeedsAttention`` as
    ``read_mark`` does.
    """
    put = put or _put_at
    path = Path(folder, MARK_NAME)
    part = _written_part(folder, mark)
    try:
        for _ in range(2):  # the mark that is in the way may be going just now
            try:
                put(part, path)
            except FileExistsError:
                there = read_mark(folder)
                if there is not None:
                    return there
            else:
                return mark
    finally:
        part.unlink(missing_ok=True)
    raise _says_nothing(path, "is removed as often as it is written")


def replace_mark(folder: str, mark: Mark) -> None:
    """Put ``mark`` into ``folder`` in place of whatever mark is there (``take``).

    Raises ``NeedsAttention`` where a folder has its name, ``OSError`` where no file can be put.
    """
    path = Path(folder, MARK_NAME)
    part = _written_part(folder, mark)
    try:
        part.replace(path)
    except OSError as error:
        if path.is_dir():
            raise _is_no_file(path) from error
        raise
    finally:
        part.unlink(missing_ok=True)


def remove_mark(folder: str, agent_id: str) -> bool:
    """Remove the mark of ``folder`` if it is that of ``agent_id``; say whether it was."""
    try:
        mark = read_mark(folder)
    except NeedsAttention:
        return False
    if mark is None or mark.agent_id != agent_id:
        return False
    Path(folder, MARK_NAME).unlink(missing_ok=True)
    return True


def _content(path: Path) -> bytes | None:
    """Return the beginning of the mark, None where it is a folder, a link, a pipe or a device."""
    if not stat.S_ISREG(path.lstat().st_mode):
        return None
    with open_cautiously(path) as file:
        return file.read(_LONGEST_MARK) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None


def _says_nothing(path: Path, why: str) -> NeedsAttention:
    return NeedsAttention(
        "folder-taken",
        f"The file {path} {why}.",
        f'If this computer should serve the folder, run: bill-agent take "{path.parent}"',
    )


def _is_no_file(path: Path) -> NeedsAttention:
    return NeedsAttention(
        "folder-taken",
        f"{path} is not a file, so nobody can tell which computer serves this folder.",
        "Move it away; the agent did not put it there.",
    )


def _understood(content: bytes) -> Mark | None:
    try:
        said = parse_json(content)
        words = [said[name] for name in ("agentId", "machine", "user", "since")]
    except (ValueError, KeyError, TypeError):
        return None
    return Mark(*words) if all(isinstance(word, str) for word in words) else None


def _written_part(folder: str, mark: Mark) -> Path:
    """Write the mark under a temporary name of ours and return its path."""
    said = {
        "agentId": mark.agent_id,
        "machine": mark.machine,
        "user": mark.user,
        "since": mark.since,
        "about": "nectar-bill-agent on this computer serves this folder",
    }
    part = Path(folder, f".nectar-{secrets.token_hex(6)}.part")
    with part.open("xb") as file:
        file.write(json.dumps(said, indent=2).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    with suppress(OSError):  # a share may know no such attribute
        hide(str(part))
    return part


def _put_at(part: Path, place: Path) -> None:
    """Give ``part`` the name ``place``; raises ``FileExistsError`` where that is taken."""
    if os.name == "nt":
        part.rename(place)  # refuses a taken name there
    else:
        _link_or_create(part, place)


def _link_or_create(part: Path, place: Path, link: Callable[[Path, Path], None] = os.link) -> None:
    try:
        link(part, place)
    except FileExistsError:
        raise
    except OSError:  # a volume without links: FAT, some shares
        content = part.read_bytes()
        file = place.open("xb")
        try:
            with file:
                file.write(content)
        except OSError:
            place.unlink()  # half a mark would keep every agent out
            raise
