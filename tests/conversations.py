"""Turns put together by hand, and notebooks whose cells ask in a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from routeway_magic.conversation import Conversation
from routeway_magic.turn import Cell, Turn
from routeway_magic.types import ContentBlock, Message

__all__ = ["SAID", "Notebook", "run", "said", "turn"]

SAID: ContentBlock = {"type": "text", "text": "said"}
FAILED: dict[str, Any] = {"message": None, "status": "failed"}
STOPPED: dict[str, Any] = {"message": Message(content=[SAID]), "status": "interrupted"}


def said(text: str, *, stop: str | None = "end_turn") -> Message:
    """An answer of one text."""
    return Message(content=[{"type": "text", "text": text}], stop_reason=stop)


def turn(parent: str | None = None, **more: Any) -> Turn:
    """A turn that said something, unless told otherwise."""
    told: dict[str, Any] = {
        "cell": Cell(),
        "content": [{"type": "text", "text": "asked"}],
        "parameters": {},
        "message": Message(content=[SAID]),
        "status": "complete",
    }
    return Turn(parent=parent, **(told | more))


class Notebook:
    """Cells by name, run in any order against one conversation.

    Each run is a new execution; a turn's id is the cell's name and the run's number.

    Args:
        conversation: with what was said already.
        runs: how many executions there have been.
    """

    def __init__(
        self, conversation: Conversation | None = None, *, runs: int = 0
    ) -> None:
        self.conversation = conversation or Conversation()
        self.runs = runs

    def run(
        self, name: str, *, sends: int = 1, append: bool = False, **more: Any
    ) -> list[Turn]:
        """Runs a cell that asks this many times; gives what left the path."""
        self.runs += 1
        cell = Cell(name, f"execution-{self.runs}", self.runs)
        left: list[Turn] = []
        for number in range(sends):
            mark = f"{name}{self.runs}" + "'" * number
            here = self.conversation
            parent = here.head if append else here.parent_for(cell)
            left += here.append(turn(parent, cell=cell, id=mark, **more))
        return left

    def run_all(self, names: Sequence[str]) -> None:
        """Runs cells from top to bottom."""
        for name in names:
            self.run(name)

    @property
    def path(self) -> str:
        """The ids on the head's path, with blanks between."""
        here = self.conversation
        return " ".join(found.id for found in here.path(here.head))


def run(names: Sequence[str]) -> Notebook:
    """A notebook in which these cells were run, in this order."""
    notebook = Notebook()
    notebook.run_all(names)
    return notebook
