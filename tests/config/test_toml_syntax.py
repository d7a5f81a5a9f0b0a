"""A file that is not TOML: one mistake, at its line, in words for people."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Mistakes = Callable[[str], tuple[str, ...]]

FOLDER = '[[folders]]\npath = "/bills"\nsite = "PLANT-07"\n'
"""The least a file needs, for tests about everything else."""


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            r'path = "C:\Users\Mara"',
            r"in double quotes a backslash means something else. Write: path = 'C:\Users\Mara'",
        ),
        (
            r'path = "C:\Bills"  # here',
            r"in double quotes a backslash means something else. Write: path = 'C:\Bills'",
        ),
        (
            r'path = "C:\Bills\"',
            r"in double quotes a backslash means something else. Write: path = 'C:\Bills\'",
        ),
        (
            r'data_dir = "\\nas\scans"',
            r"in double quotes a backslash means something else. Write: data_dir = '\\nas\scans'",
        ),
        (
            r'api_key_file = "C:\Users\k"',
            "in double quotes a backslash means something else. Use single quotes",
        ),
        (
            r"path = 'C:\Bob's bills'",
            r'''single quotes cannot hold an apostrophe. Write: path = "C:\\Bob's bills"''',
        ),
        ("company = 'Bob's'", "single quotes cannot hold an apostrophe. Use double quotes"),
        ("site = “PLANT-07”", "typographic quotes do not count as quotes. Use straight ones"),
        ("site = PLANT-07", 'text stands in quotes, such as site = "PLANT-07"'),
        ("recursive = True", "true and false are written in small letters"),
        ("[nectar", 'the name of a table ends with "]", and [[folders]] with "]]"'),
        ("site", 'after the key comes "=" and then its value'),
        ("site =", "a value is missing, or is none."),
        ('site = "A', "a text is not closed. Put its second quote"),
        ("site = 'A' 'B'", "single quotes cannot hold an apostrophe. Use double quotes"),
        ("max_requests = 1 2", "something follows the value."),
        ("types = ['pdf' 'png']", 'a list is not closed. Put "," between its members'),
        ("existing = 2026-02-30", "there is no such date. Write it like 2026-01-31"),
        ("x = 1\nx = 2", "this key stands in its table already. Keep one"),
        ("= 1", "a line begins with a key, a [table] or a #"),
        ("[nectar]\n[nectar]", "this table, or a part of it, stands above already. Keep one"),
        (f"{FOLDER}[folders]", "must be written [[folders]] on a line of its own"),
    ],
)
def test_syntax_error_stands_alone_with_line_and_remedy(
    mistakes: Mistakes, line: str, sentence: str
) -> None:
    """The line is right, and what to write instead is said where it can be known."""
    (mistake,) = mistakes(f"# settings\n{line}\n")
    number = 2 + line.count("\n")
    assert mistake.startswith(f"config.toml:{number}: {sentence}")


def test_text_open_to_the_end_has_the_last_line(mistakes: Mistakes) -> None:
    """A mistake that shows only at the end of the file still has a line."""
    (mistake,) = mistakes('x = """\na\nb\n\n')
    assert mistake.startswith("config.toml:3: a text is not closed")
