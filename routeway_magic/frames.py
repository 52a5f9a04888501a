"""What the server's JSON stands for: an event, a message, a list, or an error.

A streamed answer is finished when the server says so (`message_stop`, or a
`message_delta` with a stop reason and then a clean end); anything else raises.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, cast

from routeway_magic.envelope import broken_off, read_stream_error
from routeway_magic.errors import APIError, APIStreamError
from routeway_magic.events import (
    ContentBlockDelta,
    ContentBlockStart,
    ContentBlockStop,
    Event,
    MessageDelta,
    MessageStop,
    from_data,
    from_message,
)
from routeway_magic.secret import ApiKey, KeyRemover
from routeway_magic.types import JSONObject, Message

_SHOWN = 200  # characters of a frame that cannot be read
# delta type -> the member that holds its piece of text (API.md 4.1)
_PIECES = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "input_json_delta": "partial_json",
}

_Removers = dict[tuple[int, str], KeyRemover]  # by block, and by type of delta
_ENDED = -1  # stands for the last block that has ended

__all__ = ["counted", "decoded", "listed", "message", "whole", "without_key"]


def decoded(
    text: str, name: str, redact: Callable[[str], str], *, is_cut: bool
) -> Event | None:
    """The event of one frame; None where it holds none.

    Args:
        text: the frame's data.
        name: the frame's `event:` line, or "".
        redact: takes the key out of what the server says.
        is_cut: whether the body ended within the frame, or just behind it.

    Raises:
        APIStreamError: if the frame is an error, whatever its name (API.md 4.2), or no
            JSON.
    """
    if not text or text.strip() == "[DONE]":
        return None
    data = _parsed(text)
    if not _is_piece(data):
        text = redact(text)
        data = _parsed(text)
    if data is not None:
        return _event(data, name, redact)
    if is_cut:
        return None
    raise _unreadable(text)


def _is_piece(data: Any) -> bool:
    """Whether it is a piece of text and nothing else: `without_key` looks at that."""
    if not isinstance(data, dict) or data.keys() != {"type", "index", "delta"}:
        return False
    kind, delta = data["type"], data["delta"]
    if kind != "content_block_delta" or not isinstance(delta, dict):
        return False
    member = _PIECES.get(str(delta.get("type")), "")
    is_bare = delta.keys() == {"type", member} and isinstance(data["index"], int)
    return is_bare and isinstance(delta[member], str)


def message(events: Iterator[Event]) -> Iterator[Event]:
    """The events of one streamed message, up to its end.

    Args:
        events: as they arrive.

    Raises:
        APIStreamError: if they end before the message does.
    """
    begun = stopped = False
    for each in events:
        begun = True
        yield each
        if isinstance(each, MessageStop):
            return
        told = isinstance(each, MessageDelta) and each.delta.get("stop_reason")
        stopped = stopped or bool(told)
    if not stopped:
        raise broken_off(begun=begun)


def _event(data: Any, name: str, redact: Callable[[str], str]) -> Event:
    if not isinstance(data, dict):
        data = {"data": data}
    if _is_error(data) or (data.get("type") or name) == "error":
        raise read_stream_error(data, redact=redact)
    return from_data(data, name)


def _is_error(data: JSONObject) -> bool:
    error = data.get("error")
    return bool(error) or isinstance(error, dict)


def _parsed(text: str | bytes) -> Any:
    """The JSON value, or None where there is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _unreadable(text: str) -> APIStreamError:
    return APIStreamError(
        f"The server sent a frame that is no JSON: {text[:_SHOWN]!r}",
        "What had arrived is kept: `%claude continue` goes on, or run the cell again.",
    )


