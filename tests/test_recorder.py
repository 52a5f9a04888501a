"""What a session says and hears is in its journal, and nothing of that disturbs it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from scripted import Answer, ask, recovered, same, saying, session_of
from waiting import wait_until

from routeway_magic.conversation import Cell
from routeway_magic.errors import ClaudeError, InputError, Interrupted
from routeway_magic.journal import default_folder
from routeway_magic.run.session import Session
from routeway_magic.secret import ApiKey
from routeway_magic.settings import ClaudeSettings

KEY = "sk-of-this-test-0123456789"


@pytest.fixture
def open_session() -> Iterator[Callable[..., Session]]:
    """Opens sessions that are closed with the test; `emulated` ones really ask."""
    with ExitStack() as stack:

        def opened(
            answer: Answer | None = None, *, emulated: bool = False, **settings: Any
        ) -> Session:
            real = Session(ClaudeSettings(**settings))
            session = real if emulated else session_of(answer, **settings)
            stack.callback(session.close)
            return session

        yield opened


def failing(error: BaseException) -> Callable[[], None]:
    """What raises this."""

    def fail() -> None:
        raise error

    return fail


def files() -> list[Path]:
    """All journals of the user."""
    return list(default_folder().glob("*.jsonl"))


def in_journal(session: Session, text: str) -> bool:
    """Whether the text stands in the session's file."""
    path = session.recorder.journal.path
    return path is not None and text.encode() in path.read_bytes()


def test_what_is_read_is_what_was_lived(open_session):
    """Turns with ids, cells, parents and times, and the head: all the same."""
    session = open_session()
    first = Cell("a", "run-1")
    ask(session, cell=first)
    ask(session, "again", cell=Cell("b", "run-2"))
    ask(session, "once more", cell=Cell("a", "run-3"))
    ask(session, "apart", conversation=None)
    ask(session, "elsewhere", conversation=session.conversation("other"))
    found = recovered(session)
    assert not found.skipped
    for name, live in session.conversations.items():
        assert same(found.conversations[name], live)


def test_the_emulators_answers_are_in_it_as_they_came(open_session):
    """The real client, over a socket."""
    session = open_session(emulated=True)
    ask(session, "emulate: thinking, long 4")
    ask(session, "emulate: unknown")
    with pytest.raises(ClaudeError):
        ask(session, "emulate: cut")
    with pytest.raises(ClaudeError):
        ask(session, "emulate: error 400")
    assert same(recovered(session).conversations["main"], session.conversation())


@pytest.mark.parametrize(
    ("error", "raised", "status"),
    [
        (KeyboardInterrupt(), Interrupted, "interrupted"),
        (ClaudeError("it broke"), ClaudeError, "failed"),
        (ZeroDivisionError(), ZeroDivisionError, "failed"),
    ],
)
def test_however_an_exchange_ends_the_journal_has_it(
    error, raised, status, open_session
):
    """Interrupted and failed turns with what had arrived."""
    session = open_session(saying("half", failing(error)))
    with pytest.raises(raised):
        ask(session)
    (turn,) = recovered(session).conversations["main"].turns
    assert turn == session.turns[0]
    assert turn.status == status


def test_a_stream_that_pauses_is_written_all_the_same(open_session):
    """What came just before a pause does not wait for what comes after it."""
    waited: list[bool] = []

    def wait() -> None:
        end = time.monotonic() + 20
        while not in_journal(session, "the last word") and time.monotonic() < end:
            time.sleep(0.01)
        waited.append(in_journal(session, "the last word"))

    session = open_session(saying("one", "two", "the last word", wait, "more"))
    ask(session)
    assert waited == [True]


def test_no_thread_stays(open_session):
    """The writer ends with the exchange, however that ends."""
    before = threading.active_count()
    session = open_session(saying("half", failing(ClaudeError("it broke"))))
    with pytest.raises(ClaudeError):
        ask(session)
    assert threading.active_count() == before


def test_without_a_thread_all_is_written_at_the_end(monkeypatch, open_session):
    """A process that may start no more threads still has its journal."""
    session = open_session()
    with monkeypatch.context() as patch:
        refuse = failing(RuntimeError("can't start new thread"))
        patch.setattr(threading.Thread, "start", lambda _: refuse())
        ask(session)
    assert same(recovered(session).conversations["main"], session.conversation())


def test_going_back_is_written_without_a_further_question(open_session):
    """`%claude new`, and whatever else moves a head."""
    session = open_session()
    ask(session)
    session.conversation().start_afresh()
    session.note_heads()
    assert recovered(session).conversations["main"].head is None
    last = ask(session)
    assert recovered(session).conversations["main"].head == last


