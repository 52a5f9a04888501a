"""A prompt, options and history become a request: the same inputs, the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from routeway_magic.messages import is_formed, messages_of, tools_before
from routeway_magic.settings import RequestOptions
from routeway_magic.turn import Turn
from routeway_magic.types import (
    ContentBlock,
    JSONObject,
    Request,
    UserOrAssistantMessage,
)

__all__ = ["compose"]

_MOST_MARKERS = 4  # `cache_control` in one request (API.md 7)


def compose(
    prompt: str | list[ContentBlock],
    *,
    options: RequestOptions,
    history: Sequence[Turn] = (),
    tools: Sequence[JSONObject] = (),
) -> Request:
    """The request that asks this, after what was said before.

    Args:
        prompt: the user's text, or content blocks; without any, the model is told the
            results that it waits for, or goes on with its last answer as if it had not
            stopped (API.md 2.2, prefill).
        options: what the user set; `param` comes last and wins.
        history: the turns to go on from, oldest first.
        tools: definitions of tools; those of `param` stand behind them.
    """
    content = [{"type": "text", "text": prompt}] if isinstance(prompt, str) else prompt
    fields: JSONObject = {"model": options.model} | _parameters(options)
    if tools:
        fields["tools"] = [*tools, *_listed(fields.get("tools"))]
    resumes = not content and bool(history) and history[-1].stop_reason == "pause_turn"
    said = messages_of(history, asked=content, parameters=fields, resumes=resumes)
    _fit_markers(said, _MOST_MARKERS - _markers(content, fields))
    if _fit_citations(said, content, fields):  # no thinking stays behind what changed
        said = messages_of(history, asked=content, resumes=resumes)
        _fit_markers(said, _MOST_MARKERS - _markers(content, fields))
        _fit_citations(said, content, fields)
    fields |= _tools_said_before(said, fields, history)
    results = cast("list[ContentBlock]", said.pop()["content"]) if len(said) % 2 else []
    asked = [*results, *content]
    body: JSONObject = {
        "model": options.model,
        "max_tokens": options.max_tokens,
        "messages": [*said, _asked(asked)] if asked else _prefilled(said),
    }
    if options.stream:
        body["stream"] = True
    carried = len(results) if content else 0
    return Request(body | fields, goes_on=not asked, carried=carried)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _tools_said_before(
    messages: list[UserOrAssistantMessage],
    fields: JSONObject,
    history: Sequence[Turn],
) -> JSONObject:
    """The tools of earlier calls that are sent again, not to be called (API.md 2.6)."""
    calls = any(
        block.get("type") == "tool_use"
        for message in messages
        for block in message["content"]
        if isinstance(block, dict)
    )
    if "tools" in fields or not calls:
        return {}
    tools = tools_before(history)
    return {"tools": tools, "tool_choice": {"type": "none"}} if tools else {}


def _asked(content: list[ContentBlock]) -> UserOrAssistantMessage:
    return {"role": "user", "content": content}


def _prefilled(said: list[UserOrAssistantMessage]) -> list[UserOrAssistantMessage]:
    """The messages with no blank at their very end, which no server takes there."""
    for message in said[-1:]:
        *blocks, end = cast("list[ContentBlock]", message["content"])
        text = str(end.get("text"))
        if end.get("type") == "text" and text != text.rstrip():
            message["content"] = [*blocks, {**end, "text": text.rstrip()}]
    return said


def _markers(content: list[ContentBlock], fields: JSONObject) -> int:
    """How many of the markers that a request may have this one asks for itself."""
    listed = [fields.get("system"), fields.get("tools"), content, [fields]]
    return sum(
        isinstance(part, dict) and "cache_control" in part
        for parts in listed
        if isinstance(parts, list)
        for part in parts
    )


def _fit_markers(messages: list[UserOrAssistantMessage], most: int) -> None:
    """Takes back the oldest markers of earlier questions; a cache is still read."""
    for message, index, block in reversed(list(_questions(messages))):
        if "cache_control" in block:
            most -= 1
            if most < 0:
                message[index] = {
                    key: block[key] for key in block if key != "cache_control"
                }


def _fit_citations(
    messages: list[UserOrAssistantMessage],
    content: list[ContentBlock],
    fields: JSONObject,
) -> bool:
    """Has all documents cited or none, as the last one is (API.md 2.10).

    Returns:
        Whether that has changed one.
    """
    said = [one for one in _questions(messages) if one[2].get("type") == "document"]
    asked = [block for block in content if block.get("type") == "document"]
    if not said:
        return False
    cited = _cites([*(one[2] for one in said), *asked][-1])
    cited = cited and (bool(asked) or not is_formed(fields))
    others = [one for one in said if _cites(one[2]) != cited]
    for message, index, block in others:
        message[index] = {**block, "citations": {"enabled": cited}}
    return bool(others)


def _cites(document: ContentBlock) -> bool:
    return bool((document.get("citations") or {}).get("enabled"))


def _questions(
    messages: list[UserOrAssistantMessage],
) -> Iterator[tuple[list[ContentBlock], int, ContentBlock]]:
    """The blocks that the user sent, with the list that holds them."""
    for message in messages:
        content = message["content"]
        if message["role"] == "user" and isinstance(content, list):
            for index, block in enumerate(content):
                yield content, index, block


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