def whole(content: bytes, redact: Callable[[str], str]) -> Iterator[Event]:
    """The events of an answer that came as one JSON object (API.md 4.2).

    Args:
        content: the body.
        redact: takes the key out of what the server says.

    Raises:
        APIStreamError: if it is an error, or no message.
    """
    data = _parsed(redact(content.decode(errors="replace")))
    if isinstance(data, dict) and _is_error(data):
        raise read_stream_error(data, redact=redact)
    blocks = data.get("content") if isinstance(data, dict) else None
    if not isinstance(blocks, list) or not all(isinstance(it, dict) for it in blocks):
        raise APIStreamError(
            "The server's answer is no message.", "Check ROUTEWAY_BASE_URL."
        )
    yield from from_message(cast("Message", data))


def listed(content: bytes) -> list[JSONObject]:
    """The models of a list, whatever its envelope (API.md 6.3).

    Args:
        content: the body.

    Raises:
        APIError: if it is no list.
    """
    data = _parsed(content)
    found = data.get("data") if isinstance(data, dict) else data
    if not isinstance(found, list):
        raise APIError(
            "The server's answer is no list of models.", "Check ROUTEWAY_BASE_URL."
        )
    return [item for item in found if isinstance(item, dict) and item.get("id")]


def counted(content: bytes) -> int:
    """The number of tokens that a server counted (API.md 8).

    Args:
        content: the body.

    Raises:
        APIError: if it holds none.
    """
    data = _parsed(content)
    tokens = data.get("input_tokens") if isinstance(data, dict) else None
    if type(tokens) is not int:  # true is none
        raise APIError("The server's answer is no count.", "Check ROUTEWAY_BASE_URL.")
    return tokens


def without_key(events: Iterator[Event], key: ApiKey) -> Iterator[Event]:
    """The events with the key taken out of their texts, wherever a server cut it.

    Args:
        events: as they arrive.
        key: what to take out.
    """
    removers: _Removers = {}
    try:
        for each in events:
            if isinstance(each, ContentBlockDelta):
                yield _clean(each, key, removers)
                continue
            if isinstance(each, (ContentBlockStart, ContentBlockStop)):
                yield from _waiting(removers, each.index)
            elif isinstance(each, MessageStop):
                yield from _waiting(removers)
            if isinstance(each, ContentBlockStart):
                yield _begun(each, key, removers)
            else:
                yield each
    except Exception:
        yield from _waiting(removers)
        raise
    yield from _waiting(removers)


def _begun(
    event: ContentBlockStart, key: ApiKey, removers: _Removers
) -> ContentBlockStart:
    """The start of a block; a key that begins in it may go on in the first piece."""
    block = event.content_block
    for kind, member in _PIECES.items():
        piece = block.get(member)
        if isinstance(piece, str) and piece:
            remover = _remover(removers, (event.index, kind), key)
            block = {**block, member: remover.feed(piece)}
    return ContentBlockStart(event.index, block)


def _clean(
    event: ContentBlockDelta, key: ApiKey, removers: _Removers
) -> ContentBlockDelta:
    kind = str(event.delta.get("type"))
    member = _PIECES.get(kind, "")
    piece = event.delta.get(member)
    if not isinstance(piece, str):
        return event
    clean = _remover(removers, (event.index, kind), key).feed(piece)
    if clean == piece:
        return event
    return ContentBlockDelta(event.index, {**event.delta, member: clean})


def _remover(removers: _Removers, place: tuple[int, str], key: ApiKey) -> KeyRemover:
    """That of a block: a reply's text joins blocks, so it goes on from the last one."""
    if place not in removers:
        ended = (_ENDED, place[1])
        removers[place] = removers.pop(ended) if ended in removers else key.remover()
    return removers[place]


def _waiting(removers: _Removers, index: int | None = None) -> Iterator[Event]:
    """What was held back because it might have been the beginning of the key."""
    open_ones = [place for place in removers if place[0] != _ENDED]
    for place in [it for it in open_ones if index is None or it[0] == index]:
        kind = place[1]
        remover = removers[_ENDED, kind] = removers.pop(place)
        rest = remover.rest()
        if rest:
            yield ContentBlockDelta(place[0], {"type": kind, _PIECES[kind]: rest})
