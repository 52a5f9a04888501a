"""Conversations are append-only trees that belong to cells (DESIGN.md, Re-running)."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routeway_magic.conversation import Cell, Conversation, Turn
from routeway_magic.types import ContentBlock, Message

SAID: ContentBlock = {"type": "text", "text": "said"}


def turn(parent: str | None = None, **more: Any) -> Turn:
    """A turn that said something, unless told otherwise."""
    told: dict[str, Any] = {
        "cell": Cell(),
        "content": [{"type": "text", "text": "asked"}],
        "parameters": {},
        "message": Message(content=[SAID]),
        "status": "complete",
    }
    return Turn(parent=parent, **(told | more))


class Notebook:
    """Cells by name, run in any order against one conversation.

    Each run is a new execution; a turn's id is the cell's name and the run's number.
    """

    def __init__(self) -> None:
        self.conversation = Conversation()
        self.runs = 0

    def run(self, name: str, *, sends: int = 1, **more: Any) -> None:
        """Runs a cell that asks this many times."""
        self.runs += 1
        cell = Cell(name, f"execution-{self.runs}")
        for number in range(sends):
            mark = f"{name}{self.runs}" + "'" * number
            parent = self.conversation.parent_for(cell)
            self.conversation.append(turn(parent, cell=cell, id=mark, **more))

    @property
    def path(self) -> list[str]:
        """The ids on the head's path."""
        here = self.conversation
        return [found.id for found in here.path(here.head)]


def run(*names: str) -> Notebook:
    """A notebook in which these cells were run, in this order."""
    notebook = Notebook()
    for name in names:
        notebook.run(name)
    return notebook


@pytest.mark.parametrize(
    ("cells", "path"),
    [
        ("ABC", "A1 B2 C3"),
        ("ABCB", "A1 B4"),
        ("ABCBC", "A1 B4 C5"),
        ("ABCABC", "A4 B5 C6"),
        ("AAA", "A3"),
        ("ABA", "A3"),
        ("ABAB", "A3 B4"),
        ("ABCC", "A1 B2 C4"),
        ("ABBC", "A1 B3 C4"),
    ],
)
def test_running_again_answers_from_where_the_cell_stood(cells: str, path: str) -> None:
    """In A, B, C: B again gives A, B2; then C gives A, B2, C2; Run All gives each once."""
    assert run(*cells).path == path.split()


def test_nothing_is_lost_by_running_again() -> None:
    """The old branch stays: every turn is there and can be gone back to."""
    notebook = run(*"ABCB")
    here = notebook.conversation
    assert [found.id for found in here.turns] == ["A1", "B2", "C3", "B4"]
    assert [found.id for found in here.path("C3")] == ["A1", "B2", "C3"]
    here.head = "C3"
    notebook.run("D")
    assert notebook.path == ["A1", "B2", "C3", "D5"]


def test_later_sends_of_an_execution_go_on_from_the_head() -> None:
    """A cell that asks three times is a dialogue, not three answers to one question."""
    notebook = Notebook()
    notebook.run("A")
    notebook.run("B", sends=3)
    assert notebook.path == ["A1", "B2", "B2'", "B2''"]


def test_running_again_a_cell_that_asked_twice() -> None:
    """It answers from the parent of the first turn of its latest execution."""
    notebook = Notebook()
    notebook.run("A")
    notebook.run("B", sends=2)
    notebook.run("C")
    notebook.run("B", sends=2)
    assert notebook.path == ["A1", "B4", "B4'"]


def test_only_the_latest_execution_is_replaced() -> None:
    """Where a cell stands twice on the path (`--append`), only its last run gives way."""
    notebook = run("A", "B")
    again = Cell("A", "execution-appended")
    notebook.conversation.append(turn("B2", cell=again, id="A-appended"))
    notebook.run("A")
    assert notebook.path == ["A1", "B2", "A3"]


def test_cell_that_is_not_on_the_path_appends() -> None:
    """A cell whose turns have left the path goes on from the head."""
    notebook = run("A", "B", "A")  # B's answer has left with the old A
    notebook.run("B")
    assert notebook.path == ["A3", "B4"]


