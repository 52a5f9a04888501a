"""What a journal's lines say: conversations as they were, however the file ended.

A line that is torn or makes no sense is skipped and counted; what refers to it is
kept as far as it can be, and `notes` tells what could not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from routeway_magic.accumulate import MessageAccumulator
from routeway_magic.conversation import Conversation
from routeway_magic.events import ContentBlockDelta, Event, MessageStart
from routeway_magic.records import PIECES, OpenBlock, block_after, digest, event_of
from routeway_magic.turn import Cell, Turn
from routeway_magic.types import ContentBlock, JSONObject, Status

__all__ = ["Recovered", "events_of", "read"]

_STATUSES: tuple[Status, ...] = ("complete", "interrupted", "failed")
_LOST: ContentBlock = {
    "type": "text",
    "text": "[a part of this question was lost: the journal's line is damaged]",
}


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a journal holds.

    Args:
        conversations: by name, with their turns and heads.
        notebook: the path of the notebook that it is of, if that was known.
        started: when the kernel began it, seconds since the epoch; 0 if unknown.
        skipped: how many lines could not be read.
        notes: what could be kept in part only, a sentence each.
        sweeps: by id, each the members of its `sweep` record; "variants" has those
            of its variants, by index.
    """

    conversations: dict[str, Conversation]
    notebook: str | None
    started: float
    skipped: int
    notes: Sequence[str]
    sweeps: Mapping[str, JSONObject] = field(default_factory=dict)


def read(lines: Iterable[bytes]) -> Recovered:
    """Reads a journal; a request without an end is an interrupted turn.

    Args:
        lines: of a file, in their order; never raises for what they hold.
    """
    reader = _Reader()
    for line in lines:
        reader.take(line)
    return reader.recovered()


def events_of(
    record: JSONObject, *, joined: bool = False
) -> Iterator[tuple[int, Event]]:
    """The events of an `events` record, each after its milliseconds.

    Args:
        record: the parsed line.
        joined: whether pieces that follow each other come as one, at the time of
            the last: they add up to the same, and much sooner.

    Raises:
        ValueError, TypeError, KeyError: if it is no such record.
    """
    block: OpenBlock = None
    if "block" in record:
        block = (int(record["block"]), str(record["delta"]))
    for is_text, group in groupby(record["events"], key=_is_text):
        entries = list(group)
        if is_text and joined:
            text = "".join([piece for _, piece in entries])
            entries = [(entries[-1][0], text)]
        for ms, told in entries:
            event = _piece(told, block) if is_text else _event(told)
            block = block if is_text else block_after(event, block)
            yield int(ms), event


def _is_text(entry: Any) -> bool:
    return isinstance(entry[1], str)


def _piece(text: str, block: OpenBlock) -> Event:
    if block is None:
        raise ValueError("a piece of no block")
    index, kind = block
    return ContentBlockDelta(index, {"type": kind, PIECES[kind]: text})


def _event(data: Any) -> Event:
    return event_of(_checked(data, dict))


@dataclass(slots=True)
class _Asked:
    """A question that no `end` has been read of yet."""

    turn: Turn
    conversation: str
    aside: bool
    accumulator: MessageAccumulator = field(default_factory=MessageAccumulator)
    has_message: bool = False
    ms: int = 0

    def feed(self, events: Iterable[tuple[int, Event]]) -> None:
        for ms, event in events:
            self.accumulator.feed(event)
            self.has_message = self.has_message or isinstance(event, MessageStart)
            self.ms = ms

    def ended(self, status: Status, error: str, seconds: float) -> Turn:
        message = self.accumulator.message if self.has_message else None
        return replace(
            self.turn, message=message, status=status, error=error, seconds=seconds
        )


