"""Cells, panels and sweeps at the same time keep one consistent tree."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from conversations import turn

from routeway_magic.conversation import Cell, Conversation
from routeway_magic.events import Event, from_message
from routeway_magic.run.session import Session, begun, session
from routeway_magic.settings import ClaudeSettings
from routeway_magic.types import Message, Request

ROUNDS = 60


class Model:
    """In place of a client: answers each question with its own words.

    A number of requests is in flight at the same time before any is answered.
    """

    def __init__(self, together: int) -> None:
        self._all_here = threading.Barrier(together, timeout=30)

    def stream(self, request: Request, **_: object) -> Iterator[Event]:
        """Waits until all are under way, then answers."""
        self._all_here.wait()
        asked = request.body["messages"][-1]["content"][0]["text"]
        content = [{"type": "text", "text": f"answer to {asked}"}]
        yield from from_message(Message(content=content, stop_reason="end_turn"))


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session that three threads ask at the same time."""
    own = Session(ClaudeSettings())
    model = Model(3)
    monkeypatch.setattr(own.sources, "client", lambda: (model, "stub"))
    yield own
    own.close()


def cell(here: Session, number: int) -> None:
    """A cell of its own asks."""
    asked = Cell(f"cell-{number}", f"execution-{number}")
    place = here.place(here.conversation(), cell=asked)
    here.converse(f"cell {number}", options=here.settings.snapshot(), place=place)


def panel(here: Session, number: int) -> None:
    """A panel asks beside the cells."""
    place = here.place(here.conversation(), concurrent=True)
    here.converse(f"panel {number}", options=here.settings.snapshot(), place=place)


def sweep(here: Session, number: int) -> None:
    """A variant of a sweep."""
    place = here.place(here.conversation(), aside=True)
    here.converse(f"sweep {number}", options=here.settings.snapshot(), place=place)


def asked(here: Session) -> list[str]:
    """The questions on the head's path."""
    kept = here.conversation()
    return [one.question for one in kept.path(kept.head)]


def all_at_once(here: Session, *asking: Callable[[Session, int], None]) -> None:
    """Each asks round after round in a thread of its own."""

    def rounds(ask: Callable[[Session, int], None]) -> None:
        for number in range(ROUNDS):
            ask(here, number)

    with ThreadPoolExecutor(len(asking)) as pool:
        for done in [pool.submit(rounds, one) for one in asking]:
            done.result()


def test_a_cell_a_panel_and_a_sweep_at_once(here: Session) -> None:
    """Every turn is kept; all cells are on the path; no variant is; answers are right."""
    all_at_once(here, cell, panel, sweep)
    kept = here.conversation()
    assert len(kept) == 3 * ROUNDS
    assert [one for one in asked(here) if one.startswith("cell")] == [
        f"cell {number}" for number in range(ROUNDS)
    ]
    assert not [one for one in asked(here) if one.startswith("sweep")]
    for one in kept.turns:
        answer = (one.message or {})["content"][0]["text"]
        assert answer == f"answer to {one.question}"
    for one in kept.turns:
        assert kept.path(one.id)[-1] is one


def test_of_panels_that_answer_the_same_turn_one_moves_the_head(here: Session) -> None:
    """The first to end does; what it moved to never leaves the path again."""
    all_at_once(here, panel, panel, panel)
    kept = here.conversation()
    path = {one.id for one in kept.path(kept.head)}
    beside = [one for one in kept.turns if one.id not in path]
    assert len(path) + len(beside) == 3 * ROUNDS
    by_parent: dict[str | None, int] = {}
    for one in kept.path(kept.head):
        by_parent[one.parent] = by_parent.get(one.parent, 0) + 1
    assert set(by_parent.values()) == {1}
    first_of_each = {}
    for one in kept.turns:  # in the order they ended
        first_of_each.setdefault(one.parent, one.id)
    assert path == {first_of_each[parent] for parent in by_parent}


def test_moving_the_head_while_turns_are_added() -> None:
    """Undo, drop, use and reading disturb no other thread; nothing is lost."""
    kept, threads = Conversation(), 4
    start = threading.Barrier(threads, timeout=30)

    def work(number: int) -> int:
        start.wait()
        for count in range(ROUNDS):
            concurrent = bool(number % 2)
            kept.append(turn(kept.head, id=f"{number}-{count}"), concurrent=concurrent)
            kept.undo()
            if count % 7 == number:
                kept.drop(f"{number}-{count}")
            if count % 5 == number:
                kept.head = f"{number}-{count // 2}"
            assert [one.id for one in kept.path(kept.head)][-1:] or kept.head is None
            assert len(kept.shown) <= len(kept.turns)
        return ROUNDS

    with ThreadPoolExecutor(threads) as pool:
        total = sum(pool.map(work, range(threads)))
    assert len(kept) == total == len({one.id for one in kept.turns})
    assert not kept.is_dropped(kept.head)


def test_threads_that_ask_first_get_one_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody's conversation is in a session that others do not see."""
    begun.cache_clear()
    start = threading.Barrier(8, timeout=30)

    def first() -> Session:
        start.wait()
        return session()

    with ThreadPoolExecutor(8) as pool:
        found = [done.result() for done in [pool.submit(first) for _ in range(8)]]
    begun.cache_clear()
    ClaudeSettings.clear_instance()
    assert len({id(one) for one in found}) == 1
