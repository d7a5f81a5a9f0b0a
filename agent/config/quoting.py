"""Text as TOML writes it: in single quotes where that spares the backslashes."""

from __future__ import annotations

import re

import tomli_w

SHOWN_KEYS = ("path", "data_dir", "ca_file")
"""Keys whose values a mistake may show: they are paths. ``api_key_file`` is not among them, for
someone may have written the key itself there."""


def quoted(text: str) -> str:
    """Return ``text`` as a TOML string: in single quotes if it has backslashes and allows them."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return tomli_w.dumps({"x": text}).removeprefix("x = ").removesuffix("\n")


def in_single_quotes(raw: str) -> str:
    r"""Return what was meant by ``raw``, a path with backslashes as it stood in double quotes.

    Some backslashes may have been doubled, as double quotes ask for, and some not. Two at the
    beginning stay two: there they name a server.
    """
    beginning = re.match(r"\\*", raw)
    count = len(beginning[0]) if beginning else 0
    rest = raw[count:].replace("\\\\", "\\")
    return quoted("\\" * min(count, 2) + re.sub(r'\\"(?=.)', '"', rest))
