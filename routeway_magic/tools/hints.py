"""Type hints as pydantic can read them on every Python that this runs on."""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Iterator
from typing import Annotated, Any

from routeway_magic.errors import InputError

__all__ = ["described", "readable", "reason_against", "refusal", "typed_dict"]

# pydantic's words for them name the type, which is said already, or its own parts.
_SAYS_NO_MORE = ("schema-for-unknown-type", "invalid-for-json-schema")
_READS_TYPED_DICTS = (3, 12)  # from this Python on, pydantic reads `typing.TypedDict`


def readable(hint: Any) -> Any:
    """The hint with each `typing.TypedDict` in a form that pydantic reads.

    Args:
        hint: a type, an alias, or anything else that stood in an annotation.
    """
    if sys.version_info >= _READS_TYPED_DICTS:
        return hint
    if typing.is_typeddict(hint) and type(hint).__module__ == "typing":
        return _copied(hint)
    return _with_arguments(hint)


def typed_dict(name: str, members: dict[str, Any]) -> Any:
    """A `TypedDict` that is made at run time, and that pydantic reads.

    Args:
        name: of the class.
        members: their types by name, each `Required` or `NotRequired` or bare.
    """
    import typing_extensions

    make: Any = typing_extensions.TypedDict
    return make(name, members)


def described(hint: Any, description: str, schema: dict[str, Any]) -> Any:
    """The hint with a description, unless it brings its own, and more for its schema.

    Args:
        hint: readable.
        description: may be "".
        schema: members to add to its JSON Schema, such as a default.
    """
    from pydantic import Field

    told = list(_descriptions(hint))
    words = told[-1] if told else description
    return Annotated[
        hint, Field(description=words or None, json_schema_extra=schema or None)
    ]


def reason_against(hint: Any) -> str:
    """Why no JSON can stand for a value of this type; "" if it can.

    Args:
        hint: readable.
    """
    from pydantic import PydanticUserError, TypeAdapter

    try:
        TypeAdapter(hint).json_schema()
    except PydanticUserError as error:
        why = "" if error.code in _SAYS_NO_MORE else f": {refusal(error)}"
        return f"it is {inspect.formatannotation(hint)}{why}"
    except Exception as error:  # noqa: BLE001 - a type's own hooks may raise anything
        return f"{inspect.formatannotation(hint)}: {_first_line(error)}"
    return ""


def refusal(error: Exception) -> str:
    """Why pydantic does not take a type, in a clause.

    Args:
        error: that it has raised.
    """
    if getattr(error, "code", "") == "typed-dict-version":
        return (
            "a `typing.TypedDict` stands inside a class, where it cannot be read before "
            "Python 3.12 (`from typing_extensions import TypedDict` makes one that can)"
        )
    return _first_line(error).partition(". ")[0].rstrip(".")


def _descriptions(hint: Any) -> Iterator[str]:
    """What `Annotated[…, "text"]`, or `Doc("text")` in it, says."""
    for extra in getattr(hint, "__metadata__", ()):
        text = extra if isinstance(extra, str) else None
        text = text or getattr(extra, "documentation", None)
        text = text or getattr(extra, "description", None)
        if isinstance(text, str):
            yield text


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _with_arguments(hint: Any) -> Any:
    """The same alias of arguments that are readable."""
    arguments = typing.get_args(hint)
    origin = typing.get_origin(hint)
    if not arguments or origin in (typing.Literal, None):
        return hint
    if origin is Annotated:
        first, *extras = arguments
        return Annotated[(readable(first), *extras)]
    found = tuple(map(readable, arguments))
    if found == arguments:
        return hint
    if origin in (typing.Union, types.UnionType):
        return typing.Union[found]  # noqa: UP007 - made at run time
    return origin[found]


def _copied(hint: Any) -> Any:
    """The same dictionary, made by what pydantic knows."""
    try:
        hints = typing.get_type_hints(hint, include_extras=True)
    except (NameError, TypeError) as error:
        raise InputError(f"`{hint.__name__}` cannot be read: {error}.") from None
    members = {
        name: _required(hint, name)[readable(_bare(member))]
        for name, member in hints.items()
    }
    made = typed_dict(hint.__name__, members)
    made.__doc__ = hint.__doc__
    return made


def _required(hint: Any, name: str) -> Any:
    is_required = name in hint.__required_keys__
    return typing.Required if is_required else typing.NotRequired


def _bare(member: Any) -> Any:
    is_marked = typing.get_origin(member) in (typing.Required, typing.NotRequired)
    return typing.get_args(member)[0] if is_marked else member
