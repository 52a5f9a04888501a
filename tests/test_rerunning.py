"""What a cell's question answers to when cells are run again (DESIGN.md, Re-running).

A notebook is a row of letters, each a cell; `A1 B4` is a path: the answer of cell A
in execution 1, then that of cell B in execution 4.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from conversations import FAILED, STOPPED, Notebook, run, said, turn
from shells import Ran, Shell

from routeway_magic.conversation import Cell, Conversation
from routeway_magic.run.session import session


@pytest.mark.parametrize(
    ("cells", "path"),
    [
        ("ABC", "A1 B2 C3"),
        ("ABCB", "A1 B4"),
        ("ABCBC", "A1 B4 C5"),
        ("ABCABC", "A4 B5 C6"),
        ("ABCA", "A4"),
        ("AAA", "A3"),
        ("ABAB", "A3 B4"),
        ("ABCC", "A1 B2 C4"),
        ("ABBC", "A1 B3 C4"),
    ],
)
def test_a_cell_answers_again_from_where_it_stood(cells: str, path: str) -> None:
    """In A, B, C: B again gives A, B2; then C gives A, B2, C2; Run All each once."""
    assert run(cells).path == path


def test_the_turns_that_leave_are_told() -> None:
    """Running a middle cell again takes its old answer and the later ones off the path."""
    notebook = run("ABC")
    assert [one.id for one in notebook.run("B")] == ["B2", "C3"]
    assert notebook.run("C") == []


def test_nothing_is_lost() -> None:
    """Every answer is kept, and its path can still be read."""
    here = run("ABCB").conversation
    assert [one.id for one in here.turns] == ["A1", "B2", "C3", "B4"]
    assert [one.id for one in here.path("C3")] == ["A1", "B2", "C3"]


def test_a_duplicated_cell_is_another_cell() -> None:
    """The same text under another id asks once more, after what was said."""
    notebook = run("AB")
    notebook.run("B-copy")
    assert notebook.path == "A1 B2 B-copy3"
    notebook.run("B")
    assert notebook.path == "A1 B4"


def test_a_moved_cell_asks_where_it_is_run() -> None:
    """The order is that of the runs, not that on the page: C was moved above A.

    A, run again, answers from where it stood, at the very beginning; after a fresh
    start the order is the page's.
    """
    notebook = run("ABC")
    notebook.run("C")
    assert notebook.path == "A1 B2 C4"
    notebook.run_all("AB")
    assert notebook.path == "A5 B6"
    notebook.conversation.start_afresh()
    for _ in range(2):
        notebook.run_all("CAB")
    assert notebook.path == "C10 A11 B12"


def test_the_first_of_several_sends_answers_from_the_parent() -> None:
    """Later sends of the same execution go on from the head."""
    notebook = run("A")
    notebook.run("B", sends=3)
    notebook.run("C")
    assert notebook.path == "A1 B2 B2' B2'' C3"
    notebook.run("B", sends=2)
    assert notebook.path == "A1 B4 B4'"


def test_a_failed_empty_turn_leaves_the_path_as_it_was() -> None:
    """The old answer stays, and the next run answers from where the cell stood."""
    notebook = run("ABC")
    assert notebook.run("B", **FAILED) == []
    assert notebook.path == "A1 B2 C3"
    notebook.run("B")
    assert notebook.path == "A1 B5"
    assert len(notebook.conversation) == 5


def test_a_first_send_that_fails_empty_does_not_count() -> None:
    """The next send of that execution is the first that says something."""
    notebook = run("ABC")
    again = Cell("B", "execution-again")
    here = notebook.conversation
    here.append(turn(here.parent_for(again), cell=again, id="failed", **FAILED))
    here.append(turn(here.parent_for(again), cell=again, id="second"))
    assert notebook.path == "A1 second"


def test_an_interrupted_answer_is_said() -> None:
    """What had come is gone on from; running the cell again answers in its place."""
    notebook = run("A")
    notebook.run("B", **STOPPED)
    notebook.run("C")
    assert notebook.path == "A1 B2 C3"
    notebook.run("B")
    assert notebook.path == "A1 B4"


def test_going_back_to_an_old_branch() -> None:
    """After `use` cells are known by that branch, and the newer one is kept."""
    notebook = run("ABCB")
    notebook.conversation.head = "C3"
    notebook.run("B")
    assert notebook.path == "A1 B5"
    notebook.conversation.head = "C3"
    notebook.run("D")
    assert notebook.path == "A1 B2 C3 D6"
    notebook.run("A")
    assert notebook.path == "A7"


def test_undo_then_run_again() -> None:
    """A cell whose answer was undone goes on from the head, as a new one does."""
    notebook = run("ABC")
    notebook.conversation.undo()
    notebook.run("C")
    assert notebook.path == "A1 B2 C4"


def test_a_concurrent_turn_moves_the_head_if_it_is_still_the_parent() -> None:
    """A panel's answer goes on the path, unless a cell was faster."""
    notebook = run("A")
    here = notebook.conversation
    here.append(turn("A1", id="panel"), concurrent=True)
    assert notebook.path == "A1 panel"
    notebook.run("B")
    assert here.append(turn("panel", id="late"), concurrent=True) == []
    assert notebook.path == "A1 panel B2"
    assert here["late"].parent == "panel"


