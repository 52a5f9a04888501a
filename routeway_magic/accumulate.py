"""Events to message: the only place where a message is built.

A fold over the events of API.md section 4. What it does not know it keeps: block
types, fields and stop reasons as received.
"""

from __future__ import annotations

import json
from typing import Any

from routeway_magic.events import (
    ContentBlockDelta,
    ContentBlockStart,
    Event,
    MessageDelta,
    MessageStart,
    MessageStop,
)
from routeway_magic.types import ContentBlock, JSONObject, Message

__all__ = ["MessageAccumulator", "text_of"]

# delta type -> (where its piece is, which member of the block it extends)
_PIECES = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "input_json_delta": ("partial_json", "input"),
}


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
        found["usage"] = dict(self._message.get("usage") or {})
        return found

    def _start(self, message: Message) -> None:
        # A repeated message_start (seen in the wild) brings nothing new but its fields.
        self._message.update(message)
        for index, block in enumerate(message.get("content") or []):
            self._blocks.setdefault(index, dict(block))

    def _add(self, index: int, delta: JSONObject) -> None:
        kind = delta.get("type")
        if kind in _PIECES:
            source, target = _PIECES[kind]
            block = self._blocks.setdefault(index, {"type": target, target: ""})
            piece = delta.get(source)
            if isinstance(piece, str) and target in block:
                pieces = self._pieces.setdefault(index, {})
                pieces.setdefault(target, []).append(piece)
        elif kind == "signature_delta" and index in self._blocks:
            self._blocks[index]["signature"] = delta.get("signature")
        elif kind == "citations_delta" and index in self._blocks:
            block = self._blocks[index]
            block["citations"] = [*(block.get("citations") or []), delta["citation"]]

    def _update(self, event: MessageDelta) -> None:
        # A later message_delta may repeat members as null: what was told stays told.
        told: dict[str, Any] = {
            key: value
            for key, value in event.delta.items()
            if value is not None or key not in self._message
        }
        self._message.update(told)  # type: ignore[typeddict-item]  # kept as received
        usage = dict(self._message.get("usage") or {})
        known = {key: value for key, value in event.usage.items() if value is not None}
        self._message["usage"] = usage | known

    def _block(self, index: int) -> ContentBlock:
        block = dict(self._blocks[index])
        for target, pieces in self._pieces.get(index, {}).items():
            if target == "input":
                block["input"] = _parse_input("".join(pieces), block["input"])
            else:
                block[target] = (block[target] or "") + "".join(pieces)
        return block


def text_of(message: Message) -> str:
    """The text blocks of a message, joined."""
    blocks = message.get("content") or []
    return "".join(
        str(block.get("text", "")) for block in blocks if block.get("type") == "text"
    )


def _parse_input(buffer: str, placeholder: Any) -> Any:
    """A tool's input: no text means no arguments; cut JSON stays text (see types)."""
    if not buffer.strip():
        return placeholder
    try:
        return json.loads(buffer)
    except ValueError:
        return buffer
