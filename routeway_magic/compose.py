"""A prompt, options and history become a request: the same inputs, the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from routeway_magic.settings import RequestOptions
from routeway_magic.turn import Turn
from routeway_magic.types import (
    ContentBlock,
    JSONObject,
    Request,
    UserOrAssistantMessage,
)

__all__ = ["compose", "messages_of"]

# What a finished turn does not need to be sent again (API.md 2.8).
_LEFT_OUT = frozenset({"thinking", "redacted_thinking"})
_WITHHELD = frozenset({"refusal", "content_filter"})


def compose(
    prompt: str | list[ContentBlock],
    *,
    options: RequestOptions,
    history: Sequence[Turn] = (),
) -> Request:
    """The request that asks this, after what was said before.

    Args:
        prompt: the user's text, or content blocks; without any, the model goes on
            with its last answer as if it had not stopped (API.md 2.2, prefill).
        options: what the user set; `param` comes last and wins.
        history: the turns to go on from, oldest first.
    """
    content = [{"type": "text", "text": prompt}] if isinstance(prompt, str) else prompt
    said = messages_of(history)
    body: JSONObject = {
        "model": options.model,
        "max_tokens": options.max_tokens,
        "messages": [*said, _asked(content)] if content else _prefilled(said),
    }
    if options.stream:
        body["stream"] = True
    return Request(body | _parameters(options), goes_on=not content)


def messages_of(turns: Iterable[Turn]) -> list[UserOrAssistantMessage]:
    """The messages that tell the server what was said, always legal to send.

    A turn without an answer that can be sent back, or one that the server refused,
    is left out with its question, so that user and assistant alternate. Of an answer
    are left out: thinking, empty text, and calls that nothing answers (API.md 2.2,
    2.6, 2.8). A turn that goes on with the answer before it makes one answer with it.
    """
    messages: list[UserOrAssistantMessage] = []
    last: str | None = None  # the turn whose answer stands at the end
    for turn in turns:
        question = [block for block in turn.content if not _is_blank(block)]
        answer = _answer(turn)
        if question and answer:
            messages += [_asked(question), {"role": "assistant", "content": answer}]
            last = turn.id
        elif turn.goes_on and turn.parent == last and messages:
            so_far = cast("list[ContentBlock]", messages[-1]["content"])
            messages[-1]["content"] = _joined(so_far, answer)
            last = turn.id
    return messages


def _asked(content: list[ContentBlock]) -> UserOrAssistantMessage:
    return {"role": "user", "content": content}


def _joined(
    before: list[ContentBlock], after: list[ContentBlock]
) -> list[ContentBlock]:
    """One answer's blocks: plain text goes on in the block where it stopped."""
    is_text = all(
        blocks and set(blocks[at]) == {"type", "text"}
        for blocks, at in ((before, -1), (after, 0))
    )
    if not is_text:
        return [*before, *after]
    text = str(before[-1]["text"]).rstrip() + str(after[0]["text"])
    return [*before[:-1], {"type": "text", "text": text}, *after[1:]]


def _prefilled(said: list[UserOrAssistantMessage]) -> list[UserOrAssistantMessage]:
    """The messages with no blank at their very end, which no server takes there."""
    *before, last = said
    *blocks, end = cast("list[ContentBlock]", last["content"])
    if end.get("type") == "text":
        end = {**end, "text": str(end["text"]).rstrip()}
    return [*before, {"role": last["role"], "content": [*blocks, end]}]


def _answer(turn: Turn) -> list[ContentBlock]:
    message = turn.message or {}
    if str(message.get("stop_reason")) in _WITHHELD:
        return []
    content = message.get("content") or []
    answered = {str(block["tool_use_id"]) for block in content if _is_result(block)}
    kept = [block for block in content if _may_be_sent(block, answered)]
    called = {str(block.get("id")) for block in kept if _is_call(block)}
    return [
        _sendable(block)
        for block in kept
        if not _is_result(block) or str(block["tool_use_id"]) in called
    ]


def _may_be_sent(block: ContentBlock, answered: set[str]) -> bool:
    if _is_call(block):  # a server's own tool answers within the message
        is_whole = isinstance(block.get("input"), dict)
        return is_whole and str(block.get("id")) in answered
    return str(block.get("type")) not in _LEFT_OUT and not _is_blank(block)


def _is_call(block: ContentBlock) -> bool:
    return str(block.get("type")).endswith("tool_use")


def _is_result(block: ContentBlock) -> bool:
    return "tool_use_id" in block and not _is_call(block)


def _is_blank(block: ContentBlock) -> bool:
    return block.get("type") == "text" and not str(block.get("text") or "").strip()


def _sendable(block: ContentBlock) -> ContentBlock:
    # Routeway's replies carry `"cache_control": {}`, which no server takes back, and
    # a null `citations` is no list (API.md 3).
    empty = {
        key for key in ("cache_control", "citations") if key in block and not block[key]
    }
    return {key: value for key, value in block.items() if key not in empty}


def _parameters(options: RequestOptions) -> JSONObject:
    chosen = options.parameters
    fields: JSONObject = {
        key: chosen[key]
        for key in ("temperature", "top_p", "top_k", "system")
        if key in chosen
    }
    if chosen.get("stop"):
        fields["stop_sequences"] = list(chosen["stop"])
    if "thinking" in chosen:
        fields["thinking"] = _thinking(chosen["thinking"])
    param: dict[str, Any] = dict(chosen.get("param") or {})
    if "effort" in chosen:
        fields["output_config"] = {"effort": chosen["effort"]}
        if isinstance(param.get("output_config"), dict):
            param["output_config"] = fields["output_config"] | param["output_config"]
    return fields | param


def _thinking(value: str | int) -> JSONObject:
    if isinstance(value, int):
        return {"type": "enabled", "budget_tokens": value}
    return {"type": "disabled" if value == "off" else "adaptive"}
