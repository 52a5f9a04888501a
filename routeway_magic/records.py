"""The lines of a journal, and how they are written; `recovery` reads them back.

Each line is a JSON object and says its `kind`:

    journal   what follows: version, kernel, host, notebook, started
    blob      a long value, stored once: sha256 of its JSON, data
    request   a question: turn, conversation, parent, cell, execution, number,
              content, parameters, source, started; aside if the head stays;
              fingerprint of the request
    events    what came, for a turn: [ms, text] or [ms, {event}] each; two are ours:
              `responded`, the answer's head, and `waiting`, before another try
    end       how the turn ended: status, error, seconds
    head      where a conversation goes on: turn or null; drop hides a turn
    sweep     a sweep: its id, conversation, parent, prompt, axes, repeat,
              format, tools by their names
    variant   one of its questions: content, parameters, stream, default_model; or
              what that came to: turn, those before it, status, error, seconds,
              first_token, cost, and its scores, `score NAME` each

A request holds what is new; what was said before is its parent's path. A text in
`events` is the next piece of the block that is open: of the one that began last, or
that the last delta written in full was for. Each line repeats which (`block`,
`delta`), so that a lost line takes nothing else along.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from routeway_magic.events import (
    ContentBlockDelta,
    ContentBlockStart,
    Event,
    MessageStart,
    Responded,
    ToolResult,
    Waiting,
    from_data,
    to_data,
)
from routeway_magic.turn import Turn
from routeway_magic.types import JSONObject

__all__ = [
    "PIECES",
    "VERSION",
    "Blobs",
    "EventRun",
    "OpenBlock",
    "block_after",
    "digest",
    "encode",
    "end",
    "event_of",
    "head",
    "journal",
    "request",
    "whole_turn",
]

VERSION = 1
PIECES = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "input_json_delta": "partial_json",
}
"""Deltas that are a piece of text, by type: the member that holds it."""

OpenBlock = tuple[int, str] | None
"""The index of a block and the type of the deltas that extend it."""

_LONG = 1024  # characters of a value that is stored apart
_COMPACT = (",", ":")


def journal(
    *, kernel: int, host: str, notebook: str | None, started: float
) -> JSONObject:
    """The first line of a file.

    Args:
        kernel: the process id.
        host: where that process runs.
        notebook: its path, where the server tells it.
        started: seconds since the epoch.
    """
    return {
        "kind": "journal",
        "version": VERSION,
        "kernel": kernel,
        "host": host,
        "notebook": notebook,
        "started": started,
    }


def request(turn: Turn, *, conversation: str, aside: bool = False) -> JSONObject:
    """A question that is being asked.

    Args:
        turn: what is known of it: all but the answer.
        conversation: the name of the one that it belongs to.
        aside: whether the head stays where it is.
    """
    record: JSONObject = {
        "kind": "request",
        "turn": turn.id,
        "conversation": conversation,
        "parent": turn.parent,
        "cell": turn.cell.id,
        "execution": turn.cell.execution,
        "number": turn.cell.number,
        "content": turn.content,
        "parameters": turn.parameters,
        "source": turn.source,
        "started": turn.started,
    }
    return record | {"aside": True} if aside else record


def end(turn: Turn) -> JSONObject:
    """How a turn ended."""
    record: JSONObject = {"kind": "end", "turn": turn.id, "status": turn.status}
    if turn.error:
        record["error"] = turn.error
    return record | {"seconds": turn.seconds}


def head(
    conversation: str, turn_id: str | None, *, drop: str | None = None
) -> JSONObject:
    """Where a conversation goes on.

    Args:
        conversation: its name.
        turn_id: the turn; None to start afresh.
        drop: a turn that listings leave out from now on; nothing is deleted.
    """
    record = {"kind": "head", "conversation": conversation, "turn": turn_id}
    return record if drop is None else record | {"drop": drop}


def whole_turn(
    turn: Turn, *, conversation: str, aside: bool = False
) -> Iterable[JSONObject]:
    """All records of a turn that is over; its message comes as one event.

    Args:
        turn: the turn.
        conversation: the name of the one that it belongs to.
        aside: whether the head stays where it is.
    """
    yield request(turn, conversation=conversation, aside=aside)
    if turn.message is not None:
        came = (round(turn.seconds * 1000), MessageStart(turn.message))
        yield EventRun(turn.id).record([came]) or {}
    yield end(turn)


def encode(record: JSONObject) -> str:
    """The line, without its end.

    Raises:
        ValueError, TypeError, RecursionError: if it cannot be written as JSON.
    """
    text = json.dumps(record, ensure_ascii=False, separators=_COMPACT)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8
        return json.dumps(record, separators=_COMPACT)
    return text


class EventRun:
    """The events of one exchange, on their way into lines.

    Args:
        turn_id: the turn that they are for.
    """

    def __init__(self, turn_id: str) -> None:
        self._turn_id = turn_id
        self._open: OpenBlock = None

    def record(self, came: Iterable[tuple[int, Event]]) -> JSONObject | None:
        """The record of the next events; None if there is nothing to write.

        Args:
            came: events in their order, each after its time, milliseconds since
                the request began.
        """
        block = self._open
        events = [self._entry(ms, event) for ms, event in came if _is_kept(event)]
        if not events:
            return None
        record: JSONObject = {"kind": "events", "turn": self._turn_id}
        if block:
            record |= {"block": block[0], "delta": block[1]}
        return record | {"events": events}

    def _entry(self, ms: int, event: Event) -> tuple[int, str | JSONObject]:
        if isinstance(event, ContentBlockDelta):
            kind = event.delta.get("type", "")
            if self._open == (event.index, kind) and _is_piece(event.delta):
                return ms, event.delta[PIECES[kind]]
        self._open = block_after(event, self._open)
        return ms, _data(event)


def event_of(data: JSONObject) -> Event:
    """The event that an entry in full stands for.

    Args:
        data: the entry; its `type` decides.

    Raises:
        TypeError, KeyError: if it is one of ours and lacks a member.
    """
    make = _OWN.get(str(data.get("type")))
    if make is None:
        return from_data(data)
    return make(**{key: value for key, value in data.items() if key != "type"})


def _is_kept(event: Event) -> bool:
    """Of what is ours: what the server said, and why it is asked again."""
    if isinstance(event, Waiting):
        return event.seconds is not None
    return not isinstance(event, ToolResult)


def _data(event: Event) -> JSONObject:
    for name, kind in _OWN.items():
        if isinstance(event, kind):
            return {"type": name, **asdict(event)}
    return to_data(event)


_OWN: dict[str, type[Responded | Waiting]] = {
    "responded": Responded,
    "waiting": Waiting,
}


def block_after(event: Event, block: OpenBlock) -> OpenBlock:
    """The block that the next piece of text is for.

    Args:
        event: one that is written in full.
        block: the one before it.
    """
    if isinstance(event, ContentBlockStart):
        kind = str(event.content_block.get("type"))
        if kind.endswith("tool_use"):
            return event.index, "input_json_delta"
        return event.index, f"{kind}_delta"
    if isinstance(event, ContentBlockDelta) and _is_piece(event.delta):
        return event.index, event.delta["type"]
    return block


def _is_piece(delta: JSONObject) -> bool:
    """Whether a delta is its type and its text, and nothing else."""
    kind = delta.get("type")
    member = PIECES.get(kind) if isinstance(kind, str) else None
    return (
        member is not None and len(delta) == 2 and isinstance(delta.get(member), str)  # noqa: PLR2004 - type and text
    )


class Blobs:
    """Takes long values out of requests and stores each once per file."""

    def __init__(self) -> None:
        self._stored: set[str] = set()

    def apart(self, record: JSONObject) -> list[JSONObject]:
        """The record with its long values replaced, after the blobs that are new.

        A long text of the content, and a long member of the parameters, becomes
        `{"sha256": …}`; an object of just that member is wrapped in another, so
        that the two are told apart.
        """
        if record["kind"] not in ("request", "variant") or "content" not in record:
            return [record]
        found: dict[str, Any] = {}
        content = _without_long(record["content"], found)
        parameters = {
            name: _reference(value, found)
            if len(json.dumps(value)) > _LONG
            else _without_long(value, found)
            for name, value in record["parameters"].items()
        }
        new = [
            {"kind": "blob", "sha256": name, "data": found[name]}
            for name in found
            if name not in self._stored
        ]
        self._stored.update(found)
        return [*new, record | {"content": content, "parameters": parameters}]


def digest(data: Any) -> str:
    """The name of a blob: the SHA-256 of its JSON, compact and in ASCII."""
    return hashlib.sha256(json.dumps(data, separators=_COMPACT).encode()).hexdigest()


def _without_long(value: Any, found: dict[str, Any]) -> Any:
    if isinstance(value, str):
        return _reference(value, found) if len(value) > _LONG else value
    if isinstance(value, list):
        return [_without_long(item, found) for item in value]
    if isinstance(value, dict):
        short = {key: _without_long(item, found) for key, item in value.items()}
        return {"sha256": short} if set(value) == {"sha256"} else short
    return value


def _reference(value: Any, found: dict[str, Any]) -> JSONObject:
    name = digest(value)
    found[name] = value
    return {"sha256": name}
