"""The events of one exchange, as a stream brings them.

The six wire events of API.md 4.1, `UnknownEvent` for any other, and four of our own:
`Waiting` for what goes on before the first byte, `Responded` for the head of the
answer, `ToolResult` for what came of a call between two answers, `AskedAgain` for a
question between them. An `error` frame is no event: it is raised (see `envelope`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any, Literal, cast

from routeway_magic.types import ContentBlock, JSONObject, Message, Usage

__all__ = [
    "AskedAgain",
    "ContentBlockDelta",
    "ContentBlockStart",
    "ContentBlockStop",
    "Event",
    "MessageDelta",
    "MessageStart",
    "MessageStop",
    "Ping",
    "Responded",
    "ToolResult",
    "UnknownEvent",
    "Waiting",
    "from_data",
    "from_message",
    "to_data",
]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing has arrived yet, and this is why.

    Args:
        reason: a few words for the status line.
        seconds: how long the wait will be, where that is known.
        here: whether a tool or the user is waited for, who may write meanwhile.
    """

    reason: str
    seconds: float | None = None
    here: bool = False


@dataclass(frozen=True, slots=True)
class Responded:
    """The server has begun to answer, or to refuse; nothing of the message is here.

    Args:
        status: of HTTP.
        headers: of the answer, as far as they are harmless, names in lower case.
        request: what was sent: `url`, `headers` without the key, `bytes`, `sha256`;
            if nothing was, `recording` names what has answered.
    """

    status: int
    headers: dict[str, str]
    request: JSONObject


@dataclass(frozen=True, slots=True)
class ToolResult:
    """A call of a tool of ours is over.

    Args:
        block: what the model is told, a `tool_result`.
        name: of the tool.
        state: how the call ended; `denied` if it may not run.
        seconds: how long it took; None if it did not run, or nobody knows.
        apart: whether a question to the user stands below the answer.
        details: what the user alone is told, such as a traceback.
        pictures: what the user alone is shown, as sources of images.
    """

    block: ContentBlock
    name: str
    state: Literal["returned", "failed", "denied", "stopped"] = "returned"
    seconds: float | None = None
    apart: bool = False
    details: str = ""
    pictures: tuple[JSONObject, ...] = ()


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """An answer was not of the form that was wanted, and is asked for once more.

    Args:
        text: what the model is told.
    """

    text: str


@dataclass(frozen=True, slots=True)
class MessageStart:
    """The answer begins: everything but its content is in `message`."""

    message: Message


@dataclass(frozen=True, slots=True)
class ContentBlockStart:
    """A content block begins, with whatever it holds from the start."""

    index: int
    content_block: ContentBlock


@dataclass(slots=True)  # the one event made ten thousand times: frozen costs double
class ContentBlockDelta:
    """A piece of a content block."""

    index: int
    delta: JSONObject


@dataclass(frozen=True, slots=True)
class ContentBlockStop:
    """A content block is complete."""

    index: int


@dataclass(frozen=True, slots=True)
class MessageDelta:
    """Why the answer stopped, and the counts so far."""

    delta: JSONObject
    usage: Usage


@dataclass(frozen=True, slots=True)
class MessageStop:
    """The answer is complete."""


@dataclass(frozen=True, slots=True)
class Ping:
    """A sign of life."""


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """An event that this version does not know; it is ignored, not lost."""

    type: str
    data: JSONObject


Event = (
    Waiting
    | Responded
    | ToolResult
    | AskedAgain
    | MessageStart
    | ContentBlockStart
    | ContentBlockDelta
    | ContentBlockStop
    | MessageDelta
    | MessageStop
    | Ping
    | UnknownEvent
)


def from_data(data: JSONObject, name: str = "") -> Event:
    """The event that one frame's JSON stands for.

    Args:
        data: the frame's JSON object; its `type` decides.
        name: the frame's `event:` line, used where `type` is missing.
    """
    kind = str(data.get("type") or name)
    make = _MAKERS.get(kind)
    return make(data) if make else UnknownEvent(kind, data)


def to_data(event: Event) -> JSONObject:
    """The JSON that `from_data` reads as this event; {} for what is ours alone.

    Args:
        event: any event of an exchange.
    """
    if isinstance(event, (Waiting, Responded, ToolResult, AskedAgain)):
        return {}
    if isinstance(event, UnknownEvent):
        is_named = str(event.data.get("type") or "") == event.type
        return event.data if is_named else {**event.data, "type": event.type}
    members = {member.name: getattr(event, member.name) for member in fields(event)}
    return {"type": _KINDS[type(event)], **members}


def from_message(message: Message) -> Iterator[Event]:
    """The events that a whole message would have come as.

    A server may answer with JSON where a stream was asked for (API.md 4.2), and
    a non-streaming answer takes the same way: one fold serves both.
    """
    start = Message(**message)
    start["content"] = []
    yield MessageStart(start)
    content = message.get("content")
    for index, block in enumerate(content if isinstance(content, list) else []):
        yield ContentBlockStart(index, _object(block))
        yield ContentBlockStop(index)
    told = ("stop_reason", "stop_sequence", "stop_details")
    delta = {key: value for key, value in message.items() if key in told}
    yield MessageDelta(delta, _object(message.get("usage")))
    yield MessageStop()


def _object(value: Any) -> JSONObject:
    return value if isinstance(value, dict) else {}


def _index(data: JSONObject) -> int:
    value = data.get("index")
    return value if isinstance(value, int) else 0


def _message_start(data: JSONObject) -> Event:
    return MessageStart(cast("Message", dict(_object(data.get("message")))))


def _content_block_start(data: JSONObject) -> Event:
    return ContentBlockStart(_index(data), _object(data.get("content_block")))


def _content_block_delta(data: JSONObject) -> Event:
    return ContentBlockDelta(_index(data), _object(data.get("delta")))


def _message_delta(data: JSONObject) -> Event:
    return MessageDelta(_object(data.get("delta")), _object(data.get("usage")))


_MAKERS: dict[str, Callable[[JSONObject], Event]] = {
    "message_start": _message_start,
    "content_block_start": _content_block_start,
    "content_block_delta": _content_block_delta,
    "content_block_stop": lambda data: ContentBlockStop(_index(data)),
    "message_delta": _message_delta,
    "message_stop": lambda _: MessageStop(),
    "ping": lambda _: Ping(),
}

# Their members are called as on the wire.
_KINDS: dict[type, str] = {
    MessageStart: "message_start",
    ContentBlockStart: "content_block_start",
    ContentBlockDelta: "content_block_delta",
    ContentBlockStop: "content_block_stop",
    MessageDelta: "message_delta",
    MessageStop: "message_stop",
    Ping: "ping",
}
