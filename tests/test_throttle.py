"""A rate limit is obeyed by all together, and loses no request."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from statistics import median

import pytest
from servers import KEY, Peer, Server, answering, refusing
from sweeps import Watched, opened, swept

from routeway_magic import throttle
from routeway_magic.errors import RateLimitError


def test_a_limit_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """16 at once against 5 a minute, a minute being 1 s: all come, in turns of 5."""
    monkeypatch.setattr(throttle, "_MINUTE", 1.0)
    watch = Watched()
    with opened() as session:
        found = swept(
            session,
            "emulate: echo, limit 5 1\n{n}",
            {"n": range(16)},
            concurrency=16,
            watch=watch,
        )
        assert found.rest == []
        assert len(session.turns) == 16  # a refusal is no turn
    reason = "waiting for the 5 requests a minute of `claude-opus-4-5`"
    assert watch.waits[0][0] == reason
    assert 0 < (watch.waits[0][1] or 0) <= 1.1
    assert ("", None) in watch.waits
    assert median(one.seconds for one in found) < 1  # waiting does not count


def test_one_refusal_stops_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the server wants to be left alone, nobody asks it."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    times: list[float] = []
    lock = threading.Lock()

    def note(peer: object) -> None:
        from servers import Peer, answering

        assert isinstance(peer, Peer)
        with lock:
            times.append(time.monotonic())
            first = len(times) == 1
        if first:
            refusing(429, retry_after="1")(peer)
        else:
            answering()(peer)

    with Server(note) as server:
        monkeypatch.setenv("ROUTEWAY_BASE_URL", server.base_url)
        with opened(max_retries=0) as session:
            found = swept(session, "{n}", {"n": range(6)}, concurrency=1)
            assert found.rest == []
    assert len(times) == 7
    assert times[1] - times[0] >= 1


@pytest.mark.parametrize("asked", ["3600", "61"])
def test_a_wait_of_hours_stops_the_sweep(
    monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    """A limit of the day is not waited for: it ends the sweep, which can go on later."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    with Server(refusing(429, retry_after=asked)) as server:
        monkeypatch.setenv("ROUTEWAY_BASE_URL", server.base_url)
        with opened() as session:
            with pytest.raises(RateLimitError):
                swept(session, "{n}", {"n": range(50)}, concurrency=3)
            assert len(server.requests) <= 3


def test_without_an_answer_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals without an end, as of a spend limit, end the sweep (API.md 5.1)."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    monkeypatch.setattr(throttle, "_PATIENCE", 0.5)
    with Server(refusing(429, retry_after="0.2")) as server:
        monkeypatch.setenv("ROUTEWAY_BASE_URL", server.base_url)
        with opened() as session, pytest.raises(RateLimitError):
            swept(session, "{n}", {"n": range(5)}, concurrency=2)


def test_after_a_pause_one_goes_first() -> None:
    """Then, with each that is let in, twice as many."""

    class Unslept:
        def sleep(self, seconds: float) -> None:
            raise TimeoutError(seconds)

    pace = throttle.Pace("m")
    for _ in range(8):
        assert list(pace.turn(Unslept())) == []
    refusal = RateLimitError("no", status_code=429, retry_after=0.01)
    for _ in range(8):
        assert pace.refused(refusal)
    time.sleep(0.1)
    allowed = []
    for _ in range(3):
        count = 0
        with suppress(TimeoutError):
            while True:
                list(pace.turn(Unslept()))
                count += 1
        allowed.append(count)
        for _ in range(count):
            pace.admitted()
    assert allowed == [1, 2, 8]


def test_a_limited_model_does_not_slow_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits are a model's own: the others go on, and are not given up with it."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)

    def limited(peer: Peer) -> None:
        is_free = peer.received.json["model"] == "m:free"
        (refusing(429, retry_after="3600") if is_free else answering())(peer)

    with Server(limited) as server:
        monkeypatch.setenv("ROUTEWAY_BASE_URL", server.base_url)
        with opened() as session:
            grid = {"model": ["m:free", "paid"], "n": range(6)}
            found = swept(session, "{n}", grid, concurrency=2)
            asked = [one.json["model"] for one in server.requests]
    assert {one.status for one in found[6:]} == {"complete"}
    assert asked.count("m:free") == 1
    assert found.rest == list(range(6))


def test_the_longest_wait_is_told() -> None:
    """Where several models wait, until none does."""
    told: list[tuple[str, float | None]] = []
    paces = throttle.Throttle(lambda *one: told.append(one))
    for model, seconds in (("a", 1.0), ("b:free", 0.1)):
        refusal = RateLimitError("no", status_code=429, retry_after=seconds)
        assert paces.of(model).refused(refusal)
    assert [reason for reason, _ in told] == ["waiting for the rate limit of `a`"] * 2
    time.sleep(1.05)
    for model in ("b:free", "a"):
        paces.of(model).admitted()
    assert "`a`" in told[2][0]
    assert told[3] == ("", None)
