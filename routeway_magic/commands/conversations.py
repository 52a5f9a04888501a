"""Where the conversation goes on: new, use, undo, drop, and the tree to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from routeway_magic.commands.command import Command
from routeway_magic.commands.ids import conversation_named, turn_of
from routeway_magic.errors import InputError
from routeway_magic.grammar import Option

if TYPE_CHECKING:
    from routeway_magic.conversation import Conversation
    from routeway_magic.run.session import Session
    from routeway_magic.turn import Turn

__all__ = ["COMMANDS"]

_FIRST = "The next question is a first one"


def _new(session: Session, _options: Sequence[Option], arguments: list[str]) -> str:
    """A name that exists starts afresh, too: its cell may be run again."""
    before = session.conversation().name
    name = arguments[0] if arguments else before
    conversation = session.conversation(name)
    left = conversation.head
    conversation.start_afresh()
    session.current = name
    moved = f"Cells now ask in `{name}`; `%claude use {before}` goes back."
    back = f"; `%claude use {left[:8]}` goes back" if left else ""
    afresh = f"{_FIRST}; what was said is kept{back}."
    told = [moved] * (name != before) + [afresh] * (name == before or bool(left))
    return " ".join(told)


def _use(session: Session, _options: Sequence[Option], arguments: list[str]) -> str:
    (word,) = arguments
    if word in session.conversations or word == session.current:
        conversation = conversation_named(session, word)
    else:
        conversation, turn = turn_of(session, word, or_named=True)
        conversation.head = turn.id
    session.current = conversation.name
    return _where(conversation)


def _undo(session: Session, _options: Sequence[Option], _arguments: list[str]) -> str:
    conversation = session.conversation()
    undone = conversation.undo()
    if undone is None:
        raise InputError(
            "There is nothing to undo: the next question is a first one.",
            "`%claude branches` shows what was said, `%claude use ID` goes back to it.",
        )
    return f"{_where(conversation)} `%claude use {undone.short}` takes it back."


def _drop(session: Session, _options: Sequence[Option], arguments: list[str]) -> str:
    conversation, turn = turn_of(session, arguments[0])
    if conversation.is_dropped(turn.id):
        raise InputError(
            f"{turn.short} is dropped already.",
            f"`%claude use {turn.short}` shows it again.",
        )
    head, count = conversation.head, len(conversation.shown)
    conversation.drop(turn.id)
    following = count - len(conversation.shown) - 1
    what = f"{turn.short} and {following} that followed" if following else turn.short
    moved = f" {_where(conversation)}" if conversation.head != head else ""
    return (
        f"Dropped {what}: hidden, not deleted; `%claude use {turn.short}` "
        f"shows it again.{moved}"
    )


def _branches(
    session: Session, _options: Sequence[Option], _arguments: list[str]
) -> str:
    from routeway_magic.tree import drawn

    conversation = session.conversation()
    if not len(conversation):
        return f"Nothing has been asked in `{conversation.name}` yet."
    return drawn(conversation)


def _where(conversation: Conversation) -> str:
    """A sentence that says what the next question goes on from."""
    head = conversation.head
    if head is None:
        return f"{_FIRST} in `{conversation.name}`."
    return f"The next question in `{conversation.name}` goes on from {_told(conversation[head])}."


def _told(turn: Turn) -> str:
    from routeway_magic.history import first_words

    cell = f" {turn.cell.label}" if turn.cell.label else ""
    return f"{turn.short}{cell} “{first_words(turn, 60)}”"


COMMANDS = {
    "new": Command("new [NAME]", "start afresh, or a conversation of its own", _new, 1),
    "use": Command(
        "use ID|NAME", "go on from a turn, or with a conversation", _use, 1, 1
    ),
    "undo": Command("undo", "go on from before the last answer; repeatable", _undo),
    "drop": Command("drop ID", "hide a turn and what followed it", _drop, 1, 1),
    "branches": Command("branches", "all turns as a tree, with their ids", _branches),
}
