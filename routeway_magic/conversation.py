"""Conversations: append-only trees of turns that belong to cells.

Running a cell again answers again from the point where it stood; nothing is
overwritten, the head moves, and the old branch can be gone back to.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import takewhile

from routeway_magic.messages import messages_of
from routeway_magic.turn import Cell, Turn, loops_of
from routeway_magic.types import UserOrAssistantMessage

__all__ = ["Cell", "Conversation", "Turn"]


class Conversation:
    """An append-only tree of turns and its head, where the next one goes on.

    Threads may use it at the same time: each change is made whole.

    Args:
        name: what the user calls it.
    """

    def __init__(self, name: str = "main") -> None:
        self.name = name
        self._head: str | None = None
        self._turns: dict[str, Turn] = {}
        self._dropped: set[str] = set()
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._turns)

    def __repr__(self) -> str:
        return f"<Conversation {self.name!r}, {len(self)} turns, head {self.head}>"

    @property
    def head(self) -> str | None:
        """The id of the turn that the next question answers to; None for a first one.

        Setting it moves it there; a turn that was dropped, and those that lead to it,
        are shown again.

        Raises:
            KeyError: if there is no such turn.
        """
        return self._head

    @head.setter
    def head(self, turn_id: str | None) -> None:
        with self._lock:
            self._dropped -= {turn.id for turn in self._upwards(turn_id)}
            self._head = turn_id

    @property
    def turns(self) -> list[Turn]:
        """All turns in the order they ended, whatever their branch, dropped or not."""
        with self._lock:
            return list(self._turns.values())

    @property
    def shown(self) -> list[Turn]:
        """All turns but those that were dropped and what followed them."""
        with self._lock:
            hidden: set[str | None] = set()
            for turn in self._turns.values():  # a parent stands before its children
                if turn.id in self._dropped or turn.parent in hidden:
                    hidden.add(turn.id)
            return [turn for turn in self._turns.values() if turn.id not in hidden]

    @property
    def dropped(self) -> frozenset[str]:
        """The ids of the turns that were dropped, without those that followed them."""
        with self._lock:
            return frozenset(self._dropped)

    @property
    def messages(self) -> list[UserOrAssistantMessage]:
        """What was said on the head's path, as a request sends it before a question.

        A request to a model leaves out what the emulator said.
        """
        return messages_of(self.path(self.head))

    def __getitem__(self, turn_id: str) -> Turn:
        """The turn of this id.

        Raises:
            KeyError: if there is no such turn.
        """
        return self._turns[turn_id]

    def append(
        self, turn: Turn, *, aside: bool = False, concurrent: bool = False
    ) -> list[Turn]:
        """Keeps a turn; the head moves to it if it brought content, or results of calls.

        A turn that came to nothing is kept beside the path: the next question
        goes on from where this one stood. So is one that answers to a turn that was
        dropped while it was under way.

        Args:
            turn: what was asked and what came of it.
            aside: whether it stands by itself and the head stays where it is.
            concurrent: whether it was asked beside what cells ask, as a panel does:
                the head then moves only if it is still this turn's parent.

        Returns:
            The turns that left the head's path, oldest first.

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
            before = self._head
            if aside or not turn.counts:
                return []
            if before == turn.parent:
                self._head = turn.id
                return []
            if concurrent or self.is_dropped(turn.parent):
                return []
            self._head = turn.id
            return self._between(before, turn.id)

    def path(self, turn_id: str | None) -> list[Turn]:
        """The turns from the first to this one; none for None.

        Raises:
            KeyError: if there is no such turn.
        """
        return list(self._upwards(turn_id))[::-1]

    def answer(self, turn_id: str) -> list[Turn]:
        """The turns that make one answer: the one that asked, and those that went on.

        Raises:
            KeyError: if there is no such turn.
        """
        found: list[Turn] = []
        for turn in self._upwards(turn_id):
            found.append(turn)
            if not turn.goes_on:
                break
        return found[::-1]

    def loop(self, turn_id: str) -> list[Turn]:
        """The turns from the last question to this one, with the calls in between.

        Raises:
            KeyError: if there is no such turn.
        """
        return loops_of(self.path(turn_id))[-1]

    def parent_for(self, cell: Cell) -> str | None:
        """The turn that a question from this cell answers to (DESIGN.md, Re-running).

        The first send of an execution goes on from the parent of the first turn
        of this cell's latest execution on the head's path; any other send, and a
        cell that is unknown, goes on from the head. A send that came to nothing does
        not count: it has no turn on the path.
        """
        head = self._head
        if not cell.id:
            return head
        mine = [turn for turn in self._upwards(head) if turn.cell.id == cell.id]
        if not mine or mine[0].cell.execution == cell.execution:
            return head
        latest = mine[0].cell.execution
        return [turn.parent for turn in mine if turn.cell.execution == latest][-1]

    def start_afresh(self) -> None:
        """Leaves the path: the next turn is a first one. All turns are kept."""
        self.head = None

    def undo(self) -> Turn | None:
        """Moves the head to the parent of its turn; nothing is lost.

        Returns:
            The turn that was undone; None if there was none.
        """
        with self._lock:
            if self._head is None:
                return None
            undone = self._turns[self._head]
            self._head = undone.parent
            return undone

    def drop(self, turn_id: str) -> None:
        """Hides a turn and what follows it; setting the head to one shows it again.

        If the head's path leads over it, the head moves to the parent of this turn.

        Raises:
            KeyError: if there is no such turn.
        """
        with self._lock:
            turn = self._turns[turn_id]
            self._dropped.add(turn_id)
            if any(one is turn for one in self._upwards(self._head)):
                self._head = turn.parent

    def is_dropped(self, turn_id: str | None) -> bool:
        """Whether a turn, or one that leads to it, was dropped.

        Raises:
            KeyError: if there is no such turn.
        """
        dropped = self._dropped
        return bool(dropped) and any(
            turn.id in dropped for turn in self._upwards(turn_id)
        )

    def _between(self, before: str | None, now: str) -> list[Turn]:
        """The turns on the path to `before` that are not on the path to `now`."""
        staying = {turn.id for turn in self._upwards(now)}
        left = takewhile(lambda turn: turn.id not in staying, self._upwards(before))
        return list(left)[::-1]

    def _upwards(self, turn_id: str | None) -> Iterator[Turn]:
        while turn_id is not None:
            turn = self._turns[turn_id]
            yield turn
            turn_id = turn.parent
