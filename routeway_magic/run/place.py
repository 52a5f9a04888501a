"""Where a question goes: its conversation, what it answers to, and what is sent with it."""

from __future__ import annotations

from dataclasses import dataclass

from routeway_magic.conversation import Conversation
from routeway_magic.turn import Cell, Turn

__all__ = ["Place"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question goes, and what was said before it.

    Args:
        conversation: where the turn is kept.
        parent: the turn that it answers to; None for a first one.
        history: the turns that are sent with it, oldest first.
        cell: where it comes from.
        aside: whether the conversation's head stays where it is.
        fresh: whether what was said before is left out on purpose.
        concurrent: whether cells may ask meanwhile; the head is then moved only if
            it is still the parent.
    """

    conversation: Conversation
    parent: str | None
    history: list[Turn]
    cell: Cell
    aside: bool = False
    fresh: bool = False
    concurrent: bool = False
