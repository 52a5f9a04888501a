"""What was said, to read again: history, one turn, and two answers compared."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from routeway_magic.commands.command import Command, NotTaken, Output
from routeway_magic.commands.ids import conversation_named, turn_of
from routeway_magic.grammar import Option
from routeway_magic.settings import UNSET

if TYPE_CHECKING:
    from routeway_magic.conversation import Conversation
    from routeway_magic.run.session import Session
    from routeway_magic.turn import Turn

__all__ = ["COMMANDS"]

_FORMATS = ("text", "markdown", "json")
_NOT_COMPARED = frozenset({"stream"})


def _history(
    session: Session, _options: Sequence[Option], arguments: list[str]
) -> str | Output:
    from routeway_magic.history import as_html, as_markdown, as_text
    from routeway_magic.turn import loops_of

    conversation, form = _chosen(session, arguments)
    if form == "json":
        return json.dumps(conversation.messages, ensure_ascii=False, indent=2)
    path = conversation.path(conversation.head)
    if not path:
        return f"Nothing is on the path of `{conversation.name}`."
    if form == "markdown":
        loops = loops_of(path)
        return Output(as_html(loops), as_markdown(loops))
    return as_text(path)


def _chosen(session: Session, arguments: Sequence[str]) -> tuple[Conversation, str]:
    """What `-c NAME` and `-f FORMAT` say."""
    flags, values = arguments[::2], arguments[1::2]
    chosen = dict(zip(flags, values, strict=False))
    if set(chosen) - {"-c", "-f"} or len(flags) != len(values):
        raise NotTaken(f"it does not take `{' '.join(arguments)}`")
    form = chosen.get("-f", "text")
    if form not in _FORMATS:
        raise NotTaken(f"`{form}` is none of its formats")
    return conversation_named(session, chosen.get("-c", session.current)), form


def _show(session: Session, _options: Sequence[Option], arguments: list[str]) -> Output:
    from routeway_magic.history import as_html, as_markdown

    conversation, turn = turn_of(session, arguments[0])
    loops = [conversation.loop(turn.id)]
    return Output(as_html(loops), as_markdown(loops))


def _diff(session: Session, _options: Sequence[Option], arguments: list[str]) -> Output:
    from routeway_magic import differences
    from routeway_magic.accumulate import text_of
    from routeway_magic.markup import READING_STYLE, STYLE, escape, printable
    from routeway_magic.markup.document import wrapped
    from routeway_magic.turn import one_message

    both = [turn_of(session, word) for word in arguments]
    messages = [one_message(kept.answer(turn.id)) for kept, turn in both]
    pieces = differences.differences(*map(text_of, messages))
    lines = _compared(*(turn for _, turn in both))
    if all(piece.kind == "same" for piece in pieces):
        lines.append("The answers are the same, word for word.")
    heading = "".join(
        f'<div class="rw-footer">{escape(printable(line))}</div>' for line in lines
    )
    return Output(
        STYLE + READING_STYLE + wrapped(heading + differences.as_html(pieces)),
        printable("\n".join([*lines, "", differences.as_text(pieces)])),
    )


def _compared(before: Turn, after: Turn) -> list[str]:
    """Which turns they are, and the settings that differ."""
    names = sorted({*before.parameters, *after.parameters} - _NOT_COMPARED)
    return [
        f"- {before.short} {before.cell.label}".rstrip(),
        f"+ {after.short} {after.cell.label}".rstrip(),
        *(
            f"{name}: {_brief(before, name)} → {_brief(after, name)}"
            for name in names
            if before.parameters.get(name) != after.parameters.get(name)
        ),
    ]


def _brief(turn: Turn, name: str) -> str:
    from textwrap import shorten

    value = turn.parameters.get(name, UNSET)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shorten(text, 60, placeholder=" …")


COMMANDS = {
    "history": Command(
        "history [-c NAME] [-f text|markdown|json]",
        "what was said on the path: an overview, everything, or the messages",
        _history,
        4,
    ),
    "show": Command("show ID", "a question with its answer, once more", _show, 1, 1),
    "diff": Command("diff ID ID", "two answers compared word by word", _diff, 2, 2),
}
