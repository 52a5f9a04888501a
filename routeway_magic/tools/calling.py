"""One call of a tool: what came of it, as the model is told and as it is shown."""

from __future__ import annotations

import inspect
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from routeway_magic.call_blocks import calls_of_ours
from routeway_magic.content import Limits, to_blocks
from routeway_magic.content.guarded import reason
from routeway_magic.errors import InputError
from routeway_magic.events import ToolResult
from routeway_magic.tools.outputs import open_figures, show_figures
from routeway_magic.tools.parameters import Unfit
from routeway_magic.tools.tool import Tool
from routeway_magic.types import ContentBlock, JSONObject, Message

__all__ = ["Call", "calls_in", "denied", "run", "stopped", "unfit", "unknown"]

_CUT = (
    "The arguments are no complete JSON object, perhaps because they were cut off. "
    "Call again with shorter ones."
)
_LATER = "gave something to await, and calls wait for their result"
_OUR_FRAMES = 1  # of a traceback: the call in `run`


@dataclass(frozen=True, slots=True)
class Call:
    """A call that a model asks for.

    Args:
        id: what its result names.
        name: of the tool.
        input: its arguments; a text where they were cut off (see `types`).
    """

    id: str
    name: str
    input: Any

    def result(self, content: str | list[ContentBlock], **facts: Any) -> ToolResult:
        """What came of it.

        Args:
            content: what the model is told.
            **facts: the other members of `ToolResult`, `state` among them.
        """
        block: JSONObject = {"type": "tool_result", "tool_use_id": self.id}
        if content:
            block["content"] = content
        if facts.get("state", "returned") != "returned":
            block["is_error"] = True
        return ToolResult(block, self.name, **facts)


def calls_in(message: Message) -> list[Call]:
    """The calls of an answer in their order; one for each id."""
    calls = calls_of_ours(message.get("content") or [])
    return [
        Call(key, str(block.get("name")), block.get("input"))
        for key, block in calls.items()
    ]


def run(call: Call, tool: Tool, limits: Limits) -> ToolResult:
    """Calls the function; whatever it does, the model can be told.

    Args:
        call: its arguments are bound to the function's parameters, never evaluated.
        tool: one with a function.
        limits: how much of the result may be sent.
    """
    if tool.function is None:
        return unknown(call, [])
    bound = _bound(call, tool)
    if isinstance(bound, ToolResult):
        return bound
    began, figures = time.monotonic(), open_figures()
    try:
        value = _now(tool.function(*bound.args, **bound.kwargs))
        show_figures(figures, value)
        result = call.result(_blocks(value, limits))
    except KeyboardInterrupt:
        result = stopped(call)
    except InputError as error:
        result = call.result(str(error), state="failed")
    except BaseException as error:  # noqa: BLE001 - it may raise anything
        told = _traceback(error)
        result = call.result(reason(error), state="failed", details=told)
    return replace(result, seconds=time.monotonic() - began)


def unfit(call: Call, tool: Tool) -> ToolResult | None:
    """What the model is told of arguments that the function does not take.

    Args:
        call: nothing of it runs.
        tool: one with a function.

    Returns:
        None if they fit.
    """
    bound = _bound(call, tool)
    return bound if isinstance(bound, ToolResult) else None


def denied(call: Call, *, by_user: bool) -> ToolResult:
    """What the model is told of a call that may not run.

    Args:
        call: which.
        by_user: whether the user has said so; else nobody could be asked.
    """
    if by_user:
        return call.result("The user did not allow this call.", state="denied")
    said = "This call was not allowed: the user could not be asked."
    hint = f"nobody can be asked here; `--allow {call.name}` lets it run"
    return call.result(said, state="denied", details=hint)


def stopped(call: Call) -> ToolResult:
    """What is kept of a call that the user has stopped, or that was not begun then."""
    return call.result("The user stopped this call.", state="stopped")


def unknown(call: Call, names: Sequence[str]) -> ToolResult:
    """What the model is told of a call of something that is not there.

    Args:
        call: which.
        names: of the tools that are.
    """
    there = f"There are: {', '.join(names)}." if names else "There are none."
    return call.result(f"There is no tool {call.name}. {there}", state="failed")


def _bound(call: Call, tool: Tool) -> inspect.BoundArguments | ToolResult:
    """The function's arguments, or what the model is told instead."""
    if not isinstance(call.input, dict):
        return call.result(_CUT, state="failed")
    if tool.parameters is None:
        return unknown(call, [])
    try:
        return tool.parameters.bind(call.input)
    except Unfit as error:
        said = f"The arguments do not fit: {error}. The function was not called."
        return call.result(said, state="failed")


def _now(value: Any) -> Any:
    """The value; what would have to be awaited is no result."""
    if inspect.isawaitable(value):
        if inspect.iscoroutine(value):
            value.close()  # else Python complains, later and elsewhere
        raise InputError(f"The function {_LATER}.")
    return value


def _blocks(value: Any, limits: Limits) -> list[ContentBlock]:
    """The result's content blocks; a tuple is several results, as `return a, b` means."""
    if type(value) is not tuple or not value:
        return to_blocks(value, limits)
    parts = [
        to_blocks(one, limits.within(limits.tokens // len(value))) for one in value
    ]
    has_pictures = any(block["type"] != "text" for part in parts for block in part)
    if not has_pictures:
        return to_blocks(value, limits)
    return [block for part in parts for block in part]


def _traceback(error: BaseException) -> str:
    """The traceback from the tool's own frame on."""
    inner = error.__traceback__
    for _ in range(_OUR_FRAMES):
        inner = inner.tb_next if inner else None
    return "".join(traceback.format_exception(type(error), error, inner)).rstrip()
