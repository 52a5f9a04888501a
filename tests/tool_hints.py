"""Type hints drawn at random, and values drawn from the schemas that they make."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NotRequired, Optional, TypedDict, Union

from hypothesis import strategies as st
from pydantic import BaseModel, Field

__all__ = ["HINTS", "values"]


class Colour(enum.Enum):
    """A choice."""

    RED = "r"
    GREEN = 2


@dataclass
class Point:
    """Two numbers."""

    x: int
    y: float = 0.5


class Row(TypedDict):
    """A dictionary of the standard library."""

    name: str
    point: NotRequired[Point]


class Order(BaseModel):
    """A model."""

    count: int = Field(ge=1, le=9)
    points: list[Point] = []


_LEAVES: list[Any] = [
    int,
    float,
    str,
    bool,
    None,
    Any,
    Colour,
    Point,
    Row,
    Order,
    Literal["a", 1, True],
    Annotated[int, Field(gt=2, multiple_of=3)],
    Annotated[str, Field(min_length=2, max_length=4), "a word"],
]
HINTS = st.recursive(
    st.sampled_from(_LEAVES),
    lambda inner: st.one_of(
        inner.map(lambda hint: list[hint]),  # type: ignore[valid-type]  # made at run time
        inner.map(lambda hint: dict[str, hint]),  # type: ignore[valid-type]
        inner.map(lambda hint: Optional[hint]),  # noqa: UP045 - None has no |
        st.tuples(inner, inner).map(lambda two: Union[two]),  # noqa: UP007 - as above
        st.tuples(inner, inner).map(lambda two: tuple[two[0], two[1]]),  # type: ignore[name-defined]
    ),
    max_leaves=4,
)
"""Hints of what JSON can stand for, nested."""

_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2)
    ),
    max_leaves=4,
)


def values(schema: dict[str, Any], root: dict[str, Any]) -> st.SearchStrategy[Any]:
    """JSON that fits a schema.

    Args:
        schema: of the kind that pydantic makes.
        root: where `$ref` looks.
    """
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return st.deferred(lambda: values(root["$defs"][name], root))
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([values(one, root) for one in schema["anyOf"]])
    return _TYPES.get(schema.get("type", ""), lambda *_: _ANY)(schema, root)


def _whole(schema: dict[str, Any], _root: Any) -> st.SearchStrategy[int]:
    step = schema.get("multipleOf", 1)
    low, high = schema.get("minimum"), schema.get("maximum")
    low = schema["exclusiveMinimum"] + 1 if "exclusiveMinimum" in schema else low
    least = None if low is None else -(-low // step)
    most = None if high is None else high // step
    return st.integers(least, most).map(lambda number: number * step)


def _array(schema: dict[str, Any], root: Any) -> st.SearchStrategy[list[Any]]:
    if "prefixItems" in schema:
        members = [values(one, root) for one in schema["prefixItems"]]
        return st.tuples(*members).map(list)
    return st.lists(values(schema.get("items", {}), root), max_size=3)


def _object(schema: dict[str, Any], root: Any) -> st.SearchStrategy[dict[str, Any]]:
    properties, required = schema.get("properties", {}), schema.get("required", [])
    drawn = {name: values(one, root) for name, one in properties.items()}
    more = schema.get("additionalProperties")
    if not drawn and isinstance(more, dict):
        return st.dictionaries(st.text(), values(more, root), max_size=2)
    if not drawn and more is True:
        return st.dictionaries(st.text(), _ANY, max_size=2)
    return st.fixed_dictionaries(
        {name: drawn[name] for name in required},
        optional={name: drawn[name] for name in drawn if name not in required},
    )


_TYPES: dict[str, Any] = {
    "integer": _whole,
    "number": lambda *_: (
        st.floats(allow_nan=False, allow_infinity=False) | st.integers(-1000, 1000)
    ),
    "string": lambda schema, _: st.text(
        st.characters(exclude_categories=["Cs"]),
        min_size=schema.get("minLength", 0),
        max_size=schema.get("maxLength"),
    ),
    "boolean": lambda *_: st.booleans(),
    "null": lambda *_: st.none(),
    "array": _array,
    "object": _object,
}
