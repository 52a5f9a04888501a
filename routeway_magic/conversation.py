"""Conversations: append-only trees of turns that belong to cells.

Running a cell again answers again from the point where it stood; nothing is
overwritten, the head moves, and the old branch can be gone back to.
"""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field

from routeway_magic.types import ContentBlock, JSONObject, Message, Status

__all__ = ["Cell", "Conversation", "Turn"]


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a prompt came from.

    Args:
        id: the notebook's id of the cell; None in a terminal or a script.
        execution: one run of that cell.
        number: what stands in the cell's prompt after that run, `In [number]`.
    """

    id: str | None = None
    execution: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question and what came of it; it never changes.

    Args:
        parent: the id of the turn that this one answers to, None for a first one.
        cell: where the question came from.
        content: the user's content blocks.
        parameters: the request's other fields, as sent.
        message: the answer, as far as it came; None if nothing came.
        status: how it ended.
        error: what went wrong, a sentence, or "".
        source: who answered: "emulator" or the host's name.
        started: seconds since the epoch.
        seconds: how long it took.
        id: unique in the kernel.
    """

    parent: str | None
    cell: Cell
    content: list[ContentBlock]
    parameters: JSONObject
    message: Message | None
    status: Status
    error: str = ""
    source: str = ""
    started: float = 0.0
    seconds: float = 0.0
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:8])

    @property
    def has_content(self) -> bool:
        """Whether anything of an answer came; a block that only began is nothing."""
        return any(map(_says_something, (self.message or {}).get("content") or []))


class Conversation:
    """An append-only tree of turns and its head, where the next one goes on.

    Args:
        name: what the user calls it.
    """

    def __init__(self, name: str = "main") -> None:
        self.name = name
        self.head: str | None = None
        self._turns: dict[str, Turn] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._turns)

    def __getitem__(self, turn_id: str) -> Turn:
        """The turn of this id.

        Raises:
            KeyError: if there is no such turn.
        """
        return self._turns[turn_id]

    @property
    def turns(self) -> list[Turn]:
        """All turns in the order they ended, whatever their branch."""
        return list(self._turns.values())

    def append(self, turn: Turn, *, aside: bool = False) -> None:
        """Keeps a turn; the head moves to it if it brought content.

        A turn that came to nothing is kept beside the path: the next question
        goes on from where this one stood.

        Args:
            turn: what was asked and what came of it.
            aside: whether it stands by itself and the head stays where it is.

        Raises:
            ValueError: if there is a turn of this id: turns never change.
            KeyError: if the turn that it answers to is not here.
        """
        with self._lock:
            if turn.id in self._turns:
                raise ValueError(f"There is a turn {turn.id} already.")
            if turn.parent is not None and turn.parent not in self._turns:
                raise KeyError(turn.parent)
            self._turns[turn.id] = turn
            if turn.has_content and not aside:
                self.head = turn.id

    def path(self, turn_id: str | None) -> list[Turn]:
        """The turns from the first to this one; none for None.

        Raises:
            KeyError: if there is no such turn.
        """
        found: list[Turn] = []
        while turn_id is not None:
            turn = self._turns[turn_id]
            found.append(turn)
            turn_id = turn.parent
        return found[::-1]

    def parent_for(self, cell: Cell) -> str | None:
        """The turn that a question from this cell answers to (DESIGN.md, Re-running).

        The first send of an execution goes on from the parent of the first turn
        of this cell's latest execution on the head's path; any other send, and a
        cell that is unknown, goes on from the head.
        """
        path = self.path(self.head)
        mine = [turn for turn in path if cell.id and turn.cell.id == cell.id]
        if not mine or mine[-1].cell.execution == cell.execution:
            return self.head
        latest = mine[-1].cell.execution
        return next(turn.parent for turn in mine if turn.cell.execution == latest)

    def start_afresh(self) -> None:
        """Leaves the path: the next turn is a first one. All turns are kept."""
        with self._lock:
            self.head = None


def _says_something(block: ContentBlock) -> bool:
    kind = block.get("type")
    if kind in ("text", "thinking"):
        return bool(block.get(kind) or block.get("signature"))
    return True