def test_off_means_nothing_is_written(open_session):
    """`journal=False`: no file, no folder."""
    session = open_session(journal=False)
    ask(session)
    session.conversation().start_afresh()
    session.note_heads()
    assert not default_folder().exists()


def test_what_was_said_while_it_was_off_is_never_written(open_session):
    """Turned on again, it begins with the next question."""
    session = open_session(journal=False)
    ask(session, "in private")
    session.settings.journal = True
    turn = ask(session, "in the open")
    kept = recovered(session)
    assert [found.id for found in kept.conversations["main"].turns] == [turn]
    assert not in_journal(session, "in private")


def test_what_was_deleted_is_never_written_again(open_session):
    """The conversation goes on; its earlier turns stay in memory only."""
    session = open_session()
    ask(session, "regretted")
    session.recorder.journal.delete()
    ask(session, "what now?")
    assert len(files()) == 1
    assert not in_journal(session, "regretted")
    assert len(session.conversation().path(session.conversation().head)) == 2


def test_deleting_in_mid_stream_leaves_no_half_turn(open_session):
    """The rest of that answer is not written into the next file."""
    session = open_session()
    delete = session.recorder.journal.delete
    client, _ = session.sources.client()
    client.answer = saying("regretted", lambda: wait_until(files), delete, "as well")
    ask(session)
    assert files() == []
    client.answer = saying("fine")
    ask(session)
    assert not recovered(session).skipped
    assert not in_journal(session, "as well")


def test_a_refused_request_is_not_written(open_session):
    """A prompt that holds the key reaches neither the server nor the disk."""
    session = open_session(emulated=True, base_url="http://127.0.0.1:9")
    session.login(ApiKey(KEY))
    with pytest.raises(InputError):
        ask(session, f"my key is {KEY}")
    assert files() == []
    client = open_session()
    client.conversations, client.sources.login = session.conversations, ApiKey(KEY)
    ask(client)
    assert not in_journal(client, KEY)


@pytest.mark.parametrize("where", ["login", "environment"])
def test_a_key_is_taken_out_of_what_is_written(where, monkeypatch, open_session):
    """A reply that spells the key in one piece is stored without it."""
    session = open_session(saying(f"your key is {KEY}."))
    if where == "login":
        session.login(ApiKey(KEY))
    else:
        monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    ask(session)
    assert in_journal(session, "your key is [API key].")
    assert not in_journal(session, KEY)


def test_a_bad_disk_disturbs_no_answer(open_session):
    """The answer is whole, and there is one warning."""
    default_folder().parent.mkdir(parents=True)
    default_folder().write_text("a file stands here")
    session = open_session()
    ask(session)
    ask(session)
    assert [turn.status for turn in session.turns] == ["complete"] * 2
    (warning,) = session.recorder.take_warnings()
    assert "The journal is off" in warning
    assert session.recorder.take_warnings() == []


def test_limits_count_from_when_a_file_begins(open_session):
    """Also those that were set after somebody had asked where it will be."""
    session = open_session()
    assert session.recorder.journal.path is None
    session.settings.journal_days = 0
    old = default_folder() / "20200101T000000-1-0123abcd.jsonl"
    old.parent.mkdir(parents=True)
    old.write_text("{}\n")
    os.utime(old, (time.time() - 7200,) * 2)
    ask(session)
    assert old not in files()


def test_threads_keep_one_consistent_file(open_session):
    """A panel, a sweep and a cell at the same time: every turn, no torn line."""
    session = open_session(saying(*["piece "] * 50))
    session.conversation()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: ask(session, f"question {number}"), range(40)))
    found = recovered(session)
    assert not found.skipped
    assert not found.notes
    kept, live = found.conversations["main"], session.conversation()
    assert kept.head == live.head
    assert sorted(kept.turns, key=lambda turn: turn.id) == sorted(
        live.turns, key=lambda turn: turn.id
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX processes")
def test_a_forked_kernel_takes_along_what_was_said():
    """The child's file holds the conversation that it goes on with."""
    code = """
import os
from scripted import ask, recovered, session_of
session = session_of()
first = ask(session)
child = os.fork()
if not child:
    second = ask(session)
    path = recovered(session).conversations["main"].path(second)
    assert [turn.id for turn in path] == [first, second]
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
(turn,) = recovered(session).conversations["main"].turns
assert turn.id == first
"""
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    subprocess.run([sys.executable, "-c", code], env=here, check=True, timeout=60)
    assert len(files()) == 2
