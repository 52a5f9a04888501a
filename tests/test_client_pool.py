"""One pooled connection: kept between requests, replaced when dead, closed in time."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Generator
from contextlib import closing
from typing import cast

import pytest
from replies import WHOLE
from servers import (
    ASK,
    HELLO,
    Peer,
    Script,
    answering,
    dropping,
    refusing,
    serving,
    sse,
)

from routeway_magic.client import Client
from routeway_magic.errors import APIConnectionError, BadRequestError
from routeway_magic.events import Event, MessageStop

MODELS = b'{"data": [{"id": "m"}]}'


def ask(client: Client) -> list[Event]:
    """The answer's events, without `Waiting`."""
    return list(client.stream(ASK))[1:]


def begun(client: Client) -> Generator[Event, None, None]:
    """An answer of which one event has arrived."""
    events = cast("Generator[Event, None, None]", client.stream(ASK))
    next(events)
    assert next(events) == WHOLE[0]
    return events


def test_one_connection_for_all_requests() -> None:
    """Answers, refusals, whole messages and lists of models share one connection."""

    def models(peer: Peer) -> None:
        peer.reply(MODELS)

    scripts = (answering(), refusing(400), models, answering())
    with serving(*scripts) as (server, client):
        assert ask(client) == WHOLE
        with pytest.raises(BadRequestError):
            ask(client)
        assert client.models() == [{"id": "m"}]
        assert ask(client) == WHOLE
    assert (len(server.requests), server.accepted) == (4, 1)


def test_closed_while_idle() -> None:
    """A connection that the server closed between requests is replaced unnoticed."""

    def answer_and_close(peer: Peer) -> None:
        answering()(peer)
        peer.hang_up()

    with serving(answer_and_close, answering(), max_retries=0) as (server, client):
        assert ask(client) == WHOLE
        time.sleep(0.05)
        assert ask(client) == WHOLE
    assert server.accepted == 2


def reset(peer: Peer) -> None:
    """Closes the connection the hard way."""
    peer.reset()


@pytest.mark.parametrize("dies", [dropping, reset])
def test_dies_under_a_request(dies: Script) -> None:
    """A kept connection that dies before a byte of the answer is replaced, once."""
    with serving(answering(), dies, answering(), max_retries=0) as (server, client):
        assert ask(client) == WHOLE
        assert ask(client) == WHOLE
    assert (len(server.requests), server.accepted) == (3, 2)


def test_replaced_once_only() -> None:
    """If the fresh connection dies as well, that is an error."""
    with serving(answering(), dropping, max_retries=0) as (server, client):
        assert ask(client) == WHOLE
        with pytest.raises(APIConnectionError):
            ask(client)
    assert (len(server.requests), server.accepted) == (3, 2)


def test_fresh_connection_is_not_replaced() -> None:
    """A first connection that dies is no kept one: only `max_retries` counts."""
    with serving(dropping, max_retries=0) as (server, client):
        with pytest.raises(APIConnectionError):
            ask(client)
        with pytest.raises(APIConnectionError):
            ask(client)
    assert len(server.requests) == 2


def test_silence_on_a_kept_connection_is_not_death() -> None:
    """A slow answer on a kept connection is not asked for twice."""

    def silent(peer: Peer) -> None:
        peer.sees_hangup()

    with serving(answering(), silent, read_timeout=0.4) as (server, client):
        assert ask(client) == WHOLE
        with pytest.raises(APIConnectionError, match="silent"):
            ask(client)
    assert len(server.requests) == 2


def test_models_on_a_dead_connection() -> None:
    """The list of models, too, survives a kept connection's death."""

    def models(peer: Peer) -> None:
        peer.reply(MODELS)

    with serving(answering(), dropping, models) as (_, client):
        assert ask(client) == WHOLE
        assert client.models() == [{"id": "m"}]


def test_body_held_open_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """After message_stop a body that stays open is not waited for."""
    monkeypatch.setattr("routeway_magic.client._LINGER_SECONDS", 0.1)
    seen: list[bool] = []

    def hold(peer: Peer) -> None:
        peer.head()
        peer.chunk(sse())
        seen.append(peer.sees_hangup(60))

    with serving(hold, answering(), read_timeout=60) as (server, client):
        assert ask(client) == WHOLE
        assert ask(client) == WHOLE
    assert seen == [True]
    assert server.accepted == 2


@pytest.mark.parametrize("rest", [b": bye\n\n", b"data: {", b"data: nonsense\n\n"])
def test_what_follows_the_end_is_nothing(rest: bytes) -> None:
    """After message_stop nothing can go wrong any more."""

    def chatty(peer: Peer) -> None:
        peer.head()
        peer.chunk(sse() + rest)
        peer.hang_up()

    with serving(chatty, max_retries=0) as (_, client):
        assert ask(client) == WHOLE


def test_events_come_as_they_are_sent() -> None:
    """No event waits for the next one to arrive."""
    shown = threading.Semaphore(0)
    in_time: list[bool] = []

    def step_by_step(peer: Peer) -> None:
        peer.head()
        for one in HELLO:
            peer.chunk(sse([one]))
            in_time.append(shown.acquire(timeout=20))
        peer.chunk(b"")

    with serving(step_by_step) as (_, client):
        events = iter(client.stream(ASK))
        next(events)
        for event in events:
            assert event == WHOLE[len(in_time)]
            shown.release()
    assert in_time == [True] * len(HELLO)


def held(seen: list[bool]) -> Script:
    """A script that sends a beginning and notes whether the client then leaves."""

    def hold(peer: Peer) -> None:
        peer.head()
        peer.chunk(sse(HELLO[:1]))
        seen.append(peer.sees_hangup())

    return hold


def test_closing_the_iterator_closes_the_connection() -> None:
    """Who closes the iterator hangs up: the server sees it and can stop."""
    seen: list[bool] = []
    with serving(held(seen)) as (_, client):
        events = begun(client)
        assert client.is_busy
        events.close()
        assert not client.is_busy
    assert seen == [True]


def test_interrupt_closes_the_connection() -> None:
    """An interrupt while reading hangs up, and the next request finds a fresh way."""
    seen: list[bool] = []
    with serving(held(seen), answering()) as (server, client):
        events = begun(client)
        with pytest.raises(KeyboardInterrupt):
            events.throw(KeyboardInterrupt)
        assert ask(client) == WHOLE
    assert seen == [True]
    assert server.accepted == 2


def test_abandoned_iterator_closes_the_connection() -> None:
    """An iterator that is forgotten hangs up when it is collected."""
    seen: list[bool] = []
    with serving(held(seen)) as (_, client):
        events = begun(client)
        del events
        gc.collect()
        assert not client.is_busy
    assert seen == [True]


def test_stopping_at_message_stop() -> None:
    """Who leaves at message_stop, before the body's end, leaves nothing open."""
    with serving(answering()) as (_, client):
        with closing(begun(client)) as events:
            assert any(isinstance(event, MessageStop) for event in events)
        assert not client.is_busy
        assert ask(client) == WHOLE


def test_nothing_is_opened_before_it_is_needed() -> None:
    """A client, and an iterator that nobody has begun, open no connection."""
    with serving(answering()) as (server, client):
        client.stream(ASK)
        assert server.accepted == 0
