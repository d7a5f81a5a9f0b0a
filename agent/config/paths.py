"""From a path as people write it to an absolute one: ``~`` and variables, relative ones too.

Nothing is looked up on the disk, so a share that hangs cannot hold up reading the settings.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

# A sign that begins no variable stays as it is, as in "D:\\Share$\\Bills" and "100% green power".
_VARIABLE = re.compile(
    r"\$(?:(?P<dollar>\$)|(?P<plain>[A-Za-z_]\w*)|\{(?P<braced>[^{}]*)\})"
    r"|%(?:(?P<percent>%)|(?P<windows>[A-Za-z_][\w()]*)%)",
    re.ASCII,
)
_DRIVE_WITHOUT_ROOT = re.compile(r"[A-Za-z]:(?![\\/]).")
_HOME_VARIABLE = "USERPROFILE" if os.name == "nt" else "HOME"


class PathMistakeError(ValueError):
    """A path that cannot be meant; the text says what is wrong and what would be right."""


def expand(written: str, environ: Mapping[str, str], folder: str) -> str:
    """Return ``written`` as an absolute, normalised path.

    ``~``, ``$NAME``, ``${NAME}`` and ``%NAME%`` are replaced (``$$`` and ``%%`` stand for the bare
    sign); a relative path counts from ``folder``, where the configuration file lies. Raises
    PathMistakeError for a variable that is not set and for a path on a drive's unnamed place.
    """
    path = _with_home(_with_variables(written, environ), environ)
    if "\0" in path:
        raise PathMistakeError("holds a NUL character, which no path can")
    if os.name == "nt" and _DRIVE_WITHOUT_ROOT.match(path):
        raise PathMistakeError(f'write the path from the drive\'s root: "{path[:2]}\\…"')
    return os.path.abspath(os.path.join(folder, path))  # noqa: PTH100, PTH118 - Path keeps ".."


def unexpandable(path: str) -> str:
    """Return a spelling of ``path`` in which ``expand`` finds no variable to replace."""
    if _VARIABLE.search(path) is None:
        return path
    return path.replace("$", "$$").replace("%", "%%")


def comparable(path: str) -> str:
    """Return what two absolute paths have in common exactly when they name one folder.

    Case counts as the system's paths usually do; links are not looked up.
    """
    return os.path.normcase(path)


def contains(folder: str, path: str) -> bool:
    """Whether ``path`` is ``folder`` or lies somewhere below it."""
    outer, inner = comparable(folder), comparable(path)
    return inner == outer or inner.startswith(outer.rstrip(os.sep) + os.sep)


def _with_variables(written: str, environ: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        if match["dollar"] or match["percent"]:
            return match["dollar"] or match["percent"]
        if match["windows"]:
            return _variable(match["windows"], environ, match[0], any_case=True)
        return _variable(match["plain"] or match["braced"] or "", environ, match[0])

    return _VARIABLE.sub(value, written)


def _variable(name: str, environ: Mapping[str, str], shown: str, *, any_case: bool = False) -> str:
    found = environ.get(name)
    if found is None and any_case:
        found = next((text for key, text in environ.items() if key.upper() == name.upper()), None)
    if not found:
        raise PathMistakeError(
            f"the environment variable {name} is not set. Write the path out, "
            f"or {shown[0] * 2} for a plain {shown[0]}"
        )
    return found


def _with_home(path: str, environ: Mapping[str, str]) -> str:
    if not path.startswith("~"):
        return path
    head = re.split(r"[\\/]" if os.name == "nt" else "/", path, maxsplit=1)[0]
    home = environ.get(_HOME_VARIABLE) if head == "~" else None
    home = home or os.path.expanduser(head)  # noqa: PTH111 - "~name" too, and no error of its own
    if home == head:
        raise PathMistakeError(f"{head} is nobody's home folder here. Write the path out")
    return home + path[len(head) :]
