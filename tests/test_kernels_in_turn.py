"""What is done with a conversation, in one kernel after the other, is in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import ask, recovered, saying, session_of
from shells import Shell

from routeway_magic.conversation import Cell, Conversation
from routeway_magic.errors import ClaudeError
from routeway_magic.run.archive import load
from routeway_magic.run.session import Session, session

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["ask", "ask", "fresh", "aside", "undo", "use", "drop", "restart", "other"]
        ),
        st.integers(0, 5),
    ),
    max_size=14,
)


def whole(conversation: Conversation) -> tuple[Any, ...]:
    """Everything that a reader must find again; branches may stand in any order."""
    turns = {turn.id: turn for turn in conversation.turns}
    return turns, conversation.head, conversation.dropped


@contextmanager
def opened() -> Iterator[Session]:
    """A session of a kernel that has just begun."""
    made = session_of(saying("so it is"))
    try:
        yield made
    finally:
        made.close()


class Kernels:
    """One notebook's kernels, each of which takes up what the last one left."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.runs = 0

    def step(self, what: str, which: int) -> bool:
        """Does one thing; whether it asked something."""
        kept = self.session.conversation()
        turns = kept.turns
        if what == "restart":
            self.restart()
        elif what in ("ask", "fresh", "aside", "other"):
            self.ask(what, which)
        elif what == "undo":
            kept.undo()
        elif turns:
            turn = turns[which % len(turns)].id
            if what == "drop":
                kept.drop(turn)
            else:
                kept.head = turn
        self.session.note_heads()
        return what in ("ask", "fresh", "aside", "other")

    def ask(self, what: str, which: int) -> None:
        """Runs one of a few cells."""
        self.runs += 1
        where = self.session.conversation("other" if what == "other" else None)
        cell = Cell(f"cell-{which}", f"run-{self.runs}", self.runs)
        fresh, aside = what == "fresh", what == "aside"
        ask(self.session, conversation=where, cell=cell, fresh=fresh, aside=aside)

    def restart(self) -> None:
        """A new kernel that loads the journal, if there is one."""
        if self.session.recorder.journal.path:
            found = recovered(self.session)
            assert not found.skipped
            assert not found.notes
            self.session.close()
            self.session = session_of(saying("so it is"))
            load(found, self.session.conversations)


@given(steps=STEPS)
@settings(deadline=None, max_examples=60)
def test_the_journal_has_the_tree_as_it_is(steps: list[tuple[str, int]]) -> None:
    """Turns, heads and what was dropped, however often the kernel was a new one."""
    with opened() as first:
        kernels = Kernels(first)
        for what, which in [*steps, ("ask", 0), ("other", 0)]:
            if what == "restart" and kernels.session.recorder.journal.path:
                before = {
                    name: whole(kept)
                    for name, kept in recovered(kernels.session).conversations.items()
                }
                kernels.restart()
                found = kernels.session.conversations
                assert {name: whole(kept) for name, kept in found.items()} == before
            else:
                kernels.step(what, which)
        read = recovered(kernels.session)
        for name, live in kernels.session.conversations.items():
            assert whole(read.conversations[name]) == whole(live)
        kernels.session.close()


def test_what_goes_on_from_a_question_aside_takes_the_loaded_branches_along() -> None:
    """The new file has all branches, though none of its answers stands on the old one."""
    with opened() as old:
        ask(old, "first", cell=Cell("a", "1"))
        found = recovered(old)
    with opened() as new:
        load(found, new.conversations)
        ask(new, "by itself", cell=Cell("b", "1"), aside=True)
        kept = new.conversation()
        kept.head = kept.turns[-1].id
        ask(new, "and then?", cell=Cell("c", "1"))
        assert whole(recovered(new).conversations["main"]) == whole(kept)


