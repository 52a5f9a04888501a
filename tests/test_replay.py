"""Recording exchanges and replaying them: the same answers, without anybody asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from replaying import recorded, reply
from scripted import ask
from servers import HELLO, KEY, Server, answering, hello_text
from sweeps import unsent

from routeway_magic.errors import ClaudeError, Interrupted
from routeway_magic.events import Waiting, from_data
from routeway_magic.fingerprint import fingerprint
from routeway_magic.recorded import Recorded
from routeway_magic.run.session import Session
from routeway_magic.settings import ClaudeSettings
from routeway_magic.sources.replay.library import Library
from routeway_magic.turn import Turn

Open = Callable[..., Session]


@pytest.fixture
def open_session() -> Iterator[Open]:
    """Opens sessions that are closed with the test."""
    with ExitStack() as stack:

        def opened(**settings: Any) -> Session:
            session = Session(ClaudeSettings(**settings))
            stack.callback(session.close)
            return session

        yield opened


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that says hello, to be asked with a key."""
    with Server(answering()) as running:
        monkeypatch.setenv("ROUTEWAY_BASE_URL", running.base_url)
        monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
        yield running


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A cassette that is still to be recorded."""
    return tmp_path / "lesson.jsonl"


def unkeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on another machine: no key, no address."""
    monkeypatch.delenv("ROUTEWAY_API_KEY")
    monkeypatch.delenv("ROUTEWAY_BASE_URL")


def test_the_same_question_has_the_same_answer(
    server: Server, file: Path, open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without key and network, block by block; the reply says that it is a replay."""
    (before,) = recorded(file, open_session(), "hi")
    unkeyed(monkeypatch)
    monkeypatch.setenv("ROUTEWAY_SOURCE", "live")
    session = open_session()
    session.sources.deck.play(file, speed=None)
    after = reply(session)
    assert after.message == before.message
    assert after.source == f"127.0.0.1:{server.port}, replayed"
    assert ", replayed" in repr(after)
    assert len(server.requests) == 1


def test_thinking_and_images_are_included(file: Path, open_session: Open) -> None:
    """What is no text is recorded and found again as well."""
    image = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    prompt: Any = [
        {"type": "image", "source": image},
        {"type": "text", "text": "emulate: thinking\nwhat is this?"},
    ]
    session = open_session()
    session.sources.deck.record(file)
    before = reply(session, prompt, thinking=2000)
    session.sources.deck.play(file, speed=None)
    after = reply(session, prompt, thinking=2000)
    assert [block["type"] for block in after.message["content"]] == ["thinking", "text"]
    assert after.message == before.message
    assert after.source == "emulator, replayed"


def test_a_conversation_is_found_turn_by_turn(
    server: Server, file: Path, open_session: Open
) -> None:
    """What was replayed is said before the next question as if it had been asked."""
    first, second = open_session(), open_session()
    first.sources.deck.record(file)
    for prompt in ("one", "two", "three"):
        ask(first, prompt)
    second.sources.deck.play(file, speed=None)
    for prompt in ("one", "two", "three"):
        ask(second, prompt)
    assert len(server.requests) == 3
    assert [turn.message for turn in second.turns] == [
        turn.message for turn in first.turns
    ]


def test_fallback_asks_for_what_is_not_there(
    server: Server, file: Path, open_session: Open
) -> None:
    """What is recorded is replayed, the rest is asked; each reply says which."""
    session = open_session()
    recorded(file, session, "one")
    session.sources.deck.play(file, speed=None, is_strict=False)
    sources = [reply(session, prompt).source for prompt in ("one", "two")]
    host = f"127.0.0.1:{server.port}"
    assert sources == [f"{host}, replayed", host]
    assert len(server.requests) == 2


def test_nothing_is_paid_for_a_replay(
    server: Server, file: Path, open_session: Open
) -> None:
    """No budget is used up by it, and none stands in its way."""
    session = open_session()
    recorded(file, session, "one")
    used = session.guard.bill.tokens
    session.settings.max_session_tokens = used
    session.sources.deck.play(file, speed=None)
    reply(session, "one")
    assert session.guard.bill.tokens == used
    session.sources.deck.stop_playing()
    with pytest.raises(ClaudeError, match="max_session_tokens"):
        reply(session, "one")


def test_asked_twice_answered_twice() -> None:
    """What was asked several times is answered in that order, then from the first."""
    library = Library([[Recorded("k", name, []) for name in "abc"]])
    found = [library.take("k") for _ in range(4)]
    assert [one and one.source for one in found] == ["a", "b", "c", "a"]
    assert library.take("other") is None


def test_threads_share_a_cassette(file: Path, open_session: Open) -> None:
    """A sweep's requests at once: recorded whole, and each answered with its own."""
    session = open_session()
    session.sources.deck.record(file)
    prompts = [f"emulate: echo\nnumber {n}" for n in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda prompt: reply(session, prompt), prompts))
    session.sources.deck.play(file, speed=None)
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda prompt: reply(session, prompt), prompts))
    assert [one.text for one in replies] == [f"number {n}" for n in range(12)]
    assert {one.source for one in replies} == {"emulator, replayed"}


