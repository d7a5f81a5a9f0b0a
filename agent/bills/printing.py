"""Text that may be shown anywhere: names of files hold whatever somebody put into them."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return text that every terminal and menu takes, in one line.

    Escaped are undecodable names, control characters, and those that turn the direction of text:
    a file's name must neither break a line nor look like another one.
    """
    safe = "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in text
    )
    return safe.encode("utf-8", "backslashreplace").decode()