def test_without_a_cell_id_turns_append() -> None:
    """In a terminal or a script there is no cell, and each question goes on."""
    here = Conversation()
    for number in range(3):
        cell = Cell(None, f"execution-{number}")
        here.append(turn(here.parent_for(cell), cell=cell, id=f"t{number}"))
    assert [found.id for found in here.path(here.head)] == ["t0", "t1", "t2"]


@pytest.mark.parametrize(
    "message",
    [
        None,
        {},
        {"content": []},
        {"content": [{"type": "text", "text": ""}]},
        {"content": [{"type": "thinking", "thinking": "", "signature": ""}]},
    ],
    ids=str,
)
def test_failed_empty_turn_never_moves_the_head(message: Message | None) -> None:
    """A turn of which nothing came is kept beside the path, its cell's old answer stays."""
    notebook = run("A", "B")
    notebook.run("B", message=message, status="failed")
    assert notebook.path == ["A1", "B2"]
    assert len(notebook.conversation) == 3
    notebook.run("B")
    assert notebook.path == ["A1", "B4"]


@pytest.mark.parametrize("status", ["failed", "interrupted"])
@pytest.mark.parametrize(
    "block",
    [
        SAID,
        {"type": "thinking", "thinking": "", "signature": "E"},
        {"type": "tool_use", "name": "f", "input": {}},
        {"type": "unheard_of"},
    ],
    ids=lambda block: block["type"],
)
def test_turn_with_content_moves_the_head(block: ContentBlock, status: str) -> None:
    """What had arrived before a failure is said, and is gone on from."""
    notebook = run("A")
    notebook.run("B", message=Message(content=[block]), status=status)
    assert notebook.path == ["A1", "B2"]


def test_turn_aside_leaves_the_head() -> None:
    """A question by itself is kept and moves nothing."""
    notebook = run("A")
    notebook.conversation.append(turn(cell=Cell("B", "x"), id="by itself"), aside=True)
    assert notebook.path == ["A1"]
    notebook.run("B")
    assert notebook.path == ["A1", "B2"]


def test_starting_afresh_keeps_the_turns() -> None:
    """The next turn is a first one; what was said before is still there."""
    notebook = run("A", "B")
    notebook.conversation.start_afresh()
    assert notebook.path == []
    notebook.run("B")
    assert notebook.path == ["B3"]
    assert len(notebook.conversation) == 3


def test_turns_never_change() -> None:
    """A turn is frozen, and its id cannot be taken by another."""
    here, first = Conversation(), turn(id="a")
    here.append(first)
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.status = "failed"  # type: ignore[misc]  # that is the point
    with pytest.raises(ValueError, match="already"):
        here.append(turn(id="a", status="failed"))
    assert here.turns == [first]


def test_unknown_turns_are_refused() -> None:
    """There is no path to a turn that is not here, and none can answer to it."""
    here = Conversation("other")
    assert here.path(None) == []
    with pytest.raises(KeyError):
        here.path("nowhere")
    with pytest.raises(KeyError):
        here.append(turn("nowhere"))
    assert (here.name, len(here), here.head) == ("other", 0, None)


def test_ids_differ() -> None:
    """Each turn gets an id of its own."""
    assert len({turn().id for _ in range(100)}) == 100


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ABCD"), st.booleans(), st.integers(1, 3))))
def test_any_order_of_runs(runs: list[tuple[str, bool, int]]) -> None:
    """Whatever is run: each cell's turns stand on the path from one execution only,
    nothing is lost, and no turn of a failed empty run is on the path.
    """  # noqa: D205 - one sentence, too long for a line
    notebook, asked = Notebook(), 0
    for name, fails, sends in runs:
        message = None if fails else Message(content=[SAID])
        notebook.run(name, sends=sends, message=message)
        asked += sends
    here = notebook.conversation
    path = here.path(here.head)
    assert len(here) == asked
    assert all(found.has_content for found in path)
    stands = {(found.cell.id, found.cell.execution) for found in path}
    assert len({cell for cell, _ in stands}) == len(stands)
