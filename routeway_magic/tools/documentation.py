"""What a docstring says of a function and of its parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Documentation", "documentation_of"]


@dataclass(frozen=True, slots=True)
class Documentation:
    """A docstring in parts.

    Args:
        text: what the function does and what it gives back.
        parameters: what is said of each, by name.
    """

    text: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


def documentation_of(function: Callable[..., Any]) -> Documentation:
    """The parts of a function's docstring, in Google's, NumPy's or reST's style.

    Args:
        function: anything that can be called; without a docstring all is empty.
    """
    from docstring_parser import ParseError, parse

    source = _docstring(function)
    if not source:
        return Documentation()
    try:
        parsed = parse(source)
    except ParseError:  # a section that begins like one and is none
        return Documentation(source)
    told = [parsed.short_description, parsed.long_description, _returned(parsed)]
    text = "\n\n".join(part.strip() for part in told if part)
    described = {
        name.lstrip("*"): one.description.strip()
        for one in parsed.params
        if one.description
        for name in one.arg_name.split(", ")
    }
    return Documentation(text, described)


def _docstring(function: Callable[..., Any]) -> str:
    """Its own docstring: an instance's or a partial's would be that of its class."""
    inner = getattr(function, "func", function)  # of a functools.partial
    if not (inspect.isroutine(inner) or inspect.isclass(inner)):
        inner = getattr(inner, "__call__", inner)  # noqa: B004 - its docstring is wanted
    return inspect.cleandoc(inner.__doc__ or "")


def _returned(parsed: Any) -> str:
    told = parsed.returns.description if parsed.returns else None
    return f"Returns: {told.strip()}" if told else ""
