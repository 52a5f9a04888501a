"""The tools of a request, and who may call them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from routeway_magic.errors import InputError
from routeway_magic.events import ToolResult
from routeway_magic.spelling import near
from routeway_magic.tools.consent import Ask
from routeway_magic.tools.tool import Tool, tool_of
from routeway_magic.types import JSONObject

__all__ = ["Toolbox", "toolbox_named", "toolbox_of"]


def _here(call: Callable[[], ToolResult]) -> ToolResult:
    return call()


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolbox:
    """The tools of a request.

    Args:
        tools: by name.
        allowed: names of those that run without asking.
        ask: asks the user whether a call may run; None where nobody can answer.
        run_on: runs a call where it belongs, such as on the kernel's main thread.
        in_turn: whether calls wait for one another, whatever `concurrent_calls` says.
    """

    tools: Mapping[str, Tool] = field(default_factory=dict)
    allowed: frozenset[str] = frozenset()
    ask: Ask | None = None
    run_on: Callable[[Callable[[], ToolResult]], ToolResult] = _here
    in_turn: bool = False

    @property
    def definitions(self) -> list[JSONObject]:
        """The request's `tools`."""
        return [tool.definition for tool in self.tools.values()]


def toolbox_of(
    tools: Mapping[str, Any] | Iterable[Any],
    *,
    allow: Sequence[Any] = (),
    ask: Ask | None = None,
) -> Toolbox:
    """The tools that these functions and definitions make.

    Args:
        tools: functions, methods or definitions in JSON; by name, or each under its own.
        allow: names of those that run without asking, or the functions themselves.
        ask: asks the user whether a call may run; None where nobody can answer.

    Raises:
        InputError: if one cannot be offered, two have one name, or one is allowed that
            is not there.
    """
    named = tools.items() if isinstance(tools, Mapping) else [("", it) for it in tools]
    found: dict[str, Tool] = {}
    for name, value in named:
        tool = tool_of(value, name)
        if tool.name in found:
            raise InputError(f"There are two tools of the name `{tool.name}`.")
        found[tool.name] = tool
    allowed = frozenset(_named(one, found) for one in allow)
    return Toolbox(tools=found, allowed=allowed, ask=ask)


def toolbox_named(
    names: Sequence[str],
    variables: Mapping[str, Any],
    *,
    allow: Sequence[str] = (),
    ask: Ask | None = None,
) -> Toolbox:
    """The tools that these names of the notebook stand for.

    Args:
        names: such as `area`, or `shop.find` for a method; each tool is called as its
            last part. A list gives the tools that it holds.
        variables: the notebook's namespace.
        allow: names of those that run without asking.
        ask: asks the user whether a call may run; None where nobody can answer.

    Raises:
        InputError: if there is no such variable, or it cannot be a tool.
    """
    found: list[Tool] = []
    for name in names:
        value = _value(name, variables)
        several = value if isinstance(value, (list, tuple)) else None
        found += (
            [tool_of(one) for one in several]
            if several is not None
            else [tool_of(value, name.rpartition(".")[2])]
        )
    allowed = [name.rpartition(".")[2] for name in allow]
    return toolbox_of(found, allow=allowed, ask=ask)


def _value(name: str, variables: Mapping[str, Any]) -> Any:
    root, *attributes = name.split(".")
    if root not in variables:
        known = [one for one in variables if not one.startswith("_")]
        raise InputError(
            f"`--tools {name}`: there is no variable `{root}`.", near(root, known)
        )
    value = variables[root]
    for attribute in attributes:
        try:
            value = getattr(value, attribute)
        except Exception:  # noqa: BLE001 - a property may raise anything
            raise InputError(
                f"`--tools {name}`: `{attribute}` is not there.",
                "Name a function, or a method as `object.method`.",
            ) from None
    return value


def _named(allowed: Any, tools: Mapping[str, Tool]) -> str:
    for tool in tools.values():
        if allowed == tool.name or (tool.function and allowed == tool.function):
            return tool.name
    name = allowed if isinstance(allowed, str) else getattr(allowed, "__name__", "")
    offered = ", ".join(f"`{name}`" for name in tools) or "none"
    raise InputError(
        f"`{name}` is allowed to run, but is no tool here.",
        f"The tools are: {offered}. Name it among `tools` as well.",
    )
