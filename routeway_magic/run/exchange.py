"""One request under way: its events, and the turn that it becomes."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

from routeway_magic.accumulate import MessageAccumulator
from routeway_magic.errors import ClaudeError, Interrupted
from routeway_magic.events import Event, MessageStart, Responded, Waiting
from routeway_magic.run.recording import Recording
from routeway_magic.turn import Cell, Turn
from routeway_magic.types import ContentBlock, Request, Status

__all__ = ["Exchange"]


class Exchange:
    """Iterate it for the events; leave it, however, and `turn` holds what came.

    `left` are the turns that left their conversation's path for it. One of a sweep that
    was stopped while it waited for its turn becomes none: whoever goes on asks it again.

    Args:
        request: what is asked.
        events: the client's stream.
        parent: the turn that this one answers to.
        cell: where the question came from.
        source: who answers.
        is_paced: whether it waits for its turn beside others (see `throttle`).
        record: takes the turn as far as it is known, and gives what writes it down.
    """

    def __init__(
        self,
        request: Request,
        events: Iterator[Event],
        *,
        parent: str | None,
        cell: Cell,
        source: str,
        is_paced: bool = False,
        record: Callable[[Turn], Recording],
    ) -> None:
        self.turn: Turn | None = None
        self.left: list[Turn] = []
        self._events = events
        body = request.body
        self._question = Turn(
            parent=parent,
            cell=cell,
            content=_asked(request),
            parameters={key: body[key] for key in body if key != "messages"},
            message=None,
            status="interrupted",
            source=source,
            started=time.time(),
        )
        self._recording = record(self._question)
        self._accumulator = MessageAccumulator()
        self._clock = time.monotonic()
        self._has_message = False
        self._ended = False
        self._is_paced = self._is_waiting = is_paced
        self._unwritten: list[Event] = []

    def __iter__(self) -> Iterator[Event]:
        for event in self._events:
            self._note(event)
            self._accumulator.feed(event)
            self._has_message = self._has_message or isinstance(event, MessageStart)
            yield event
        self._ended = True

    def _note(self, event: Event) -> None:
        """Has the event written, of a paced request once it is not refused any more."""
        if self._is_paced and isinstance(event, (Waiting, Responded)):
            self._is_waiting = isinstance(event, Waiting) and event.seconds is not None
            self._unwritten.append(event)
        else:
            self._is_paced = self._is_waiting = False
            self._write()
            self._recording.take(event)

    def _write(self) -> None:
        for event in self._unwritten:
            self._recording.take(event)
        self._unwritten.clear()

    @contextmanager
    def recording(self) -> Iterator[Exchange]:
        """Keeps the turn on interrupt, error or abandonment, then lets them through.

        Raises:
            Interrupted: in place of a KeyboardInterrupt.
        """
        try:
            yield self
            self._leave("complete" if self._ended else "interrupted")
        except KeyboardInterrupt:
            self._leave("interrupted")
            has_content = self.turn is not None and self.turn.has_content
            arrived = (
                "what had arrived is kept" if has_content else "nothing had arrived"
            )
            raise Interrupted(f"the cell was stopped; {arrived}.") from None
        except ClaudeError as error:
            self._leave("failed", error.what)
            raise
        except BaseException as error:
            self._leave("failed", type(error).__name__)
            raise

    def _leave(self, status: Status, error: str = "") -> None:
        """Makes the turn; once more if an interrupt came while it was made."""
        # Closing the generator closes the connection; a finished answer stays one.
        cast("Generator[Event, None, None]", self._events).close()
        if self._accumulator.finished:
            status, error = "complete", ""
        if self._is_waiting and status == "interrupted":
            return
        self._write()
        self.turn = self.turn or replace(
            self._question,
            message=self._accumulator.message if self._has_message else None,
            status=status,
            error=error,
            seconds=time.monotonic() - self._clock,
        )
        self._recording.end(self.turn)


def _asked(request: Request) -> list[ContentBlock]:
    """The last message's blocks; `--param messages=…` may have put anything there."""
    if request.goes_on:
        return []
    messages = request.body.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    content = last.get("content") if isinstance(last, dict) else None
    if isinstance(content, list) and content:
        return list(content[request.carried :])
    text = content if isinstance(content, str) else ""
    return [{"type": "text", "text": text}]
