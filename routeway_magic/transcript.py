"""What of an answer is shown, and in what order: the one view behind every face.

It follows events as they arrive and holds text for the eye, no message: that is
the accumulator's. The same view of a whole message comes from `Transcript.of`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

from routeway_magic.answer_tool import (
    VALUE,
    WRAPPED,
    arguments,
    bare,
    is_answer,
    json_of,
)
from routeway_magic.call_text import spelled
from routeway_magic.events import (
    AskedAgain,
    ContentBlockDelta,
    ContentBlockStart,
    Event,
    MessageStop,
    ToolResult,
    from_message,
)
from routeway_magic.turn import Turn
from routeway_magic.types import ContentBlock, JSONObject, Message

__all__ = ["Section", "Transcript"]

# delta type -> (the member that holds its piece, the type of block it is for)
_PIECES = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "input_json_delta": ("partial_json", "tool_use"),
}
_SAID = frozenset({"text", "json"})
_WRAPPER = f'{{"{WRAPPED}":'


@dataclass(slots=True)
class Section:
    """One content block as it is shown.

    Args:
        kind: the block's type; `json` for an answer that is given as a value,
            `question` for one that is asked before the answer goes on.
        block: the block as it began.
        pieces: the text that has arrived since.
        citations: the sources that have arrived since.
        result: what came of a call, if that is what it shows.
    """

    kind: str
    block: ContentBlock
    pieces: list[str] = field(default_factory=list)
    citations: list[JSONObject] = field(default_factory=list)
    result: ToolResult | None = None

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self.pieces)

    @property
    def is_said(self) -> bool:
        """Whether it is what the model says: text, or a value in place of it."""
        return self.kind in _SAID

    @property
    def said(self) -> str:
        """The text so far; of a value that is whole, nothing but the value."""
        if self.kind == "json":
            with suppress(ValueError, RecursionError):  # it is not whole
                return json_of({**self.block, "input": json.loads(self.text)})
        return bare(self.text)

    @property
    def may_hold_a_value(self) -> bool:
        """Whether it may be more than a value, which is told apart when it is whole."""
        if self.kind == "json":
            return self.block.get("name") == VALUE
        begun = "".join(self.text[: 2 * len(_WRAPPER)].split())
        return begun.startswith(_WRAPPER) or _WRAPPER.startswith(begun)

    @property
    def sources(self) -> list[JSONObject]:
        """The citations it began with and those that have arrived since."""
        given = self.block.get("citations")
        first = given if isinstance(given, list) else []
        return [one for one in [*first, *self.citations] if isinstance(one, dict)]

    @property
    def label(self) -> str:
        """What this is, for blocks that are not plain text."""
        if self.kind == "redacted_thinking":
            return "thinking, withheld by the provider"
        if self.kind == "document":
            return f"document {self.block.get('title') or ''}".strip()
        if self.result:
            return _result_label(self.result)
        name = self.block.get("name")
        return f"{self.kind} {name}" if name else self.kind

    @property
    def contents(self) -> list[ContentBlock]:
        """The content blocks of a call's result."""
        content = self.block.get("content") or []
        if isinstance(content, str):
            return [{"type": "text", "text": content}]
        return [block for block in content if isinstance(block, dict)]

    @property
    def arguments(self) -> Any:
        """The arguments of a call; a text where they were cut off."""
        if not self.pieces:
            return self.block.get("input")
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):  # cut, or nested without end
            return self.text

    def as_json(self) -> str:
        """The block's arguments or its other members, readable."""
        return "\n".join(map(spelled, self._json().split("\n")))

    def _json(self) -> str:
        if self.pieces:
            return _pretty(self.text)
        value = self.block.get("input", self.block)
        try:
            return json.dumps(value, ensure_ascii=False, indent=2)
        except RecursionError:  # it could be read, but not be written
            return "nested too deep to be shown"


class Transcript:
    """The sections of one answer, in the order they were begun."""

    def __init__(self) -> None:
        self.sections: list[Section] = []
        self._by_index: dict[int, Section] = {}

    @classmethod
    def of(cls, message: Message) -> Transcript:
        """The view of a whole message."""
        transcript = cls()
        for event in from_message(message):
            transcript.handle(event)
        return transcript

    @classmethod
    def of_turns(cls, turns: Sequence[Turn]) -> Transcript:
        """The view of an answer in several turns, with the results of calls between.

        Args:
            turns: the one that asked, those that gave results, those that went on.
        """
        transcript = cls()
        for at, turn in enumerate(turns):
            for block in turn.content if at else []:
                transcript._note_asked(block)
            for event in from_message(turn.message or {}):
                transcript.handle(event)
        return transcript

    def handle(self, event: Event) -> bool:
        """Takes an event; says whether there is something new to show."""
        if isinstance(event, ContentBlockDelta):
            return self._add(event.index, event.delta)
        if isinstance(event, ContentBlockStart):
            return self._begin(event.index, event.content_block)
        if isinstance(event, ToolResult):
            self.sections.append(Section("tool_result", event.block, result=event))
            return True
        if isinstance(event, AskedAgain):
            block = {"type": "text", "text": event.text}
            self.sections.append(Section("question", block, [event.text]))
            return True
        if isinstance(event, MessageStop):
            self._by_index.clear()  # the next answer of a loop counts from 0 again
        return False

    @property
    def markdown(self) -> str:
        """The answer's text as the model wrote it; calls part it into paragraphs."""
        texts = [""]
        for part in self.sections:
            if part.is_said:
                texts[-1] += part.said
            elif part.kind == "question":
                texts += [part.text, ""]
            elif part.result and texts[-1]:
                texts.append("")
        return "\n\n".join(text for text in texts if text)

    def _note_asked(self, block: ContentBlock) -> None:
        if block.get("type") == "text":
            self.handle(AskedAgain(str(block.get("text"))))
        elif block.get("type") == "tool_result":
            key = block.get("tool_use_id")
            called = (one.block for one in self.sections if one.block.get("id") == key)
            name = str(next(called, {}).get("name") or "tool")
            state = "failed" if block.get("is_error") else "returned"
            self.handle(ToolResult(block, name, cast("Any", state)))

    def _begin(self, index: int, block: ContentBlock) -> bool:
        section = Section(str(block.get("type", "unknown")), block)
        initial = block.get(section.kind)
        if is_answer(block):
            section.kind = "json"
            initial = arguments(block)
        if section.kind in ("text", "thinking", "json") and isinstance(initial, str):
            section.pieces = [initial] if initial else []
        self._by_index[index] = section
        self.sections.append(section)
        return not section.is_said or bool(section.pieces)

    def _add(self, index: int, delta: JSONObject) -> bool:
        citation = delta.get("citation")
        if isinstance(citation, dict) and index in self._by_index:
            self._by_index[index].citations.append(citation)
            return True
        member, kind = _PIECES.get(str(delta.get("type")), ("", ""))
        piece: Any = delta.get(member)
        if not isinstance(piece, str) or not piece:
            return False
        if index not in self._by_index:
            self._begin(index, {"type": kind})
        self._by_index[index].pieces.append(piece)
        return True


def _result_label(result: ToolResult) -> str:
    if result.seconds is None:
        return f"{result.name} {result.state}"
    return f"{result.name} {result.state} after {result.seconds:.1f} s"


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):  # cut, or nested without end
        return text