class _Reader:
    """The fold over the lines."""

    def __init__(self) -> None:
        self._conversations: dict[str, Conversation] = {}
        self._asked: dict[str, _Asked] = {}
        self._seen: set[str] = set()
        self._blobs: dict[str, Any] = {}
        self._header: JSONObject = {}
        self._sweeps: dict[str, JSONObject] = {}
        self._skipped = self._rootless = self._headless = self._lost = 0
        self._steps = {
            "journal": self._begin,
            "blob": self._keep_blob,
            "request": self._ask,
            "events": self._hear,
            "end": self._end,
            "head": self._move,
            "sweep": self._sweep,
            "variant": self._vary,
        }

    def take(self, line: bytes) -> None:
        if not line.strip():
            return
        try:
            record = json.loads(line)
            self._steps[record["kind"]](record)
        except (ValueError, TypeError, LookupError, RecursionError):
            self._skipped += 1

    def recovered(self) -> Recovered:
        for turn_id in list(self._asked):
            self._close(turn_id)
        notebook, started = self._header.get("notebook"), self._header.get("started")
        return Recovered(
            conversations=self._conversations,
            notebook=notebook if isinstance(notebook, str) else None,
            started=float(started) if isinstance(started, (int, float)) else 0.0,
            skipped=self._skipped,
            notes=self._notes(),
            sweeps=self._sweeps,
        )

    def _notes(self) -> list[str]:
        told = [
            (
                self._rootless,
                "turns answered to one that is not there; each begins a path now",
            ),
            (self._headless, "moves of a head led to a turn that is not there"),
            (self._lost, "questions have lost a part"),
        ]
        return [f"{count} {what}." for count, what in told if count]

    def _begin(self, record: JSONObject) -> None:
        self._header = self._header or record

    def _keep_blob(self, record: JSONObject) -> None:
        if digest(record["data"]) != record["sha256"]:
            raise ValueError("a damaged blob")
        self._blobs[record["sha256"]] = record["data"]

    def _ask(self, record: JSONObject) -> None:
        turn = Turn(
            id=_checked(record["turn"], str),
            parent=_text_or_none(record["parent"]),
            cell=_cell(record),
            content=[self._block(block) for block in _checked(record["content"], list)],
            parameters=self._parameters(_checked(record["parameters"], dict)),
            message=None,
            status="interrupted",
            source=_checked(record["source"], str),
            started=float(record["started"]),
        )
        name = _checked(record["conversation"], str)
        if turn.id in self._seen:
            raise ValueError("a second question of this id")
        self._seen.add(turn.id)
        if turn.parent in self._asked:  # its end is lost: it must have ended by now
            self._close(turn.parent)
        self._asked[turn.id] = _Asked(turn, name, record.get("aside") is True)

    def _sweep(self, record: JSONObject) -> None:
        self._sweeps[_checked(record["sweep"], str)] = record | {"variants": {}}

    def _vary(self, record: JSONObject) -> None:
        whole = {name: self._whole(value) for name, value in record.items()}
        known = self._sweeps[record["sweep"]]["variants"]
        index = _checked(record["index"], int)
        known[index] = known.get(index, {}) | whole

    def _hear(self, record: JSONObject) -> None:
        asked = self._asked[record["turn"]]
        asked.feed(list(events_of(record, joined=True)))

    def _end(self, record: JSONObject) -> None:
        status = _STATUSES[_STATUSES.index(record["status"])]
        error = _checked(record.get("error", ""), str)
        seconds = float(record["seconds"])
        asked = self._asked.pop(record["turn"])
        self._append(asked, asked.ended(status, error, seconds))

    def _move(self, record: JSONObject) -> None:
        name, turn_id = _checked(record["conversation"], str), record["turn"]
        if turn_id in self._asked:
            self._close(turn_id)
        kept = self._conversations.setdefault(name, Conversation(name))
        try:
            kept.head = turn_id
            if "drop" in record:
                kept.drop(_checked(record["drop"], str))
        except KeyError:
            self._headless += 1

    def _close(self, turn_id: str) -> None:
        asked = self._asked.pop(turn_id)
        self._append(asked, asked.ended("interrupted", "", asked.ms / 1000))

    def _append(self, asked: _Asked, turn: Turn) -> None:
        name = asked.conversation
        kept = self._conversations.setdefault(name, Conversation(name))
        try:
            kept.append(turn, aside=asked.aside)
        except KeyError:
            self._rootless += 1
            kept.append(replace(turn, parent=None), aside=asked.aside)

    def _block(self, block: Any) -> ContentBlock:
        try:
            found: ContentBlock = _checked(self._whole(block), dict)
        except KeyError:
            self._lost += 1
            return dict(_LOST)
        return found

    def _parameters(self, members: JSONObject) -> JSONObject:
        found: JSONObject = {}
        for name, value in members.items():
            try:
                found[name] = self._whole(value)
            except KeyError:
                self._lost += 1
        return found

    def _whole(self, value: Any) -> Any:
        """The value with blobs in place of references; KeyError if one is lost."""
        if isinstance(value, list):
            return [self._whole(item) for item in value]
        if not isinstance(value, dict):
            return value
        if set(value) != {"sha256"}:
            return {key: self._whole(item) for key, item in value.items()}
        inner = value["sha256"]
        if isinstance(inner, str):
            return self._blobs[inner]
        return {"sha256": self._whole(_checked(inner, dict)["sha256"])}


def _cell(record: JSONObject) -> Cell:
    number = record.get("number")
    return Cell(
        _text_or_none(record["cell"]),
        _text_or_none(record["execution"]),
        number if number is None else int(number),
    )


def _checked(value: Any, kind: type[Any]) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} expected")
    return value


def _text_or_none(value: Any) -> str | None:
    return value if value is None else str(_checked(value, str))
