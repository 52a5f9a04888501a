"""The panel's list: what is on the conversation's path, and what came to nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from routeway_magic.conversation import Conversation
from routeway_magic.panel.entry import Entry, entry_of
from routeway_magic.turn import Turn, answers_of

__all__ = ["Entries"]


class Entries:
    """Questions that have ended, oldest first; threads may add to it.

    Args:
        cost: what a turn cost in US dollars; None where that is not known.
    """

    def __init__(self, cost: Callable[[Turn], float | None]) -> None:
        self._cost = cost
        self._kept: list[Entry] = []
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._kept))

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, entry: Entry) -> None:
        """Takes what has ended now."""
        with self._lock:
            self._kept.append(entry)

    def clear(self) -> None:
        """Forgets all; the turns are the conversation's."""
        with self._lock:
            self._kept = []

    def of_turn(self, turn_id: str) -> Entry | None:
        """The entry that this turn belongs to."""
        return next((one for one in self._kept if one.turn == turn_id), None)

    def follow(self, conversation: Conversation) -> bool:
        """Shows the conversation as it is now; says whether anything has changed.

        Cells ask, too, and what was asked again has left the path. What came to
        nothing is on no path, and stays where it stands.

        Args:
            conversation: the panel's.
        """
        answers = answers_of(conversation.path(conversation.head))
        with self._lock:
            before = self._kept
            self._kept = self._merged(answers, conversation)
            return [one.id for one in before] != [one.id for one in self._kept]

    def _merged(
        self, answers: Sequence[Sequence[Turn]], conversation: Conversation
    ) -> list[Entry]:
        known = {one.turn: one for one in self._kept if one.turn}
        path = [
            known.get(turns[-1].id) or entry_of(turns, cost=self._cost(turns[-1]))
            for turns in answers
        ]
        stand_after: dict[str | None, list[Entry]] = {}
        last: str | None = None
        on_path = {one.turn for one in path}
        for one in self._kept:
            if one.turn in on_path and one.turn:
                last = one.turn
            elif not _has_content(one, conversation):
                stand_after.setdefault(last, []).append(one)
        merged = stand_after.get(None, [])
        for one in path:
            merged += [one, *stand_after.get(one.turn, [])]
        return merged


def _has_content(entry: Entry, conversation: Conversation) -> bool:
    return entry.turn is not None and conversation[entry.turn].has_content
