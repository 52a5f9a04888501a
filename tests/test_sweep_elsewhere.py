"""Sweeps on the engines of an executor: answers, failures, dead engines, and the key."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import pytest
from servers import KEY, Server, answering, hello_text, refusing
from sweeps import Watched, opened, unsent
from waiting import wait_until

from routeway_magic import throttle
from routeway_magic.errors import ClaudeError, RateLimitError
from routeway_magic.recovery import read
from routeway_magic.run.session import Session
from routeway_magic.run.sweeping import engine
from routeway_magic.run.sweeping.engine import Job, answer, engines_folder

ECHO = "emulate: echo\n"


@contextmanager
def processes(count: int = 2) -> Iterator[ProcessPoolExecutor]:
    """A pool of fresh processes."""
    pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def threads(count: int = 2) -> Iterator[ThreadPoolExecutor]:
    """A pool of threads; what they have opened as engines is closed."""
    with ThreadPoolExecutor(count) as pool:
        yield pool
    for session in [it for it in gc.get_objects() if type(it) is Session]:
        session.sources.close()
    engine._connected.cache_clear()
    engine._recorder.cache_clear()


def journal_of(session: Session) -> list[object]:
    """The turns that the session's journal holds."""
    path = session.recorder.journal.path
    assert path is not None
    recovered = read(path.read_bytes().splitlines())
    assert (recovered.skipped, recovered.notes) == (0, [])
    return list(recovered.conversations["main"].turns)


def left() -> list[Path]:
    """What engines have left on the disk."""
    folder = engines_folder("x").parent
    return list(folder.iterdir()) if folder.exists() else []


def test_in_processes() -> None:
    """Results, failures, journal and tree are as if it had been asked here."""
    watch = Watched()
    with processes() as pool, opened(max_retries=0) as session:
        place = session.place(session.conversation())
        options = session.settings.snapshot()
        first = session.converse(ECHO + "first", options=options, place=place).turn
        found = unsent(
            session,
            "emulate: {what}\nanswer {n}",
            {"what": ["echo", "error 500"], "n": [1, 2]},
            conversation="main",
        ).resume(executor=pool, watch=watch)
        assert [one.status for one in found] == ["complete"] * 2 + ["failed"] * 2
        assert [one.text for one in found] == ["answer 1", "answer 2", "", ""]
        assert "500" in found[3].error
        assert all(one.turn and one.turn.parent == first.id for one in found)
        assert session.conversation().head == first.id
        assert journal_of(session) == session.turns
        assert session.guard.bill.tokens > first.usage["input_tokens"] * 3
        assert {index for index, _ in watch.events} >= {0, 1}
        assert len(watch.ended_ones) == 4
        assert 0 < (found[0].first_token or 0) <= found[0].seconds
        found.retry(2)


def test_an_engine_that_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is complete stays, what had begun is kept, and the rest can be asked."""
    with opened() as session:
        found = unsent(
            session,
            "emulate: echo, slow {pace}\nthe answer {n} in seven words or so {n}",
            {"pace": [1000, 2], "n": [1, 2, 3]},
            concurrency=2,
        )
        with processes() as pool:
            watch = Watched()
            ended = watch.ended_ones

            def kill() -> None:
                wait_until(lambda: len(ended) == 3)
                wait_until(lambda: _begun(found.id))
                os.kill(next(iter(pool._processes)), signal.SIGKILL)

            killer = threading.Thread(target=kill)
            killer.start()
            found.resume(executor=pool, watch=watch)
            killer.join()
        assert [one.status for one in found][:3] == ["complete"] * 3
        assert "broken" in str(found.stopped_by)
        partial = [one for one in found if one.status == "interrupted"]
        assert any(one.text.startswith("the answer") for one in partial)
        done = [one.turn for one in found][:3]
        with threads() as pool:
            found.questions = [found.questions[index % 3] for index in range(6)]
            found.resume(executor=pool)
        assert found.rest == []
        assert [one.turn for one in found][:3] == done
        assert journal_of(session) == session.turns
    assert left() == []


def _begun(sweep: str) -> bool:
    """Whether an engine has written a slow answer's first words."""
    files = engines_folder(sweep).glob("*.jsonl")
    return any(b"slow 2" in f.read_bytes() and _partial(f) for f in files)


