"""Events to message, as API.md section 4 says."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routeway_magic.accumulate import MessageAccumulator, text_of
from routeway_magic.events import from_data
from routeway_magic.types import ContentBlock, JSONObject, Message

START: JSONObject = {
    "type": "message_start",
    "message": {
        "id": "msg_X",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 25, "output_tokens": 1, "service_tier": "standard"},
    },
}
STOP: JSONObject = {"type": "message_stop"}

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def fold(*frames: JSONObject) -> Message:
    """The message that these frames add up to."""
    accumulator = MessageAccumulator()
    for frame in frames:
        accumulator.feed(from_data(frame))
    return accumulator.message


def begin(index: int, **block: Any) -> JSONObject:
    """A content_block_start."""
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, kind: str, **piece: Any) -> JSONObject:
    """A content_block_delta."""
    told = {"type": kind, **piece}
    return {"type": "content_block_delta", "index": index, "delta": told}


def ended(usage: JSONObject | None = None, **told: Any) -> JSONObject:
    """A message_delta; without usage if None is given."""
    frame: JSONObject = {"type": "message_delta", "delta": told}
    return frame if usage is None else {**frame, "usage": usage}


def call(*pieces: str) -> ContentBlock:
    """The tool_use block that these pieces of JSON make."""
    block = begin(0, type="tool_use", id="toolu_A1", name="f", input={})
    deltas = [delta(0, "input_json_delta", partial_json=piece) for piece in pieces]
    return fold(START, block, *deltas)["content"][0]


@settings(deadline=None)
@given(st.lists(st.text(max_size=8)))
def test_text_is_its_deltas_joined(pieces: list[str]) -> None:
    """`text_delta` appends to what the block began with, and loses no character."""
    deltas = [delta(0, "text_delta", text=piece) for piece in pieces]
    message = fold(START, begin(0, type="text", text="<"), *deltas)
    assert message["content"] == [{"type": "text", "text": "<" + "".join(pieces)}]
    assert text_of(message) == "<" + "".join(pieces)


def test_message_fields_come_from_message_start() -> None:
    """Everything of message_start is kept, known or not."""
    message = {**START["message"], "extra": [1]}
    assert fold({"type": "message_start", "message": message}) == message


@pytest.mark.parametrize("pieces", [(), ("",), ("{}",), ("", "{", "}"), (" ",)])
def test_tool_without_arguments(pieces: tuple[str, ...]) -> None:
    """No delta, an empty one and `{}` all mean no arguments."""
    assert call(*pieces)["input"] == {}


@settings(deadline=None)
@given(
    st.dictionaries(st.text(max_size=5), ANY_JSON, max_size=4),
    st.lists(st.integers(0, 99), max_size=6),
    st.booleans(),
)
def test_tool_input_split_anywhere(
    value: JSONObject, cuts: list[int], is_ascii: bool
) -> None:
    """A tool's JSON may be split anywhere, also inside an escape, and is the same."""
    text = json.dumps(value, ensure_ascii=is_ascii)
    at = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(at)]
    assert call(*pieces) == {
        "type": "tool_use",
        "id": "toolu_A1",
        "name": "f",
        "input": value,
    }


@pytest.mark.parametrize("text", ['{"a": "b', '{"a":', "{", "{]", "[" * 100_000])
def test_cut_tool_input_stays_text(text: str) -> None:
    """A call whose JSON is cut or wrong keeps the raw text: it cannot be run.

    The SDK drops the cut part in silence (API.md 4.3); `types` says why we do not.
    """
    assert call(text)["input"] == text


def test_parallel_calls_with_interleaved_indexes() -> None:
    """Each delta goes to the block of its index, in whatever order they come."""
    message = fold(
        START,
        begin(1, type="tool_use", id="b", name="g", input={}),
        begin(0, type="tool_use", id="a", name="f", input={}),
        delta(1, "input_json_delta", partial_json='{"n":'),
        delta(0, "input_json_delta", partial_json='{"n":1}'),
        delta(1, "input_json_delta", partial_json="2}"),
    )
    assert [block["input"] for block in message["content"]] == [{"n": 1}, {"n": 2}]


def test_thinking_and_its_signature() -> None:
    """Thinking is joined; the signature is set, not joined."""
    message = fold(
        START,
        begin(0, type="thinking", thinking="", signature=""),
        delta(0, "thinking_delta", thinking="Let me"),
        delta(0, "thinking_delta", thinking=" see"),
        delta(0, "signature_delta", signature="Eq"),
        delta(0, "signature_delta", signature="EqoB"),
    )
    assert message["content"] == [
        {"type": "thinking", "thinking": "Let me see", "signature": "EqoB"}
    ]


def test_thinking_that_is_omitted() -> None:
    """With `display: omitted` there is a signature and no thinking."""
    message = fold(
        START,
        begin(0, type="thinking", thinking="", signature=""),
        delta(0, "signature_delta", signature="EqoB"),
        ended(stop_reason="max_tokens"),
    )
    assert message["content"] == [
        {"type": "thinking", "thinking": "", "signature": "EqoB"}
    ]
    assert text_of(message) == ""


def test_citations_are_collected() -> None:
    """Each citation is appended, also where the block began with null."""
    first, second = {"type": "char_location", "cited_text": "x"}, {"type": "unheard_of"}
    for start in ({}, {"citations": None}, {"citations": []}):
        message = fold(
            START,
            begin(0, type="text", text="", **start),
            delta(0, "citations_delta", citation=first),
            delta(0, "text_delta", text="said"),
            delta(0, "citations_delta", citation=second),
        )
        assert message["content"] == [
            {"type": "text", "text": "said", "citations": [first, second]}
        ]


