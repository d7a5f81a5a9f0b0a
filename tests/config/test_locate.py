"""Lines of keys, against what tomllib reads from the same text."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from agent.config.locate import KeyPath, Place, locate

DOCUMENT = """\
# [not] = "a key"
title = 'C:\\Bills # none' # "one"
"a.b" . 'c' = 1

[nectar] # [x]
company = \"\"\"
[[folders]]
path = "no" \"\\\"\"\"\"
max_requests=4
types = [ # ]
  "a]", 'b"', # "
  ["c"],
]

[[folders]]
path = "one"
[folders.more]
deep = true
[[ "folders" ]]
path = '''
two'''
inline = { x = 1, "y z" = [ { q = "}" } ] }
[site_names]
"Ha\\"rbor \\u00e9" = ""
quoted = \"\"\"two at its end:\"\"\"\"\"
open = '''one at its end:''''
last = \"\"\"\"\"\"
"""


def test_every_kind_of_key_has_its_line() -> None:
    """Strings, comments, arrays and inline tables do not fool the search."""
    tomllib.loads(DOCUMENT)
    assert {path: place.line for path, place in locate(DOCUMENT).items()} == {
        ("title",): 2,
        ("a.b",): 3,
        ("a.b", "c"): 3,
        ("nectar",): 5,
        ("nectar", "company"): 6,
        ("nectar", "max_requests"): 9,
        ("nectar", "types"): 10,
        ("nectar", "types", 0): 11,
        ("nectar", "types", 1): 11,
        ("nectar", "types", 2): 12,
        ("nectar", "types", 2, 0): 12,
        ("folders",): 15,
        ("folders", 0): 15,
        ("folders", 0, "path"): 16,
        ("folders", 0, "more"): 17,
        ("folders", 0, "more", "deep"): 18,
        ("folders", 1): 19,
        ("folders", 1, "path"): 20,
        ("folders", 1, "inline"): 22,
        ("folders", 1, "inline", "x"): 22,
        ("folders", 1, "inline", "y z"): 22,
        ("folders", 1, "inline", "y z", 0): 22,
        ("folders", 1, "inline", "y z", 0, "q"): 22,
        ("site_names",): 23,
        ("site_names", 'Ha"rbor é'): 24,
        ("site_names", "quoted"): 25,
        ("site_names", "open"): 26,
        ("site_names", "last"): 27,
    }


def test_value_is_given_as_written() -> None:
    """The text of a value, without the remark behind it, can be shown again."""
    places = locate(DOCUMENT)
    assert places[("title",)] == Place(2, "'C:\\Bills # none'")
    assert places[("nectar", "max_requests")] == Place(9, "4")
    assert places[("nectar",)] == Place(5, "")
    assert places[("site_names", "quoted")].value == '"""two at its end:"""""'


def test_windows_lines_count_once() -> None:
    """Carriage returns change no line and no value."""
    places = locate(DOCUMENT.replace("\n", "\r\n"))
    assert places[("site_names", 'Ha"rbor é')] == Place(24, '""')


names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
scalars = (
    st.text(st.sampled_from("ab\"'\\\n\t#[]{}=,. é"))
    | st.integers(-9, 9)
    | st.booleans()
    | st.dates()
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3)
)


def leaves(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield every value below ``value`` that is neither a table nor a list."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from leaves(member, (*path, name))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from leaves(member, (*path, index))
    else:
        yield path, value


@given(st.dictionaries(names, values, max_size=4), st.booleans())
def test_text_found_for_a_key_is_its_value(document: dict[str, Any], multiline: bool) -> None:
    """For any document, what is found for a key reads as what tomllib reads for it."""
    text = tomli_w.dumps(document, multiline_strings=multiline)
    places = locate(text)
    lines = text.split("\n")
    for path, value in leaves(tomllib.loads(text)):
        place = places[path]
        assert tomllib.loads(f"x = {place.value}\n")["x"] == value
        assert place.value.split("\n")[0] in lines[place.line - 1]
