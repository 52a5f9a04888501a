"""A value that fits a JSON Schema, as plain as can be, for tool calls and JSON answers."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from routeway_magic.types import JSONObject

__all__ = ["example", "example_object"]

_DEEPEST = 12
_OPTIONAL_DEPTH = 3
_MOST_ITEMS = 50
_MOST_CHARACTERS = 2000
_FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T12:00:00Z",
    "duration": "PT1H",
    "email": "user@example.org",
    "hostname": "example.org",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "time": "12:00:00Z",
    "uri": "https://example.org/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def example_object(schema: Any) -> JSONObject:
    """An object for a schema whose top-level type is `object`."""
    value = example(schema)
    return value if isinstance(value, dict) else {}


def example(schema: Any, root: Any = None, depth: int = 0) -> Any:
    """A value for a schema; malformed parts of it count as absent.

    Args:
        schema: the schema.
        root: where `$ref` looks; the schema itself by default.
        depth: how deep in `root` we are; very deep values end in null.
    """
    root = schema if root is None else root
    schema = _resolved(schema, root)
    schema = schema | _told(schema.get("description"))
    if depth > _DEEPEST:
        return None
    for keyword in ("const", "default"):
        if keyword in schema:
            return schema[keyword]
    choices = _listed(schema, "enum") or _listed(schema, "examples")
    if choices:
        return choices[0]
    options = _listed(schema, "anyOf") or _listed(schema, "oneOf")
    if options:
        return example(
            _preferred(options, deep=depth > _OPTIONAL_DEPTH), root, depth + 1
        )
    return _typed(_merged(schema, root), root, depth)


def _told(description: Any) -> JSONObject:
    """What the end of a description says in JSON, as a model would read it."""
    text = f" {description or ''}"
    begun = text.find(' {"')
    try:
        return dict(json.loads(text[begun:])) if begun >= 0 else {}
    except (ValueError, RecursionError):
        return {}


def _resolved(schema: Any, root: Any) -> JSONObject:
    for _ in range(_DEEPEST):
        if not isinstance(schema, dict):
            return {}
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        schema = _target(reference, root)
    return {}


def _target(reference: str, root: Any) -> Any:
    value = root
    for name in reference.removeprefix("#").split("/")[1:]:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _listed(schema: JSONObject, keyword: str) -> list[Any]:
    value = schema.get(keyword)
    return value if isinstance(value, list) else []


def _preferred(options: list[Any], *, deep: bool) -> Any:
    """The first that is not null; null where it is deep, for it may go on for ever."""
    null = {"type": "null"}
    wanted = (option for option in options if (option == null) == deep)
    return next(wanted, options[0])


def _merged(schema: JSONObject, root: Any) -> JSONObject:
    merged = dict(schema)
    for part in _listed(schema, "allOf"):
        other = _resolved(part, root)
        properties = {**_properties(merged), **_properties(other)}
        required = [*_listed(merged, "required"), *_listed(other, "required")]
        merged = {**other, **merged, "properties": properties, "required": required}
    return merged


def _typed(schema: JSONObject, root: Any, depth: int) -> Any:
    kind = _type_of(schema)
    if kind == "object":
        return _object(schema, root, depth)
    if kind == "array":
        return _array(schema, root, depth)
    if kind in ("integer", "number"):
        return _number(schema, whole=kind == "integer")
    if kind in ("boolean", "null"):
        return True if kind == "boolean" else None
    return _string(schema)


def _type_of(schema: JSONObject) -> Any:
    named = schema.get("type")
    if isinstance(named, list):
        named = next((name for name in named if name != "null"), None)
    if named is None and _properties(schema):
        return "object"
    return named


def _properties(schema: JSONObject) -> JSONObject:
    value = schema.get("properties")
    return value if isinstance(value, dict) else {}


def _object(schema: JSONObject, root: Any, depth: int) -> JSONObject:
    properties = _properties(schema)
    required = [name for name in _listed(schema, "required") if isinstance(name, str)]
    optional = list(properties) if depth < _OPTIONAL_DEPTH else []
    names = dict.fromkeys([*optional, *required])
    return {name: example(properties.get(name), root, depth + 1) for name in names}


def _array(schema: JSONObject, root: Any, depth: int) -> list[Any]:
    first = [example(one, root, depth + 1) for one in _listed(schema, "prefixItems")]
    few = 0 if first or depth > _OPTIONAL_DEPTH else 1
    least, most = schema.get("minItems", few), schema.get("maxItems", _MOST_ITEMS)
    count = min(max(least, 0), _MOST_ITEMS) if _is_number(least) else few
    count = min(count, max(most, 0)) if _is_number(most) else count
    more = int(count) - len(first)
    return first + [example(schema.get("items"), root, depth + 1)] * max(more, 0)


def _number(schema: JSONObject, *, whole: bool) -> float:
    low, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    high, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    value: float = 1
    if _is_number(high) and high < value:
        value = math.floor(high) if whole else high
    if _is_number(below) and below <= value:
        value = math.ceil(below) - 1
    if _is_number(low) and low > value:
        value = math.ceil(low) if whole else low
    if _is_number(above) and above >= value:
        value = math.floor(above) + 1
    step = schema.get("multipleOf")
    return math.ceil(value / step) * step if _is_number(step) and step > 0 else value


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _string(schema: JSONObject) -> str:
    text = _FORMATS.get(str(schema.get("format")), "text")
    least = schema.get("minLength")
    if _is_number(least) and least > len(text):
        return text.ljust(int(min(least, _MOST_CHARACTERS)), "x")
    most = schema.get("maxLength")
    return text[: max(int(most), 0)] if _is_number(most) else text
