"""What the emulator refuses, with the member's path, and what it accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from emulation import asking, call, document, exchange, image, png, result, tool, turns

from routeway_magic.sources.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

LATEST = "claude-opus-5-5"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """One emulator for the whole module."""
    with Emulator() as running:
        yield running


def block(**members: Any) -> dict[str, Any]:
    """A request whose only block is this one."""
    return asking([members])


TEXT = {"type": "text", "text": "hi"}
CACHED = {**TEXT, "cache_control": {"type": "ephemeral"}}
FORMAT = {"format": {"type": "json_schema", "schema": {"type": "string"}}}
ENABLED = {"type": "enabled", "budget_tokens": 1024}

REFUSED = [
    (asking(model=None), "model: Field required"),
    (asking(model=3), "model: Input should be a valid string"),
    (asking(max_tokens=None), "max_tokens: Field required"),
    (asking(max_tokens=0), "max_tokens: "),
    (asking(max_tokens=True), "max_tokens: Input should be a valid integer"),
    (asking(max_tokens=10.0), "max_tokens: "),
    (asking(max_tokens=64_001), "max_tokens: 64001 > 64000"),
    (asking(messages=[]), "messages: "),
    (asking(messages="hi"), "messages: Input should be a valid list"),
    (asking(messages=["hi"]), "messages.0: Input should be an object"),
    (asking(messages=[{"role": "user"}]), "messages.0.content: Field required"),
    (asking(messages=[{"content": "hi"}]), "messages.0.role: Field required"),
    (asking(messages=[{"role": "system", "content": "hi"}]), "messages.0: "),
    (asking(messages=[{"role": "assistant", "content": "hi"}]), "messages.0.role: "),
    (asking(""), "messages.0.content: text content blocks must be non-empty"),
    (asking([]), "messages.0.content: "),
    (asking(7), "messages.0.content: "),
    (asking([TEXT, {"type": "video"}]), "messages.0.content.1: "),
    (asking([TEXT, {"text": "x"}]), "messages.0.content.1.type: Field required"),
    (asking([{"type": ["text"]}]), "messages.0.content.0: "),
    (block(type="text", text=""), "messages.0.content.0.text: "),
    (block(type="text", text="x", tone="y"), "messages.0.content.0.tone: Extra inputs"),
    (block(type="text", text="x", cache_control={}), "messages.0.content.0.cache_con"),
    (block(type="thinking", thinking="", signature="s"), "messages.0.content.0: "),
    (block(type="image", source={"type": "file"}), "messages.0.content.0.source: "),
    (asking([image(b"not an image")]), "source.data: Could not process image"),
    (asking([image(png(1, 1), "image/jpeg")]), "source.data: Image does not match"),
    (asking([image(png(1, 1), "image/bmp")]), "messages.0.content.0.source.media_type"),
    (asking([image(png(8001, 1))]), "source.data: an image side exceeds"),
    (
        block(
            type="image",
            source={"type": "base64", "media_type": "image/png", "data": "%%%"},
        ),
        "messages.0.content.0.source.data: Invalid base64 data",
    ),
    (
        block(type="image", source={"type": "url", "url": "file:///etc/passwd"}),
        "messages.0.content.0.source.url: ",
    ),
    (
        block(
            type="document",
            source={
                "type": "base64",
                "media_type": "application/pdf",
                "data": "aGk=",
            },
        ),
        "messages.0.content.0.source.data: The PDF",
    ),
    (
        asking([document(), document(citations={"enabled": True})]),
        "Citations must be enabled on all documents or on none",
    ),
    (turns("hi", [call("no blank")], [result()]), "messages.1.content.0.id: "),
    (turns("hi", [call()], "go on"), "messages.1: `tool_use` ids were found without"),
    (turns("hi", [call()], [result("t2")]), "messages.2.content.0: unexpected"),
    (turns("hi", [call()], [TEXT, result()]), "messages.2.content.1: "),
    (turns("hi", [call()], [result(), result()]), "messages.2.content.1: each"),
    (turns("hi", [call(), call()], [result()]), "messages.1.content.1.id: "),
    (turns("hi", [call()]), "messages.1: `tool_use` ids were found without"),
    (asking([result()]), "messages.0.content.0: unexpected `tool_use_id`"),
    (turns("hi", [call()], [result(content=[call()])]), "messages.2.content.0.content"),
    (turns("hi", [call()], [result(is_error="no")]), "messages.2.content.0.is_error: "),
    (turns("hi", "Well "), "messages: final assistant content cannot end with"),
    (turns("hi", "Well", model=LATEST), "does not support assistant message prefill"),
    (turns("hi", "Well", thinking=ENABLED), "messages: prefill cannot be used"),
    (turns("hi", "Well", output_config=FORMAT), "output_config.format: prefill"),
    (
        turns("hi", [{"type": "thinking", "thinking": "", "signature": "s"}]),
        "messages.1.content.0: the final assistant content must be text",
    ),
    (
        asking([document(citations={"enabled": True})], output_config=FORMAT),
        "output_config.format: it cannot be used with citations",
    ),
    (asking([image(b"")]), "messages.0.content.0.source.data: The data must not be"),
    (
        asking([image(png(1, 1) + bytes(8_000_000))]),
        "messages.0.content.0.source.data: image exceeds 10 MB",
    ),
    (
        asking(
            tools=[{"name": "f", "input_schema": {"type": "object", "properties": 1}}]
        ),
        "tools.0.input_schema.properties: Input should be an object",
    ),
    (asking(system=3), "system: "),
    (asking(system=[{"type": "image"}]), "system.0: "),
    (asking(system=[{"type": "text", "text": ""}]), "system.0.text: "),
    (asking(stream="yes"), "stream: Input should be a valid boolean"),
    (asking(stop_sequences="END"), "stop_sequences: "),
    (asking(stop_sequences=["END", " \n"]), "stop_sequences.1: "),
    (asking(temperature=1.01), "temperature: Input should be from 0 to 1"),
    (asking(temperature=False), "temperature: Input should be a valid number"),
    (asking(temperature="hot"), "temperature: "),
    (asking(top_p=-0.1), "top_p: "),
    (asking(top_k=-1), "top_k: "),
    (asking(top_k=1.5), "top_k: "),
    (asking(temperature=0.5, top_p=0.5), "`temperature` and `top_p` cannot both"),
    (asking(temperature=0.5, model=LATEST), "temperature: only the default"),
    (asking(temperature=0.5, thinking=ENABLED), "temperature: it may not be set when"),
    (asking(top_k=5, thinking=ENABLED), "top_k: it may not be set when thinking"),
    (asking(top_p=0.5, thinking=ENABLED), "top_p: `top_p` may be 0.95 to 1"),
    (asking(metadata={"name": "x"}), "metadata.name: Extra inputs are not permitted"),
    (asking(metadata={"user_id": 3}), "metadata.user_id: "),
    (asking(seed=3), "seed: Extra inputs are not permitted"),
    (asking(service_tier="best"), "service_tier: "),
    (asking(tools={}), "tools: Input should be a valid list"),
    (asking(tools=[tool("no blank")]), "tools.0.name: String should match"),
    (asking(tools=[{"name": "f"}]), "tools.0.input_schema: Field required"),
    (asking(tools=[{"name": "f", "input_schema": {}}]), "tools.0.input_schema.type: "),
    (asking(tools=[tool(), tool()]), "tools: Tool names must be unique"),
    (asking(tools=[{"type": "web_search_20250305"}]), "tools.0: "),
    (asking(tool_choice={"type": "any"}), "tool_choice: "),
    (asking(tool_choice="any"), "tool_choice: Input should be an object"),
    (asking(tools=[tool()], tool_choice={"type": "all"}), "tool_choice: "),
    (asking(tools=[tool()], tool_choice={"type": "tool"}), "tool_choice.name: "),
    (
        asking(tools=[tool()], tool_choice={"type": "tool", "name": "g"}),
        "tool_choice: Tool 'g' not found",
    ),
    (
        asking(tools=[tool()], tool_choice={"type": "any"}, model=LATEST),
        "tool_choice: claude-opus-5-5 does not take",
    ),
    (
        asking(tools=[tool()], tool_choice={"type": "any"}, thinking=ENABLED),
        "Thinking may not be enabled when tool_choice forces tool use",
    ),
    (asking(thinking=True), "thinking: Input should be an object"),
    (asking(thinking={"type": "enabled"}), "thinking.budget_tokens: Field required"),
    (asking(thinking={**ENABLED, "budget_tokens": 1023}), "thinking.budget_tokens: "),
    (asking(thinking={**ENABLED, "budget_tokens": 4096}), "`max_tokens` must be great"),
    (asking(thinking={"type": "disabled", "display": "omitted"}), "thinking.display: "),
    (asking(thinking={"type": "adaptive"}), "adaptive thinking is not supported"),
    (asking(thinking=ENABLED, model=LATEST), '"thinking.type.enabled" is not support'),
    (
        asking(thinking={"type": "disabled"}, model=LATEST),
        '"thinking.type.disabled" is not supported',
    ),
    (
        asking(
            thinking={"type": "disabled"},
            output_config={"effort": "max"},
            model="claude-opus-5",
        ),
        '"thinking.type.disabled" is not supported with effort max',
    ),
    (asking(output_config={"effort": "huge"}), "output_config.effort: "),
    (asking(output_config={"effort": "max"}), "output_config.effort: "),
    (
        asking(output_config={"effort": "low"}, model="claude-haiku-4-5"),
        "This model does not support the effort parameter",
    ),
    (asking(output_config={"format": {"type": "xml"}}), "output_config.format: "),
    (asking([CACHED] * 5), "A maximum of 4 blocks with cache_control"),
    (asking("x" * 801_000), "prompt is too long: "),
]

ACCEPTED = [
    asking(model="claude-opus-4-5:free"),
    asking(model="claude-sonnet-4-5-20250929"),
    asking([TEXT, CACHED]),
    asking([image(png(3, 2)), TEXT]),
    block(type="image", source={"type": "url", "url": "https://example.org/a.png"}),
    asking([document("base64", title="T"), document("url"), document("content")]),
    asking([document(citations={"enabled": True}), TEXT]),
    asking([{"type": "search_result", "source": "s", "title": "t", "content": [TEXT]}]),
    turns("hi", [call()], [result()]),
    turns("hi", [TEXT, call()], [result(content="3 rows", is_error=True), TEXT]),
    turns("hi", [call(), call("t2")], [result("t2", content=[TEXT]), result()]),
    turns("hi", [call()], [result(content=[image(png(1, 1)), document()])]),
    turns("hi", [{"type": "thinking", "thinking": "", "signature": "s"}, TEXT], "on"),
    turns("hi", [{"type": "redacted_thinking", "data": "x"}, TEXT], "on"),
    turns("hi", [{"type": "emulator_block", "note": "x"}, TEXT], "on"),
    turns("hi", "Well,"),
    asking(messages=[{"role": "user", "content": "a"}] * 2),
    asking(system="s", stop_sequences=["END"], temperature=0, top_k=3),
    asking(system=[CACHED], metadata={"user_id": None}, service_tier="auto"),
    asking(top_p=0.96, thinking=ENABLED),
    asking(temperature=1, top_p=1, model=LATEST)
    | {"thinking": {"type": "adaptive", "display": "omitted"}},
    asking(thinking={"type": "between_tools"}, model="claude-sonnet-5-5"),
    asking(thinking={"type": "disabled"}, model="claude-opus-4-8"),
    asking(output_config={"effort": "xhigh"}, model="claude-opus-4-7"),
    asking(tools=[tool()], tool_choice={"type": "auto"}, thinking=ENABLED),
    asking(
        tools=[{**tool(), "type": "custom", "strict": True}],
        tool_choice={"type": "none"},
    ),
    asking(disable_parallel_tool_use=True, cache_control={"type": "ephemeral"}),
]


@pytest.mark.parametrize(("body", "message"), REFUSED, ids=[m for _, m in REFUSED])
def test_refused(emulator, body, message):
    """What breaks a rule is a 400 whose message names the member."""
    answered = exchange(emulator, body)
    assert answered.status == 400
    assert answered.json["type"] == "error"
    assert answered.json["error"]["type"] == "invalid_request_error"
    assert message in answered.message


@pytest.mark.parametrize("body", ACCEPTED)
def test_accepted(emulator, body):
    """What the documents allow is answered."""
    answered = exchange(emulator, body)
    assert (answered.status, answered.json["type"]) == (200, "message"), answered.body
