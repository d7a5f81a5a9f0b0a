"""Reading settings from JSON and writing them as JSON, by the names of their dataclasses."""

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any, TypeVar

Settings = TypeVar("Settings")


class SettingsError(ValueError):
    """Settings that cannot be used; says which one and why."""


def read_settings(kind: type[Settings], given: Mapping[str, Any], where: str = "") -> Settings:
    """Return a settings dataclass from JSON; what is left out has its default.

    Raises SettingsError for an unknown name and for a value of another type.
    """
    hints = typing.get_type_hints(kind)
    unknown = sorted(set(given) - set(hints))
    if unknown:
        raise SettingsError(
            f"{where}{unknown[0]} is no setting; known are {', '.join(sorted(hints))}."
        )
    return kind(**{name: _value(hints[name], value, where + name) for name, value in given.items()})


def written_settings(value: Any) -> Any:
    """Return settings as JSON values that `read_settings` takes back."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: written_settings(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {name: written_settings(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [written_settings(item) for item in value]
    return str(value) if isinstance(value, StrEnum) else value


def _value(hint: Any, value: Any, where: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        return None if value is None else _value(arguments[0], value, where)
    if origin is tuple:
        items = _checked(list, value, where)
        return tuple(_value(arguments[0], item, f"{where}[{i}]") for i, item in enumerate(items))
    if origin is Mapping:
        items = _checked(dict, value, where).items()
        return {name: _value(arguments[1], item, f"{where}.{name}") for name, item in items}
    if is_dataclass(hint):
        return read_settings(typing.cast("type", hint), _checked(dict, value, where), where + ".")
    if issubclass(hint, StrEnum):
        if value not in list(hint):
            raise SettingsError(f"{where} has to be one of {', '.join(hint)}.")
        return hint(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return _checked(hint, value, where)


def _checked(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise SettingsError(f"{where} has to be of the kind {kind.__name__}.")
    return value
