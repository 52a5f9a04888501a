"""A valid request and its directives to the message that answers them."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from routeway_magic.answer_tool import OBJECT, VALUE
from routeway_magic.sources.emulator.cite import cited_blocks, may_cite
from routeway_magic.sources.emulator.describe import LABEL, describe, observations
from routeway_magic.sources.emulator.directives import Directives, help_text
from routeway_magic.sources.emulator.limits import Limited, limited
from routeway_magic.sources.emulator.markdown import long_markdown
from routeway_magic.sources.emulator.refusal import RefusedError
from routeway_magic.sources.emulator.schema import example, example_object
from routeway_magic.sources.emulator.seal import seal
from routeway_magic.tokens import input_tokens

if TYPE_CHECKING:
    from routeway_magic.models import Model
    from routeway_magic.types import ContentBlock, JSONObject

__all__ = ["UNKNOWN_BLOCK", "Answer", "answer"]

UNKNOWN_BLOCK = "emulator_block"
"""The type of a block that no client can know; it may be sent back."""

_PAUSED = "pause_turn"
_REFUSED = "The emulator was asked to refuse."


@dataclass(frozen=True, slots=True)
class Answer:
    """The message, and what a message cannot say.

    Args:
        message: as a non-streaming answer has it.
        partial_json: the text of the last tool call's input where `max_tokens`
            cut it; its `input` is then empty.
    """

    message: JSONObject
    partial_json: str | None = None


def answer(body: JSONObject, model: Model, asked: Directives) -> Answer:
    """The answer; equal requests get equal ones, but for the ids.

    Args:
        body: a valid request.
        model: the one that it names.
        asked: what its prompt asks for.

    Raises:
        RefusedError: if a directive asks for a tool that was not sent.
    """
    calls = _tool_calls(body, asked)
    blocks = [*_thinking(body, model, asked), *_spoken(body, asked, calls), *calls]
    if asked.unknown:
        blocks.append({"type": UNKNOWN_BLOCK, "note": "a block of a new type"})
    result = limited(blocks, body["max_tokens"], body.get("stop_sequences") or [])
    content = _displayed(result.blocks, body, model, asked)
    ending = _ending(result, _resumed(asked, body))
    if ending["stop_reason"] == "refusal":
        content = []
    message = _message(body, content, ending, result)
    return Answer(message, result.partial_json)


def _message(
    body: JSONObject, content: list[ContentBlock], ending: JSONObject, result: Limited
) -> JSONObject:
    written = result.tokens if content else 0
    usage: JSONObject = {
        "input_tokens": input_tokens(body),
        "output_tokens": written,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {
            "ephemeral_5m_input_tokens": 0,
            "ephemeral_1h_input_tokens": 0,
        },
        "service_tier": "standard",
    }
    if content and result.thinking_tokens:
        usage["output_tokens_details"] = {"thinking_tokens": result.thinking_tokens}
    return {
        "id": f"msg_emulator_{os.urandom(8).hex()}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": content,
        **ending,
        "usage": usage,
    }


def _resumed(asked: Directives, body: JSONObject) -> Directives:
    """An answer that was paused, and comes back to be gone on with, is not again."""
    comes_back = body["messages"][-1]["role"] == "assistant"
    return replace(asked, stop=None) if comes_back and asked.stop == _PAUSED else asked


def _ending(result: Limited, asked: Directives) -> JSONObject:
    reason = asked.stop or result.stop_reason
    ending: JSONObject = {
        "stop_reason": reason,
        "stop_sequence": result.sequence if reason == "stop_sequence" else None,
    }
    if reason == "refusal":
        ending["stop_details"] = {
            "type": "refusal",
            "category": None,
            "explanation": _REFUSED,
        }
    return ending


def _thinking(body: JSONObject, model: Model, asked: Directives) -> list[ContentBlock]:
    blocks: list[ContentBlock] = []
    if asked.thinking or _thinks(body, model):
        text = observations(body)
        signature = seal(body, text)
        blocks.append({"type": "thinking", "thinking": text, "signature": signature})
    if asked.redacted:
        data = base64.b64encode(b"emulator: nothing is hidden here").decode()
        blocks.append({"type": "redacted_thinking", "data": data})
    return blocks


def _thinks(body: JSONObject, model: Model) -> bool:
    kind = (body.get("thinking") or {}).get("type")
    if kind == "between_tools":
        content = body["messages"][-1]["content"]
        return any(b["type"] == "tool_result" for b in content if isinstance(b, dict))
    return kind in ("enabled", "adaptive") or (kind is None and model.thinks)


def _displayed(
    blocks: list[ContentBlock], body: JSONObject, model: Model, asked: Directives
) -> list[ContentBlock]:
    default = "summarized" if model.shows_thinking or asked.thinking else "omitted"
    if (body.get("thinking") or {}).get("display", default) == "summarized":
        return blocks
    return [
        {**block, "thinking": ""} if block["type"] == "thinking" else block
        for block in blocks
    ]


def _spoken(
    body: JSONObject, asked: Directives, calls: list[ContentBlock]
) -> list[ContentBlock]:
    if calls and (_forced(body) or not asked.tools):
        return []
    text = _text(body, asked)
    if body["messages"][-1]["role"] == "assistant" and asked.echo is None:
        text = "\n\n" + text  # it goes on right after the prefill
    blocks: list[ContentBlock] = [{"type": "text", "text": text}] if text else []
    if asked.citations or may_cite(body):
        blocks += cited_blocks(body)
    return blocks


def _text(body: JSONObject, asked: Directives) -> str:
    if asked.echo is not None:
        return asked.echo
    if asked.help:
        return f"{LABEL}\n\n{help_text()}"
    if asked.long is not None:
        return f"{LABEL}\n\n{long_markdown(asked.long - len(LABEL))}"
    if asked.tools:
        return f"{LABEL}\n\nIt calls what the prompt asks for."
    wanted = (body.get("output_config") or {}).get("format")
    if wanted:
        return json.dumps(example(wanted["schema"]), ensure_ascii=False)
    return describe(body)


def _forced(body: JSONObject) -> bool:
    return _choice(body) in ("any", "tool")


def _choice(body: JSONObject) -> str:
    default = "auto" if body.get("tools") else "none"
    return str((body.get("tool_choice") or {}).get("type", default))


def _tool_calls(body: JSONObject, asked: Directives) -> list[ContentBlock]:
    found = [_tool_use(*chosen) for chosen in _chosen_tools(body, asked)]
    single: Any = body.get("disable_parallel_tool_use") or (
        body.get("tool_choice") or {}
    ).get("disable_parallel_tool_use")
    return found[:1] if single else found


def _tool_use(tool: JSONObject, given: JSONObject | None) -> ContentBlock:
    value = example_object(tool["input_schema"]) if given is None else given
    identifier = f"toolu_emulator_{os.urandom(8).hex()}"
    return {"type": "tool_use", "id": identifier, "name": tool["name"], "input": value}


def _chosen_tools(
    body: JSONObject, asked: Directives
) -> list[tuple[JSONObject, JSONObject | None]]:
    """The tools to call, each with its arguments where those are given."""
    tools: list[JSONObject] = body.get("tools") or []
    choice = body.get("tool_choice") or {}
    given = {calls.name: calls.input for calls in asked.tools}
    if choice.get("type") == "tool":
        named = [tool for tool in tools if tool["name"] == choice["name"]]
        return [(tool, given.get(tool["name"])) for tool in named]
    if asked.tools:
        return [
            (tool, calls.input)
            for calls in asked.tools
            for tool in _asked_tools(tools, calls.name, body)
        ]
    if choice.get("type") == "none":
        return []
    # One that takes the answer itself is called, as its description asks for.
    chosen = tools if choice.get("type") == "any" else _answering(tools)
    return [(tool, None) for tool in chosen[:1]]


def _answering(tools: list[JSONObject]) -> list[JSONObject]:
    return [tool for tool in tools if tool["name"] in (OBJECT, VALUE)]


def _asked_tools(
    tools: list[JSONObject], name: str, body: JSONObject
) -> list[JSONObject]:
    chosen = [tool for tool in tools if name in ("", tool["name"])]
    if not chosen or _choice(body) == "none":
        names = ", ".join(f"`{tool['name']}`" for tool in tools) or "none"
        wanted = f"`{name}`" if name else "a tool"
        raise RefusedError(
            400, f"emulate: {wanted} cannot be called; tools in the request: {names}."
        )
    return chosen
