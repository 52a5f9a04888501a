"""One frame's JSON becomes one event; a whole message becomes the same events."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from routeway_magic.accumulate import MessageAccumulator, text_of
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
    from_data,
    from_message,
)
from routeway_magic.transcript import Transcript
from routeway_magic.types import JSONObject, Message

BLOCK = {"type": "text", "text": ""}
DELTA = {"type": "text_delta", "text": "Hel"}
FRAMES: list[tuple[JSONObject, Event]] = [
    ({"type": "message_start", "message": {"id": "x"}}, MessageStart({"id": "x"})),
    (
        {"type": "content_block_start", "index": 2, "content_block": BLOCK},
        ContentBlockStart(2, BLOCK),
    ),
    (
        {"type": "content_block_delta", "index": 2, "delta": DELTA},
        ContentBlockDelta(2, DELTA),
    ),
    ({"type": "content_block_stop", "index": 2}, ContentBlockStop(2)),
    (
        {"type": "message_delta", "delta": {"stop_reason": "x"}, "usage": {"a": 1}},
        MessageDelta({"stop_reason": "x"}, {"a": 1}),
    ),
    ({"type": "message_stop"}, MessageStop()),
    ({"type": "ping"}, Ping()),
]
TEXTS = st.text(max_size=6)
BLOCKS = st.one_of(
    st.fixed_dictionaries({"type": st.just("text"), "text": TEXTS}),
    st.fixed_dictionaries({"type": st.just("thinking"), "thinking": TEXTS}),
    st.fixed_dictionaries(
        {
            "type": st.just("tool_use"),
            "input": st.dictionaries(TEXTS, st.integers(), max_size=2),
        }
    ),
    st.fixed_dictionaries({"type": st.just("unheard_of"), "more": st.none()}),
)
MESSAGES = st.fixed_dictionaries(
    {
        "id": TEXTS,
        "content": st.lists(BLOCKS, max_size=4),
        "stop_reason": st.sampled_from([None, "end_turn", "content_filter"]),
        "usage": st.dictionaries(TEXTS, st.integers(), max_size=3),
    },
    optional={"stop_details": st.none(), "extra": st.integers(), "model": TEXTS},
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
# Members as the wire has them, each with any value: the worst that a server may do.
MEMBERS = ("type", "index", "message", "content_block", "delta", "usage", "text")
MEMBERS += ("partial_json", "citation", "signature", "thinking", "content", "input")
KINDS = ("message_start", "content_block_start", "content_block_delta", "message_delta")
KINDS += ("content_block_stop", "text_delta", "input_json_delta", "citations_delta")
KINDS += ("signature_delta", "text", "tool_use", "thinking", "thinking_delta")
ODD_FRAMES = st.recursive(
    ANY_JSON | st.sampled_from(KINDS) | st.just(0),
    lambda inner: st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=4),
    max_leaves=12,
).filter(lambda value: isinstance(value, dict))


@pytest.mark.parametrize(
    ("data", "event"), FRAMES, ids=[data["type"] for data, _ in FRAMES]
)
def test_frame_becomes_its_event(data: JSONObject, event: Event) -> None:
    """`data.type` decides, whatever the frame's `event:` line says or leaves out."""
    assert from_data(data) == event
    assert from_data(data, "message") == event
    assert from_data({**data, "unheard_of": 1}, "ping") == event


@pytest.mark.parametrize(
    ("data", "event"), FRAMES, ids=[data["type"] for data, _ in FRAMES]
)
def test_event_line_stands_in_for_a_missing_type(
    data: JSONObject, event: Event
) -> None:
    """A frame whose JSON has no `type` is what its `event:` line says (API.md 4.2)."""
    rest = {key: value for key, value in data.items() if key != "type"}
    assert from_data(rest, data["type"]) == event


@pytest.mark.parametrize(
    ("data", "kind"),
    [({"type": "new_event"}, "new_event"), ({}, ""), ({"type": ["x"]}, "['x']")],
)
def test_unknown_event_is_kept(data: JSONObject, kind: str) -> None:
    """An event that is not known keeps its JSON and does not raise."""
    assert from_data(data) == UnknownEvent(kind, data)


def test_missing_and_null_members() -> None:
    """What a known event lacks is empty: no usage, no delta, the first index."""
    assert from_data({"type": "message_delta"}) == MessageDelta({}, {})
    nulls = {"type": "message_delta", "delta": None, "usage": None}
    assert from_data(nulls) == MessageDelta({}, {})
    bare = {"type": "content_block_delta", "index": None, "delta": None}
    assert from_data(bare) == ContentBlockDelta(0, {})
    assert from_data({"type": "message_start", "message": 1}) == MessageStart({})


@settings(deadline=None)
@given(MESSAGES)
def test_whole_message_comes_back_from_its_events(message: Message) -> None:
    """An answer without streaming takes the same way and stays what it was."""
    accumulator = MessageAccumulator()
    events = list(from_message(message))
    for event in events:
        accumulator.feed(event)
    assert accumulator.message == message
    assert accumulator.finished
    assert isinstance(events[0], MessageStart)
    assert events[0].message["content"] == []
    assert isinstance(events[-1], MessageStop)


def test_message_is_not_changed_by_being_read() -> None:
    """The events of a message leave the message as it is."""
    message: Message = {"content": [{"type": "text", "text": "a"}], "usage": {}}
    list(from_message(message))
    assert message == {"content": [{"type": "text", "text": "a"}], "usage": {}}


def test_message_with_odd_members() -> None:
    """Content that is no list of blocks, and usage that is no object, do not raise."""
    odd: JSONObject = {"content": ["x", {"type": "text", "text": "a"}], "usage": "none"}
    blocks = [
        event.content_block
        for event in from_message(odd)  # type: ignore[arg-type]  # what a server may send
        if isinstance(event, ContentBlockStart)
    ]
    assert blocks == [{}, {"type": "text", "text": "a"}]
    assert not list(from_message({}))[1:-2]


def test_waiting_says_why_and_how_long() -> None:
    """What goes on before the first byte has a reason and, if known, a duration."""
    assert Waiting("connecting").seconds is None
    assert Waiting("rate limit", 2.5).seconds == 2.5


@settings(deadline=None)
@given(st.lists(ODD_FRAMES, max_size=6))
@example([{"type": [], "index": {}}])
@example([{"type": "content_block_delta", "delta": {"type": "citations_delta"}}])
@example([{"type": "message_delta", "delta": {"content": 1, "usage": 2}, "usage": 3}])
@example([{"type": "message_start", "message": {"content": ["x"], "usage": "y"}}])
def test_no_frame_is_fatal(frames: list[JSONObject]) -> None:
    """Frames in any order, with any values, never raise, and give a list of blocks."""
    accumulator, transcript = MessageAccumulator(), Transcript()
    for frame in frames:
        accumulator.feed(from_data(frame))
        transcript.handle(from_data(frame))
    message = accumulator.message
    assert all(isinstance(block, dict) for block in message["content"])
    assert isinstance(message["usage"], dict)
    assert isinstance(transcript.markdown + text_of(message), str)
