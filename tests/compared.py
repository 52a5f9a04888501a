"""Results of a sweep, made by hand."""

from __future__ import annotations

from typing import Any

from routeway_magic.sweeps.plan import Variant
from routeway_magic.sweeps.result import Result
from routeway_magic.turn import Cell, Turn

__all__ = ["made", "several"]


def made(
    index: int,
    text: str = "",
    *,
    repeat: int = 0,
    output: int = 10,
    values: dict[str, Any] | None = None,
    **members: Any,
) -> Result:
    """A result that answers with this text, if any.

    Args:
        index: of its variant.
        text: the answer; "" for none.
        repeat: of its variant.
        output: tokens of the answer.
        values: of its variant; a temperature if none are given.
        members: of the result.
    """
    message = {
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 7, "output_tokens": output},
    }
    turn = Turn(
        parent=None,
        cell=Cell(),
        content=[{"type": "text", "text": "q"}],
        parameters={"model": "m"},
        message=message if text else None,
        status="complete",
        source="emulator",
        id=f"{index:08}turn",
    )
    varied = {"temperature": index / 2} if values is None else values
    how = {"status": "complete", "seconds": 1.0, "first_token": 0.25, **members}
    return Result(Variant(index, varied, repeat), turn if text else None, **how)


def several(count: int) -> list[Result]:
    """So many answers, each a little different."""
    return [
        made(index, f"The answer is **{index}**.", output=10 + index)
        for index in range(count)
    ]
