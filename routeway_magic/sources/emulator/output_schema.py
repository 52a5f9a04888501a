"""What a schema in `output_config.format` may hold (API.md 2.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from routeway_magic.sources.emulator.checks import joined
from routeway_magic.sources.emulator.refusal import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from routeway_magic.types import JSONObject

__all__ = ["check_output_schema"]

_TYPES = frozenset(
    {"object", "array", "string", "integer", "number", "boolean", "null"}
)
_FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname"}
    | {"uri", "ipv4", "ipv6", "uuid"}
)
_KEYWORDS = frozenset(
    {"type", "enum", "const", "anyOf", "allOf", "$ref", "$defs", "definitions"}
    | {"default", "required", "additionalProperties", "properties", "items"}
    | {"format", "minItems", "pattern", "title", "description", "$schema"}
)
_SCALARS = (str, int, float, bool, type(None))


def check_output_schema(schema: JSONObject, path: str) -> None:
    """Refuse a schema that no output can be held to.

    Args:
        schema: an object, as it was sent.
        path: where it stands in the request.
    """
    _check(schema, path, schema, ())


def _check(schema: Any, path: str, root: JSONObject, seen: tuple[str, ...]) -> None:
    if not isinstance(schema, dict):
        raise refuse(path, "Input should be an object")
    for name in schema:
        if name not in _KEYWORDS:
            raise refuse(path, f"property '{name}' is not supported")
    if "$ref" in schema:
        _check_reference(schema["$ref"], joined(path, "$ref"), root, seen)
        return
    if not {"type", "enum", "const", "anyOf", "allOf"} & schema.keys():
        raise refuse(path, "a schema must say what it is")
    _check_members(schema, path)
    for name, inner in _inner(schema):
        _check(inner, joined(path, name), root, seen)


def _check_reference(
    target: Any, path: str, root: JSONObject, seen: tuple[str, ...]
) -> None:
    if not isinstance(target, str) or not target.startswith("#/"):
        raise refuse(path, "external references are not supported")
    if target in seen:
        raise refuse(path, "recursive schemas are not supported")
    found: Any = root
    for name in target.split("/")[1:]:
        found = found.get(name) if isinstance(found, dict) else None
    _check(found, path, root, (*seen, target))


def _check_members(schema: JSONObject, path: str) -> None:
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if not all(isinstance(kind, str) and kind in _TYPES for kind in kinds):
        raise refuse(joined(path, "type"), "it is not a type of JSON")
    if "object" in kinds and schema.get("additionalProperties") is not False:
        sentence = "it must be false for objects"
        raise refuse(joined(path, "additionalProperties"), sentence)
    if schema.get("minItems", 0) not in (0, 1):
        raise refuse(joined(path, "minItems"), "it may be 0 or 1")
    if schema.get("format", "date") not in _FORMATS:
        raise refuse(joined(path, "format"), "it is not a format that is supported")
    if not all(isinstance(value, _SCALARS) for value in schema.get("enum", [])):
        raise refuse(joined(path, "enum"), "its members should be scalars")


def _inner(schema: JSONObject) -> Iterator[tuple[str, Any]]:
    for name in ("properties", "$defs", "definitions"):
        for key, inner in (schema.get(name) or {}).items():
            yield f"{name}.{key}", inner
    for name in ("anyOf", "allOf"):
        for index, inner in enumerate(schema.get(name) or []):
            yield f"{name}.{index}", inner
    if "items" in schema:
        yield "items", schema["items"]
