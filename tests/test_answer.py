"""An answer as displays: everything that arrives is visible, safe, and kept once."""

from __future__ import annotations

import pytest

from routeway_magic.answer import Answer, bundle
from routeway_magic.events import (
    ContentBlockDelta,
    ContentBlockStart,
    Event,
    from_message,
)
from routeway_magic.sources.emulator.markdown import long_markdown

CITED = {"type": "char_location", "document_title": "Re <b>port", "cited_text": "c"}
WEB = {"title": "Site", "url": "https://a.example/x", "cited_text": "w" * 400}


def text(index: int, piece: str) -> Event:
    """A piece of text."""
    return ContentBlockDelta(index, {"type": "text_delta", "text": piece})


def start(index: int, kind: str, **members: object) -> Event:
    """The begin of a block."""
    return ContentBlockStart(index, {"type": kind, **members})


def test_frozen_parts_and_final_are_the_whole():
    """However it was frozen, the final bundle is that of the whole message."""
    long = long_markdown(30_000)
    answer = Answer()
    answer.handle(start(0, "text", text=""))
    frozen = 0
    for at in range(0, len(long), 40):
        answer.handle(text(0, long[at : at + 40]))
        frozen += bool(answer.freeze(2000))
    whole = {"content": [{"type": "text", "text": long}]}
    assert frozen > 5
    assert answer.bundle("f") == bundle(whole, "f")


def test_what_is_frozen_leaves_the_tail():
    """Nothing is shown twice while it streams."""
    answer = Answer()
    answer.handle(start(0, "text", text=""))
    answer.handle(text(0, "ONE\n\nTWO\n\nTHREE"))
    assert answer.freeze(10_000) == ""
    assert "ONE" in answer.freeze(1)
    assert "ONE" not in answer.tail()
    assert "THREE" in answer.tail()


def test_citations_are_numbered_notes():
    """The same source has the same number; the note names it, and links if it may."""
    blocks = [
        {"type": "text", "text": "As ", "citations": None},
        {"type": "text", "text": "they say", "citations": [CITED]},
        {"type": "text", "text": " and ", "citations": []},
        {"type": "text", "text": "write", "citations": [WEB, CITED]},
        {"type": "text", "text": "."},
    ]
    html = bundle({"content": blocks})["text/html"]
    assert "<p>As they say¹ and write²¹.</p>" in html
    assert "¹ Re &lt;b&gt;port — “c”" in html
    assert '² <a href="https://a.example/x"' in html
    assert "w" * 300 + "…" in html
    assert html.count("Re &lt;b&gt;port") == 1


def test_citations_arrive_as_deltas_too():
    """A streamed answer has the same notes as a whole one."""
    streamed = Answer()
    streamed.handle(start(0, "text", text=""))
    streamed.handle(text(0, "they say"))
    delta = {"type": "citations_delta", "citation": CITED}
    streamed.handle(ContentBlockDelta(0, delta))
    whole = {"content": [{"type": "text", "text": "they say", "citations": [CITED]}]}
    assert streamed.bundle() == bundle(whole)


def test_the_markdown_is_the_models_own():
    """text/plain holds no mark of ours and no control character."""
    blocks = [{"type": "text", "text": "**a**\x1b[31m", "citations": [CITED]}]
    assert bundle({"content": blocks})["text/plain"] == "**a**␛[31m"


def test_interleaved_blocks_are_all_there():
    """Pieces that come for an earlier block are not lost."""
    answer = Answer()
    events = [
        start(0, "text", text=""),
        text(0, "first\n\n"),
        start(1, "tool_use", name="f", input={}),
        text(0, "late"),
    ]
    for event in events:
        answer.handle(event)
        answer.freeze(1)
        answer.tail()
    assert "late" in answer.bundle()["text/html"]


@pytest.mark.parametrize(
    ("block", "shown"),
    [
        ({"type": "thinking", "thinking": "hm <b>"}, "<pre>hm &lt;b&gt;</pre>"),
        ({"type": "thinking", "thinking": ""}, "thinking"),
        ({"type": "redacted_thinking", "data": "x"}, "withheld by the provider"),
        ({"type": "tool_use", "name": "<f>", "input": {"a": 1}}, "tool_use &lt;f&gt;"),
        ({"type": "document", "title": "T<i>"}, "document T&lt;i&gt;"),
        ({"type": "novelty", "x": "<img>"}, "&quot;x&quot;: &quot;&lt;img&gt;&quot;"),
        ({"type": "image", "source": {"type": "url", "url": "http://a"}}, "not loaded"),
        (
            {"type": "image", "source": {"media_type": "image/png", "data": "QU\nJD"}},
            "damaged",
        ),
        (
            {"type": "image", "source": {"media_type": "text/html", "data": "QUJD"}},
            "not loaded",
        ),
        (
            {"type": "image", "source": {"media_type": "image/png", "data": "QUJD"}},
            'src="data:image/png;base64,QUJD"',
        ),
    ],
)
def test_every_block_is_visible(block, shown):
    """Named, escaped, and never loaded from elsewhere."""
    html = bundle({"content": [block]})["text/html"]
    assert shown in html
    assert "<b>" not in html


def test_thinking_is_closed_and_comes_as_it_arrives():
    """In a `<details>` that the reader opens."""
    answer = Answer()
    answer.handle(start(0, "thinking", thinking=""))
    assert answer.is_silent
    assert ">thinking…<" in answer.tail()
    delta = {"type": "thinking_delta", "thinking": "step"}
    answer.handle(ContentBlockDelta(0, delta))
    assert not answer.is_silent
    assert "<details><summary>thinking" in answer.tail()
    assert "step" in answer.tail()


def test_thinking_that_is_over_says_so():
    """Its text withheld, a line tells that it was; nothing goes on any more."""
    answer = Answer()
    answer.handle(start(0, "thinking", thinking=""))
    answer.handle(start(1, "text", text="so"))
    html = answer.bundle()["text/html"]
    assert ">thinking, text withheld<" in html
    assert "thinking…" not in html


def test_a_format_shows_the_text_as_one_thing():
    """While it comes as plain text, at the end as what was asked for."""
    answer = Answer(format="json")
    for event in from_message({"content": [{"type": "text", "text": '{"a":1}'}]}):
        answer.handle(event)
    assert answer.freeze(0) == ""
    assert "<pre>{&quot;a&quot;:1}</pre>" in answer.tail()
    assert '<div class="highlight">' in answer.bundle()["text/html"]
