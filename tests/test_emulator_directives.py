"""What a prompt may ask of the emulator on its first line."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from emulation import asking, deltas, exchange, kinds, tool

from routeway_magic.sources.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

LABEL = "**Emulator** (no model has read this)"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """One emulator for the whole module."""
    with Emulator() as running:
        yield running


def test_help(emulator):
    """`emulate: help` lists every directive as a table."""
    text = exchange(emulator, asking("emulate: help")).text
    assert text.startswith(LABEL)
    for word in ("long", "slow", "error", "cut", "mid-error", "tools", "stop", "echo"):
        assert f"\n| `{word}" in text


@pytest.mark.parametrize("size", [1, 8, 50])
def test_long(emulator, size):
    """Long Markdown has about the size asked for, the same each time."""
    body = asking(f"emulate: long {size} kB", max_tokens=60_000)
    text = exchange(emulator, body).text
    assert text.startswith(LABEL)
    assert 0 <= len(text.encode()) - size * 1000 < 600
    assert exchange(emulator, body).text == text


def test_long_is_varied(emulator):
    """Long Markdown holds headings, lists, tables, fences, math and quotes."""
    text = exchange(emulator, asking("emulate: long")).text
    for mark in ("\n### ", "\n- ", "\n1. ", "|--:|", "```python", "$$", "\n> ", "🙂"):
        assert mark in text


def test_echo(emulator):
    """An echo is the rest of the prompt, verbatim."""
    rest = "  # Any *Markdown*\n\n<b>\u2028\r\nemulate: cut\n"
    streamed = exchange(emulator, asking(f"emulate: echo\n{rest}", stream=True))
    assert exchange(emulator, asking(f"emulate: echo\n{rest}")).text == rest
    assert "".join(d["text"] for d in deltas(streamed, "text_delta")) == rest


def test_echo_of_blocks(emulator):
    """A directive may stand in any text block; the last one that has it counts."""
    texts = ["emulate: cut", "attached", "emulate: echo\none ", "two"]
    content = [{"type": "text", "text": text} for text in texts]
    assert exchange(emulator, asking(content)).text == "one two"


def test_earlier_directive_is_past(emulator):
    """A directive of an earlier message does nothing."""
    messages = [
        {"role": "user", "content": "emulate: error 500"},
        {"role": "assistant", "content": "no"},
        {"role": "user", "content": "and now?"},
    ]
    assert exchange(emulator, asking(messages=messages)).status == 200


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("lnog", "`long`"),
        ("Help", "`help`"),
        ("long -3", "emulate: long [N kB]"),
        ("long 99999", "emulate: long [N kB]"),
        ("slow fast", "emulate: slow [N]"),
        ("slow 0", "emulate: slow [N]"),
        ("slow nan", "emulate: slow [N]"),
        ("cut short", "emulate: cut"),
        ("echo hello", "emulate: echo"),
        ("error", "emulate: error STATUS"),
        ("error 200", "emulate: error STATUS"),
        ("error 500 plain", "emulate: error STATUS"),
        ("error 429 retry-after", "emulate: error STATUS"),
        ("limit", "emulate: limit N"),
        ("limit 0", "emulate: limit N"),
        ("limit 2 0", "emulate: limit N"),
        ("stop", "emulate: stop REASON"),
        ("stop It!", "emulate: stop REASON"),
        ("tools", "tools in the request: none"),
        ("tools f {x}", "the arguments are not JSON"),
        ("tools {}", "need the tool's name"),
        ("", "`emulate: help`"),
        ("cut,,slow", "is not a directive"),
    ],
)
def test_unknown_directives(emulator, line, hint):
    """A directive that is not understood is a 400 that says what would be."""
    answered = exchange(emulator, asking(f"emulate: {line}"))
    assert answered.status == 400
    assert answered.message.startswith("emulate: ")
    assert hint in answered.message


def test_tool_that_was_not_sent(emulator):
    """Asking for a tool that the request lacks, or forbids, names those it has."""
    body = asking("emulate: tools g", tools=[tool("f")])
    answered = exchange(emulator, body)
    assert answered.status == 400
    assert answered.message.endswith("tools in the request: `f`.")
    forbidden = asking("emulate: tools f", tools=[tool("f")])
    forbidden["tool_choice"] = {"type": "none"}
    assert exchange(emulator, forbidden).status == 400


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (402, "billing_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (409, "conflict_error"),
        (413, "request_too_large"),
        (422, "invalid_request_error"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (502, "api_error"),
        (504, "timeout_error"),
        (529, "overloaded_error"),
    ],
)
def test_errors(emulator, status, kind):
    """Each error status comes in its documented envelope, streaming or not."""
    for stream in (True, False):
        answered = exchange(emulator, asking(f"emulate: error {status}", stream=stream))
        assert answered.status == status
        assert answered.json["type"] == "error"
        assert answered.json["error"]["type"] == kind
        assert answered.json["request_id"] == answered.headers["request-id"]


def test_error_shapes(emulator):
    """An error may have Routeway's shape, or be HTML, or empty."""
    limit = exchange(emulator, asking("emulate: error 429 routeway retry-after 7"))
    fault = exchange(emulator, asking("emulate: error 502 routeway"))
    page = exchange(emulator, asking("emulate: error 403 html"))
    nothing = exchange(emulator, asking("emulate: error 500 empty"))
    assert "type" not in limit.json
    assert limit.json["error"]["code"] == "rate_limit_exceeded"
    assert limit.headers["retry-after"] == "7"
    assert fault.json["error"]["code"] == 502
    assert fault.json["error"]["type"] == "provider_error"
    assert fault.json["error"]["trace_id"]
    assert page.headers["content-type"] == "text/html"
    assert page.body.startswith(b"<!doctype html>")
    assert (nothing.status, nothing.body) == (500, b"")


