"""What the emulator answers: the request described, its limits honoured."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from emulation import asking, deltas, exchange, first, image, kinds, png, tool
from hypothesis import given, settings
from hypothesis import strategies as st

from routeway_magic.sources.emulator import Emulator
from routeway_magic.sources.emulator.limits import limited

if TYPE_CHECKING:
    from collections.abc import Iterator

LABEL = "**Emulator** (no model has read this)"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """One emulator for the whole module."""
    with Emulator() as running:
        yield running


def test_label_and_table(emulator):
    """An answer is labelled first, then shows each member of the request."""
    body = asking(
        "What is `x`?",
        system="You help.",
        temperature=0.2,
        stop_sequences=["END"],
        tools=[tool("get_df"), tool("plot")],
        thinking={"type": "disabled"},
    )
    text = exchange(emulator, body).text
    assert text.startswith(f"{LABEL}\n\n| received | value |\n|---|---|\n")
    for row in (
        "| model | `claude-opus-4-5` |",
        "| stream | no |",
        "| max_tokens | `4096` |",
        "| temperature | `0.2` |",
        "| stop_sequences | 1 |",
        "| system | 9 characters in 1 block: `You help.` |",
        "| tools | `get_df`, `plot` |",
        "| thinking | disabled |",
        "| earlier messages | none |",
        "| content 0: text | 12 characters |",
    ):
        assert f"\n{row}\n" in text
    assert "\n```text\nWhat is `x`?\n```\n" in text
    assert text.endswith("to see what else it can do.*")


def test_earlier_messages(emulator):
    """Earlier messages are counted, and the last user text alone is quoted."""
    messages = [
        {"role": "user", "content": "first question"},
        {"role": "assistant", "content": "first answer"},
        {"role": "user", "content": "second question"},
    ]
    text = exchange(emulator, asking(messages=messages)).text
    assert "| earlier messages | 2 (1 user, 1 assistant) |" in text
    assert "second question" in text
    assert "first question" not in text
    assert "first answer" not in text


def test_attachments(emulator):
    """Images are told with their pixels and bytes, documents with their sizes."""
    picture = png(640, 480)
    plain = {"type": "text", "media_type": "text/plain", "data": "x" * 1234}
    remote = {"type": "url", "url": "https://example.org/a|b.pdf"}
    content = [
        image(picture),
        {"type": "document", "source": plain, "title": "Notes"},
        {"type": "document", "source": remote},
        {"type": "text", "text": "look"},
    ]
    text = exchange(emulator, asking(content)).text
    size = f"image/png, 640 × 480 pixels, {len(picture):,} bytes"
    assert f"| content 0: image | {size} |" in text
    assert "| content 1: document | `Notes`, text/plain, 1,234 characters |" in text
    assert r"| at `https://example.org/a\|b.pdf` (not fetched) |" in text


def test_further_attachments(emulator):
    """Search results are told by title; an image with a broken header, by bytes."""
    passage = {"type": "text", "text": "found"}
    found = {"type": "search_result", "source": "s", "title": "T", "content": [passage]}
    text = exchange(emulator, asking([found, image(png(1, 1)[:12])])).text
    assert "| content 0: search_result | `T`, 5 characters |" in text
    assert "| content 1: image | image/png, size unknown, 12 bytes |" in text


def test_pictures_cost_tokens(emulator):
    """An image's input tokens go by its size, not by its bytes."""
    usage = exchange(emulator, asking([image(png(280, 56))])).json["usage"]
    assert usage["input_tokens"] == 10 * 2 + 3


def test_tool_results(emulator):
    """After a tool's result, the result is described, with the tool's name."""
    use = {"type": "tool_use", "id": "t1", "name": "get_df", "input": {}}
    good = {"type": "tool_result", "tool_use_id": "t1", "content": "3 rows"}
    messages = [
        {"role": "user", "content": "emulate: tools"},
        {"role": "assistant", "content": [use]},
        {"role": "user", "content": [good]},
    ]
    body = asking(messages=messages, tools=[tool()])
    told = exchange(emulator, body)
    assert "of `get_df` (`t1`): 8 characters" not in told.text
    assert "of `get_df` (`t1`): 6 characters, `3 rows` |" in told.text
    assert told.json["stop_reason"] == "end_turn"
    good.update(is_error=True, content="no such name")
    assert "an error, 12 characters, `no such name`" in exchange(emulator, body).text


