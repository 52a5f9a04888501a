"""Turns, the records of them, and what is read from those."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from routeway_magic import records
from routeway_magic.accumulate import MessageAccumulator
from routeway_magic.conversation import Cell, Turn
from routeway_magic.events import Event, MessageStart, from_data
from routeway_magic.recovery import Recovered

__all__ = ["HELLO", "asked", "conversation", "lines", "lived", "only", "whole"]

HELLO: list[Event] = [
    from_data(frame)
    for frame in (
        {"type": "message_start", "message": {"id": "m", "content": []}},
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "text", "text": ""},
        },
        *(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": text},
            }
            for text in ("Hel", "lo", "!")
        ),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {}},
        {"type": "message_stop"},
    )
]


def asked(text: str = "hi", **more: Any) -> Turn:
    """A question before its answer."""
    told: dict[str, Any] = {
        "parent": None,
        "cell": Cell("cell", "run", 3),
        "content": [{"type": "text", "text": text}],
        "parameters": {"model": "m"},
        "message": None,
        "status": "interrupted",
        "source": "emulator",
        "started": 1.5,
    }
    return Turn(**(told | more))


def lived(events: list[Event], question: Turn, status: Any = "complete") -> Turn:
    """The turn that a session makes of these events."""
    accumulator = MessageAccumulator()
    for event in events:
        accumulator.feed(event)
    came = any(isinstance(event, MessageStart) for event in events)
    message = accumulator.message if came else None
    return replace(question, message=message, status=status, seconds=0.25)


def lines(*found: dict[str, Any] | None) -> list[bytes]:
    """The lines of these records, as a file has them."""
    blobs = records.Blobs()
    return [
        records.encode(part).encode() + b"\n"
        for record in found
        if record
        for part in blobs.apart(record)
    ]


def whole(turn: Turn, events: list[Event] = HELLO, name: str = "main") -> list[Any]:
    """The records of a turn that came as these events, each a millisecond apart."""
    return [
        records.request(turn, conversation=name),
        records.EventRun(turn.id).record(enumerate(events)),
        records.end(lived(events, turn)),
    ]


def only(recovered: Recovered) -> Turn:
    """The one turn that was read."""
    (conversation,) = recovered.conversations.values()
    (turn,) = conversation.turns
    return turn


def conversation(*turns: Turn) -> list[bytes]:
    """The lines of these turns."""
    return lines(*[record for turn in turns for record in whole(turn)])
