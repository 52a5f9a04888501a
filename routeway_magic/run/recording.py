"""Joins an exchange to the journal: what comes is written while it comes."""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

from routeway_magic import records
from routeway_magic.conversation import Conversation
from routeway_magic.events import Event
from routeway_magic.run.recorder import Recorder
from routeway_magic.turn import Turn
from routeway_magic.types import JSONObject

__all__ = ["Recording"]

_PACE = 0.2  # seconds between writes: what is pending is younger than a quarter second


class Recording:
    """One exchange on its way into the journal, begun by its first event.

    A thread of its own writes what is pending, five times a second, and ends with
    the exchange: a stream may pause for minutes right after a piece, and nothing
    else would write it. It alone writes, so that an interrupt, which only the main
    thread gets, tears no line and writes none twice.

    Args:
        recorder: knows the file.
        question: the turn as far as it is known when the exchange begins.
        conversation: where it will be kept.
        aside: whether the head stays where it is.
        body: of the request, by which its answer is found again.
    """

    def __init__(
        self,
        recorder: Recorder,
        question: Turn,
        *,
        conversation: Conversation,
        aside: bool,
        body: JSONObject | None = None,
    ) -> None:
        self._recorder, self._question = recorder, question
        self._conversation, self._aside, self._body = conversation, aside, body
        self._clock = time.monotonic()
        self._run = records.EventRun(question.id)
        self._pending: deque[tuple[int, Event]] = deque()
        self._claim = threading.Lock()
        self._is_off = False
        self._over = threading.Event()
        self._turn: Turn | None = None
        self._writer: threading.Thread | None = None

    def take(self, event: Event) -> None:
        """Takes an event as it arrives."""
        if not self._is_off:
            ms = round((time.monotonic() - self._clock) * 1000)
            self._pending.append((ms, event))
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, daemon=True)
            with suppress(RuntimeError):  # no more threads: all is written at the end
                self._writer.start()

    def end(self, turn: Turn) -> None:
        """Writes the rest, and how the exchange ended.

        Args:
            turn: what the exchange came to.
        """
        self._turn = turn
        self._over.set()
        if self._writer is None:
            self._recorder.leave_out(turn)
        elif self._writer.ident is None:
            self._write()
        else:
            self._writer.join()

    def _write(self) -> None:
        if not self._claim.acquire(blocking=False):
            return  # an interrupt hid from `end` that the thread has just started
        path = self._recorder.begin(
            self._question, self._conversation, aside=self._aside, body=self._body
        )
        if path is None:
            self._is_off = True
            self._pending.clear()
            return
        while not self._over.wait(_PACE):
            self._flush(path)
        self._flush(path)
        if self._turn:
            self._recorder.end(
                self._turn, self._conversation, aside=self._aside, path=path
            )

    def _flush(self, path: Path) -> None:
        came = [self._pending.popleft() for _ in range(len(self._pending))]
        record = self._run.record(came)
        if record:
            self._recorder.put(record, path)