def test_a_cell_goes_before_a_concurrent_turn() -> None:
    """A cell's answer moves the head, and what a panel said meanwhile leaves the path."""
    notebook = run("A")
    here = notebook.conversation
    here.append(turn("A1", id="panel"), concurrent=True)
    left = here.append(turn("A1", cell=Cell("B", "asked before"), id="B"))
    assert [one.id for one in left] == ["panel"]
    assert notebook.path == "A1 B"


def test_sweep_variants_never_move_the_head() -> None:
    """They stand beside the path; one may be chosen later."""
    notebook = run("A")
    here = notebook.conversation
    for number in range(3):
        here.append(turn("A1", cell=Cell("S", "x"), id=f"variant{number}"), aside=True)
    assert notebook.path == "A1"
    notebook.run("B")
    assert notebook.path == "A1 B2"
    here.head = "variant1"
    notebook.run("B")
    assert notebook.path == "A1 variant1 B3"


def test_a_new_kernel_knows_the_cells() -> None:
    """Turns that were loaded have the same cells, and executions of their own."""
    before = run("ABC").conversation
    loaded = Conversation()
    for one in before.turns:
        loaded.append(one)
    notebook = Notebook(loaded, runs=10)
    notebook.run("B")
    assert notebook.path == "A1 B11"
    notebook.run("C")
    assert notebook.path == "A1 B11 C12"


def test_an_execution_of_the_same_name_in_a_new_kernel() -> None:
    """Where executions are only counted there is no cell id, and questions append."""
    here = Conversation()
    for number in (1, 1):
        cell = Cell(None, str(number))
        here.append(turn(here.parent_for(cell), cell=cell, id=f"t{len(here)}"))
    assert [one.id for one in here.path(here.head)] == ["t0", "t1"]


def test_conversations_know_cells_each_for_itself() -> None:
    """A cell that has asked in one is new to another."""
    notebook, other = run("AB"), Notebook(Conversation("other"), runs=5)
    other.run("A")
    other.run("B")
    other.run("A")
    assert other.path == "A8"
    assert notebook.path == "A1 B2"


def test_only_the_latest_execution_gives_way() -> None:
    """Where a cell stands twice on the path (`--append`), its last run is answered again."""
    notebook = run("AB")
    notebook.run("A", append=True)
    assert notebook.path == "A1 B2 A3"
    notebook.run("A")
    assert notebook.path == "A1 B2 A4"
    notebook.run("A", append=True)
    assert notebook.path == "A1 B2 A4 A5"


def test_an_answer_that_goes_on_is_run_again_from_the_broken_one() -> None:
    """A cell with `%claude continue` goes on with the same answer again."""
    notebook = run("A")
    notebook.run("B", **STOPPED)
    notebook.run("C", content=[])
    notebook.run("C", content=[])
    assert notebook.path == "A1 B2 C4"
    notebook.run("B")
    assert notebook.path == "A1 B5"


