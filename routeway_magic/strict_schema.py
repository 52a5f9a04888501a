"""A JSON Schema as `output_config.format` takes it, which is less than all (API.md 2.9).

What is not taken, such as a length, is told to the model in the description instead;
whether the answer keeps to it is tested when it has come. What would change the kind
of answer, such as an object with any keys, cannot be told so: there is no such schema.
"""

from __future__ import annotations

import json
from typing import Any

from routeway_magic.types import JSONObject

__all__ = ["FORMATS", "strict_schema"]

FORMATS = frozenset(
    "date-time time date duration email hostname uri ipv4 ipv6 uuid".split()  # noqa: SIM905 - as API.md lists them
)
"""The values of `format` that are taken."""

_KEPT = ("type", "description", "default", "const", "enum", "required")
_SILENT = frozenset({"title", "$schema", "$id", "$comment", "discriminator"})
_PARTS = frozenset(
    {"properties", "items", "prefixItems", "anyOf", "oneOf", "allOf", "$defs"}
    | {"additionalProperties", "minItems", "format"}
)


class _NoSuchSchemaError(Exception):
    """It cannot be said in what is taken."""


def strict_schema(schema: JSONObject) -> JSONObject | None:
    """The schema in what is taken; None if there is none for answers of that kind.

    Args:
        schema: any JSON Schema; its references are to its own `$defs`.
    """
    definitions = schema.get("$defs") or {}
    try:
        _refuse_recursion(schema, definitions, ())
        found = _strict(schema)
        kept = {name: _strict(one) for name, one in definitions.items()}
    except (_NoSuchSchemaError, RecursionError):
        return None
    return {**found, "$defs": kept} if kept else found


def _refuse_recursion(
    part: Any, definitions: JSONObject, seen: tuple[str, ...]
) -> None:
    if not isinstance(part, dict):
        return
    if isinstance(part.get("$ref"), str):
        name = part["$ref"].removeprefix("#/$defs/")
        if name in seen or name not in definitions:
            raise _NoSuchSchemaError
        _refuse_recursion(definitions[name], definitions, (*seen, name))
    for inner in _schemas_in(part):
        _refuse_recursion(inner, definitions, seen)


def _schemas_in(schema: JSONObject) -> list[Any]:
    """The schemas of its properties, items and choices."""
    listed = [
        schema.get(key) or [] for key in ("prefixItems", "anyOf", "oneOf", "allOf")
    ]
    properties = schema.get("properties") or {}
    return [
        *properties.values(),
        schema.get("items"),
        *(one for all_ in listed for one in all_),
    ]


def _strict(schema: Any) -> JSONObject:
    if not isinstance(schema, dict) or not schema:  # anything at all
        raise _NoSuchSchemaError
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    if [*schema.get("allOf", ())][1:] or "patternProperties" in schema:
        raise _NoSuchSchemaError
    if schema.get("allOf"):  # a reference with something beside it
        return _strict(schema["allOf"][0])
    found = {key: schema[key] for key in _KEPT if key in schema}
    found |= _choices(schema) or _shaped(schema)
    told = _told(schema)
    if told:
        found["description"] = " ".join(filter(None, [found.get("description"), told]))
    return found


def _choices(schema: JSONObject) -> JSONObject:
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return {"anyOf": [_strict(option) for option in options]}
    plain = any(key in schema for key in ("const", "enum"))
    nested = [*schema.get("enum", ()), schema.get("const")]
    if any(isinstance(value, dict | list) for value in nested):
        raise _NoSuchSchemaError
    return {"type": schema["type"]} if plain and "type" in schema else {}


def _shaped(schema: JSONObject) -> JSONObject:
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    found: JSONObject = {}
    if "object" in kinds or "properties" in schema:
        found |= _object(schema)
    if "array" in kinds:
        found |= _array(schema)
    if schema.get("format") in FORMATS:
        found["format"] = schema["format"]
    if not found and "type" not in schema and not {"const", "enum"} & schema.keys():
        raise _NoSuchSchemaError  # anything at all, with a description or a bound
    return found


def _object(schema: JSONObject) -> JSONObject:
    more = schema.get("additionalProperties", not schema.get("properties"))
    if more is not False and (isinstance(more, dict) or not schema.get("properties")):
        raise _NoSuchSchemaError  # an object with keys of the model's choice
    properties = schema.get("properties") or {}
    return {
        "properties": {name: _strict(part) for name, part in properties.items()},
        "additionalProperties": False,
    }


def _array(schema: JSONObject) -> JSONObject:
    parts = schema.get("prefixItems") or []
    found: JSONObject = {}
    if parts:  # a tuple; how long it is, and what is where, is told
        distinct = {json.dumps(_strict(part)): _strict(part) for part in parts}
        options = [*distinct.values()]
        found["items"] = options[0] if len(options) == 1 else {"anyOf": options}
    elif "items" in schema:
        found["items"] = _strict(schema["items"])
    else:
        raise _NoSuchSchemaError
    if schema.get("minItems", 0) > 0:
        found["minItems"] = 1
    return found


def _told(schema: JSONObject) -> str:
    """What is not taken, in words: the schema's own."""
    least = schema.get("minItems", 0)
    left = {
        key: value
        for key, value in schema.items()
        if key not in _KEPT and key not in _SILENT and key not in _PARTS
    }
    if least > 1:
        left["minItems"] = least
    if "prefixItems" in schema:
        left["prefixItems"] = schema["prefixItems"]
    if "format" in schema and schema["format"] not in FORMATS:
        left["format"] = schema["format"]
    return json.dumps(left, ensure_ascii=False) if left else ""
