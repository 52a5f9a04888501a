"""An exchange that was recorded, and the bytes that a server would send for it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from routeway_magic.events import Event, MessageDelta, MessageStop, to_data
from routeway_magic.types import JSONObject

__all__ = ["Played", "Recorded", "is_whole", "played_json"]


@dataclass(frozen=True, slots=True)
class Played:
    """A response to give in place of a server's.

    Args:
        status: of HTTP.
        content_type: of the body.
        pieces: each with the time of its arrival, seconds since the request.
        recording: what it was found in.
    """

    status: int
    content_type: str
    pieces: Sequence[tuple[float, bytes]]
    recording: str = "a recording"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request and the whole of its answer, or how it was refused.

    Args:
        key: what requests that ask the same share; see `fingerprint`.
        source: who answered.
        came: the events, each after its time in milliseconds since the request.
        body: of the request; None where only its key is known.
        refusal: the `status` of HTTP, the `body` and its `ms`, in place of an answer.
    """

    key: str
    source: str
    came: Sequence[tuple[int, Event]]
    body: JSONObject | None = None
    refusal: JSONObject | None = None

    def played(self, speed: float | None, recording: str = "a recording") -> Played:
        """The answer as a stream, or the refusal.

        Args:
            speed: how many times as fast as it was recorded, > 0; None for at once.
            recording: what it was found in.
        """
        if self.refusal:
            at = 0.0 if speed is None else self.refusal["ms"] / 1000 / speed
            body = json.dumps(self.refusal["body"]).encode()
            status = self.refusal["status"]
            return Played(status, "application/json", [(at, body)], recording)
        pieces = [
            (0.0 if speed is None else ms / 1000 / speed, _frame(data))
            for ms, data in ((ms, to_data(event)) for ms, event in self.came)
            if data  # what is ours alone is on no wire
        ]
        return Played(200, "text/event-stream", pieces, recording)


def played_json(data: Any, *, status: int = 200) -> Played:
    """A response that is a JSON value and comes at once.

    Args:
        data: the value.
        status: of HTTP.
    """
    return Played(status, "application/json", [(0.0, json.dumps(data).encode())])


def is_whole(events: Iterable[Event]) -> bool:
    """Whether the server has said that the answer is complete.

    Args:
        events: all that came, if nothing went wrong.
    """
    return any(
        isinstance(event, MessageStop)
        or (isinstance(event, MessageDelta) and event.delta.get("stop_reason"))
        for event in events
    )


def _frame(data: JSONObject) -> bytes:
    # In ASCII: what some readers take for the end of a line is escaped in it.
    return f"event: {data.get('type', '')}\ndata: {json.dumps(data)}\n\n".encode()
