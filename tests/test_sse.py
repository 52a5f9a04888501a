"""The stream reader: every way that API.md 4.2 lets a server write its frames."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from replies import BOM, WHOLE, frame, read, read_on, with_unknown
from servers import ASK, HELLO, Peer, hello_text, serving, sse

from routeway_magic.accumulate import MessageAccumulator
from routeway_magic.errors import APIStreamError
from routeway_magic.events import (
    ContentBlockDelta,
    ContentBlockStart,
    MessageDelta,
    MessageStart,
    MessageStop,
    Ping,
    UnknownEvent,
)

PING = {"type": "ping"}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_cut_into_two_anywhere(newline: str) -> None:
    """Where the network cuts the bytes makes no difference, in no line ending."""
    body = BOM + sse(HELLO[2:], newline=newline)
    for position in range(len(body) + 1):
        events = list(read(body[:position], body[position:]))
        assert events == WHOLE[2:], position


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_byte_by_byte(newline: str) -> None:
    """A stream that comes one byte at a time, mark and emoji included, is the same."""
    body = BOM + sse(newline=newline)
    assert list(read(*(bytes([byte]) for byte in body))) == WHOLE


@settings(deadline=None)
@given(
    cuts=st.sets(st.integers(0, len(sse())), max_size=30),
    named=st.booleans(),
    comments=st.lists(st.sampled_from([b":\n", b": wait\n\n", b":x\r\n\r\n"])),
)
def test_cut_into_many(cuts: set[int], named: bool, comments: list[bytes]) -> None:
    """Any number of pieces, with comments before them, give the same events."""
    body = b"".join(comments) + sse(named=named)
    edges = [0, *sorted(cuts), len(body)]
    pieces = [body[start:end] for start, end in pairwise(edges)]
    assert list(read(*pieces)) == WHOLE


@pytest.mark.parametrize("start", [b"", BOM], ids=["", "BOM"])
def test_data_only(start: bytes) -> None:
    """Frames without an `event:` line are told by their `type`, also after a mark."""
    assert list(read(start + sse(named=False))) == WHOLE


def test_name_only() -> None:
    """Frames without a `type` are told by their `event:` line."""
    bare = [{k: v for k, v in one.items() if k != "type"} for one in HELLO]
    named = zip(bare, HELLO, strict=True)
    body = b"".join(frame(data, str(known["type"])) for data, known in named)
    assert list(read(body)) == WHOLE


def test_type_wins_over_name() -> None:
    """Where `type` and `event:` disagree, `type` decides."""
    body = frame(PING, "message_stop") + frame(PING, "error") + sse()
    assert list(read(body)) == [Ping(), Ping(), *WHOLE]


@pytest.mark.parametrize("trailer", [b"data: [DONE]\n\n", b"data:[DONE] ", b"\n\n\n"])
def test_trailer(trailer: bytes) -> None:
    """`[DONE]` and stray blank lines after the end, or before it, mean nothing."""
    assert list(read(sse() + trailer)) == WHOLE
    assert list(read(trailer + b"\n\n" + sse())) == WHOLE


def test_fields_that_mean_nothing_here() -> None:
    """Comments, `id`, `retry`, unknown fields and frames without data are skipped."""
    noise = b": hi\nid: 7\nretry: 10\nretry: soon\nfoo: bar\nfoo\n\nevent: ping\n\n"
    assert list(read(noise + sse().replace(b"\n\n", b"\n\n" + noise))) == WHOLE


def test_no_blank_after_colon() -> None:
    """The blank after the colon is optional, and only one is taken away."""
    body = sse().replace(b"data: ", b"data:").replace(b"event: ", b"event:")
    assert list(read(body)) == WHOLE


def test_data_in_several_lines() -> None:
    """Several `data:` lines are one text with line ends between them."""
    body = b"".join(
        b"".join(
            b"data: %b\n" % line
            for line in json.dumps(one, indent=1).encode().split(b"\n")
        )
        + b"\n"
        for one in HELLO
    )
    assert list(read(body)) == WHOLE


@pytest.mark.parametrize("missing", [1, 2])
def test_last_frame_without_blank_line(missing: int) -> None:
    """A last frame counts without its blank line, and without its line end."""
    assert list(read(sse()[:-missing])) == WHOLE


@pytest.mark.parametrize("letter", ["\u2028", "\u2029", "\x85"])
def test_unicode_line_ends_are_text(letter: str) -> None:
    """Only CR and LF end a line; what else Unicode calls a line end is text."""
    delta = {"type": "text_delta", "text": f"a{letter}b"}
    data = {"type": "content_block_delta", "index": 0, "delta": delta}
    events = list(read(with_unknown(data)))
    assert events[1] == ContentBlockDelta(0, delta)


@pytest.mark.parametrize("letter", ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e"])
def test_control_characters_end_no_line(letter: str) -> None:
    """Nor do the control characters that Python's `splitlines` splits at."""
    comment = f": a comment{letter}data: nonsense\n\n".encode()
    assert list(read(comment + sse())) == WHOLE


def test_utf8_whatever_the_header_says() -> None:
    """A stream is UTF-8 even where the header claims another charset."""
    events = list(read(sse(), content_type="text/event-stream; charset=latin-1"))
    assert ContentBlockDelta(0, {"type": "text_delta", "text": hello_text()}) in events


