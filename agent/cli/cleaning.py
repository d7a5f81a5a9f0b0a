"""What leaves this machine for support: without keys and links, and on request without names."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from agent.bills.exact_json import json_text
from agent.bills.links import without_signed_links_in_text
from agent.bills.pseudonyms import Pseudonyms

_KEY = "(the API key)"


class Cleaner:
    """Takes the keys, pre-signed links and, where ``names`` is given, names out of texts."""

    def __init__(self, keys: tuple[str, ...], names: Pseudonyms | None) -> None:
        forms = {form for key in keys for form in (key, quote(key, safe=""), json.dumps(key)[1:-1])}
        written = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
        self._keys = re.compile(written, re.IGNORECASE) if forms else None
        self._names = names

    def member(self, content: Any) -> bytes:
        """Return JSON or a text as it may lie in a bundle."""
        if isinstance(content, str):
            clean = self._text(content)
        else:
            clean = json_text(self._value(content), indent=2) + "\n"
        return clean.encode("utf-8", "backslashreplace")

    def _text(self, text: str) -> str:
        if self._keys is not None:  # first, for a name may be a part of a key
            text = self._keys.sub(_KEY, text)
        text = without_signed_links_in_text(text)
        return text if self._names is None else self._names.text(text)

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {name: self._value(member) for name, member in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(item) for item in value]
        return value
