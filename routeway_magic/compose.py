"""A prompt, options and history become a request: the same inputs, the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from routeway_magic.conversation import Turn
from routeway_magic.settings import RequestOptions
from routeway_magic.types import (
    ContentBlock,
    JSONObject,
    Request,
    UserOrAssistantMessage,
)

__all__ = ["compose", "messages_of"]

# What a finished turn does not need to be sent again (API.md 2.8), and what is
# refused without its other half (2.6).
_LEFT_OUT = frozenset({"thinking", "redacted_thinking", "tool_use"})
_WITHHELD = frozenset({"refusal", "content_filter"})


def compose(
    prompt: str | list[ContentBlock],
    *,
    options: RequestOptions,
    history: Sequence[Turn] = (),
) -> Request:
    """The request that asks this, after what was said before.

    Args:
        prompt: the user's text, or content blocks.
        options: what the user set; `param` comes last and wins.
        history: the turns to go on from, oldest first.
    """
    content = [{"type": "text", "text": prompt}] if isinstance(prompt, str) else prompt
    asked: UserOrAssistantMessage = {"role": "user", "content": content}
    body: JSONObject = {
        "model": options.model,
        "max_tokens": options.max_tokens,
        "messages": [*messages_of(history), asked],
    }
    body |= _parameters(options)
    if options.stream:
        body["stream"] = True
    return Request(body)


def messages_of(turns: Iterable[Turn]) -> list[UserOrAssistantMessage]:
    """The messages that tell the server what was said, always legal to send.

    A turn without an answer that can be sent back, or one that the server refused,
    is left out with its question, so that user and assistant alternate.
    """
    messages: list[UserOrAssistantMessage] = []
    for turn in turns:
        answer = _answer(turn)
        if answer:
            messages.append({"role": "user", "content": turn.content})
            messages.append({"role": "assistant", "content": answer})
    return messages


def _answer(turn: Turn) -> list[ContentBlock]:
    message = turn.message or {}
    if message.get("stop_reason") in _WITHHELD:
        return []
    return [
        _sendable(block)
        for block in message.get("content") or []
        if _may_be_sent(block)
    ]


def _may_be_sent(block: ContentBlock) -> bool:
    if block.get("type") == "text":
        return bool(str(block.get("text", "")).strip())
    return block.get("type") not in _LEFT_OUT


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
        output = param.get("output_config")
        more = output if isinstance(output, dict) else {}
        param["output_config"] = {"effort": chosen["effort"], **more}
    return fields | param


def _thinking(value: str | int) -> JSONObject:
    if isinstance(value, int):
        return {"type": "enabled", "budget_tokens": value}
    return {"type": "disabled" if value == "off" else "adaptive"}
