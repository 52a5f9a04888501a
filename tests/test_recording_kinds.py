"""What a recording takes besides answers asked here: refusals, engines', mixtures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from replaying import recorded, reply
from servers import KEY, Server, answering, refusing
from sweeps import opened, unsent

from routeway_magic.errors import BadRequestError, ClaudeError
from routeway_magic.run.session import Session

REFUSAL = {"error": {"type": "invalid_request_error", "message": "too warm"}}


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session with a key."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    with opened(max_retries=0) as running:
        yield running


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A cassette that is still to be recorded."""
    return tmp_path / "lesson.jsonl"


def refused(session: Session, prompt: str) -> BadRequestError:
    """How this is refused."""
    with pytest.raises(BadRequestError) as raised:
        reply(session, prompt)
    return raised.value


def test_a_refusal_is_replayed(file: Path, session: Session) -> None:
    """What a request is refused for, it is refused for again, in the same words."""
    with Server(refusing(400, json.dumps(REFUSAL).encode())) as server:
        session.settings.base_url = server.base_url
        session.sources.deck.record(file)
        before = refused(session, "warm")
        session.sources.deck.stop_recording()
    session.sources.deck.play(file, speed=None)
    after = refused(session, "warm")
    assert (str(after), after.hint) == (str(before), before.hint)
    assert "too warm" in str(after)
    assert session.turns[-1].source.endswith(", replayed")


def test_an_answer_comes_before_a_refusal(file: Path, session: Session) -> None:
    """A request that was answered in the end is answered."""
    with Server(refusing(400), answering()) as server:
        session.settings.base_url = server.base_url
        session.sources.deck.record(file)
        refused(session, "again")
        before = reply(session, "again")
    session.sources.deck.play(file, speed=None)
    assert [reply(session, "again").message for _ in range(2)] == [before.message] * 2


@pytest.mark.parametrize("status", [401, 429, 500])
def test_what_may_pass_is_not_recorded(
    status: int, file: Path, session: Session
) -> None:
    """A key, a limit or a fault is no matter of the request."""
    with Server(refusing(status)) as server:
        session.settings.base_url = server.base_url
        session.sources.deck.record(file)
        with pytest.raises(ClaudeError):
            reply(session, "hi")
    assert len(session.sources.deck.play(file).library) == 0


def test_engines_answers_are_recorded_here(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, in the file of who has them ask, wherever the environment reaches."""
    monkeypatch.setenv("ROUTEWAY_CASSETTE", str(file))
    monkeypatch.setenv("ROUTEWAY_CASSETTE_MODE", "record")
    grid = {"temperature": [0.1, 0.9]}
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    with pool, opened() as session:
        before = unsent(session, "emulate: echo\nhi", grid).resume(executor=pool)
        playing = session.sources.deck.play(file, speed=None)
        assert len(playing.library) == 2
        after = unsent(session, "emulate: echo\nhi", grid).resume()
    assert [one.text for one in after] == [one.text for one in before]
    sources = {one.turn.source for one in after if one.turn}
    assert sources == {"emulator, replayed"}


def test_a_mixture_is_told(file: Path, session: Session) -> None:
    """Answers of the emulator and of a model in one file: it says so, once."""
    with Server(answering()) as server:
        session.settings.base_url = server.base_url
        recorded(file, session, "live")
        session.sources.deck.record(file)
        told: list[str] = []
        session.sources.deck.warn = told.append
        session.settings.source = "emulator"
        reply(session, "offline")
        assert told == []
        session.settings.source = "live"
        reply(session, "live")
        reply(session, "live again")
    [sentence] = told
    assert "in a file of its own" in sentence
