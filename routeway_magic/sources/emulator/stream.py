"""A message as the frames of a stream (API.md 4.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from routeway_magic.sources.emulator.limits import compact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from routeway_magic.sources.emulator.answer import Answer
    from routeway_magic.sources.emulator.directives import Directives
    from routeway_magic.types import ContentBlock, JSONObject

__all__ = ["delta_count", "stream_pieces"]

_WORDS_PER_DELTA = 3
_OVERLOADED = {
    "type": "error",
    "error": {"type": "overloaded_error", "message": "Overloaded"},
}
_UNKNOWN_EVENT = {"type": "emulator_event", "note": "an event of a new type"}
_UNKNOWN_DELTA = {"type": "emulator_delta", "note": "a delta of a new type"}


def stream_pieces(answer: Answer, asked: Directives) -> Iterator[tuple[float, bytes]]:
    """Each frame with the seconds to wait before it.

    Args:
        answer: what is to be sent.
        asked: pace, cut, errors and shape of the stream.
    """
    frames = list(_events(answer, asked))
    if asked.cut or asked.mid_error:
        frames = frames[: _middle(frames)]
    if asked.mid_error:
        frames.append(_OVERLOADED)
    pause = 1 / asked.slow if asked.slow else 0.0
    for frame in frames:
        waited = pause if frame["type"] == "content_block_delta" else 0.0
        yield waited, _encode(frame, named=not asked.data_only)
    if asked.data_only:
        yield 0.0, b"data: [DONE]\n\n"


def delta_count(answer: Answer, asked: Directives) -> int:
    """The number of deltas that the answer would be streamed in."""
    events = _events(answer, asked)
    return sum(event["type"] == "content_block_delta" for event in events)


def _encode(frame: JSONObject, *, named: bool) -> bytes:
    name = f"event: {frame['type']}\n" if named else ""
    return f"{name}data: {compact(frame)}\n\n".encode()


def _middle(frames: list[JSONObject]) -> int:
    """After half of the deltas; before the end where there are none."""
    deltas = [i for i, f in enumerate(frames) if f["type"] == "content_block_delta"]
    return deltas[len(deltas) // 2] + 1 if deltas else len(frames) - 1


def _events(answer: Answer, asked: Directives) -> Iterator[JSONObject]:
    message = answer.message
    yield {"type": "message_start", "message": _start(message)}
    yield {"type": "ping"}
    if asked.unknown:
        yield _UNKNOWN_EVENT
    content: list[ContentBlock] = message["content"]
    for index, block in enumerate(content):
        cut = answer.partial_json if index == len(content) - 1 else None
        yield from _block_events(index, block, cut, asked)
    told = ("stop_reason", "stop_sequence", "stop_details")
    delta = {key: message[key] for key in told if key in message}
    yield {"type": "message_delta", "delta": delta, "usage": message["usage"]}
    yield {"type": "message_stop"}


def _start(message: JSONObject) -> JSONObject:
    usage = {**message["usage"], "output_tokens": 1}
    usage.pop("output_tokens_details", None)
    start = {**message, "content": [], "stop_reason": None, "stop_sequence": None}
    start.pop("stop_details", None)
    return {**start, "usage": usage}


def _block_events(
    index: int, block: ContentBlock, partial_json: str | None, asked: Directives
) -> Iterator[JSONObject]:
    beginning = {"type": "content_block_start", "index": index}
    yield {**beginning, "content_block": _empty(block)}
    deltas: Iterable[JSONObject] = _deltas(block, partial_json)
    if asked.unknown and block["type"] == "text":
        deltas = [_UNKNOWN_DELTA, *deltas]
    for delta in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def _empty(block: ContentBlock) -> ContentBlock:
    match block["type"]:
        case "text":
            cited: JSONObject = {"citations": []} if "citations" in block else {}
            return {"type": "text", "text": "", **cited}
        case "thinking":
            return {"type": "thinking", "thinking": "", "signature": ""}
        case "tool_use":
            return {**block, "input": {}}
        case _:
            return block


def _deltas(block: ContentBlock, partial_json: str | None) -> Iterator[JSONObject]:
    match block["type"]:
        case "text":
            for citation in block.get("citations", []):
                yield {"type": "citations_delta", "citation": citation}
            yield from _each("text_delta", "text", block["text"])
        case "thinking":
            yield from _each("thinking_delta", "thinking", block["thinking"])
            yield {"type": "signature_delta", "signature": block["signature"]}
        case "tool_use":
            whole = compact(block["input"]) if block["input"] else ""
            text = whole if partial_json is None else partial_json
            yield {"type": "input_json_delta", "partial_json": ""}
            yield from _each("input_json_delta", "partial_json", text)


def _each(kind: str, key: str, text: str) -> Iterator[JSONObject]:
    for part in _parts(text):
        yield {"type": kind, key: part}


def _parts(text: str) -> Iterator[str]:
    """A few words at a time; a long unbroken run in pieces."""
    words: list[str] = re.findall(r"\s{0,40}\S{1,40}|\s+", text)
    for start in range(0, len(words), _WORDS_PER_DELTA):
        yield "".join(words[start : start + _WORDS_PER_DELTA])
