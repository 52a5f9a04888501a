"""The rules that hold between messages: order, tool pairing, prefill (API.md 2.2, 2.6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from routeway_magic.sources.emulator.refusal import refuse
from routeway_magic.types import ContentBlock, JSONObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from routeway_magic.models import Model

__all__ = ["check_turns"]

Located = tuple[str, ContentBlock]

_UNANSWERED = (
    "`tool_use` ids were found without `tool_result` blocks immediately after: {}. "
    "Each `tool_use` block must have a corresponding `tool_result` block at the "
    "beginning of the next message."
)
_UNASKED = (
    "unexpected `tool_use_id` found in `tool_result` blocks: {}. Each `tool_result` "
    "block must have a corresponding `tool_use` block in the previous message."
)
_NO_THINKING = (
    "Expected `thinking` or `redacted_thinking`, but found `{}`. When `thinking` is "
    "enabled, a final `assistant` message must start with a thinking block."
)
_NO_PREFILL = (
    "This model does not support assistant message prefill. "
    "The conversation must end with a user message."
)


@dataclass(slots=True)
class _Turn:
    """Messages of one role that follow each other, as the server merges them."""

    role: str
    start: int
    blocks: list[Located] = field(default_factory=list)


def check_turns(body: JSONObject, model: Model) -> None:
    """Refuse messages that cannot follow each other.

    Args:
        body: a request whose members are valid each by itself.
        model: the one that it names.

    Raises:
        RefusedError: for the first rule that is broken.
    """
    messages = body["messages"]
    if messages[0]["role"] != "user":
        raise refuse("messages.0.role", "the first message must use the user role")
    turns = _turns(messages)
    previous = _Turn("user", 0)
    for turn in turns:
        _check_pairing(previous, turn)
        previous = turn
    if (body.get("thinking") or {}).get("type") == "enabled":
        _check_thinking(turns)
    if previous.role == "assistant":
        _check_prefill(body, model, previous)


def _turns(messages: list[JSONObject]) -> list[_Turn]:
    turns: list[_Turn] = []
    for index, message in enumerate(messages):
        if not turns or turns[-1].role != message["role"]:
            turns.append(_Turn(message["role"], index))
        turns[-1].blocks += _located(index, message["content"])
    return turns


def _located(index: int, content: str | list[ContentBlock]) -> Iterator[Located]:
    if isinstance(content, str):
        yield f"messages.{index}.content", {"type": "text", "text": content}
        return
    for position, block in enumerate(content):
        yield f"messages.{index}.content.{position}", block


def _check_pairing(previous: _Turn, turn: _Turn) -> None:
    asked = _calls(previous) if previous.role == "assistant" else {}
    answered = _results(turn, asked)
    missing = [identifier for identifier in asked if identifier not in answered]
    if missing:
        raise refuse(
            f"messages.{previous.start}", _UNANSWERED.format(", ".join(missing))
        )
    if turn.role == "assistant":
        _calls(turn)


def _calls(turn: _Turn) -> dict[str, None]:
    found: dict[str, None] = {}  # a set that keeps the order
    for path, block in turn.blocks:
        if block["type"] == "tool_use":
            if block["id"] in found:
                raise refuse(f"{path}.id", "`tool_use` ids must be unique")
            found[block["id"]] = None
    return found


def _results(turn: _Turn, asked: dict[str, None]) -> set[str]:
    found: set[str] = set()
    leading = True
    for path, block in turn.blocks:
        if block["type"] != "tool_result":
            leading = False
            continue
        identifier = block["tool_use_id"]
        if identifier not in asked:
            raise refuse(path, _UNASKED.format(identifier))
        if identifier in found:
            raise refuse(
                path, f"each `tool_use` must have a single result: {identifier}"
            )
        if not leading:
            raise refuse(path, "`tool_result` blocks must come first in the content")
        found.add(identifier)
    return found


def _check_thinking(turns: list[_Turn]) -> None:
    """Thinking in a loop of tool calls begins it, or is left out of it as a whole."""
    loop: list[_Turn] = []
    for turn in reversed(turns):
        if turn.role == "user" and turn.blocks[0][1]["type"] != "tool_result":
            break
        if turn.role == "assistant":
            loop.append(turn)
    thoughts = [
        block for turn in loop for _, block in turn.blocks if _is_thought(block)
    ]
    if thoughts and not _is_thought(loop[-1].blocks[0][1]):
        place = f"messages.{loop[-1].start}.content.0"
        raise refuse(place, _NO_THINKING.format(loop[-1].blocks[0][1]["type"]))


def _is_thought(block: ContentBlock) -> bool:
    return block["type"] in ("thinking", "redacted_thinking")


def _is_servers(block: ContentBlock) -> bool:
    kind = block["type"]
    return bool(kind == "server_tool_use" or kind.endswith("_tool_result"))


def _check_prefill(body: JSONObject, model: Model, turn: _Turn) -> None:
    path, block = turn.blocks[-1]
    if _is_servers(block):
        return  # a paused answer that comes back to be gone on with (API.md 3)
    if not model.prefill:
        raise refuse("", _NO_PREFILL)
    if unanswered := _calls(turn):
        raise refuse(
            f"messages.{turn.start}", _UNANSWERED.format(", ".join(unanswered))
        )
    if block["type"] != "text":
        raise refuse(path, "the final assistant content must be text")
    if block["text"] != block["text"].rstrip():
        sentence = "final assistant content cannot end with trailing whitespace"
        raise refuse("messages", sentence)
    if (body.get("thinking") or {}).get("type") == "enabled":
        raise refuse("messages", "prefill cannot be used while thinking is on")
    if (body.get("output_config") or {}).get("format"):
        raise refuse("output_config.format", "prefill cannot be used with a format")
