"""One request under way: its events, and the turn that it becomes."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, cast

from routeway_magic.accumulate import MessageAccumulator
from routeway_magic.conversation import Cell, Turn
from routeway_magic.errors import ClaudeError, Interrupted
from routeway_magic.events import Event, MessageStart
from routeway_magic.types import ContentBlock, Request, Status

__all__ = ["Exchange"]


class Exchange:
    """Iterate it for the events; leave it, however, and `turn` holds what came.

    Args:
        request: what is asked.
        events: the client's stream.
        parent: the turn that this one answers to.
        cell: where the question came from.
        source: who answers.
    """

    def __init__(
        self,
        request: Request,
        events: Iterator[Event],
        *,
        parent: str | None,
        cell: Cell,
        source: str,
    ) -> None:
        self.turn: Turn | None = None
        self._request = request
        self._events = events
        self._parent, self._cell, self._source = parent, cell, source
        self._accumulator = MessageAccumulator()
        self._started = time.time()
        self._clock = time.monotonic()
        self._has_message = False
        self._ended = False

    def __iter__(self) -> Iterator[Event]:
        for event in self._events:
            self._accumulator.feed(event)
            self._has_message = self._has_message or isinstance(event, MessageStart)
            yield event
        self._ended = True

    @contextmanager
    def recording(self) -> Iterator[Exchange]:
        """Keeps the turn on interrupt, error or abandonment, then lets them through.

        Raises:
            Interrupted: in place of a KeyboardInterrupt.
        """
        try:
            yield self
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
        else:
            self._leave("complete" if self._ended else "interrupted")

    def _leave(self, status: Status, error: str = "") -> None:
        # Closing the generator closes the connection; a finished answer stays one.
        cast("Generator[Event, None, None]", self._events).close()
        if self._accumulator.finished:
            status, error = "complete", ""
        body = self._request.body
        self.turn = Turn(
            parent=self._parent,
            cell=self._cell,
            content=_asked(body.get("messages")),
            parameters={key: body[key] for key in body if key != "messages"},
            message=self._accumulator.message if self._has_message else None,
            status=status,
            error=error,
            source=self._source,
            started=self._started,
            seconds=time.monotonic() - self._clock,
        )


def _asked(messages: Any) -> list[ContentBlock]:
    """The last message's blocks; `--param messages=…` may have put anything there."""
    last = messages[-1] if isinstance(messages, list) and messages else None
    content = last.get("content") if isinstance(last, dict) else None
    if isinstance(content, list):
        return list(content)
    return [{"type": "text", "text": content}] if isinstance(content, str) else []
