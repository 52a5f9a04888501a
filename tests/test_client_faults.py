"""What can go wrong on the wire: errors in a stream, cuts, silence, refusals, retries."""

from __future__ import annotations

import time
from typing import Any

import pytest
from replies import WHOLE, frame, read, read_on
from servers import (
    ASK,
    HELLO,
    Peer,
    Server,
    answering,
    connected,
    dropping,
    refusing,
    serving,
    sse,
)

from routeway_magic.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APIStreamError,
    APITimeoutError,
    AuthenticationError,
    RateLimitError,
)
from routeway_magic.events import MessageDelta, Waiting, from_data

ERROR = {"type": "overloaded_error", "message": "Overloaded", "tip": "later"}


@pytest.mark.parametrize(
    "body",
    [
        frame({"type": "error", "error": ERROR}, "error"),
        frame({"type": "error", "error": ERROR}),
        frame({"error": ERROR}),
        frame({"error": ERROR}, "content_block_delta"),
        frame({"type": "ping", "error": ERROR}, "ping"),
        frame({"type": "error", "error": None, "message": "Overloaded"}),
        frame({"message": "Overloaded"}, "error"),
        frame({"error": "Overloaded"}),
    ],
)
@pytest.mark.parametrize("before", [0, 3], ids=["first", "mid"])
def test_error_frame(body: bytes, before: int) -> None:
    """An error in a stream raises, first or mid, named or not, with its words."""
    events, error = read_on(sse(HELLO[:before]) + body + sse(HELLO[before:]))
    assert events == WHOLE[:before]
    assert error is not None
    assert "Overloaded" in error.what


def test_error_frame_without_reason() -> None:
    """An error object that is empty is an error all the same."""
    with pytest.raises(APIStreamError, match="no reason given"):
        list(read(frame({"error": {}}) + sse()))


def test_error_frame_says_type_and_tip() -> None:
    """The server's type, tip and trace id are in the error."""
    with pytest.raises(APIStreamError) as raised:
        list(read(frame({"error": {**ERROR, "trace_id": "req_7"}})))
    assert raised.value.type == "overloaded_error"
    assert "Tip: later" in raised.value.hint
    assert "Trace id: req_7" in raised.value.hint


TOOL = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
PARTIAL = {"type": "input_json_delta", "partial_json": '{"a'}
IN_TOOL = (
    HELLO[0],
    {"type": "content_block_start", "index": 0, "content_block": TOOL},
    {"type": "content_block_delta", "index": 0, "delta": PARTIAL},
)


@pytest.mark.parametrize(
    "frames",
    [HELLO[:1], HELLO[:3], IN_TOOL, HELLO[:4]],
    ids=["after message_start", "mid-text", "mid-tool JSON", "block ended"],
)
def test_cut_stream(frames: tuple[dict[str, Any], ...]) -> None:
    """A body that ends before a stop reason raises after what did arrive."""
    events, error = read_on(sse(frames))
    assert events == [from_data(dict(one)) for one in frames]
    assert error is not None
    assert "broke off before its end" in error.what


def test_stop_reason_and_clean_end() -> None:
    """A stop reason and then a clean end is a complete answer."""
    assert list(read(sse(HELLO[:5]))) == WHOLE[:5]


def test_cut_at_any_byte() -> None:
    """Cut at any byte: a prefix of the events, then an error unless it had stopped."""
    for end in range(len(sse())):
        events, error = read_on(sse()[:end])
        assert events == WHOLE[: len(events)]
        stopped = any(isinstance(one, MessageDelta) for one in events)
        assert (error is None) == stopped, end
        said = "broke off before its end" if events else "holds nothing"
        assert error is None or said in error.what


