"""Where an answer ends before its end: stop sequences, then `max_tokens`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from routeway_magic.tokens import CHARACTERS_PER_TOKEN, text_tokens

if TYPE_CHECKING:
    from routeway_magic.types import ContentBlock

__all__ = ["Limited", "compact", "limited"]

_TEXT_OF = {"text": "text", "thinking": "thinking", "redacted_thinking": "data"}


@dataclass(frozen=True, slots=True)
class Limited:
    """What is left of an answer.

    Args:
        blocks: its content.
        stop_reason: why it ended.
        tokens: of all that was written.
        thinking_tokens: of the thinking alone.
        sequence: the stop sequence that was met.
        partial_json: what was written of a tool call's input that is cut.
    """

    blocks: list[ContentBlock]
    stop_reason: str
    tokens: int
    thinking_tokens: int
    sequence: str | None = None
    partial_json: str | None = None


def compact(value: object) -> str:
    """JSON without blanks, as it goes over the wire."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def limited(
    blocks: list[ContentBlock], max_tokens: int, sequences: list[str]
) -> Limited:
    """The part of an answer that the request's limits allow.

    Args:
        blocks: the whole content; not changed.
        max_tokens: at most so many tokens, thinking included.
        sequences: the first that occurs in the text ends the answer before it.
    """
    blocks, sequence = _until_sequence(blocks, sequences)
    kept: list[ContentBlock] = []
    left = max_tokens
    for block in blocks:
        cost = text_tokens(_written(block))
        if cost > left:
            kept += (rest := _cut(block, left))
            partial = _partial_json(block, left) if rest else None
            return _result(kept, "max_tokens", max_tokens, partial=partial)
        kept.append(block)
        left -= cost
    reason = "stop_sequence" if sequence is not None else _natural(kept)
    return _result(kept, reason, max_tokens - left, sequence=sequence)


def _result(
    kept: list[ContentBlock],
    reason: str,
    tokens: int,
    *,
    sequence: str | None = None,
    partial: str | None = None,
) -> Limited:
    thought = [block for block in kept if "thinking" in block["type"]]
    thinking_tokens = sum(text_tokens(_written(block)) for block in thought)
    return Limited(kept, reason, tokens, thinking_tokens, sequence, partial)


def _natural(blocks: list[ContentBlock]) -> str:
    called = any(block["type"] == "tool_use" for block in blocks)
    return "tool_use" if called else "end_turn"


def _written(block: ContentBlock) -> str:
    if block["type"] == "tool_use":
        return compact(block["input"])
    return str(block.get(_TEXT_OF.get(block["type"], ""), ""))


def _until_sequence(
    blocks: list[ContentBlock], sequences: list[str]
) -> tuple[list[ContentBlock], str | None]:
    for index, block in enumerate(blocks):
        found = _first(block["text"], sequences) if block["type"] == "text" else None
        if found is not None:
            position, sequence = found
            return [*blocks[:index], *_shortened(block, position)], sequence
    return blocks, None


def _first(text: str, sequences: list[str]) -> tuple[int, str] | None:
    met = [(text.find(sequence), sequence) for sequence in sequences]
    return min(((at, which) for at, which in met if at >= 0), default=None)


def _cut(block: ContentBlock, tokens: int) -> list[ContentBlock]:
    if block["type"] == "tool_use":
        return [{**block, "input": {}}] if tokens else []
    if block["type"] == "redacted_thinking":  # opaque: all of it or nothing
        return []
    return _shortened(block, tokens * CHARACTERS_PER_TOKEN)


def _partial_json(block: ContentBlock, tokens: int) -> str | None:
    if block["type"] != "tool_use":
        return None
    return compact(block["input"])[: tokens * CHARACTERS_PER_TOKEN]


def _shortened(block: ContentBlock, length: int) -> list[ContentBlock]:
    key = _TEXT_OF[block["type"]]
    text = block[key][:length]
    return [{**block, key: text}] if text else []
