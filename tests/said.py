"""Turns put together by hand, as if they had been said."""

from __future__ import annotations

from typing import Any

from routeway_magic.conversation import Cell, Turn
from routeway_magic.types import ContentBlock

__all__ = ["chain", "text", "turn"]


def text(words: str, **more: Any) -> ContentBlock:
    """A text block."""
    return {"type": "text", "text": words, **more}


def turn(
    asked: str | list[ContentBlock],
    *answer: ContentBlock,
    stop: Any = "end_turn",
    **facts: Any,
) -> Turn:
    """A question and its answer; without blocks, nothing came."""
    told: dict[str, Any] = {"parent": None, "cell": Cell(), "parameters": {}}
    message = {"content": list(answer), "stop_reason": stop} if answer else None
    return Turn(
        content=[text(asked)] if isinstance(asked, str) else asked,
        status="complete" if answer else "failed",
        **(told | {"message": message} | facts),
    )


def chain(*turns: Turn, **parameters: Any) -> list[Turn]:
    """The turns, each the parent of the next, all sent with these parameters."""
    linked: list[Turn] = []
    for one in turns:
        parent = linked[-1].id if linked else None
        facts = {name: getattr(one, name) for name in ("cell", "content", "message")}
        linked.append(
            Turn(parent=parent, parameters=parameters, status=one.status, **facts)
        )
    return linked