class Cells:
    """Cells in a shell that tells their ids, as a notebook's kernel does."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def run(self, cell: str, code: str) -> Ran:
        """Runs a cell by its id."""
        parent = {
            "header": {"msg_id": uuid.uuid4().hex},
            "metadata": {"cellId": cell},
            "content": {"code": code},
        }
        self._shell.ip.get_parent = lambda: parent  # type: ignore[attr-defined]
        return self._shell.run(code)

    @property
    def path(self) -> list[str]:
        """What the head's path asks."""
        here = session().conversation()
        return [one.question for one in here.path(here.head)]


@pytest.fixture
def cells() -> Iterator[Cells]:
    """A notebook with the extension loaded and no key."""
    with Shell.opened() as shell:
        yield Cells(shell)


def test_edit_and_run_again(cells: Cells) -> None:
    """The edited question takes the old one's place; the footer names who left."""
    for cell, asked in (("a", "one"), ("b", "two"), ("c", "three")):
        cells.run(cell, f"%%claude\n{asked}")
    ran = cells.run("a", "%%claude\nedited")
    assert cells.path == ["edited"]
    assert "the answers of [2], [3] left the conversation" in ran.stdout
    assert len(session().turns) == 4


def test_append_goes_on_from_the_head(cells: Cells) -> None:
    """`--append` asks at the end each time it is run."""
    cells.run("a", "%%claude\none")
    for _ in range(2):
        cells.run("b", "%%claude --append\nmore")
    assert cells.path == ["one", "more", "more"]


def test_new_starts_afresh_at_each_run(cells: Cells) -> None:
    """`--new` leaves out what was said, however often the cell is run."""
    cells.run("a", "%%claude\none")
    for _ in range(2):
        cells.run("b", "%%claude --new\ntwo")
        cells.run("c", "%%claude\nthree")
        assert cells.path == ["two", "three"]
    assert len(session().turns) == 5


def test_no_history_leaves_the_path_alone(cells: Cells) -> None:
    """`--no-history` sends nothing that was said and is not gone on from."""
    cells.run("a", "%%claude\none")
    ran = cells.run("b", "%%claude --no-history\nalone")
    cells.run("c", "%%claude\ntwo")
    assert cells.path == ["one", "two"]
    assert "earlier messages | none" in ran.stdout
    assert session().turns[1].parent is None


def test_several_lines_of_one_cell(cells: Cells) -> None:
    """Two `%claude` lines are a dialogue, which running the cell again replaces."""
    code = "%claude first\n%claude second"
    cells.run("a", code)
    cells.run("b", "%%claude\nafter")
    cells.run("a", code)
    assert cells.path == ["first", "second"]


def test_a_conversation_for_a_cell(cells: Cells) -> None:
    """`-c` asks elsewhere, knows the cell there, and changes nothing here."""
    cells.run("a", "%%claude\none")
    for _ in range(2):
        cells.run("b", "%%claude -c aside\ntwo")
        cells.run("c", "%%claude -c aside\nthree")
    cells.run("d", "%%claude\nfour")
    assert cells.path == ["one", "four"]
    aside = session().conversations["aside"]
    assert [one.question for one in aside.path(aside.head)] == ["two", "three"]
    assert len(aside) == 4


def test_a_failed_cell_changes_nothing(cells: Cells) -> None:
    """An error before the answer keeps the old one on the path."""
    cells.run("a", "%%claude\none")
    cells.run("b", "%%claude\ntwo")
    ran = cells.run("b", "%%claude\nemulate: error 400")
    assert not ran.ok
    assert cells.path == ["one", "two"]


def test_messages_are_those_of_the_path() -> None:
    """`Conversation.messages` is what the next request begins with."""
    notebook = run("AB")
    notebook.run("B", message=said("again"))
    texts = [one["content"][0]["text"] for one in notebook.conversation.messages]
    assert texts == ["asked", "said", "asked", "again"]
