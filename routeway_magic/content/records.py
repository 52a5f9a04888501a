"""The fields of dataclasses and their like: attrs, pydantic, msgspec; of plain objects.

They are told by what their classes declare; none of the libraries is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from routeway_magic.content.guarded import (
    Failed,
    attribute,
    call,
    classes_of,
    declared,
    is_kind,
    name_of,
    own_members,
)
from routeway_magic.content.members import Member, Members

__all__ = ["Unread", "attributes_of", "fields_of"]


@dataclass(frozen=True, slots=True)
class Unread:
    """Stands for a value that could not be read.

    Args:
        why: in a short line.
    """

    why: str


# What a class declares -> the names of its fields, and whether each is shown.
Fields = Iterable[tuple[str, bool]]


def fields_of(value: Any) -> Members | None:
    """The fields of a record; None for what is none.

    Raises:
        Failed: if its class declares what cannot be read.
    """
    for mark, fields in _MARKS.items():
        found = declared(value, mark)
        if found is not None and not is_kind(value, type):
            pairs = call(lambda read, marks: list(read(marks)), fields, found)
            return _read_fields(value, [*pairs, *_extras(value)])
    return None


def attributes_of(value: Any) -> Members | None:
    """The public attributes of a plain object; None if it has none."""
    try:
        held = object.__getattribute__(value, "__dict__")
    except (AttributeError, TypeError):
        held = {}
    names = [name for name in dict.keys(held) if type(name) is str]
    names += [name for name in _slots(value) if name not in held]
    public = [(name, True) for name in names if not name.startswith("_")]
    return _read_fields(value, public) if public else None


def _read_fields(value: Any, fields: list[tuple[str, bool]]) -> Members:
    shown = [name for name, is_shown in fields if is_shown]

    def read(names: list[str]) -> list[Member]:
        return [Member(_read(value, name), name=name) for name in names]

    return Members(
        opening=f"{name_of(type(value))}(",
        closing=")",
        count=len(shown),
        first=lambda wanted: read(shown[:wanted]),
        last=lambda wanted: read(shown[len(shown) - wanted :]),
        unit="member",
        hidden=tuple(name for name, is_shown in fields if not is_shown),
    )


def _read(value: Any, name: str) -> Any:
    try:
        return attribute(value, name)
    except Failed as failure:
        return Unread(str(failure))


def _dataclass_fields(declared_fields: Any) -> Fields:
    for name, field in declared_fields.items():
        if field._field_type.name == "_FIELD":  # noqa: SLF001 - no ClassVar, no InitVar
            yield name, bool(field.repr)


def _attrs_fields(declared_fields: Any) -> Fields:
    return ((field.name, field.repr is not False) for field in declared_fields)


def _pydantic_fields(declared_fields: Any) -> Fields:
    return (
        (name, bool(getattr(field, "repr", True)))
        for name, field in declared_fields.items()
    )


def _struct_fields(declared_fields: Any) -> Fields:
    return ((str(name), True) for name in declared_fields)


def _extras(value: Any) -> Fields:
    """What a pydantic model holds beyond the fields it declares."""
    if declared(value, "__pydantic_fields__") is None:
        return ()
    extra = call(object.__getattribute__, value, "__pydantic_extra__")
    return ((str(name), True) for name in extra or ())


def _slots(value: Any) -> list[str]:
    found: list[str] = []
    for kind in reversed(classes_of(value)):
        slots = own_members(kind).get("__slots__", ())
        found += [slots] if isinstance(slots, str) else list(slots)
    return [name for name in found if not isinstance(_read(value, name), Unread)]


_MARKS: dict[str, Callable[[Any], Fields]] = {
    "__dataclass_fields__": _dataclass_fields,
    "__attrs_attrs__": _attrs_fields,
    "__pydantic_fields__": _pydantic_fields,
    "__struct_fields__": _struct_fields,
}