def test_retry_after_date(emulator):
    """Retry-After may be anything, even a quoted date with its comma."""
    date = "Wed, 21 Oct 2026 07:28:00 GMT"
    answered = exchange(emulator, asking(f'emulate: error 503 retry-after "{date}"'))
    assert answered.headers["retry-after"] == date


def test_mid_error(emulator):
    """An error event ends the stream after some text; without a stream it is a 529."""
    streamed = exchange(emulator, asking("emulate: mid-error", stream=True))
    assert streamed.status == 200
    assert streamed.frames[-1][0] == "error"
    assert streamed.frames[-1][1]["error"]["type"] == "overloaded_error"
    assert len(deltas(streamed, "text_delta")) > 3
    assert exchange(emulator, asking("emulate: mid-error")).status == 529


def test_redacted(emulator):
    """A redacted block comes whole in its start event."""
    body = asking("emulate: thinking, redacted", stream=True)
    starts = [
        data["content_block"]
        for _, data in exchange(emulator, body).frames
        if data["type"] == "content_block_start"
    ]
    assert [s["type"] for s in starts] == ["thinking", "redacted_thinking", "text"]
    assert starts[0] == {"type": "thinking", "thinking": "", "signature": ""}
    assert starts[1]["data"]


def test_redacted_is_whole(emulator):
    """A redacted block that max_tokens does not allow is left out whole."""
    answered = exchange(emulator, asking("emulate: redacted", max_tokens=2))
    assert answered.json["content"] == []
    assert answered.json["stop_reason"] == "max_tokens"


@pytest.mark.parametrize("reason", ["pause_turn", "content_filter", "never_heard_of"])
def test_stop_reasons(emulator, reason):
    """Any stop reason can be had, with the text it comes with."""
    answered = exchange(emulator, asking(f"emulate: stop {reason}"))
    assert answered.json["stop_reason"] == reason
    assert kinds(answered) == ["text"]


def test_refusal(emulator):
    """A refusal has no content, and details."""
    whole = exchange(emulator, asking("emulate: stop refusal")).json
    streamed = exchange(emulator, asking("emulate: stop refusal", stream=True))
    end = streamed.frames[-2][1]["delta"]
    assert whole["content"] == []
    assert whole["stop_details"]["type"] == "refusal"
    assert end["stop_reason"] == "refusal"
    assert end["stop_details"] == whole["stop_details"]
    assert "stop_details" not in streamed.frames[0][1]["message"]


