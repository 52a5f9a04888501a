"""When to show: at once, at a pace, and never too late."""

from __future__ import annotations

import contextvars
import threading
import time

import pytest
from waiting import wait_until

from routeway_magic.render.pace import Pace


class Screen:
    """Notes when it was shown, and in which thread and context."""

    def __init__(self, rest: float = 0.0) -> None:
        self.times: list[float] = []
        self.threads: list[str] = []
        self.rest = rest

    def show(self) -> float:
        """One display."""
        self.times.append(time.monotonic())
        self.threads.append(threading.current_thread().name)
        return self.rest


@pytest.fixture
def screen() -> Screen:
    """A screen that costs nothing."""
    return Screen()


def test_the_first_is_shown_by_the_caller(screen):
    """Nothing waits for a thread."""
    pace = Pace(screen.show)
    pace.touch()
    pace.close()
    assert screen.threads == [threading.current_thread().name]


def test_the_next_comes_by_the_timer(screen):
    """Once, after the interval, with all that came in between."""
    pace = Pace(screen.show, interval=0.1)
    for _ in range(50):
        pace.touch()
    wait_until(lambda: len(screen.times) > 1)
    pace.close()
    first, second = screen.times
    assert second - first >= 0.1
    assert screen.threads[1] == "routeway-display"


def test_at_once_does_not_wait(screen):
    """The first words are worth more than the pace."""
    pace = Pace(screen.show, interval=10)
    pace.touch()
    pace.touch(at_once=True)
    pace.close()
    assert len(screen.times) == 2


def test_again_comes_without_news(screen):
    """The seconds of a status line go on though nothing arrives."""
    pace = Pace(screen.show, interval=0.01)
    pace.touch()
    pace.again(0.05)
    wait_until(lambda: len(screen.times) > 1)
    pace.close()
    assert len(screen.times) == 2


def test_a_slow_display_gets_a_longer_rest():
    """What costs much is shown less often."""
    screen = Screen(rest=10)
    pace = Pace(screen.show, interval=0.01)
    pace.touch()
    pace.touch()
    time.sleep(0.1)
    pace.close()
    assert len(screen.times) == 1


def test_nothing_is_shown_after_close(screen):
    """And no thread is left."""
    pace = Pace(screen.show, interval=0.05)
    pace.touch()
    pace.touch()
    pace.close()
    time.sleep(0.1)
    assert len(screen.times) == 1
    assert "routeway-display" not in [thread.name for thread in threading.enumerate()]


def test_the_timer_carries_the_context_of_the_cell():
    """What it displays lands where the caller's would."""
    cell = contextvars.ContextVar("cell", default="none")
    seen: list[str] = []

    def show() -> float:
        seen.append(cell.get())
        return 0.0

    cell.set("mine")
    pace = Pace(show, interval=0.01)
    pace.touch()
    pace.touch()
    wait_until(lambda: len(seen) > 1)
    pace.close()
    assert seen == ["mine", "mine"]
