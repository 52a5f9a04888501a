"""The functions that a sweep's answers may call: given here, and lacking where they are not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from routeway_magic.errors import InputError

if TYPE_CHECKING:
    from routeway_magic.tools.toolbox import Toolbox

__all__ = ["check", "toolbox_here"]


def toolbox_here(
    tools: Sequence[Any], allow: Sequence[Any], executor: Executor | None = None
) -> Toolbox | None:
    """What the model may call; None if nothing was given.

    Args:
        tools: functions, or definitions in JSON.
        allow: those that run, or their names.
        executor: runs the sweep elsewhere.

    Raises:
        InputError: if one cannot be offered or allowed, or there is an executor.
    """
    if not tools and not allow:
        return None
    from routeway_magic.tools.toolbox import toolbox_of

    toolbox = toolbox_of(tools, allow=allow)
    check(toolbox, toolbox.tools, executor)
    return toolbox


def check(
    tools: Toolbox | None, wanted: Collection[str], executor: Executor | None
) -> None:
    """Refuses before anything is sent what could not be run.

    Args:
        tools: what the model may call.
        wanted: names of what it could call when the sweep was made.
        executor: runs the sweep elsewhere.

    Raises:
        InputError: if the executor is none, or functions would have to travel, or are
            others than those.
    """
    if executor is not None and not hasattr(executor, "submit"):
        raise InputError(
            f"`executor` cannot be of `{type(executor).__name__}`.",
            "It takes an executor as `concurrent.futures` has them.",
        )
    if wanted and executor is not None:
        raise InputError(
            "`tools=` does not go with `executor=`: functions of the notebook do not "
            "travel.",
            "Leave out the executor; the sweep runs on threads of this process.",
        )
    given = tools.tools if tools else {}
    if set(given) != set(wanted):
        raise InputError(
            f"The answers of this sweep may call {_named(wanted)}, and {_named(given)} "
            "is given; no file holds functions.",
            "`sweep.resume(tools=[…], allow=[…])` takes those that it was begun with.",
        )


def _named(names: Collection[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "nothing"