def test_unknown_things(emulator):
    """An event, a delta and a block of new types; the block may be sent back."""
    streamed = exchange(emulator, asking("emulate: unknown", stream=True))
    assert "emulator_event" in [name for name, _ in streamed.frames]
    assert deltas(streamed, "emulator_delta")
    content = exchange(emulator, asking("emulate: unknown")).json["content"]
    assert content[-1]["type"] == "emulator_block"
    messages = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": content},
        {"role": "user", "content": "go on"},
    ]
    assert exchange(emulator, asking(messages=messages)).status == 200


@pytest.mark.parametrize(
    ("source", "location"),
    [
        (
            {"type": "text", "media_type": "text/plain", "data": "Some words."},
            {"type": "char_location", "start_char_index": 0, "end_char_index": 11},
        ),
        (
            {"type": "content", "content": [{"type": "text", "text": "Some words."}]},
            {
                "type": "content_block_location",
                "start_block_index": 0,
                "end_block_index": 1,
            },
        ),
        (
            {"type": "content", "content": "Some words."},
            {"type": "content_block_location", "cited_text": "Some words."},
        ),
        (
            {"type": "url", "url": "https://example.org/a.pdf"},
            {"type": "page_location", "start_page_number": 1, "end_page_number": 2},
        ),
    ],
)
def test_citations(emulator, source, location):
    """Documents that may be cited are, each by the kind of its source."""
    cited = {"type": "document", "source": source, "citations": {"enabled": True}}
    content = [cited, {"type": "text", "text": "what does it say?"}]
    streamed = exchange(emulator, asking(content, stream=True))
    citation = deltas(streamed, "citations_delta")[0]["citation"]
    assert citation["document_index"] == 0
    assert location.items() <= citation.items()
    block = exchange(emulator, asking(content)).json["content"][-1]
    assert block["citations"] == [citation]


def test_citations_of_the_prompt(emulator):
    """Without a document, the prompt itself is cited when asked."""
    content = exchange(emulator, asking("emulate: citations")).json["content"]
    assert content[-1]["citations"][0]["cited_text"] == "emulate: citations"


def test_data_only(emulator):
    """Frames may come without names, with a [DONE] trailer."""
    body = asking("emulate: data-only", stream=True)
    answered = exchange(emulator, body)
    assert b"event:" not in answered.body
    assert answered.body.endswith(b'{"type":"message_stop"}\n\ndata: [DONE]\n\n')


def test_json_for_a_stream(emulator):
    """A stream may be answered with one JSON message."""
    answered = exchange(emulator, asking("emulate: json", stream=True))
    assert answered.headers["content-type"] == "application/json"
    assert answered.text.startswith(LABEL)


def test_combination(emulator):
    """Directives combine; a slow answer without a stream takes as long."""
    began = time.monotonic()
    prompt = "emulate: echo, slow 20, thinking\nas it is"
    answered = exchange(emulator, asking(prompt))
    assert kinds(answered) == ["thinking", "text"]
    assert answered.text == "as it is"
    assert time.monotonic() - began > 0.5


def test_limit(emulator: Emulator) -> None:
    """`limit` refuses what is too much, says until when, and lets in again after that."""
    asked = asking("emulate: echo, limit 2 1\nhi")
    assert [exchange(emulator, asked).status for _ in range(3)] == [200, 200, 429]
    refused = exchange(emulator, asked)
    assert refused.json["error"]["type"] == "rate_limit_error"
    told = {name: refused.headers[name] for name in refused.headers if "limit" in name}
    assert told["x-ratelimit-limit-minute"] == "2"
    assert refused.headers["retry-after"] == told["x-ratelimit-reset-minute"] == "1"
    time.sleep(1.05)
    assert exchange(emulator, asked).status == 200
