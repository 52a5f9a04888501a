"""Results of a sweep, made by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from routeway_magic.turn import Cell, Turn

__all__ = ["Made", "MadeVariant", "made", "series_made"]


@dataclass(frozen=True)
class MadeVariant:
    """A variant of no plan."""

    index: int
    values: dict[str, Any]
    repeat: int = 0


@dataclass(frozen=True)
class Made:
    """A result of no exchange."""

    variant: MadeVariant
    turn: Turn | None
    status: str = "complete"
    error: str = ""
    seconds: float = 1.0
    first_token: float | None = 0.25
    cost: float | None = None
    usage: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The answer's text."""
        content = ((self.turn and self.turn.message) or {}).get("content") or []
        return "".join(block.get("text", "") for block in content)

    @property
    def stop_reason(self) -> str | None:
        """Why the answer ended."""
        return self.turn.stop_reason if self.turn else None


def made(
    index: int,
    text: str = "",
    *,
    repeat: int = 0,
    output: int = 10,
    values: dict[str, Any] | None = None,
    **members: Any,
) -> Made:
    """A result that answers with this text, if any.

    Args:
        index: of its variant.
        text: the answer; "" for none.
        repeat: of its variant.
        output: tokens of the answer.
        values: of its variant; a temperature if none are given.
        members: of the result.
    """
    usage = {"input_tokens": 7, "output_tokens": output} if text else {}
    message = {
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "usage": usage,
    }
    turn = Turn(
        parent=None,
        cell=Cell(),
        content=[{"type": "text", "text": "q"}],
        parameters={"model": "m"},
        message=message if text else None,
        status="complete",
        source="emulator",
        id=f"turn{index:08}",
    )
    varied = {"temperature": index / 2} if values is None else values
    variant = MadeVariant(index, varied, repeat)
    return Made(variant, turn if text else None, usage=usage, **members)


def series_made(count: int) -> list[Made]:
    """So many answers, each a little different."""
    return [
        made(index, f"The answer is **{index}**.", output=10 + index)
        for index in range(count)
    ]