def lines(error: APIError) -> list[str]:
    """What the cell shows."""
    shown = error._render_traceback_()
    assert 2 <= len(shown) <= 4
    return shown


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits before further tries, which do not take place."""
    waits: list[float] = []
    monkeypatch.setattr(
        "routeway_magic.calls.Call.sleep", lambda _, seconds: waits.append(seconds)
    )
    return waits


def test_silence_before_the_answer() -> None:
    """A server that says nothing is given up after the read timeout, and once only."""

    def silent(peer: Peer) -> None:
        peer.sees_hangup()

    with serving(silent, read_timeout=0.1) as (server, client):
        with pytest.raises(APITimeoutError, match=r"was silent for 0\.1 s") as raised:
            list(client.stream(ASK))
        assert "read_timeout" in lines(raised.value)[1]
        assert len(server.requests) == 1


def test_silence_in_mid_answer() -> None:
    """Silence in mid-answer ends it after the read timeout; what came had come."""

    def pause(peer: Peer) -> None:
        peer.head()
        peer.chunk(sse(HELLO[:3]))
        peer.sees_hangup()

    with serving(pause, read_timeout=0.3) as (_, client):
        events = client.stream(ASK)
        assert [next(events) for _ in range(4)][1:] == WHOLE[:3]
        with pytest.raises(APIStreamError, match="was silent") as raised:
            next(events)
        assert lines(raised.value)


def test_read_timeout_is_between_bytes() -> None:
    """The read timeout counts silence, not the whole answer."""

    def drip(peer: Peer) -> None:
        peer.head()
        for one in HELLO:
            time.sleep(0.12)
            peer.chunk(sse([one]))
        peer.chunk(b"")

    with serving(drip, read_timeout=0.5) as (_, client):
        assert list(client.stream(ASK))[1:] == WHOLE


def test_nobody_listens(slept: list[float]) -> None:
    """A refused connection is tried again, then reported with what to check."""
    with Server() as server:
        gone = server.base_url
    with connected(gone, max_retries=2) as client:
        waits = []
        with pytest.raises(APIConnectionError, match="No connection to") as raised:
            waits.extend(client.stream(ASK))
    assert "proxy" in lines(raised.value)[1]
    assert len(slept) == 2
    assert 0.3 < slept[0] <= 0.5 < slept[1] <= 1.0


def test_a_retry_is_announced(slept: list[float]) -> None:
    """Before each wait the reason and its length are told, then the answer comes."""
    refused = refusing(429, retry_after="7")
    with serving(refused, refusing(529), answering()) as (_, client):
        events = list(client.stream(ASK))
    told = [event for event in events if isinstance(event, Waiting)]
    waits = [None, *(wait for wait in told if wait.seconds)]
    assert [wait.reason for wait in told[::2]] == ["connecting"] * 3
    assert waits[1].reason.startswith("rate limit, trying again in 7 s (until ")
    assert waits[2].reason.startswith("server error 529, trying again in ")
    assert slept == [7.0, waits[2].seconds]
    assert events[5:] == WHOLE


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529, 599])
def test_statuses_tried_again(status: int, slept: list[float]) -> None:
    """408, 409, 429 and every 5xx are tried again, as often as is set."""
    with (
        serving(refusing(status), max_retries=3) as (server, client),
        pytest.raises(APIStatusError) as raised,
    ):
        list(client.stream(ASK))
    assert raised.value.status_code == status
    assert len(server.requests) == 4
    assert len(slept) == 3
    assert server.accepted == 1


@pytest.mark.parametrize("status", [301, 400, 401, 402, 403, 404, 413, 418, 422, 425])
def test_statuses_not_tried_again(status: int, slept: list[float]) -> None:
    """Any other refusal is final."""
    with (
        serving(refusing(status)) as (server, client),
        pytest.raises(APIStatusError) as raised,
    ):
        list(client.stream(ASK))
    assert lines(raised.value)
    assert (len(server.requests), slept) == (1, [])


@pytest.mark.parametrize(
    ("header", "wait"),
    [("0", 0.5), ("1", 1.0), ("60", 60.0), ("garbage", 0.5), ("-3", 0.5), ("inf", 0.5)],
)
def test_retry_after(header: str, wait: float, slept: list[float]) -> None:
    """Retry-After is obeyed to the letter up to 60 s; nonsense means backoff."""
    limited = refusing(429, retry_after=header)
    with serving(limited, answering()) as (_, client):
        assert list(client.stream(ASK))[3:] == WHOLE
    assert slept == [pytest.approx(wait, rel=0.25 if wait == 0.5 else 1e-9)]


@pytest.mark.parametrize("header", ["61", "86400", "Wed, 01 Jan 2200 00:00:00 GMT"])
def test_long_wait_is_reported(header: str, slept: list[float]) -> None:
    """A wait of more than 60 s is told, not slept."""
    limited = refusing(429, retry_after=header)
    with (
        serving(limited, answering()) as (server, client),
        pytest.raises(RateLimitError) as raised,
    ):
        list(client.stream(ASK))
    assert "Try again in" in lines(raised.value)[1]
    assert raised.value.retry_after
    assert (len(server.requests), slept) == (1, [])


def test_no_retry_after_the_first_event(slept: list[float]) -> None:
    """Once an event came, a broken connection is final: nothing is billed twice."""

    def break_off(peer: Peer) -> None:
        peer.head()
        peer.chunk(sse(HELLO[:1]))
        peer.hang_up()

    with (
        serving(break_off, answering()) as (server, client),
        pytest.raises(APIStreamError, match="broke in mid-answer") as raised,
    ):
        list(client.stream(ASK))
    assert "kept" in lines(raised.value)[1]
    assert (len(server.requests), slept) == (1, [])


def test_retry_before_the_first_event(slept: list[float]) -> None:
    """A connection that breaks after the headers, before an event, is tried again."""

    def break_off(peer: Peer) -> None:
        peer.head()
        peer.hang_up()

    with serving(dropping, break_off, answering()) as (_, client):
        assert list(client.stream(ASK))[5:] == WHOLE
    assert len(slept) == 2


def test_error_frame_is_not_tried_again(slept: list[float]) -> None:
    """An error that comes as the first frame is final: the request was taken."""
    failing = answering([{"type": "error", "error": ERROR}])
    with (
        serving(failing) as (server, client),
        pytest.raises(APIStreamError, match="Overloaded") as raised,
    ):
        list(client.stream(ASK))
    assert lines(raised.value)
    assert (len(server.requests), slept) == (1, [])


def test_refusal_whose_body_breaks_off() -> None:
    """A refusal keeps its status though its body is cut."""

    def cut(peer: Peer) -> None:
        peer.head(401, headers={"content-length": "99"})
        peer.sock.sendall(b'{"error"')
        peer.hang_up()

    with (
        serving(cut) as (_, client),
        pytest.raises(AuthenticationError),
    ):
        list(client.stream(ASK))


def test_refusal_whose_body_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal's body that does not end is not waited for."""
    monkeypatch.setattr("routeway_magic.client._REFUSAL_SECONDS", 0.1)

    seen: list[bool] = []

    def hold(peer: Peer) -> None:
        peer.head(401)
        peer.chunk(b"no such key")
        seen.append(peer.sees_hangup(60))

    refused = pytest.raises(AuthenticationError, match="no such key")
    with serving(hold) as (_, client), refused:
        list(client.stream(ASK))
    assert seen == [True]


def test_refusal_without_end() -> None:
    """Of a refusal without end only the beginning is read, then the client leaves."""

    def endless(peer: Peer) -> None:
        peer.head(400)
        while True:
            peer.chunk(b"x" * 65536)

    with serving(endless) as (_, client), pytest.raises(APIStatusError) as raised:
        list(client.stream(ASK))
    assert len(str(raised.value)) < 600


def test_no_http_at_all(slept: list[float]) -> None:
    """Bytes that are no HTTP are a connection error, not a crash."""

    def other_protocol(peer: Peer) -> None:
        peer.sock.sendall(b"SSH-2.0-x\r\n\r\n")

    with (
        serving(other_protocol) as (_, client),
        pytest.raises(APIConnectionError) as raised,
    ):
        list(client.stream(ASK))
    assert lines(raised.value)