def _partial(file: Path) -> bool:
    turns = [
        turn
        for kept in read(file.read_bytes().splitlines()).conversations.values()
        for turn in kept.turns
    ]
    return any(turn.status == "interrupted" and turn.has_content for turn in turns)


def test_the_key_stays_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines take it from theirs; no job, answer or file holds it."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    with (
        Server(answering(), refusing(403), answering()) as server,
        processes(1) as pool,
    ):
        monkeypatch.setenv("ROUTEWAY_BASE_URL", server.base_url)
        jobs: list[bytes] = []
        real = pool.submit
        monkeypatch.setattr(
            pool,
            "submit",
            lambda fn, job: (jobs.append(pickle.dumps(job)), real(fn, job))[1],
        )
        with opened() as session:
            found = unsent(session, "{n}", {"n": [1, 2, 3]}, concurrency=1)
            found.resume(executor=pool)
            assert [one.text for one in found] == [hello_text(), "", hello_text()]
            data = Path(os.environ["JUPYTER_DATA_DIR"])
            files = [path.read_bytes() for path in data.rglob("*") if path.is_file()]
    keys = [request.headers["x-api-key"] for request in server.requests]
    assert keys == [KEY] * 3
    assert len(jobs) == 3
    assert files
    assert not any(KEY.encode() in content for content in [*jobs, *files])
    assert "ROUTEWAY" not in repr(jobs)


def test_an_engine_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, instead of having the emulator answer."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    with Server(answering()) as server:
        monkeypatch.setenv("ROUTEWAY_BASE_URL", server.base_url)
        job: list[Job] = []

        class Remote(ThreadPoolExecutor):
            def submit(self, fn, /, *args, **kwargs):
                job.append(args[0])
                monkeypatch.delenv("ROUTEWAY_API_KEY")
                return super().submit(fn, *args, **kwargs)

        with Remote(1) as pool, opened() as session:
            found = unsent(session, "hi", {"n": [1, 2]}, variables=["n"], concurrency=1)
            with pytest.raises(ClaudeError, match="no API key"):
                found.resume(executor=pool)
    assert server.requests == []
    assert len(job) == 1


def test_one_pace_for_all_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit that one engine meets holds for all, and loses nothing."""
    monkeypatch.setattr(throttle, "_MINUTE", 1.0)
    watch = Watched()
    with threads(8) as pool, opened() as session:
        found = unsent(
            session, "emulate: echo, limit 4 1\n{n}", {"n": range(10)}, concurrency=8
        )
        found.resume(executor=pool, watch=watch)
        assert found.rest == []
        assert len(session.turns) == 10
    assert watch.waits[0][0].startswith("waiting for the 4 requests a minute")


def test_answers_that_came_after_an_interrupt() -> None:
    """What an engine finished when nobody waited any more is not asked again."""
    asked: list[int] = []

    def counted(job: Job) -> object:
        asked.append(job.index)
        return answer(job)

    with threads(1) as pool, opened() as session:
        found = unsent(
            session, "emulate: echo, slow 10\n{n} b c d e f g", {"n": [1, 2]}
        )
        watch = Watched()

        def stop() -> None:
            wait_until(lambda: list(engines_folder(found.id).glob("*.jsonl")))
            found.cancel()

        stopper = threading.Thread(target=stop)
        stopper.start()
        found.resume(executor=pool, watch=watch)
        stopper.join()
        assert [one.status for one in found] == ["interrupted", "interrupted"]
        pool.shutdown(wait=True)
        sent = len(session.turns)
        assert sent == 0
        with threads(1) as again:
            real = again.submit
            again.submit = lambda fn, job: real(counted, job)  # type: ignore[method-assign,assignment]
            found.resume(executor=again)
        assert found.rest == []
        assert asked == [1]


def test_errors_travel() -> None:
    """An error of ours is the same in another process."""
    error = RateLimitError(
        "what", "hint", status_code=429, retry_after=2.5, per_minute=5
    )
    other = pickle.loads(pickle.dumps(error))
    assert type(other) is RateLimitError
    assert vars(other) == vars(error)
    assert str(other) == str(error)