def test_equal_requests(emulator):
    """Equal requests get equal answers, but for the ids."""
    body = asking("same", thinking={"type": "enabled", "budget_tokens": 1024})
    first_one, second_one = (exchange(emulator, body).json for _ in range(2))
    assert first_one.pop("id") != second_one.pop("id")
    assert first_one == second_one


@settings(deadline=None)
@given(text=st.text(st.sampled_from("`~|\\\n# <a>*x"), min_size=1))
def test_quotes_are_contained(text):
    """Whatever was typed, the quotation ends where it should and no table breaks."""
    from markdown_it import MarkdownIt

    from routeway_magic.sources.emulator.describe import describe

    tools = [tool()]
    body = asking(text, metadata={"user_id": text}, system=text, tools=tools)
    tokens = MarkdownIt("commonmark").enable("table").parse(describe(body))
    fences = [token.content for token in tokens if token.type == "fence"]
    cells = [token for token in tokens if token.type == "td_open"]
    rows = [token for token in tokens if token.type == "tr_open"]
    assert fences == [text + "\n"]
    assert len(cells) == 2 * (len(rows) - 1)
    assert tokens[-2].content.startswith("*Put `emulate: help`")


def test_long_text_is_shortened(emulator):
    """Of a long prompt only the beginning is quoted."""
    text = exchange(emulator, asking("y" * 5000)).text
    assert "y" * 399 + "…" in text
    assert "y" * 400 not in text


@pytest.mark.parametrize("stream", [False, True])
def test_max_tokens(emulator, stream):
    """max_tokens cuts the text; the usage agrees, and the stop reason says so."""
    prompt = "emulate: echo\n" + "abcd" * 100
    answered = exchange(emulator, asking(prompt, max_tokens=10, stream=stream))
    if stream:
        text = "".join(d["text"] for d in deltas(answered, "text_delta"))
        end = answered.frames[-2][1]
        reason, usage = end["delta"]["stop_reason"], end["usage"]
    else:
        text, reason = answered.text, answered.json["stop_reason"]
        usage = answered.json["usage"]
    assert (text, reason, usage["output_tokens"]) == ("abcd" * 10, "max_tokens", 10)


def test_thinking_uses_up_tokens(emulator):
    """max_tokens holds for thinking too: there may be no text at all."""
    answered = exchange(emulator, asking("emulate: thinking", max_tokens=5))
    usage = answered.json["usage"]
    assert kinds(answered) == ["thinking"]
    assert answered.json["stop_reason"] == "max_tokens"
    assert usage["output_tokens"] == 5
    assert usage["output_tokens_details"] == {"thinking_tokens": 5}


def test_tool_call_is_cut(emulator):
    """A tool call that max_tokens cuts streams the beginning of its JSON."""
    body = asking(
        'emulate: tools f {"name": "a long value, indeed"}',
        tools=[tool("f")],
        tool_choice={"type": "tool", "name": "f"},
        max_tokens=3,
    )
    whole = exchange(emulator, body).json
    streamed = exchange(emulator, {**body, "stream": True})
    parts = [d["partial_json"] for d in deltas(streamed, "input_json_delta")]
    assert whole["stop_reason"] == "max_tokens"
    assert whole["content"][0]["input"] == {}
    assert "".join(parts) == '{"name":"a l'


def test_stop_sequence(emulator):
    """The first stop sequence that occurs ends the text before it, and is named."""
    prompt = "emulate: echo\none two three"
    body = asking(prompt, stop_sequences=["three", "two", "four"])
    answered = exchange(emulator, body)
    assert answered.text == "one "
    assert answered.json["stop_reason"] == "stop_sequence"
    assert answered.json["stop_sequence"] == "two"


def test_stop_sequence_at_once(emulator):
    """A stop sequence that begins the text leaves no block at all."""
    body = asking("emulate: echo\nEND", stop_sequences=["END"])
    answered = exchange(emulator, body)
    assert answered.json["content"] == []
    assert answered.json["usage"]["output_tokens"] == 0


@settings(deadline=None)
@given(
    texts=st.lists(st.text(st.sampled_from("ab "), max_size=30), max_size=4),
    sequences=st.lists(st.text(st.sampled_from("ab"), min_size=1), max_size=2),
    most=st.integers(1, 20),
)
def test_limits_hold(texts, sequences, most):
    """No limited answer holds a stop sequence or more tokens than allowed."""
    blocks = [{"type": "text", "text": text} for text in texts]
    result = limited(blocks, most, sequences)
    assert sum(-(-len(block["text"]) // 4) for block in result.blocks) == result.tokens
    assert result.tokens <= most
    for block in result.blocks:
        assert not any(sequence in block["text"] for sequence in sequences)


def test_prefill_is_continued(emulator):
    """A prefill is gone on from, and not repeated."""
    messages = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "Well, then:"},
    ]
    text = exchange(emulator, asking(messages=messages)).text
    assert text.startswith(f"\n\n{LABEL}")
    assert "| prefill | 11 characters: `Well, then:`; this answer goes on" in text


