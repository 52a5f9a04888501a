"""Whatever is run, undone, dropped or chosen: rules that hold for every conversation."""

from __future__ import annotations

from collections.abc import Iterable

from conversations import FAILED, STOPPED, turn
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from routeway_magic.conversation import Cell, Conversation
from routeway_magic.tree import drawn
from routeway_magic.turn import Turn

CELLS = st.sampled_from("ABCD")
OUTCOMES = st.sampled_from(({}, {}, FAILED, STOPPED))


class Conversing(RuleBasedStateMachine):
    """Cells, panels, sweeps and subcommands on one conversation."""

    def __init__(self) -> None:
        super().__init__()
        self.here = Conversation()
        self.kept: list[Turn] = []
        self.parents: list[str | None] = [None]  # where a panel began to ask
        self.executions = 0

    @rule(name=CELLS, outcomes=st.lists(OUTCOMES, min_size=1, max_size=3))
    def run(self, name: str, outcomes: list[dict[str, object]]) -> None:
        """A cell asks once or more; its turns stand on the path from one run only."""
        cell = self._execution(name)
        before = self._path()
        stood = [one.cell.execution for one in before if one.cell.id == name]
        for outcome in outcomes:
            one = turn(self.here.parent_for(cell), cell=cell, **outcome)
            self._append(one)
            if one.has_content:
                assert self.here.head == one.id
        asked = [one for one in self._path() if one.cell.id == name]
        if any(outcome is not FAILED for outcome in outcomes):
            assert asked[-1].cell.execution == cell.execution
            assert not {one.cell.execution for one in asked} & set(stood[-1:])
        else:
            assert self._path() == before

    @rule(name=CELLS, outcome=OUTCOMES)
    def append(self, name: str, outcome: dict[str, object]) -> None:
        """`--append` goes on from the head and takes nothing off the path."""
        one = turn(self.here.head, cell=self._execution(name), **outcome)
        assert self._append(one) == []

    @rule(name=CELLS)
    def sweep(self, name: str) -> None:
        """Variants stand aside."""
        head, cell = self.here.head, self._execution(name)
        for _ in range(2):
            self._append(turn(self.here.parent_for(cell), cell=cell), aside=True)
        assert self.here.head == head

    @rule()
    def panel_begins(self) -> None:
        """A panel notes what it answers to, and takes its time."""
        self.parents.append(self.here.head)

    @rule(data=st.data())
    def panel_ends(self, data: st.DataObject) -> None:
        """It moves the head only from its parent."""
        parent, head = data.draw(st.sampled_from(self.parents)), self.here.head
        one = turn(parent)
        assert self._append(one, concurrent=True) == []
        assert self.here.head == (one.id if parent == head else head)

    @rule()
    def new(self) -> None:
        """The next turn is a first one."""
        self.here.start_afresh()
        assert self._path() == []

    @rule()
    def undo(self) -> None:
        """The path loses its last turn."""
        before = self._path()
        self.here.undo()
        assert self._path() == before[:-1]

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def use(self, data: st.DataObject) -> None:
        """Any turn can be gone back to."""
        chosen = data.draw(st.sampled_from(self.kept))
        self.here.head = chosen.id
        assert self._path()[-1] is chosen

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        """A dropped turn is off the path and out of sight, with what followed it."""
        chosen = data.draw(st.sampled_from(self.kept))
        before = self._path()
        self.here.drop(chosen.id)
        expected = before[: before.index(chosen)] if chosen in before else before
        assert self._path() == expected
        assert chosen not in self.here.shown

    @invariant()
    def nothing_is_lost(self) -> None:
        """Every turn is there, in the order in which they ended."""
        assert self.here.turns == self.kept

    @invariant()
    def the_path_can_be_sent(self) -> None:
        """Questions and answers alternate; the path is in sight."""
        roles = [message["role"] for message in self.here.messages]
        assert roles == ["user", "assistant"] * (len(roles) // 2)
        assert _ids(self._path()) <= _ids(self.here.shown)
        assert not self.here.is_dropped(self.here.head)

    @invariant()
    def the_tree_can_be_drawn(self) -> None:
        """The head is in the drawing, or it is said that there is none."""
        text = drawn(self.here)
        head = self.here.head
        assert "head: the next" in text if head is None else "← head" in text

    def _execution(self, name: str) -> Cell:
        self.executions += 1
        return Cell(name, f"execution-{self.executions}", self.executions)

    def _append(self, one: Turn, **how: bool) -> list[Turn]:
        before = self._path()
        left = self.here.append(one, **how)
        self.kept.append(one)
        after = _ids(self._path())
        assert left == [gone for gone in before if gone.id not in after]
        return left

    def _path(self) -> list[Turn]:
        return self.here.path(self.here.head)


def _ids(turns: Iterable[Turn]) -> set[str]:
    return {one.id for one in turns}


Conversing.TestCase.settings = settings(
    deadline=None, max_examples=60, stateful_step_count=30
)
TestConversing = Conversing.TestCase
