"""Interrupts that come one after the other."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from types import FrameType
from typing import Any

import pytest
from scripted import ask, recovered, same, saying, session_of

from routeway_magic.conversation import Conversation
from routeway_magic.errors import Interrupted
from routeway_magic.events import ContentBlockDelta, Event
from routeway_magic.footer import Footer
from routeway_magic.journal import Journal
from routeway_magic.run import interrupts
from routeway_magic.run.interrupts import one_interrupt
from routeway_magic.run.recorder import Recorder
from routeway_magic.run.session import Session
from routeway_magic.settings import ClaudeSettings
from routeway_magic.types import JSONObject


def press() -> None:
    """What Ctrl-C and the stop button do."""
    signal.raise_signal(signal.SIGINT)


@contextmanager
def usual() -> Iterator[None]:
    """Python's own way with interrupts, as a kernel sets it for each cell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_first_is_heard_and_the_next_are_not() -> None:
    """What is done in answer to an interrupt is not interrupted; later, all is new."""
    with usual():
        with pytest.raises(KeyboardInterrupt), one_interrupt():  # noqa: PT012
            try:
                press()
            finally:
                press()
                press()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        with pytest.raises(KeyboardInterrupt):
            press()


def test_a_clean_up_that_hangs_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt long after the first is heard again."""
    monkeypatch.setattr(interrupts, "_CLEANING_UP", 0.0)
    with usual(), one_interrupt():
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                press()


def test_other_handlers_are_left_alone() -> None:
    """A program's own handler, and threads, see nothing of it."""
    heard: list[int] = []

    def mine(number: int, frame: FrameType | None) -> None:
        heard.append(number)

    with usual():
        signal.signal(signal.SIGINT, mine)
        with one_interrupt():
            press()
            press()
    assert heard == [signal.SIGINT] * 2

    def elsewhere() -> None:
        with one_interrupt():
            heard.clear()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert heard == []


class Impatient:
    """Presses when the first text is shown, and again while all is put away."""

    closed: Footer | None = None

    def handle(self, event: Event) -> None:
        """Takes an event."""
        if isinstance(event, ContentBlockDelta):
            press()

    def close(self, footer: Footer | None) -> None:
        """Is called at the end."""
        press()
        press()
        self.closed = footer


def test_three_interrupts_keep_the_answer() -> None:
    """Who presses three times finds what had arrived, and one short error."""
    session, shown = Session(ClaudeSettings()), Impatient()
    options = session.settings.snapshot()
    with closing(session), usual(), pytest.raises(Interrupted, match="kept"):
        session.converse("emulate: echo\nhello", options=options, shown=shown)
    [turn] = session.turns
    assert turn.status == "interrupted"
    assert turn.has_content
    assert shown.closed is not None
    assert shown.closed.status == "interrupted"


def test_an_interrupt_while_an_answer_is_put_away_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The disk may be slow: whoever presses then has the whole answer kept."""
    session, end = session_of(saying("all of it")), Recorder.end

    def slow(*arguments: Any, **named: Any) -> None:
        press()
        end(*arguments, **named)

    monkeypatch.setattr(Recorder, "end", slow)
    with closing(session), usual(), pytest.raises(Interrupted, match="kept"):
        ask(session)
    [turn] = session.turns
    assert turn.status == "complete"
    assert same(recovered(session).conversations["main"], session.conversation())


def test_a_turn_that_is_being_kept_is_kept_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In memory, in the journal and in the bill; then the cell stops."""
    session, note = session_of(saying("all of it")), Recorder.note_head

    def pressing(recorder: Recorder, conversation: Conversation) -> None:
        press()
        note(recorder, conversation)

    monkeypatch.setattr(Recorder, "note_head", pressing)
    with closing(session), usual(), pytest.raises(KeyboardInterrupt):
        ask(session)
    assert session.conversation().head == session.turns[0].id
    assert not session.guard.bill.is_empty()


def test_no_interrupt_tears_what_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exchange is written by a thread, and only the main one is interrupted."""
    session, append = session_of(), Journal.append
    by_main: list[bool] = []

    def noted(journal: Journal, record: JSONObject, **named: Any) -> None:
        by_main.append(threading.current_thread() is threading.main_thread())
        append(journal, record, **named)

    monkeypatch.setattr(Journal, "append", noted)
    with closing(session):
        ask(session)
    assert by_main == [False] * 3
