"""What is wrong with a line that is not TOML, in the words of someone who wants it to be.

Only a line whose key holds a path is shown, as it should be; what other lines hold may be secret.
"""

from __future__ import annotations

import re

from agent.config.quoting import SHOWN_KEYS, in_single_quotes, quoted

_DOUBLE_QUOTED = re.compile(r'\s*([\w-]+)\s*=\s*"(?!"")(.*?)"?\s*(?:#[^"]*)?$')
_SINGLE_QUOTED = re.compile(r"\s*([\w-]+)\s*=\s*'(?!'')(.*)'\s*(?:#[^']*)?$")
_UNQUOTED = re.compile(r"\s*[\w-]+\s*=\s*[^\W\d_{~/\\$%][^\"'\[\]{}]*$")
_CURLY_QUOTED = re.compile("=\\s*\\[?\\s*[\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb]")

_BAD_ESCAPE = "Unescaped|hex value|Unicode scalar"
_OPEN_END = "Unterminated|Illegal character"
_GOES_ON = "after a statement"

_OTHERS = (
    ("Cannot declare|namespace", "this table, or a part of it, stands above already. Keep one"),
    ("Cannot overwrite|Duplicate", "this key stands in its table already. Keep one"),
    ("Expected '='", 'after the key comes "=" and then its value'),
    ("declaration", 'the name of a table ends with "]", and [[folders]] with "]]"'),
    (_OPEN_END, "a text is not closed. Put its second quote"),
    ("Unclosed array", 'a list is not closed. Put "," between its members and "]" at its end'),
    ("Unclosed inline", 'a table in braces is not closed. Put "}" at its end, in the same line'),
    (_GOES_ON, "something follows the value. Text stands in quotes, each key on a line of its own"),
    ("statement|key part", "a line begins with a key, a [table] or a #"),
    ("date", "there is no such date. Write it like 2026-01-31"),
    (
        "Invalid value",
        "a value is missing, or is none. It is text in quotes, a number, true, false or a list",
    ),
    ("invalid character", "the file holds a control character. Remove it"),
)
"""The wording of ``tomllib``, and ours; the first that is found counts."""


LONGEST_LINE = 1000
"""So much of a line is looked at; the rest of what no person wrote would only take time."""


def syntax_sentence(problem: str, line: str) -> str:
    """Return what is wrong with ``line``, where ``tomllib`` met ``problem``, and what is right."""
    line = line[:LONGEST_LINE]
    return (
        _backslash(problem, line)
        or _apostrophe(problem, line)
        or _wrong_quotes(line)
        or next(
            (sentence for expression, sentence in _OTHERS if re.search(expression, problem)),
            "this line is not TOML",
        )
    )


def _backslash(problem: str, line: str) -> str | None:
    r"""Find ``"C:\Users"``, and ``"C:\Bills\"``, whose last backslash takes the quote with it."""
    match = _DOUBLE_QUOTED.match(line)
    if match is None:
        return None
    key, text = match.groups()
    ends_open = re.search(_OPEN_END, problem) and text.endswith("\\")
    if "\\" in text and (ends_open or re.search(_BAD_ESCAPE, problem)):
        return backslash_sentence(key, text)
    return None


def backslash_sentence(key: str, text: str) -> str:
    """Return what to write for ``key``, in whose double-quoted ``text`` a backslash was meant."""
    meaning = "in double quotes a backslash means something else."
    if key in SHOWN_KEYS:
        return f"{meaning} Write: {key} = {in_single_quotes(text)}"
    return f"{meaning} Use single quotes"


def _apostrophe(problem: str, line: str) -> str | None:
    match = _SINGLE_QUOTED.match(line)
    if match is None or "'" not in match[2] or _GOES_ON not in problem:
        return None
    meaning = "single quotes cannot hold an apostrophe."
    if match[1] in SHOWN_KEYS:
        return f"{meaning} Write: {match[1]} = {quoted(match[2])}"
    return f"{meaning} Use double quotes"


def _wrong_quotes(line: str) -> str | None:
    if _CURLY_QUOTED.search(line):
        return "typographic quotes do not count as quotes. Use straight ones"
    if re.search(r"=\s*(?:True|TRUE|False|FALSE)\b", line):
        return "true and false are written in small letters"
    if _UNQUOTED.match(line):
        return 'text stands in quotes, such as site = "PLANT-07"'
    if re.match(r"\s*\[\s*folders\s*\]", line):
        return "must be written [[folders]] on a line of its own, once for each folder"
    return None
