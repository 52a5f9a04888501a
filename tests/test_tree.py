"""`%claude branches`: the tree of a conversation as text."""

from __future__ import annotations

import random

from conversations import FAILED, STOPPED, Notebook, run, said, turn

from routeway_magic.conversation import Conversation
from routeway_magic.tree import drawn


def lines(conversation: Conversation) -> list[str]:
    """The drawing below its title."""
    return drawn(conversation).splitlines()[2:]


def test_a_path_runs_straight_down() -> None:
    """Each turn has a line: id, cell, question; the last one is the head."""
    assert drawn(run("ABC").conversation).splitlines() == [
        "main: 3 turns, 3 on the path (●)",
        "",
        "● A1  [1]  asked",
        "● B2  [2]  asked",
        "● C3  [3]  asked  ← head",
    ]


def test_other_branches_stand_indented_above() -> None:
    """What was answered otherwise comes before what took its place."""
    notebook = run("ABCDBC")
    assert lines(notebook.conversation) == [
        "● A1  [1]  asked",
        "├─ ○ B2  [2]  asked",
        "│  ○ C3  [3]  asked",
        "│  ○ D4  [4]  asked",
        "● B5  [5]  asked",
        "● C6  [6]  asked  ← head",
    ]


def test_branches_of_branches() -> None:
    """Each level has its own bar."""
    notebook = run("ABC")
    notebook.run("C")
    notebook.run("B")
    assert lines(notebook.conversation) == [
        "● A1  [1]  asked",
        "├─ ○ B2  [2]  asked",
        "│  ├─ ○ C3  [3]  asked",
        "│  ○ C4  [4]  asked",
        "● B5  [5]  asked  ← head",
    ]


def test_how_turns_ended_is_told() -> None:
    """Failed and interrupted ones, unusual stops, and answers that go on."""
    notebook = Notebook()
    notebook.run("A", **STOPPED)
    notebook.run("B", content=[], message=said("more", stop="max_tokens"))
    notebook.run("C", **FAILED)
    assert lines(notebook.conversation) == [
        "● A1  [1]  asked  interrupted",
        "● B2  [2]  (goes on)  max_tokens  ← head",
        "○ C3  [3]  asked  failed, nothing came",
    ]


def test_after_starting_afresh_there_is_no_head() -> None:
    """Trees stand below one another, and the next question begins another."""
    notebook = run("AB")
    notebook.conversation.start_afresh()
    notebook.run("C")
    notebook.conversation.start_afresh()
    assert lines(notebook.conversation) == [
        "○ A1  [1]  asked",
        "○ B2  [2]  asked",
        "",
        "○ C3  [3]  asked",
        "",
        "◆ head: the next question is a first one",
    ]


def test_the_head_is_seen_wherever_it_is() -> None:
    """In the midst of a run too, where turns follow it that are off the path."""
    notebook = run("ABCDEFGHIJKLMNOP")
    notebook.conversation.head = "H8"
    assert lines(notebook.conversation) == [
        "● A1   [1]  asked",
        "● B2   [2]  asked",
        "⋮ 4 more turns",
        "● G7   [7]  asked",
        "● H8   [8]  asked  ← head",
        "○ I9   [9]  asked",
        "○ J10  [10]  asked",
        "⋮ 4 more turns",
        "○ O15  [15]  asked",
        "○ P16  [16]  asked",
    ]


def test_long_runs_are_shortened() -> None:
    """Forty turns in a row are five lines; their beginning and end are there."""
    notebook = Notebook()
    for number in range(40):
        notebook.run(f"c{number:02}-")
    text = lines(notebook.conversation)
    assert len(text) == 5
    assert text[2] == "⋮ 36 more turns"
    assert "c00-1" in text[0]
    assert "c39-40" in text[-1]


def test_forty_turns_of_any_kind_can_be_read() -> None:
    """No line is wider than a terminal, whatever the shape, and ids are found."""
    for seed in range(20):
        choose = random.Random(seed)
        notebook = Notebook()
        for _ in range(40):
            notebook.run(
                choose.choice("ABCDEFGH"),
                content=[{"type": "text", "text": "word " * 50}],
            )
            if choose.random() < 0.2:
                notebook.conversation.head = choose.choice(
                    notebook.conversation.turns
                ).id
        text = drawn(notebook.conversation).splitlines()
        assert max(map(len, text)) < 100
        assert len([line for line in text if line]) <= 42


def test_many_branches_at_one_point_are_counted() -> None:
    """The latest are drawn."""
    notebook = run("A")
    for number in range(50):
        notebook.conversation.append(turn("A1", id=f"v{number}"), aside=True)
    notebook.run("B")
    text = lines(notebook.conversation)
    assert text[1] == "├─ ⋮ 44 earlier branches"
    assert [line.split()[2] for line in text[2:-1]] == [f"v{n}" for n in range(44, 50)]
    assert text[-1].endswith("← head")


def test_branches_behind_the_head_stand_beside_it() -> None:
    """None of them is on the path, so none is drawn as its continuation."""
    notebook = run("ABB")
    notebook.conversation.head = "A1"
    assert lines(notebook.conversation) == [
        "● A1  [1]  asked  ← head",
        "├─ ○ B2  [2]  asked",
        "├─ ○ B3  [3]  asked",
    ]


def test_dropped_turns_are_only_counted() -> None:
    """They are hidden; the title says how many there are."""
    notebook = run("ABB")
    notebook.conversation.drop("B2")
    assert drawn(notebook.conversation).splitlines() == [
        "main: 2 turns, 2 on the path (●), 1 dropped",
        "",
        "● A1  [1]  asked",
        "● B3  [3]  asked  ← head",
    ]


def test_thousands_of_turns_are_drawn() -> None:
    """A run of 2,000, each answered twice, needs no deep recursion."""
    notebook = Notebook()
    for number in range(1000):
        notebook.run(f"c{number}")
        notebook.run(f"c{number}")
    assert len(lines(notebook.conversation)) == 2001