def test_a_first_cell_run_again_in_a_new_kernel_takes_its_branch_along() -> None:
    """Its file has the old answers, too, though the new one answers to none of them."""
    with opened() as old:
        ask(old, "first", cell=Cell("a", "1"))
        ask(old, "second", cell=Cell("b", "2"))
        found = recovered(old)
    with opened() as new:
        load(found, new.conversations)
        ask(new, "first, edited", cell=Cell("a", "3"))
        (kept,) = recovered(new).conversations.values()
        assert [turn.question for turn in kept.turns] == [
            "first",
            "second",
            "first, edited",
        ]


def test_what_shares_turns_is_one_conversation() -> None:
    """Two kernels went on with it; loaded again, each turn is there once."""
    with opened() as old:
        ask(old)
        began = recovered(old)
    with opened() as one, opened() as other:
        for kernel in (one, other):
            load(began, kernel.conversations)
            ask(kernel)
        there = one.conversation()
        for _ in range(2):
            (loaded,) = load(recovered(other), one.conversations)
            assert loaded.conversation is there
        assert len(there) == 3
        assert there.head == other.conversation().head


def test_a_number_is_found_again() -> None:
    """What was loaded under another name is not loaded twice."""
    with opened() as old, opened() as new:
        ask(old)
        ask(new)
        told = [load(recovered(old), new.conversations)[0] for _ in range(2)]
        assert [each.conversation.name for each in told] == ["main-2", "main-2"]
        assert [each.is_new for each in told] == [True, False]
        assert sorted(new.conversations) == ["main", "main-2"]


def test_cells_go_on_in_what_was_taken_up(tmp_path: Path) -> None:
    """And that is said, with the way back."""
    file = tmp_path / "talk.jsonl"
    with Shell.opened() as shell:
        shell.run("%claude -c physics -- why?")
        shell.run(f"%claude save {file}")
    with Shell.opened() as shell:
        told = shell.run(f"%claude load {file}").stdout
        assert "Cells now ask in `physics`; `%claude use main` goes back." in told
        shell.run("%claude -- and then?")
        assert len(session().conversations["physics"]) == 2


def test_a_stopped_answer_is_gone_on_with_in_a_new_kernel() -> None:
    """The list names its question, and it is gone on with twice."""
    asked = "%claude -m claude-haiku-4-5 --max-tokens 20 emulate: long 2"
    with Shell.opened() as shell:
        shell.run(asked)
        shell.run("%claude continue")
    with Shell.opened() as shell:
        assert shell.run("%claude load").stdout.endswith("emulate: long 2\n")
        assert "“emulate: long 2”" in shell.run("%claude load 1").stdout
        assert shell.run("%claude continue").ok
        assert [turn.goes_on for turn in session().turns] == [False, True, True]
        assert len(session().conversation().messages) == 2


def test_a_refused_key_is_in_no_file_and_no_memory(monkeypatch, tmp_path: Path) -> None:
    """Neither what is saved nor what is journaled, then or with a later question."""
    key = "sk-or-v1-0123456789abcdef0123"
    monkeypatch.setenv("ROUTEWAY_API_KEY", key)
    monkeypatch.setenv("ROUTEWAY_SOURCE", "emulator")
    file = tmp_path / "talk.jsonl"
    with Shell.opened() as shell:
        assert not shell.run(f"%claude -- my key is {key}").ok
        shell.run("%claude -- hello")
        shell.run(f"%claude save {file}")
        assert [turn.question for turn in session().turns] == ["hello"]
        journal = session().recorder.journal.path
        assert journal is not None
    assert all(key not in path.read_text() for path in (file, journal))


def test_a_failed_question_is_no_place_to_go_on_from() -> None:
    """It is in the file, beside the path."""
    with opened() as kernel:
        ask(kernel)
        client: Any = kernel.sources.client()[0]
        answer, client.answer = client.answer, saying(_fail)
        with suppress(ClaudeError):
            ask(kernel)
        client.answer = answer
        ask(kernel)
        read = recovered(kernel).conversations["main"]
        assert whole(read) == whole(kernel.conversation())
        assert [turn.status for turn in read.turns] == [
            "complete",
            "failed",
            "complete",
        ]


def _fail() -> None:
    raise ClaudeError("The stream broke.")
