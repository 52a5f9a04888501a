"""A type as an answer's form: its JSON Schema, and the test of what has come."""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from routeway_magic.errors import InputError
from routeway_magic.tools.hints import readable, refusal
from routeway_magic.types import JSONObject

__all__ = ["AnswerType", "UnfitError", "answer_type"]

_MOST_PROBLEMS = 8
_LONGEST_PROBLEM = 300  # characters
_MODULES = re.compile(r"\b(?:typing|__main__)\.")
_WHICH = (
    "An answer can be a dataclass, a pydantic model, a TypedDict, list[…], Literal[…], "
    "int, bool and the like, or a JSON Schema."
)


class UnfitError(Exception):
    """A value does not fit; the message says where and why."""


@dataclass(frozen=True, slots=True)
class AnswerType:
    """What an answer must be.

    Args:
        label: its name.
        schema: the JSON Schema of it.
        read: makes a value of what JSON says, or raises `UnfitError`.
    """

    label: str
    schema: JSONObject
    read: Callable[[Any], Any]


def answer_type(wanted: Any) -> AnswerType:
    """The type, with what it takes to ask for it.

    Args:
        wanted: a type, as pydantic knows them, or a JSON Schema, a dict.

    Raises:
        InputError: if an answer cannot be that.
    """
    return _of_schema(wanted) if isinstance(wanted, dict) else _of_type(wanted)


def _of_type(wanted: Any) -> AnswerType:
    from pydantic import TypeAdapter
    from pydantic.errors import PydanticUserError

    label = _label(wanted)
    if not _is_type(wanted):
        kind = type(wanted).__name__
        raise InputError(f"What is given as a type is a value of `{kind}`.", _WHICH)
    try:
        adapter = TypeAdapter(readable(wanted))
        schema = adapter.json_schema()
    except (PydanticUserError, NameError, TypeError, RecursionError) as error:
        why = f"An answer cannot be `{label}`: {refusal(error)}."
        raise InputError(why, _WHICH) from None
    return AnswerType(label, schema, lambda value: _read(adapter, value))


def _read(adapter: Any, value: Any) -> Any:
    from pydantic import ValidationError

    try:
        # As JSON: there a date is text, and a tuple is a list.
        return adapter.validate_json(json.dumps(value))
    except RecursionError:
        raise UnfitError("it is nested too deep") from None
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        told = [_problem(one["loc"], one["msg"]) for one in problems]
        raise UnfitError(_listed(told)) from None


def _of_schema(schema: JSONObject) -> AnswerType:
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for
    from referencing import Registry

    kind = validator_for(schema, default=validator_for({}))
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        where = _problem(error.absolute_path, error.message)
        raise InputError(f"This is no JSON Schema: {where}.", _WHICH) from None
    if not schema:
        raise InputError("An empty JSON Schema says nothing of an answer.", _WHICH)
    _check_references(schema, schema)
    # Without a registry of its own it would fetch what a reference names.
    validator = kind(schema, registry=Registry())
    label = str(schema.get("title") or "the JSON Schema")
    return AnswerType(label, schema, lambda value: _tested(validator, value))


def _tested(validator: Any, value: Any) -> Any:
    try:
        told = [
            _problem(error.absolute_path, error.message)
            for error in validator.iter_errors(value)
        ]
    except RecursionError:
        raise UnfitError("it is nested too deep") from None
    if told:
        raise UnfitError(_listed(told))
    return value


def _check_references(part: Any, schema: JSONObject) -> None:
    if isinstance(part, dict):
        target = part.get("$ref")
        if isinstance(target, str) and not _has(schema, target):
            raise InputError(
                f"The JSON Schema refers to `{target}`, which is not in it.",
                "Put it into its `$defs`.",
            )
    for inner in part.values() if isinstance(part, dict) else part:
        if isinstance(inner, dict | list):
            _check_references(inner, schema)


def _has(schema: JSONObject, reference: str) -> bool:
    found: Any = schema
    for step in reference.removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, dict) else None
    return reference == "#" or (reference.startswith("#/") and found is not None)


def _problem(path: Any, message: str) -> str:
    where = ".".join(str(step) for step in path)
    message = message.rstrip(".")
    if len(message) > _LONGEST_PROBLEM:  # it may quote the whole answer
        message = f"{message[:_LONGEST_PROBLEM]}…"
    return f"{where}: {message}" if where else message


def _listed(problems: list[str]) -> str:
    shown = problems[:_MOST_PROBLEMS]
    more = len(problems) - len(shown)
    return "; ".join([*shown, f"and {more} more"] if more else shown)


def _label(wanted: Any) -> str:
    is_plain = isinstance(wanted, type) and not typing.get_args(wanted)
    return str(wanted.__name__) if is_plain else _MODULES.sub("", repr(wanted))


def _is_type(wanted: Any) -> bool:
    kind = type(wanted)
    is_form = kind.__module__ in ("typing", "types", "typing_extensions")
    return wanted is None or issubclass(kind, type) or is_form