@pytest.mark.parametrize(
    "block",
    [
        {"type": "redacted_thinking", "data": "opaque"},
        {"type": "fallback", "from": {"model": "a"}, "to": {"model": "b"}},
        {"type": "unheard_of", "deep": {"list": [1, None, {"é": "\u2028"}]}},
        {"type": "text", "text": "x", "cache_control": {}, "more": None},
        {"no": "type"},
    ],
)
def test_unknown_blocks_and_fields_are_kept(block: JSONObject) -> None:
    """A block is kept as it was received, whatever its type and its members."""
    assert fold(START, begin(0, **block), STOP)["content"] == [block]


def test_what_is_not_known_changes_nothing() -> None:
    """Unknown events and deltas, pings and deltas for another type are ignored."""
    frames = [
        START,
        begin(0, type="text", text="a"),
        {"type": "ping"},
        {"type": "unheard_of", "index": 0, "delta": {"text": "no"}},
        delta(0, "unheard_of_delta", text="no"),
        delta(0, "thinking_delta", thinking="no"),
        delta(0, "text_delta", text=None),
        delta(0, "input_json_delta", partial_json="no"),
        delta(0, "text_delta", text="b"),
    ]
    assert fold(*frames)["content"] == [{"type": "text", "text": "ab"}]


def test_usage_is_cumulative() -> None:
    """A message_delta's counts replace, null and absent ones leave what was told."""
    message = fold(
        START,
        ended({"output_tokens": 10, "input_tokens": 30}),
        ended({"output_tokens": 15, "cache_read_input_tokens": 3}),
        ended({"input_tokens": None, "output_tokens_details": {"thinking_tokens": 2}}),
    )
    assert message["usage"] == {
        "input_tokens": 30,
        "output_tokens": 15,
        "service_tier": "standard",
        "cache_read_input_tokens": 3,
        "output_tokens_details": {"thinking_tokens": 2},
    }


def test_message_without_usage() -> None:
    """Neither message_start nor message_delta need have counts (the SDK dies of it)."""
    start = {"type": "message_start", "message": {"id": "msg_X", "content": []}}
    message = fold(start, ended(stop_reason="end_turn"), STOP)
    assert message["usage"] == {}
    assert message["stop_reason"] == "end_turn"


@pytest.mark.parametrize(
    "reason",
    [
        *("end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn"),
        *("refusal", "model_context_window_exceeded", "content_filter", "unheard_of"),
    ],
)
def test_every_stop_reason_is_kept(reason: str) -> None:
    """A stop_reason is kept as received, known or not, with what stands beside it."""
    details = {"type": "refusal", "category": None}
    message = fold(START, ended(stop_reason=reason, stop_details=details), STOP)
    assert (message["stop_reason"], message["content"]) == (reason, [])
    assert message["stop_details"] == details


def test_later_nulls_take_nothing_back() -> None:
    """A second message_delta with nulls leaves the stop_reason that was told.

    The SDK lets null overwrite it (API.md 4.3): an answer that had ended would then
    look unfinished.
    """
    first = ended({"output_tokens": 5}, stop_reason="stop_sequence", stop_sequence="X")
    message = fold(START, first, ended(stop_reason=None, stop_sequence=None))
    assert (message["stop_reason"], message["stop_sequence"]) == ("stop_sequence", "X")
    assert message["usage"]["output_tokens"] == 5


def test_only_message_stop_finishes() -> None:
    """`finished` tells whether message_stop has come, and nothing else does."""
    accumulator = MessageAccumulator()
    for frame in (START, begin(0, type="text", text=""), ended(stop_reason="end_turn")):
        accumulator.feed(from_data(frame))
        assert not accumulator.finished
    accumulator.feed(from_data(STOP))
    assert accumulator.finished


def test_repeated_message_start_keeps_what_came() -> None:
    """Beginning the message twice wipes out nothing; a block that begins twice is new."""
    text = delta(0, "text_delta", text="Hello")
    begun = begin(0, type="text", text="")
    assert fold(START, begun, text, START)["content"] == [
        begun["content_block"] | {"text": "Hello"}
    ]
    assert fold(START, begun, text, begun)["content"] == [begun["content_block"]]


def test_message_start_may_hold_content() -> None:
    """Blocks that stand in message_start are there, and go on with their deltas."""
    start = {
        "type": "message_start",
        "message": {"content": [{"type": "text", "text": "a"}]},
    }
    message = fold(start, delta(0, "text_delta", text="b"))
    assert message["content"] == [{"type": "text", "text": "ab"}]


def test_delta_without_its_start() -> None:
    """A piece for an index that never began is kept, as the block it must be for.

    So is one for a block that began as its bare type.
    """
    message = fold(
        begin(1, type="text"),
        delta(1, "text_delta", text="b"),
        delta(4, "text_delta", text="a"),
        delta(7, "input_json_delta", partial_json='{"n":1}'),
        delta(9, "thinking_delta", thinking="hm"),
    )
    assert message["content"] == [
        {"type": "text", "text": "b"},
        {"type": "text", "text": "a"},
        {"type": "tool_use", "input": {"n": 1}},
        {"type": "thinking", "thinking": "hm"},
    ]


def test_message_is_a_snapshot() -> None:
    """What `message` gave is not changed by later events."""
    accumulator = MessageAccumulator()
    for frame in (START, begin(0, type="text", text="a")):
        accumulator.feed(from_data(frame))
    before = accumulator.message
    copy = json.loads(json.dumps(before))
    source = {"type": "char_location"}
    for frame in (
        delta(0, "text_delta", text="b"),
        delta(0, "citations_delta", citation=source),
        ended({"output_tokens": 9}, stop_reason="end_turn"),
    ):
        accumulator.feed(from_data(frame))
    assert before == copy
    assert accumulator.message["content"][0]["text"] == "ab"
