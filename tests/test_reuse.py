"""`ClaudeSettings.reuse`: what a notebook was answered before is given again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from scripted import ask
from servers import HELLO, KEY, Server, answering

from routeway_magic.journal import default_folder
from routeway_magic.run.session import Session
from routeway_magic.settings import ClaudeSettings

Open = Callable[..., Session]


@pytest.fixture
def open_session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens sessions of one notebook, each as its kernel would."""
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/me/lesson.ipynb")
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    with ExitStack() as stack:

        def opened(server: Server, **settings: Any) -> Session:
            chosen = {"reuse": True, "base_url": server.base_url, **settings}
            session = Session(ClaudeSettings(**chosen))
            stack.callback(session.close)
            return session

        yield opened


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that says hello."""
    with Server(answering()) as running:
        yield running


def test_run_all_is_free(server: Server, open_session: Open) -> None:
    """In the same kernel and in the next, a conversation is asked once."""
    first, second = open_session(server), open_session(server)
    for session in (first, first, second):
        for number, prompt in enumerate(("one", "two", "three")):
            ask(session, prompt, fresh=not number)
    assert len(server.requests) == 3
    last = second.turns[-1]
    assert last.source == f"127.0.0.1:{server.port}, replayed"
    assert last.message == first.turns[2].message


def test_what_was_asked_before_it_was_wished_counts(
    server: Server, open_session: Open
) -> None:
    """It is a setting for what comes, about all that was answered."""
    session = open_session(server, reuse=False)
    ask(session, "one", fresh=True)
    session.settings.reuse = True
    ask(session, "one", fresh=True)
    assert len(server.requests) == 1
    session.settings.reuse = False
    ask(session, "one", fresh=True)
    assert len(server.requests) == 2


def test_other_questions_are_asked(server: Server, open_session: Open) -> None:
    """What differs in anything is a new question, and its answer is kept for later."""
    session = open_session(server)
    for temperature in (0.1, 0.2, 0.1, 0.2):
        session.settings.temperature = temperature
        ask(session, "one", fresh=True)
    assert len(server.requests) == 2


def test_only_who_answered_is_replaced(server: Server, open_session: Open) -> None:
    """What another server, or the emulator, has answered is nothing to go by."""
    ask(open_session(server), "one")
    with Server(answering()) as other:
        ask(open_session(other), "one")
        assert len(other.requests) == 1
    emulated = open_session(server, source="emulator")
    ask(emulated, "one")
    assert emulated.turns[-1].source == "emulator"


def test_other_notebooks_do_not_answer(
    server: Server, open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor do kernels that know of no notebook."""
    ask(open_session(server), "one")
    for name in ("/home/me/other.ipynb", ""):
        monkeypatch.setenv("JPY_SESSION_NAME", name)
        ask(open_session(server), "one")
    assert len(server.requests) == 3


def test_only_whole_answers_are_given_again(open_session: Open) -> None:
    """What broke off is asked once more; a damaged journal costs what is damaged."""
    with Server(answering(HELLO[:4]), answering()) as server:
        first = open_session(server)
        with pytest.raises(Exception, match="broke off"):
            ask(first, "one")
        ask(first, "one", fresh=True)
        ask(first, "two", fresh=True)
        first.close()
        (path,) = default_folder().glob("*.jsonl")
        lines = path.read_bytes().splitlines(keepends=True)
        at = max(i for i, line in enumerate(lines) if b'"kind":"events"' in line)
        path.write_bytes(b"".join([*lines[:at], b"{torn\n", *lines[at + 1 :]]))
        second = open_session(server)
        for prompt in ("one", "two"):
            ask(second, prompt, fresh=True)
        assert len(server.requests) == 4


def test_without_a_journal_this_kernel_remembers(
    server: Server, open_session: Open
) -> None:
    """What is in no file is still answered once as long as the kernel lives."""
    session = open_session(server, journal=False)
    for _ in range(2):
        ask(session, "one", fresh=True)
    assert len(server.requests) == 1
