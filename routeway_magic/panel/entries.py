"""The panel's list: what is on the conversation's path, and what came to nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from routeway_magic.conversation import Conversation
from routeway_magic.panel.entry import Entry, entry_of
from routeway_magic.turn import Turn, loops_of

__all__ = ["Entries"]

_MOST = 40
"""Answers that are shown at first, and more at a time."""


class Entries:
    """Questions that have ended, oldest first; threads may add to it.

    Of a long conversation it has the last: `earlier` is how many answers it leaves out.

    Args:
        cost: what a turn cost in US dollars; None where that is not known.
    """

    def __init__(self, cost: Callable[[Turn], float | None]) -> None:
        self.earlier = 0
        self._cost = cost
        self._begins: int | None = None  # at which answer of the path; None: not yet
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
            self._begins = None

    def begin_late(self) -> None:
        """Leaves out again what is long ago."""
        with self._lock:
            self._begins = None

    def begin_earlier(self) -> None:
        """Leaves out fewer."""
        with self._lock:
            self._begins = max(0, (self._begins or 0) - _MOST)

    def named(self, shown_id: str) -> Entry | None:
        """The entry that the front end calls so."""
        return next((one for one in self._kept if one.shown_id == shown_id), None)

    def typed(self) -> dict[str, str]:
        """Questions that were asked here, by the turn that ended the answer."""
        return {one.turn: one.question for one in self if one.turn and one.options}

    def follow(self, conversation: Conversation) -> bool:
        """Shows the conversation as it is now; says whether anything has changed.

        Cells ask, too, and what was asked again has left the path. What never was on
        it stays where it stands.

        Args:
            conversation: the panel's.
        """
        answers = loops_of(conversation.path(conversation.head))
        with self._lock:
            before = [one.shown_id for one in self._kept]
            latest = max(0, len(answers) - _MOST)
            self._begins = latest if self._begins is None else min(self._begins, latest)
            self.earlier = self._begins
            self._kept = self._merged(answers[self._begins :])
            return before != [one.shown_id for one in self._kept]

    def _merged(self, answers: Sequence[Sequence[Turn]]) -> list[Entry]:
        known = {one.turn: one for one in self._kept if not one.beside}
        path = [
            known.get(turns[-1].id) or entry_of(turns, cost=self._cost(turns[-1]))
            for turns in answers
        ]
        on_path = {one.turn for one in path}
        behind: dict[str | None, list[Entry]] = {}
        last: str | None = None
        for one in self._kept:
            if one.beside:
                behind.setdefault(last, []).append(one)
            elif one.turn in on_path:
                last = one.turn
        merged = behind.get(None, [])
        for one in path:
            merged += [one, *behind.get(one.turn, [])]
        return merged
