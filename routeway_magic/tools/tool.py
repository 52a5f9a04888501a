"""A tool: how it is declared to a model, and the function behind it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from routeway_magic.errors import InputError
from routeway_magic.tools.documentation import documentation_of
from routeway_magic.tools.parameters import Parameters, parameters_of
from routeway_magic.types import JSONObject

__all__ = ["Tool", "tool_of"]

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # API.md 2.6


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as it is offered to a model.

    Args:
        name: unique among the tools of a request.
        definition: its member of the request's `tools`.
        function: what a call of it runs; None if nobody here runs it.
        parameters: what the function takes.
    """

    name: str
    definition: JSONObject
    function: Callable[..., Any] | None = None
    parameters: Parameters | None = field(default=None, repr=False)


def tool_of(value: Any, name: str = "") -> Tool:
    """The tool that a function, a method, or a definition in JSON makes.

    A definition is sent as it is. Calls of it are not run here: they end the answer,
    and stand in `Reply.message`; a server's own tools run there.

    Args:
        value: a function with type hints, or a dictionary (API.md 2.6).
        name: what to call it; its own name without one.

    Raises:
        InputError: if it cannot be offered; names it and says why.
    """
    if isinstance(value, Tool):
        return value
    if isinstance(value, Mapping):
        return _defined(dict(value), name)
    named = name or str(getattr(value, "__name__", "") or type(value).__name__)
    try:
        return _from_function(value, named)
    except InputError as error:
        raise InputError(
            f"`{named}` cannot be a tool: {error.what}", error.hint
        ) from None


def _from_function(function: Any, name: str) -> Tool:
    if not callable(function):
        raise InputError(
            f"it is {type(function).__name__}, which cannot be called.",
            "A tool is a function, a method, or a definition in JSON.",
        )
    if not _NAME.fullmatch(name):
        raise InputError(
            "its name must be 1 to 64 letters without accents, digits, `_` or `-`.",
            "Define it with `def` under such a name.",
        )
    if _is_one_of(function, inspect.iscoroutinefunction, inspect.isasyncgenfunction):
        raise InputError(
            "it is asynchronous, and calls wait for their result.",
            "Write a function without `async` that runs it to its end.",
        )
    if _is_one_of(function, inspect.isgeneratorfunction):
        raise InputError(
            "it is a generator, of which a call runs nothing.",
            "Write a function that gives back a list of what it yields.",
        )
    documentation = documentation_of(function)
    parameters = parameters_of(function, documentation.parameters)
    definition: JSONObject = {"name": name, "input_schema": parameters.schema}
    if documentation.text:
        definition["description"] = documentation.text
    return Tool(name, definition, function, parameters)


def _is_one_of(function: Any, *kinds: Callable[[Any], bool]) -> bool:
    inner = getattr(function, "func", function)  # of a functools.partial
    call = getattr(inner, "__call__", None)  # noqa: B004 - its kind is wanted, not whether it is there
    return any(kind(one) for kind in kinds for one in (inner, call))


def _defined(definition: JSONObject, name: str) -> Tool:
    given = definition.get("name")
    if not isinstance(given, str) or not given:
        raise InputError(
            f"{f'`{name}`' if name else 'A dictionary'} is no definition of a tool: "
            "it has no `name`.",
            'It looks like {"name": …, "description": …, "input_schema": {…}}.',
        )
    return Tool(given, definition)
