"""Replies put together by hand, read by the real client without a network."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

import httpx
from servers import ASK, HELLO, KEY, sse

from routeway_magic.client import Client
from routeway_magic.endpoint import Endpoint
from routeway_magic.errors import APIStreamError
from routeway_magic.events import Event, Waiting, from_data
from routeway_magic.secret import ApiKey

__all__ = ["BOM", "WHOLE", "frame", "read", "read_on", "with_unknown"]

SSE = "text/event-stream; charset=utf-8"
WHOLE = [from_data(dict(frame)) for frame in HELLO]
BOM = b"\xef\xbb\xbf"


class Pieces(httpx.SyncByteStream):
    """A body that arrives in exactly these pieces."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces


def read(*pieces: bytes, content_type: str = SSE) -> Iterator[Event]:
    """The events that the client makes of a body, without its own `Waiting`."""

    def answer(_: httpx.Request) -> httpx.Response:
        headers = {"content-type": content_type}
        return httpx.Response(200, headers=headers, stream=Pieces(pieces))

    endpoint = Endpoint(base_url="http://127.0.0.1:9", max_retries=0)
    client = Client(endpoint, ApiKey(KEY), transport=httpx.MockTransport(answer))
    with closing(client):
        events = client.stream(ASK)
        assert next(events) == Waiting("connecting")
        yield from events


def read_on(*pieces: bytes) -> tuple[list[Event], APIStreamError | None]:
    """The events of a body, and the error that ends it, if one does."""
    events: list[Event] = []
    try:
        for event in read(*pieces):
            events.append(event)  # noqa: PERF402 - keeps what came before an error
    except APIStreamError as error:
        return events, error
    return events, None


def frame(data: Any, name: str = "") -> bytes:
    """One frame of the wire, with or without an `event:` line."""
    line = f"event: {name}\n" if name else ""
    return f"{line}data: {json.dumps(data)}\n\n".encode()


def with_unknown(*frames: dict[str, Any]) -> bytes:
    """The hello stream with these frames after its first."""
    return sse([HELLO[0], *frames, *HELLO[1:]])