def test_unknown_event() -> None:
    """An event of a later version is handed on, and the answer is the same."""
    later = {"type": "later_event", "x": [1]}
    events = list(read(with_unknown(later)))
    assert [one for one in events if one not in WHOLE] == [
        UnknownEvent("later_event", later)
    ]
    assert [one for one in events if one in WHOLE] == WHOLE


def test_unknown_delta_and_block() -> None:
    """Blocks and deltas of a later version keep every member."""
    block = {"type": "later_block", "x": {"y": 1}}
    delta = {"type": "later_delta", "z": 2}
    start = {"type": "content_block_start", "index": 0, "content_block": block}
    more = {"type": "content_block_delta", "index": 0, "delta": delta}
    events = list(read(with_unknown(start, more)))
    assert ContentBlockStart(0, block) in events
    assert ContentBlockDelta(0, delta) in events


def test_frames_that_are_no_objects() -> None:
    """JSON that is no object is an unknown event, never a crash."""
    events = list(read(b"data: 1\n\ndata: [2]\n\nevent: x\ndata: true\n\n" + sse()))
    assert events[:3] == [
        UnknownEvent("message", {"data": 1}),
        UnknownEvent("message", {"data": [2]}),
        UnknownEvent("x", {"data": True}),
    ]


def test_frame_that_is_no_json() -> None:
    """A whole frame that is no JSON breaks the stream and is shown, shortened."""
    with pytest.raises(APIStreamError, match="no JSON: 'nonsense") as raised:
        list(read(b"data: nonsense" + b"x" * 999 + b"\n\n" + sse()))
    assert len(raised.value.what) < 300


def test_message_delta_twice() -> None:
    """Several message_deltas, one without usage and one with nulls, all come out."""
    first = {"type": "message_delta", "delta": {"stop_reason": None}}
    nulls = {"input_tokens": None, "output_tokens": 2}
    second = {"type": "message_delta", "delta": None, "usage": nulls}
    events = list(read(with_unknown(first, second)))
    assert events[1:3] == [
        MessageDelta({"stop_reason": None}, {}),
        MessageDelta({}, nulls),
    ]


MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [{"type": "text", "text": "whole"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 1, "output_tokens": 2},
    "later": True,
}


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=utf-8"]
)
def test_json_where_a_stream_was_asked_for(kind: str) -> None:
    """A whole message in JSON gives events that fold to the same message."""
    accumulator = MessageAccumulator()
    events = list(read(json.dumps(MESSAGE).encode(), content_type=kind))
    for event in events:
        accumulator.feed(event)
    assert isinstance(events[0], MessageStart)
    assert isinstance(events[-1], MessageStop)
    assert accumulator.message == MESSAGE


def test_json_error_with_status_200() -> None:
    """An error in JSON with status 200 is an error, not an empty answer."""
    with pytest.raises(APIStreamError, match="quota used"):
        list(read(b'{"error": {"message": "quota used"}}', content_type="text/json"))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<html>sign in</html>", "text/html"),
        (b"", "application/json"),
        (b"[]", "application/json"),
        (b"{}", "application/json"),
        (b'{"content": "text"}', "application/json"),
        (b'{"content": ["text"]}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"\xff\xfe\x00", "application/json"),
    ],
)
def test_no_message(body: bytes, content_type: str) -> None:
    """What is no message, a sign-in page for one, is refused with a hint."""
    with pytest.raises(APIStreamError, match="no message") as raised:
        list(read(body, content_type=content_type))
    assert "ROUTEWAY_BASE_URL" in raised.value.hint


@settings(deadline=None)
@given(
    st.lists(
        st.binary(max_size=40)
        | st.sampled_from(
            [b"data: ", b"event: ", b"\n", b"\r", b"\n\n", b"{}", b"[", BOM]
        )
        | st.sampled_from(HELLO).map(lambda one: sse([one])),
        max_size=12,
    )
)
@example([b"data: " + b"[" * 100_000 + b"\n\n"])
def test_any_bytes(pieces: list[bytes]) -> None:
    """Whatever a server sends gives events or an APIStreamError, nothing else."""
    events, error = read_on(*pieces)
    if error:
        assert 2 <= len(error._render_traceback_()) <= 4
    else:
        assert any(isinstance(one, (MessageStop, MessageDelta)) for one in events)


@pytest.mark.parametrize("body", [b"", b": hello\n\n", b"\0\xff\x80" * 9])
def test_nothing_at_all(body: bytes) -> None:
    """A body without any event is said to hold nothing: no word of what arrived."""
    with pytest.raises(APIStreamError, match="holds nothing") as raised:
        list(read(body))
    assert "arrived" not in str(raised.value)


def test_undecodable_body() -> None:
    """A body that is not what its content-encoding says is not tried again."""

    def broken(peer: Peer) -> None:
        peer.reply(b"no gzip", headers={"content-encoding": "gzip"})

    with serving(broken) as (server, client):
        with pytest.raises(APIStreamError, match="cannot be decoded"):
            list(client.stream(ASK))
        assert server.accepted == 1
