"""The lines of a cassette: questions and answers to replay, made to be read and compared.

Each line is JSON. A line that is an object with a `kind` is about the recording:

    cassette  a recording begins: version
    said      a message, or another long member of a request: name, data
    request   a question: body, without what is apart; messages, the names of them;
              apart, names by member
    end       the answer is whole: source, ms (the times of its events, milliseconds
              since the request); or it was refused: refusal (status, body, ms)

Between a request and its end stand the events of the answer as they came, a line
each: `{"event": …}`, or just a string for the next piece of the block that is open
(see `records`). So an answer that has changed differs in the lines of its words.

What is said again in the next request is not written again. Each exchange is written
at once: where a file is cut or a line damaged, that one exchange is lost. A file may
hold several recordings; what was recorded last answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from routeway_magic import records
from routeway_magic.events import Event
from routeway_magic.fingerprint import fingerprint
from routeway_magic.recorded import Recorded, is_whole
from routeway_magic.recovery import events_of
from routeway_magic.types import JSONObject

__all__ = ["VERSION", "Cassette", "Writer", "read"]

VERSION = 1
_LONG = 256  # characters of a member that stands apart
_NAME = 16  # digits of a name


class Writer:
    """Makes the lines of one recording."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def header(self) -> str:
        """The line that begins it."""
        return records.encode({"kind": "cassette", "version": VERSION})

    def lines(self, exchange: Recorded) -> list[str]:
        """The lines of an exchange.

        Args:
            exchange: with its body.

        Raises:
            ValueError, TypeError, RecursionError: if it cannot be written as JSON.
        """
        new: dict[str, Any] = {}
        asked = self._request(exchange.body or {}, new)
        told = records.EventRun("").record(exchange.came) or {"events": []}
        times = [ms for ms, _ in told["events"]]
        entries: list[Any] = [
            entry if isinstance(entry, str) else {"event": entry}
            for _, entry in told["events"]
        ]
        end: JSONObject = {"kind": "end", "source": exchange.source, "ms": times}
        end |= {"refusal": exchange.refusal} if exchange.refusal else {}
        said = [
            {"kind": "said", "name": name, "data": data}
            for name, data in new.items()
            if name not in self._said
        ]
        new_lines: list[Any] = [*said, asked, *entries, end]
        lines = [records.encode(line) for line in new_lines]
        self._said.update(new)
        return lines

    def _request(self, body: JSONObject, new: dict[str, Any]) -> JSONObject:
        messages = body.get("messages")
        record: JSONObject = {"kind": "request"}
        short = {}
        apart = {}
        for name, value in body.items():
            if name == "messages" and isinstance(messages, list):
                record["messages"] = [_named(message, new) for message in messages]
            elif len(json.dumps(value)) > _LONG:
                apart[name] = _named(value, new)
            else:
                short[name] = value
        record |= {"apart": apart} if apart else {}
        return record | {"body": short}


def _named(value: Any, new: dict[str, Any]) -> str:
    name = records.digest(value)[:_NAME]
    new[name] = value
    return name


@dataclass(frozen=True, slots=True)
class Cassette:
    """What a file holds.

    Args:
        recordings: the exchanges of each recording, in their order.
        version: the latest that a line names; 0 if it is no cassette.
        lost: how many exchanges are not whole.
        skipped: how many lines could not be read.
    """

    recordings: list[list[Recorded]]
    version: int
    lost: int
    skipped: int


def read(lines: Iterable[bytes]) -> Cassette:
    """Reads a cassette; never raises for what the lines hold.

    Args:
        lines: of a file, in their order.
    """
    reader = _Reader()
    for line in lines:
        if line.strip():
            reader.take(line)
    return reader.cassette()


@dataclass(slots=True)
class _Open:
    """A request whose end has not been read."""

    body: JSONObject
    entries: list[Any] = field(default_factory=list)
    is_damaged: bool = False


class _Reader:
    """The fold over the lines."""

    def __init__(self) -> None:
        self._recordings: list[list[Recorded]] = []
        self._said: dict[str, Any] = {}
        self._open: _Open | None = None
        self._version = self._lost = self._skipped = 0
        self._steps = {
            "cassette": self._begin,
            "said": self._keep,
            "request": self._ask,
            "end": self._end,
        }

    def take(self, line: bytes) -> None:
        try:
            self._take(json.loads(line))
        except (ValueError, TypeError, LookupError, RecursionError, AttributeError):
            self._skipped += 1
            if self._open:
                self._open.is_damaged = True

    def cassette(self) -> Cassette:
        self._lose()
        version = self._version or (VERSION if self._recordings else 0)
        return Cassette(self._recordings, version, self._lost, self._skipped)

    def _take(self, told: Any) -> None:
        if isinstance(told, str):
            self._hear(told)
        elif "kind" in told:
            self._steps[told["kind"]](told)
        else:
            self._hear(_checked(told["event"], dict))

    def _lose(self) -> None:
        self._lost += self._open is not None
        self._open = None

    def _begin(self, record: JSONObject) -> None:
        self._lose()
        self._version = max(self._version, int(record["version"]))
        self._recordings.append([])

    def _keep(self, record: JSONObject) -> None:
        self._lose()
        self._said[_checked(record["name"], str)] = record["data"]

    def _ask(self, record: JSONObject) -> None:
        self._lose()
        self._open = _Open({}, is_damaged=True)  # until all that it names is found
        body = dict(_checked(record["body"], dict))
        for name, value in record.get("apart", {}).items():
            body[name] = self._said[value]
        if "messages" in record:
            body["messages"] = [self._said[name] for name in record["messages"]]
        self._open = _Open(body)

    def _hear(self, entry: Any) -> None:
        if self._open is not None:  # else it is of an exchange that is lost
            self._open.entries.append(entry)

    def _end(self, record: JSONObject) -> None:
        found, self._open = self._open, None
        self._lost += 1
        if found and not found.is_damaged:
            exchange = _exchange(found, record)
            self._recordings = self._recordings or [[]]  # the first line may be lost
            self._recordings[-1].append(exchange)
            self._lost -= 1


def _exchange(found: _Open, end: JSONObject) -> Recorded:
    came = _timed(found.entries, end["ms"])
    refusal = _refusal(end["refusal"]) if "refusal" in end else None
    if not (refusal or is_whole(event for _, event in came)):
        raise ValueError("an answer that is not whole")
    return Recorded(
        key=fingerprint(found.body),
        source=_checked(end["source"], str),
        came=came,
        body=found.body,
        refusal=refusal,
    )


def _refusal(told: JSONObject) -> JSONObject:
    body = _checked(told["body"], dict)
    return {"status": int(told["status"]), "body": body, "ms": int(told["ms"])}


def _timed(entries: list[Any], times: list[Any]) -> list[tuple[int, Event]]:
    """The events; lines that somebody has put in come together with the last ones."""
    last = int(times[-1]) if times else 0
    known = [int(ms) for ms in times[: len(entries)]]
    times = known + [last] * (len(entries) - len(known))
    return list(_events(zip(times, entries, strict=True)))


def _events(entries: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, Event]]:
    return events_of({"events": list(entries)})


def _checked(value: Any, kind: type[Any]) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} expected")
    return value
