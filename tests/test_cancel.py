"""Ending requests from another thread, whatever they wait for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from replies import WHOLE
from servers import ASK, HELLO, Peer, Script, answering, refusing, serving, sse

from routeway_magic.client import Client
from routeway_magic.errors import Interrupted
from routeway_magic.events import Event, Waiting


def ask(client: Client) -> list[Event]:
    """The answer's events, without `Waiting`."""
    return list(client.stream(ASK))[1:]


def held(seen: list[bool]) -> Script:
    """A script that sends a beginning and notes whether the client then leaves."""

    def hold(peer: Peer) -> None:
        peer.head()
        peer.chunk(sse(HELLO[:1]))
        seen.append(peer.sees_hangup())

    return hold


def unanswered(seen: list[bool]) -> Script:
    """A script that never answers and notes whether the client leaves."""
    return lambda peer: seen.append(peer.sees_hangup())


@pytest.mark.parametrize("script", [held, unanswered])
@pytest.mark.parametrize("kept", [False, True], ids=["fresh", "kept connection"])
def test_cancel_from_another_thread(
    script: Callable[[list[bool]], Script], *, kept: bool
) -> None:
    """`cancel` wakes who waits, for headers or for more; what follows works again."""
    seen: list[bool] = []
    before = [answering()] * kept
    with serving(*before, script(seen), answering(), read_timeout=9) as (_, client):
        for _ in before:
            assert ask(client) == WHOLE
        timer = threading.Timer(0.05, client.cancel)
        events = client.stream(ASK)
        timer.start()
        with pytest.raises(Interrupted):
            list(events)
        timer.join()
        assert not client.is_busy
        client.cancel()  # nothing is under way: nothing happens
        assert ask(client) == WHOLE
    assert seen == [True]


def test_cancel_before_a_retry() -> None:
    """A wait for the next try ends when it is cancelled; nothing is sent after it."""
    refuses = refusing(429, retry_after="50")
    with serving(refuses) as (server, client):
        events = client.stream(ASK)
        told = [next(events), next(events)]
        assert isinstance(told[1], Waiting)
        assert client.is_busy
        client.cancel()
        with pytest.raises(Interrupted):
            next(events)
        assert len(server.requests) == 1


def test_cancel_before_it_is_sent() -> None:
    """A request that is cancelled before it is sent is not sent."""
    with serving(answering()) as (server, client):
        events = client.stream(ASK)
        next(events)
        client.cancel()
        with pytest.raises(Interrupted):
            next(events)
        assert server.requests == []
        assert ask(client) == WHOLE


def test_cancel_of_one_thread() -> None:
    """Only what that thread asks is ended; another request of the client goes on."""
    seen: list[bool] = []
    may_end = threading.Event()

    def patient(peer: Peer) -> None:
        peer.head()
        peer.chunk(sse(HELLO[:1]))
        may_end.wait(9)
        peer.chunk(sse(HELLO[1:]))
        peer.chunk(b"")

    with serving(patient, held(seen), read_timeout=9) as (_, client):
        events = client.stream(ASK)
        next(events)
        next(events)
        other = threading.Thread(target=lambda: _until_cancelled(client))
        other.start()
        while len(client._calls) < 2:
            time.sleep(0.01)
        time.sleep(0.1)
        client.cancel(thread=other.ident)
        other.join(5)
        may_end.set()
        assert [*events][-1] == WHOLE[-1]
    assert seen == [True]


def _until_cancelled(client: Client) -> None:
    with pytest.raises(Interrupted):
        ask(client)
