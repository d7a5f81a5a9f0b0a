"""Text as TOML writes it: paths in single quotes where they can be, for backslashes' sake."""

from __future__ import annotations

import re

import tomli_w


def quoted(text: str) -> str:
    """Return ``text`` as a TOML string: single quotes for backslashes, else double ones."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return tomli_w.dumps({"x": text}).removeprefix("x = ").removesuffix("\n")


def in_single_quotes(raw: str) -> str:
    r"""Return what was meant by ``raw``, the inside of a double-quoted path with backslashes.

    Some were doubled, as double quotes ask for, and some not. Two at the very beginning stay two:
    they begin the name of a server.
    """
    server = re.match(r"\\{2,}", raw)
    meant = ("\\\\" if server else "") + raw[server.end() if server else 0 :].replace("\\\\", "\\")
    meant = meant.replace('\\"', '"') if not meant.endswith('\\"') else meant
    return quoted(meant) if "'" in meant else f"'{meant}'"


def in_double_quotes(raw: str) -> str:
    """Return ``raw``, the inside of single quotes with an apostrophe in it, in double quotes."""
    return quoted(raw)
