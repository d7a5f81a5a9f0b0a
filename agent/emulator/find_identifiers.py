"""Account, invoice and meter numbers, and who sent the bill."""

import re
from collections import Counter
from collections.abc import Sequence

from agent.emulator.bill_text import BillText
from agent.emulator.reading import Identifier

_VALUE = r"(?=[^\s]*\d)[A-Z0-9][A-Z0-9-]{2,24}(?: \d[\d-]*){0,4}"
_ACCOUNT = r"(?:account|acct)\.? (?:number|no\.?|#)|compte de facturation|kundennummer"
_INVOICE = r"invoice (?:number|no\.?|#)|invoice(?=\s*:)|rechnungsnummer"
_METER_CAPTION = re.compile(
    r"\bmeter(?: ?(?:id|number|no\.?|#))?(?![a-z])|\bcompteur\b|\bzähler(?:nummer)?\b",
    re.IGNORECASE,
)
_METER_VALUE = re.compile(r"(?<![\w.,/$-])(?=[A-Z0-9-]*\d)[A-Z0-9][A-Z0-9-]{4,24}(?![\w.,/-])")
_SUPPLIER_WORD = re.compile(
    r"\b(?:power|electric|electricity|energy|gas|water|light|lighting|utilit(?:y|ies)|hydro)\b",
    re.IGNORECASE,
)
_NO_SUPPLIER = re.compile(
    r"\b(?:bills?|billing|charges?|usage|use|used|credits?|services?|summary|details?|costs?"
    r"|account|current|total|meter|statement|your|community|supply|delivery|consumption|for"
    r"|information|residential|commercial|tax|surcharge|period|reading|amount|rate)\b",
    re.IGNORECASE,
)


def find_account(text: BillText) -> Identifier | None:
    """Return the account the bill is for: the one printed most often, the first of equals."""
    return _captioned(text, _ACCOUNT, "ACCOUNT")


def find_invoice(text: BillText) -> str | None:
    """Return the bill's own number."""
    found = _captioned(text, _INVOICE, "INVOICE")
    return found.value if found else None


def find_meter(row: str, above: Sequence[str], figures: frozenset[str]) -> Identifier | None:
    """Return the meter of a row of readings.

    It stands in the row or one of the two lines above it, and a caption with the word meter
    stands above or in front of it. ``figures`` are the row's readings, which are no meter.
    """
    caption = next(
        (found[0] for line in (row, *reversed(above)) if (found := _METER_CAPTION.search(line))),
        None,
    )
    if caption is None:
        return None
    for line in (row, *reversed(above[-2:])):
        for found in _METER_VALUE.finditer(line):
            if found[0].replace(",", "") not in figures and not _is_number_of_other_kind(
                line, found.start()
            ):
                return Identifier("METER", caption, found[0])
    return None


def find_only_meter(text: BillText) -> Identifier | None:
    """Return the meter of a bill that names one and no other."""
    found = [
        Identifier("METER", caption[0], value[0])
        for line in text.lines
        for caption in _METER_CAPTION.finditer(line)
        if (value := _METER_VALUE.match(line, _skip_colon(line, caption.end())))
    ]
    return found[0] if len({item.value for item in found}) == 1 else None


def find_supplier(text: BillText) -> str | None:
    """Return the name of the utility if a line holds nothing else and it is printed twice."""
    whole = text.text.lower()
    for line in text.lines:
        words = line.split()
        if not 2 <= len(words) <= 6 or re.search(r"[\d:;,!?$@/]", line) or line.endswith("."):
            continue
        if not _SUPPLIER_WORD.search(line) or _NO_SUPPLIER.search(line):
            continue
        is_name = all(word[0].isupper() or word in ("&", "of", "and", "the") for word in words)
        if is_name and whole.count(line.lower()) >= 2:
            return line
    return None


def _captioned(text: BillText, caption: str, kind: str) -> Identifier | None:
    # The number stands behind its caption, or alone in the line below it.
    pattern = re.compile(
        rf"\b(?P<caption>(?i:{caption}))[ ]*:?(?:[ ]*|[ ]*\n)(?P<value>{_VALUE})(?![\w.,/$-])"
    )
    found = [item for item in pattern.finditer(text.text) if _stands_alone(text.text, item)]
    if not found:
        return None
    counts = Counter(item["value"] for item in found)
    best = max(found, key=lambda item: counts[item["value"]])
    return Identifier(kind, best["caption"], best["value"])


def _stands_alone(text: str, found: re.Match[str]) -> bool:
    is_below = "\n" in found[0]
    return not is_below or text[found.end() : found.end() + 1] in ("", "\n")


def _is_number_of_other_kind(line: str, position: int) -> bool:
    return bool(re.search(r"(?:account|invoice|acct)\D*$", line[:position], re.IGNORECASE))


def _skip_colon(line: str, position: int) -> int:
    while position < len(line) and line[position] in " :":
        position += 1
    return position
