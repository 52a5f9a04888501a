"""What of an answer is shown, and in what order."""

from __future__ import annotations

import json
from typing import Any

import pytest

from routeway_magic.events import (
    ContentBlockDelta,
    ContentBlockStart,
    ContentBlockStop,
    Event,
    MessageDelta,
    MessageStart,
    MessageStop,
    Ping,
    UnknownEvent,
    Waiting,
)
from routeway_magic.transcript import Section, Transcript


def begin(index: int, kind: str, **block: Any) -> Event:
    """A block begins."""
    return ContentBlockStart(index, {"type": kind, **block})


def delta(index: int, kind: str, **piece: Any) -> Event:
    """A piece of a block arrives."""
    return ContentBlockDelta(index, {"type": kind, **piece})


def follow(*events: Event) -> Transcript:
    """The view after these events."""
    transcript = Transcript()
    for event in events:
        transcript.handle(event)
    return transcript


def only(*events: Event) -> Section:
    """The one section that these events make."""
    (section,) = follow(*events).sections
    return section


def test_markdown_is_the_text_alone() -> None:
    """Text sections are joined as the model wrote them; thinking and calls are not."""
    transcript = follow(
        begin(0, "thinking", thinking=""),
        delta(0, "thinking_delta", thinking="hm"),
        begin(1, "text", text="# A"),
        delta(1, "text_delta", text=" *b*"),
        begin(2, "tool_use", name="f", input={}),
        delta(2, "input_json_delta", partial_json="{}"),
        begin(3, "text", text=""),
        delta(3, "text_delta", text="\nc"),
    )
    assert transcript.markdown == "# A *b*\nc"
    assert [section.kind for section in transcript.sections] == [
        "thinking",
        "text",
        "tool_use",
        "text",
    ]
    assert transcript.sections[0].text == "hm"


def test_pieces_go_to_their_block() -> None:
    """Blocks that come interleaved keep their order and their own text."""
    transcript = follow(
        begin(0, "text", text=""),
        begin(1, "text", text=""),
        delta(1, "text_delta", text="2"),
        delta(0, "text_delta", text="1"),
    )
    assert transcript.markdown == "12"


@pytest.mark.parametrize(
    ("event", "is_news"),
    [
        (begin(1, "text", text=""), False),
        (begin(1, "text", text="a"), True),
        (begin(1, "thinking", thinking=""), True),
        (begin(1, "tool_use", name="f", input={}), True),
        (begin(1, "unheard_of"), True),
        (delta(0, "text_delta", text="a"), True),
        (delta(0, "text_delta", text=""), False),
        (delta(0, "text_delta", text=None), False),
        (delta(0, "citations_delta", citation={"cited_text": "x"}), True),
        (delta(0, "citations_delta", citation=None), False),
        (delta(0, "signature_delta", signature="E"), False),
        (delta(0, "unheard_of_delta", text="no"), False),
        (Waiting("connecting"), False),
        (MessageStart({"id": "x"}), False),
        (ContentBlockStop(0), False),
        (MessageDelta({"stop_reason": "end_turn"}, {}), False),
        (MessageStop(), False),
        (Ping(), False),
        (UnknownEvent("new", {}), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_says_whether_there_is_something_to_show(event: Event, is_news: bool) -> None:
    """Only what changes the view is worth drawing again."""
    transcript = follow(begin(0, "text", text=""))
    assert transcript.handle(event) is is_news


def test_piece_without_its_start_is_shown() -> None:
    """A piece for a block that never began is shown as what it must be."""
    transcript = follow(
        delta(2, "text_delta", text="a"), delta(5, "input_json_delta", partial_json="{")
    )
    assert [(part.kind, part.text) for part in transcript.sections] == [
        ("text", "a"),
        ("tool_use", "{"),
    ]


@pytest.mark.parametrize(
    ("kind", "block", "label"),
    [
        ("tool_use", {"name": "get_df"}, "tool_use get_df"),
        ("server_tool_use", {"name": "web_search"}, "server_tool_use web_search"),
        ("redacted_thinking", {"data": "x"}, "thinking, withheld by the provider"),
        ("document", {"title": "Report"}, "document Report"),
        ("document", {"title": None}, "document"),
        ("thinking", {"thinking": ""}, "thinking"),
        ("unheard_of", {}, "unheard_of"),
    ],
)
def test_label_says_what_a_block_is(
    kind: str, block: dict[str, Any], label: str
) -> None:
    """What is no plain text carries its type, and its name where it has one."""
    assert only(begin(0, kind, **block)).label == label


def test_arguments_are_readable() -> None:
    """Whole arguments are laid out; cut ones are shown as they came."""
    whole, cut = '{"name":"é","n":[1]}', '{"name":"é'
    start = begin(0, "tool_use", name="f", input={})
    shown = only(start, delta(0, "input_json_delta", partial_json=whole)).as_json()
    assert json.loads(shown) == json.loads(whole)
    assert shown.splitlines()[1] == '  "name": "é",'
    assert only(start, delta(0, "input_json_delta", partial_json=cut)).as_json() == cut
    endless = delta(0, "input_json_delta", partial_json="[" * 100_000)
    assert only(start, endless).as_json() == "[" * 100_000


def test_other_members_are_readable() -> None:
    """A call that came whole shows its input, any other block all that it holds."""
    call = only(begin(0, "tool_use", name="f", input={"n": 1}))
    assert json.loads(call.as_json()) == {"n": 1}
    other = only(begin(0, "unheard_of", more=[1]))
    assert json.loads(other.as_json()) == {"type": "unheard_of", "more": [1]}


def test_citations_stand_with_their_text() -> None:
    """Citations that arrive are kept beside the section, not in its text."""
    section = only(
        begin(0, "text", text="a"),
        delta(0, "citations_delta", citation={"cited_text": "x"}),
        delta(0, "text_delta", text="b"),
    )
    assert (section.text, section.citations) == ("ab", [{"cited_text": "x"}])


def test_the_block_as_it_began_is_not_changed() -> None:
    """The view adds nothing to the wire's own object: that is the accumulator's."""
    block = {"type": "text", "text": "a"}
    follow(
        ContentBlockStart(0, block),
        delta(0, "text_delta", text="b"),
        delta(0, "citations_delta", citation={"cited_text": "x"}),
    )
    assert block == {"type": "text", "text": "a"}


def test_view_of_a_whole_message() -> None:
    """A message that came at once is seen as if it had been streamed."""
    content = [
        {"type": "thinking", "thinking": "hm", "signature": "E"},
        {"type": "text", "text": "a"},
        {"type": "tool_use", "name": "f", "input": {"n": 1}},
    ]
    sections = Transcript.of({"content": content}).sections
    assert [section.text for section in sections] == ["hm", "a", ""]
    assert json.loads(sections[2].as_json()) == {"n": 1}
    assert Transcript.of({}).sections == []
