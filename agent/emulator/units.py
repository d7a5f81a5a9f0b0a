"""Units of usage as bills print them, and as Nectar names them."""

import re
from dataclasses import dataclass

_SPELLINGS: tuple[tuple[str, str, str | None], ...] = (
    (r"k ?wh|kilowatt[- ]?hours?", "kWh", "ELECTRICITY"),
    (r"mwh|megawatt[- ]?hours?", "MWh", "ELECTRICITY"),
    (r"gwh", "GWh", "ELECTRICITY"),
    (r"therms?|thm", "thm (US)", "GAS"),
    (r"dth|dekatherms?|decatherms?", "Dth (US)", "GAS"),
    (r"mmbtu", "MMBtu", "GAS"),
    (r"mcf", "MCF", "GAS"),
    (r"gj", "GJ", None),
    (r"ccf", "CCF", None),
    (r"hcf", "HCF", "WATER"),
    (r"kgal", "kgal (US)", "WATER"),
    (r"gal(?:lons?)?", "gal (US)", "WATER"),
    (r"m³|m3|cubic met(?:er|re)s?", "cubic m", None),
    (r"cubic f(?:ee|oo)t|cu\.? ?ft", "cubic ft", None),
)
_UNIT = re.compile(
    "(?<![A-Za-z/])(?:"
    + "|".join(f"(?P<u{index}>{words})" for index, (words, _, _) in enumerate(_SPELLINGS))
    + r")(?![A-Za-z0-9³])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit where it stands in a line; ``datasource`` is None where it fits several kinds."""

    start: int
    end: int
    name: str
    datasource: str | None


def units_in(line: str) -> list[Unit]:
    """Return the units of a line in order; those of a price (``/kWh``) are left out."""
    return [_unit(found) for found in _UNIT.finditer(line)]


def _unit(found: re.Match[str]) -> Unit:
    index = int((found.lastgroup or "u0")[1:])
    _, name, datasource = _SPELLINGS[index]
    return Unit(found.start(), found.end(), name, datasource)