@pytest.mark.parametrize(
    ("model", "thinking", "shown"),
    [
        ("claude-opus-4-5", {"type": "enabled", "budget_tokens": 1024}, True),
        ("claude-opus-4-6", {"type": "adaptive"}, True),
        ("claude-opus-4-8", {"type": "adaptive"}, False),
        ("claude-opus-4-8", {"type": "adaptive", "display": "summarized"}, True),
        ("claude-opus-5-5", None, False),
        ("claude-opus-4-5", None, None),
        ("claude-opus-4-8", {"type": "disabled"}, None),
    ],
)
def test_thinking(emulator, model, thinking, shown):
    """Thinking comes signed before the text, or empty where it is omitted."""
    answered = exchange(emulator, asking(model=model, thinking=thinking))
    if shown is None:
        assert kinds(answered) == ["text"]
        return
    block = first(answered, "thinking")
    assert kinds(answered) == ["thinking", "text"]
    assert bool(block["thinking"]) is shown
    assert base64.b64decode(block["signature"]).startswith(b"emulator ")
    assert answered.json["usage"]["output_tokens_details"]["thinking_tokens"] > 10


def test_thinking_between_tools(emulator):
    """Thinking between tools comes after a tool's result, and only there."""
    use = {"type": "tool_use", "id": "t1", "name": "f", "input": {}}
    asked = {"role": "user", "content": "hi"}
    members = {"model": "claude-sonnet-5-5", "thinking": {"type": "between_tools"}}
    results = [
        asked,
        {"role": "assistant", "content": [use]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1"}]},
    ]
    before = exchange(emulator, asking(messages=[asked], **members))
    after = exchange(emulator, asking(messages=results, **members))
    assert (kinds(before), kinds(after)) == (["text"], ["thinking", "text"])


@pytest.mark.parametrize(
    ("choice", "prompt", "expected"),
    [
        (None, "hi", ["text"]),
        ({"type": "auto"}, "hi", ["text"]),
        ({"type": "none"}, "hi", ["text"]),
        ({"type": "any"}, "hi", ["tool_use"]),
        ({"type": "tool", "name": "plot"}, "hi", ["tool_use"]),
        (None, "emulate: tools", ["text", "tool_use", "tool_use"]),
        (
            {"type": "auto", "disable_parallel_tool_use": True},
            "emulate: tools",
            ["text", "tool_use"],
        ),
        (None, "emulate: tools plot", ["text", "tool_use"]),
    ],
)
def test_tool_choice(emulator, choice, prompt, expected):
    """Tools are called when the choice forces it, or the prompt asks for it."""
    body = asking(prompt, tools=[tool("get_df"), tool("plot")], tool_choice=choice)
    answered = exchange(emulator, body)
    called = "tool_use" in expected
    assert kinds(answered) == expected
    assert answered.json["stop_reason"] == ("tool_use" if called else "end_turn")
    if "plot" in prompt or (choice or {}).get("name"):
        assert first(answered, "tool_use")["name"] == "plot"


def test_tool_input_fits(emulator):
    """A call's input has every required property, of its type."""
    properties = {
        "name": {"type": "string"},
        "rows": {"type": "integer", "minimum": 5},
        "kind": {"enum": ["bar", "line"]},
        "title": {"type": ["null", "string"], "default": "T"},
        "points": {"type": "array", "items": {"type": "number"}, "minItems": 2},
    }
    tools = [tool("plot", **properties)]
    body = asking(tools=tools, tool_choice={"type": "any"}, stream=True)
    parts = deltas(exchange(emulator, body), "input_json_delta")
    assert parts[0]["partial_json"] == ""
    value = json.loads("".join(part["partial_json"] for part in parts))
    assert value == {
        "name": "text",
        "rows": 5,
        "kind": "bar",
        "title": "T",
        "points": [1, 1],
    }


def test_structured_output(emulator):
    """An output format gets JSON that fits it, and nothing around it."""
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}},
        "additionalProperties": False,
    }
    wanted = {"format": {"type": "json_schema", "schema": schema}}
    assert exchange(emulator, asking(output_config=wanted)).text == '{"n": 1}'
