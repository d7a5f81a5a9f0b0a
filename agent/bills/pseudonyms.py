"""Names replaced by others that tell nothing, the same one everywhere: for what goes to support.

Pure. Names may be many (each file of a large folder) and texts long (logs), so a text is read word
by word, and at each word only the names that begin with it are compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict

_WORD = re.compile(r"\w+")
_FILE_END = re.compile(r"\.(?:pdf|png|jpe?g|tiff?|heic|docx|xlsx|eml|msg|zip)\b", re.IGNORECASE)
_FILE_BEGIN = re.compile(r"[^\n\"“”‘’«»<>|/\\:]*\Z")
"""A file's name as far as it can be told where nobody knows it: from a quote, a slash, a colon."""
_LONGEST_NAME = 255
_OURS = re.compile(r"file-(?:\d+|unknown)\.\w+\Z")
_ENDING = re.compile(r"\.(\w{1,5})\Z")


class Pseudonyms:
    """Gives names others, such as ``site-2``, and puts those into texts."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        self._counts: defaultdict[str, int] = defaultdict(int)
        self._lengths: defaultdict[str, set[int]] = defaultdict(set)
        self._wordless: dict[str, str] = {}

    def add(self, kind: str, *names: str | None) -> None:
        """Let one thing be called ``kind-1``, ``kind-2`` …, whichever of its names is used."""
        named = [name for name in names if name and name.strip()]
        known = [self._given[key] for key in map(self._key, named) if key in self._given]
        if not known and named:
            self._counts[kind] += 1
            ending = _ENDING.search(named[0]) if kind == "file" else None
            known = [f"{kind}-{self._counts[kind]}{ending.group().lower() if ending else ''}"]
        for name in named:
            self.call(name, known[0])

    def call(self, name: str, pseudonym: str) -> None:
        """Let ``name`` be called so, however it is written."""
        for spelling in _spellings(name):
            key = self._key(spelling)
            if key in self._given:
                continue
            self._given[key] = pseudonym
            word = _WORD.search(key)
            if word is None:
                self._wordless[key] = pseudonym
            else:
                self._lengths[word.group()].add(len(key) * 1000 + word.start())

    def text(self, text: str) -> str:
        """Return ``text`` with every name replaced, also file names that are not known."""
        return _without_unknown_files(self._known(text))

    def _known(self, text: str) -> str:
        key = self._key(text)
        if len(key) != len(text):
            text = key  # some letters have no small form of one letter
        parts: list[str] = []
        done = 0
        for word in _WORD.finditer(key):
            if word.start() < done:
                continue
            found = self._at(key, word, done)
            if found is not None:
                start, end, pseudonym = found
                parts += [text[done:start], pseudonym]
                done = end
        text = "".join([*parts, text[done:]])
        for name, pseudonym in self._wordless.items():
            text = text.replace(name, pseudonym)
        return text

    def _at(self, key: str, word: re.Match[str], done: int) -> tuple[int, int, str] | None:
        """Return the longest name whose first word stands here, and where it stands."""
        for packed in sorted(self._lengths.get(word.group(), ()), reverse=True):
            length, before = divmod(packed, 1000)
            start = word.start() - before
            end = start + length
            pseudonym = self._given.get(key[start:end]) if start >= done else None
            if pseudonym is not None and _stands_alone(key, start, end):
                return start, end, pseudonym
        return None

    @staticmethod
    def _key(text: str) -> str:
        return text.lower()


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a name is no part of a longer word, and no part of a date, time or number."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if _is_word(before[-1:]) and _is_word(text[start]):
        return False
    if _is_word(after[:1]) and _is_word(text[end - 1]):
        return False
    if not text[start:end].isdigit():
        return True
    is_number_before = len(before) == 2 and before[0].isdigit() and before[1] in ".:,-"
    is_number_after = len(after) == 2 and after[1].isdigit() and after[0] in ".:,-"
    return not is_number_before and not is_number_after


def _is_word(character: str) -> bool:
    return bool(_WORD.fullmatch(character))


def _spellings(name: str) -> set[str]:
    """Return how a name may stand in a text: composed or not, escaped for a terminal or a log."""
    forms = {unicodedata.normalize(form, name) for form in ("NFC", "NFD")} | {name}
    escaped = {form.encode("utf-8", "backslashreplace").decode() for form in forms}
    printable = {repr(form)[1:-1] for form in forms}
    doubled = {form.replace("\\", "\\\\") for form in forms}
    return forms | escaped | printable | doubled


def _without_unknown_files(text: str) -> str:
    parts: list[str] = []
    done = 0
    for end in _FILE_END.finditer(text):
        begin = _FILE_BEGIN.search(text, max(done, end.start() - _LONGEST_NAME), end.start())
        start = begin.start() if begin is not None else end.start()
        if not _OURS.search(text, start, end.end()):
            parts += [text[done:start], f"file-unknown{end.group().lower()}"]
            done = end.end()
    return "".join([*parts, text[done:]])