def exchange(*times: int) -> Recorded:
    """The hello stream with its events at these times, milliseconds."""
    events = [from_data(dict(frame)) for frame in HELLO]
    return Recorded("k", "a.host", list(zip(times, events, strict=True)))


def test_the_pace_is_that_of_the_recording() -> None:
    """Each event at its time, a speed as many times sooner, or all at once."""
    one = exchange(100, 200, 300, 400, 500, 600)
    at = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    assert [when for when, _ in one.played(1).pieces] == at
    assert [when for when, _ in one.played(4).pieces] == [when / 4 for when in at]
    assert {when for when, _ in one.played(None).pieces} == {0.0}


def test_a_replay_takes_its_time_and_can_be_stopped(
    file: Path, open_session: Open
) -> None:
    """What has come is kept, as with a server; a stop ends the longest pause."""
    session = open_session()
    body = session.compose(
        "hi", options=session.settings.snapshot(), place=session.place()
    ).body
    tape = session.sources.deck.record(file)
    slow = exchange(0, 0, 0, 10**7, 10**7, 10**7)
    tape.put(Recorded(fingerprint(body), "a.host", slow.came, body))
    session.sources.deck.play(file)
    client, _ = session.sources.client()

    def stop() -> None:
        while not client.is_busy:
            time.sleep(0.01)
        time.sleep(0.3)
        client.cancel()

    stopping = threading.Thread(target=stop)
    stopping.start()
    with pytest.raises(Interrupted):
        reply(session)
    stopping.join()
    (turn,) = session.turns
    assert turn.status == "interrupted"
    assert turn.message is not None
    assert turn.message["content"][0]["text"] == hello_text()


def test_what_is_not_streamed_is_replayed_too(
    server: Server, file: Path, open_session: Open
) -> None:
    """How an answer comes is no part of the question."""
    session = open_session()
    (before,) = recorded(file, session, "hi")
    session.sources.deck.play(file, speed=None)
    assert reply(session, stream=False).message == before.message


def test_a_cassette_lists_the_models_that_were_asked(
    file: Path, open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else is asked for anything; tokens are not counted."""
    monkeypatch.setenv("ROUTEWAY_SOURCE", "emulator")
    session = open_session()
    recorded(file, session, "hi")
    monkeypatch.setenv("ROUTEWAY_SOURCE", "live")
    session.sources.deck.play(file)
    assert [model["id"] for model in session.models()] == ["claude-opus-4-5"]
    client, _ = session.sources.client()
    place = session.place()
    request = session.compose("hi", options=session.settings.snapshot(), place=place)
    assert client.count_tokens(request) is None
    assert next(iter(client.stream(request))) == Waiting("connecting")


def test_a_sweep_is_replayed(
    file: Path, open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each variant has its own answers, also where engines would ask; nobody does."""
    session = open_session()
    session.sources.deck.record(file)
    grid = {"temperature": [0.1, 0.9]}

    def asked(**more: Any) -> list[Turn]:
        results = unsent(session, "emulate: echo\nhi", grid, repeat=2).resume(**more)
        return [result.turn for result in results if result.turn]

    before = asked()
    session.sources.deck.play(file, speed=None)
    monkeypatch.setenv("ROUTEWAY_SOURCE", "live")  # without a key
    with ThreadPoolExecutor(2) as executor:
        for after in (asked(), asked(executor=executor)):
            assert [turn.source for turn in after] == ["emulator, replayed"] * 4
            assert message_ids(after) == message_ids(before)


def message_ids(turns: list[Turn]) -> set[str]:
    """What the source called its answers."""
    return {turn.message["id"] for turn in turns if turn.message}
