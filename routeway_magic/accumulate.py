"""Events to message: the only place where a message is built.

A fold over the events of API.md section 4. What it does not know it keeps: block
types, fields and stop reasons as received.
"""

from __future__ import annotations

import json
import math
from typing import Any

from routeway_magic.answer_tool import bare, said
from routeway_magic.events import (
    ContentBlockDelta,
    ContentBlockStart,
    Event,
    MessageDelta,
    MessageStart,
    MessageStop,
)
from routeway_magic.types import ContentBlock, JSONObject, Message, Usage

__all__ = ["MessageAccumulator", "text_of"]

# delta type -> (where its piece is, which member it extends, in which type of block)
_PIECES = {
    "text_delta": ("text", "text", "text"),
    "thinking_delta": ("thinking", "thinking", "thinking"),
    "input_json_delta": ("partial_json", "input", "tool_use"),
}
# What the fold builds itself, whatever a message_delta brings.
_OWN = frozenset({"content", "usage"})


class MessageAccumulator:
    """Builds the message from the events of one exchange.

    `finished` tells whether the server said that the answer is complete.
    """

    def __init__(self) -> None:
        self.finished = False
        self._message: Message = {}
        self._blocks: dict[int, ContentBlock] = {}
        self._pieces: dict[int, dict[str, list[str]]] = {}

    def feed(self, event: Event) -> None:
        """Takes one event in; events out of order or unknown do no harm."""
        if isinstance(event, ContentBlockDelta):
            self._add(event.index, event.delta)
        elif isinstance(event, ContentBlockStart):
            self._blocks[event.index] = dict(event.content_block)
            self._pieces.pop(event.index, None)
        elif isinstance(event, MessageStart):
            self._start(event.message)
        elif isinstance(event, MessageDelta):
            self._update(event)
        elif isinstance(event, MessageStop):
            self.finished = True

    @property
    def message(self) -> Message:
        """The message so far; a fresh object that no later event changes."""
        found = Message(**self._message)
        found["content"] = [self._block(index) for index in sorted(self._blocks)]
        found["usage"] = dict(_counts(self._message.get("usage")))
        return found

    def _start(self, message: Message) -> None:
        # A repeated message_start (seen in the wild) brings nothing new but its fields.
        self._message.update(message)
        content = message.get("content")
        for index, block in enumerate(content if isinstance(content, list) else []):
            if isinstance(block, dict):
                self._blocks.setdefault(index, dict(block))

    def _add(self, index: int, delta: JSONObject) -> None:
        kind = str(delta.get("type"))
        if kind in _PIECES:
            self._extend(index, delta, *_PIECES[kind])
        elif kind == "signature_delta" and "signature" in delta:
            block = self._blocks.setdefault(index, {"type": "thinking"})
            block["signature"] = delta["signature"]
        elif kind == "citations_delta" and "citation" in delta:
            block = self._blocks.setdefault(index, {"type": "text"})
            told = block.get("citations")
            cited = told if isinstance(told, list) else []
            block["citations"] = [*cited, delta["citation"]]

    def _extend(
        self, index: int, delta: JSONObject, source: str, target: str, owner: str
    ) -> None:
        piece = delta.get(source)
        if not isinstance(piece, str):
            return
        block = self._blocks.setdefault(index, {"type": owner})
        # A piece for a block of another type is ignored, as the SDK does (API.md 4.3).
        if target in block or str(block.get("type")).endswith(owner):
            pieces = self._pieces.setdefault(index, {})
            pieces.setdefault(target, []).append(piece)

    def _update(self, event: MessageDelta) -> None:
        # A later message_delta may repeat members as null: what was told stays told.
        told: dict[str, Any] = {
            key: value
            for key, value in event.delta.items()
            if (value is not None or key not in self._message) and key not in _OWN
        }
        self._message.update(told)  # type: ignore[typeddict-item]  # kept as received
        usage = _counts(self._message.get("usage"))
        known = {key: value for key, value in event.usage.items() if value is not None}
        self._message["usage"] = usage | known

    def _block(self, index: int) -> ContentBlock:
        block = dict(self._blocks[index])
        for target, pieces in self._pieces.get(index, {}).items():
            if target == "input":
                block["input"] = _parse_input("".join(pieces), block.get("input"))
            else:
                block[target] = "".join([str(block.get(target) or ""), *pieces])
        return block


def text_of(message: Message) -> str:
    """The text blocks of a message, joined; an answer given as a value is its JSON."""
    blocks = [said(block) for block in message.get("content") or []]
    return "".join(
        bare(str(block.get("text") or ""))
        for block in blocks
        if block.get("type") == "text"
    )


def _counts(usage: Any) -> Usage:
    return usage if isinstance(usage, dict) else {}


def _parse_input(buffer: str, placeholder: Any) -> Any:
    """A tool's input: no text means no arguments; cut JSON stays text (see types)."""
    if not buffer.strip():
        return {} if placeholder is None else placeholder
    try:
        return json.loads(buffer, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):  # cut, no JSON, or nested without end
        return buffer


def _finite(text: str) -> float:
    """A number that can be sent back: NaN and infinities are no JSON."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number in JSON")
    return number
