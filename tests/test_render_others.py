"""What else a cell shows is heard where it is written, and nothing is left behind."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

import pytest
from shells import Shell

from routeway_magic.render.others import Others


class Stream:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.written = ""

    def write(self, text: str) -> int:
        """As a file does."""
        self.written += text
        return len(text)

    def flush(self) -> None:
        """As a file does."""


@contextmanager
def listening(count: int = 1) -> Iterator[tuple[Any, ...]]:
    """A stream in place of standard output, and so many that listen to it."""
    stream: Any = Stream()
    several = [Others() for _ in range(count)]
    with redirect_stdout(stream):
        for others in several:
            others.listen()
            others.listen()
        yield stream, *several
        for others in several:
            others.close()


def test_own_words_do_not_count() -> None:
    """What is written within `own` passes in silence, in this thread alone."""
    with listening() as (stream, others):
        with others.own():
            print("own")
            assert not others.since()
            thread = threading.Thread(target=print, args=["another"])
            thread.start()
            thread.join()
        assert others.since()
        assert not others.since()
    assert others.any
    assert stream.written == "own\nanother\n"


def test_a_logger_from_before_is_heard() -> None:
    """It holds the stream itself, as whoever was set up earlier does."""
    with listening() as (stream, others):
        handler = logging.StreamHandler(stream)
        handler.emit(logging.makeLogRecord({"msg": "x"}))
        assert others.since()


def test_whether_a_line_was_ended() -> None:
    """The terminal's renderer begins a new one if not."""
    with listening() as (stream, others):
        print("half", end="")
        assert not others.ends_line
        print()
        assert others.ends_line
        assert stream.written == "half\n"


@pytest.mark.parametrize("first", [0, 1])
def test_listeners_end_in_any_order(first: int) -> None:
    """One that ends takes no other along, and the last one leaves nothing behind."""
    with listening(2) as (stream, *both):
        both[first].close()
        print("x")
        assert [one.any for one in both] == [first == 1, first == 0]
        both[1 - first].close()
        assert "write" not in vars(stream)
        assert stream.written == "x\n"


def test_displays_and_clearing_are_heard() -> None:
    """The shell's publisher is listened to, where there is one."""
    with Shell.opened() as shell:
        others = Others()
        others.listen()
        publisher = shell.ip.display_pub
        publisher.publish({"text/plain": "x"})
        assert (others.any, others.cleared) == (True, False)
        publisher.clear_output()
        assert others.cleared
        others.close()
        assert not {"publish", "clear_output"} & set(vars(publisher))


def test_streams_that_cannot_be_listened_to_are_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A stream may be missing, or of a kind that takes no attributes."""
    monkeypatch.setattr("sys.stdout", None)
    monkeypatch.setattr("sys.stderr", object())
    others = Others()
    others.listen()
    others.close()
    assert not others.any
    assert sys.stdout is None
