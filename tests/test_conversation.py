"""Conversations are append-only trees with a head that moves (DESIGN.md)."""

from __future__ import annotations

import dataclasses

import pytest
from conversations import FAILED, SAID, run, said, turn

from routeway_magic.conversation import Cell, Conversation
from routeway_magic.turn import one_message
from routeway_magic.types import ContentBlock, Message


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
def test_empty_turn_never_moves_the_head(message: Message | None) -> None:
    """A turn of which nothing came is kept beside the path."""
    notebook = run("A")
    notebook.run("B", message=message, status="failed")
    assert notebook.path == "A1"
    assert len(notebook.conversation) == 2


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
    assert notebook.path == "A1 B2"


def test_starting_afresh_keeps_the_turns() -> None:
    """The next turn is a first one; what was said before is still there."""
    notebook = run("AB")
    notebook.conversation.start_afresh()
    assert notebook.path == ""
    notebook.run("B")
    assert notebook.path == "B3"
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
    assert here["a"] is first


def test_unknown_turns_are_refused() -> None:
    """There is no path to a turn that is not here, and nothing can be done to it."""
    here = Conversation("other")
    assert here.path(None) == []
    for act in (here.path, here.answer, here.drop, here.__getitem__):
        with pytest.raises(KeyError):
            act("nowhere")
    with pytest.raises(KeyError):
        here.append(turn("nowhere"))
    with pytest.raises(KeyError):
        here.head = "nowhere"
    assert (here.name, len(here), here.head) == ("other", 0, None)
    assert repr(here) == "<Conversation 'other', 0 turns, head None>"


def test_ids_differ() -> None:
    """Each turn gets an id of its own, which lists show the beginning of."""
    ids = {turn().id for _ in range(100)}
    assert len(ids) == 100
    one = turn()
    assert one.id.startswith(one.short)


def test_undo_can_be_repeated() -> None:
    """The head goes back turn by turn to before the first, and nothing is lost."""
    notebook = run("AB")
    here = notebook.conversation
    undone = [here.undo() for _ in range(3)]
    assert [one.id if one else None for one in undone] == ["B2", "A1", None]
    assert notebook.path == ""
    here.head = "B2"
    assert notebook.path == "A1 B2"


def test_dropping_hides_a_turn_and_what_followed() -> None:
    """The head, if it was there, moves to the parent; all of it is kept."""
    notebook = run("ABC")
    here = notebook.conversation
    here.drop("B2")
    assert notebook.path == "A1"
    assert [one.id for one in here.shown] == ["A1"]
    assert [one.id for one in here.turns] == ["A1", "B2", "C3"]
    assert [here.is_dropped(one.id) for one in here.turns] == [False, True, True]


def test_dropping_beside_the_path_leaves_the_head() -> None:
    """Only what is dropped is hidden."""
    notebook = run("ABB")
    notebook.conversation.drop("B2")
    assert notebook.path == "A1 B3"
    assert [one.id for one in notebook.conversation.shown] == ["A1", "B3"]


def test_dropping_the_first_turn() -> None:
    """The next question is then a first one."""
    notebook = run("AB")
    notebook.conversation.drop("A1")
    assert notebook.conversation.head is None
    notebook.run("B")
    assert notebook.path == "B3"


def test_going_to_a_dropped_turn_shows_it_again() -> None:
    """With all that lead to it; what else was dropped below stays hidden."""
    here = run("ABC").conversation
    here.drop("C3")
    here.drop("A1")
    here.head = "B2"
    assert [one.id for one in here.shown] == ["A1", "B2"]


def test_an_answer_to_a_dropped_turn_is_hidden_with_it() -> None:
    """It was under way when its parent was dropped: it is kept, the head stays."""
    notebook = run("AB")
    here = notebook.conversation
    here.drop("B2")
    assert here.append(turn("B2", id="late")) == []
    assert notebook.path == "A1"
    assert here.is_dropped("late")


def test_an_answer_that_was_gone_on_with_is_one() -> None:
    """`answer` gives its turns, `messages` one message, `one_message` all blocks."""
    notebook = run("A")
    notebook.run("B", message=said("Hel", stop="max_tokens"))
    notebook.run("C", content=[], message=said("lo wor", stop="max_tokens"))
    notebook.run("D", content=[], message=said("ld"))
    here = notebook.conversation
    answer = here.answer("D4")
    assert [one.id for one in answer] == ["B2", "C3", "D4"]
    assert here.messages[-1]["content"] == [{"type": "text", "text": "Hello world"}]
    whole = one_message(answer)
    assert [block["text"] for block in whole["content"]] == ["Hel", "lo wor", "ld"]
    assert whole["stop_reason"] == "end_turn"


def test_a_turn_tells_its_parts() -> None:
    """Question, usage and stop reason can be read without looking into messages."""
    content = [{"type": "text", "text": "see "}, {"type": "image", "source": {}}]
    usage = {"input_tokens": 1}
    one = turn(content=content, message=Message(usage=usage, stop_reason="end_turn"))
    assert one.question == "see [image]"
    assert (one.usage, one.stop_reason) == (usage, "end_turn")
    nothing = turn(**FAILED)
    assert (nothing.usage, nothing.stop_reason, nothing.goes_on) == ({}, None, False)
    assert (Cell("a", "x", 3).label, Cell("a").label) == ("[3]", "")
