"""Recorded answers, found by what was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from routeway_magic.recorded import Recorded

__all__ = ["Library"]


class Library:
    """Answers of one or more recordings; threads may take them at the same time.

    What was asked several times in a recording is answered in the same order, and
    then from the first again. Of several recordings, the last that has it answers.
    A refusal is given only where there is no answer.

    Args:
        recordings: the exchanges of each, the oldest first.
    """

    def __init__(self, recordings: Iterable[Iterable[Recorded]] = ()) -> None:
        self._answers: dict[str, list[Recorded]] = {}
        self._given: dict[str, int] = {}
        self._lock = threading.Lock()
        for recording in recordings:
            found: dict[str, list[Recorded]] = {}
            for exchange in recording:
                found.setdefault(exchange.key, []).append(exchange)
            self._answers |= {key: _answers(known) for key, known in found.items()}

    def __len__(self) -> int:
        return sum(map(len, self._answers.values()))

    @property
    def exchanges(self) -> list[Recorded]:
        """All that it answers with."""
        with self._lock:
            return [one for found in self._answers.values() for one in found]

    def add(self, exchange: Recorded) -> None:
        """Takes in a further answer of the last recording."""
        with self._lock:
            known = self._answers.get(exchange.key, [])
            self._answers[exchange.key] = _answers([*known, exchange])

    def look(self, key: str) -> Recorded | None:
        """What would be given next; None if this was never answered.

        Args:
            key: of the request.
        """
        with self._lock:
            return self._next(key)

    def take(self, key: str) -> Recorded | None:
        """The next answer; None if this was never answered.

        Args:
            key: of the request.
        """
        with self._lock:
            found = self._next(key)
            self._given[key] = self._given.get(key, 0) + 1
            return found

    def _next(self, key: str) -> Recorded | None:
        found = self._answers.get(key)
        return found[self._given.get(key, 0) % len(found)] if found else None


def _answers(found: list[Recorded]) -> list[Recorded]:
    return [one for one in found if not one.refusal] or found
