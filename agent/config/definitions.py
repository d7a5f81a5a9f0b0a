"""The schema as a flat list of keys, for whatever shows or names them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.config.schema import ConfigurationFile, Table

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo


@dataclass(frozen=True, slots=True)
class KeyDefinition:
    """One key that a table knows."""

    name: str
    description: str
    required: bool
    default: Any
    """None: there is none, or it comes from elsewhere."""
    example: Any
    """A value that shows what is meant; the default where nothing better is known."""
    bounds: str
    """``1 to 10``, ``more than 0, at most 3600``, or empty."""


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """One table of the file; ``site_names`` has no keys of its own and takes any."""

    name: str
    description: str
    keys: Mapping[str, KeyDefinition]
    example: Any
    """A whole table's example, for the one that takes any key."""

    @property
    def header(self) -> str:
        """How the table begins in the file."""
        return "[[folders]]" if self.name == "folders" else f"[{self.name}]"


def definitions() -> Mapping[str, TableDefinition]:
    """Return the definition of each table by its name, in the order of the file."""
    return {
        name: _table(name, field, _model(field))
        for name, field in ConfigurationFile.model_fields.items()
    }


def _model(field: FieldInfo) -> type[Table] | None:
    """Return the table's class: the field's own type, or that of the list's members."""
    kinds = (field.annotation, *getattr(field.annotation, "__args__", ()))
    return next(
        (kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Table)), None
    )


def _table(name: str, field: FieldInfo, model: type[Table] | None) -> TableDefinition:
    keys = model.model_fields if model else {}
    return TableDefinition(
        name=name,
        description=field.description or (model.__doc__ if model else None) or "",
        keys={key: _key(key, info) for key, info in keys.items()},
        example=_example(field),
    )


def _key(name: str, field: FieldInfo) -> KeyDefinition:
    return KeyDefinition(
        name=name,
        description=field.description or "",
        required=field.is_required(),
        default=None if field.is_required() else field.default,
        example=_example(field),
        bounds=", ".join(_bounds(field)),
    )


def _example(field: FieldInfo) -> Any:
    return field.examples[0] if field.examples else field.default


def _bounds(field: FieldInfo) -> Iterator[str]:
    limits = {
        name: getattr(constraint, name)
        for constraint in field.metadata
        for name in ("gt", "ge", "le")
        if getattr(constraint, name, None) is not None
    }
    if "ge" in limits and "le" in limits:
        yield f"{limits['ge']:g} to {limits['le']:g}"
        return
    if "gt" in limits:
        yield f"more than {limits['gt']:g}"
    if "le" in limits:
        yield f"at most {limits['le']:g}"
