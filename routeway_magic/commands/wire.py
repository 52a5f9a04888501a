"""What went over the wire: an exchange looked at, and a request as a program."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from routeway_magic.commands.command import Command, NextCode, Output
from routeway_magic.commands.ids import turn_of
from routeway_magic.errors import InputError
from routeway_magic.grammar import Option

if TYPE_CHECKING:  # the session's imports are heavy, and completion only reads names
    from routeway_magic.conversation import Conversation
    from routeway_magic.run.session import Session
    from routeway_magic.turn import Turn
    from routeway_magic.types import Request

__all__ = ["COMMANDS"]

_WAYS = ("httpx", "curl", "anthropic")  # export.WAYS, which takes longer to import
_EVENTS = "events"


def _inspect(
    session: Session, _options: Sequence[Option], arguments: list[str]
) -> str | Output:
    """The wire view of a turn, of the latest without an id; `events` prints them.

    Raises:
        InputError: if nothing has been asked.
    """
    from routeway_magic.run.wire import under_way, wire_of
    from routeway_magic.wire_view import as_html, as_text, events_text

    *typed, last = arguments or [""]
    only_events = last == _EVENTS
    typed = typed if only_events else [*typed, last]
    running = under_way(session)
    conversation, turn = _chosen(session, next(iter(typed), ""), running)
    wire = wire_of(
        session,
        turn,
        conversation,
        is_under_way=any(one.id == turn.id for _, one in running),
    )
    return events_text(wire) if only_events else Output(as_html(wire), as_text(wire))


def _chosen(
    session: Session, typed: str, running: list[tuple[Conversation, Turn]]
) -> tuple[Conversation, Turn]:
    """The turn of this id, under way or over; the latest if nothing is typed."""
    if typed:
        found = [one for one in running if one[1].id.startswith(typed)]
        return found[0] if len(found) == 1 else turn_of(session, typed)
    known = [
        (conversation, turn)
        for conversation in list(session.conversations.values())
        for turn in conversation.turns
    ]
    if not known and not running:
        raise _nothing_asked()
    return max([*known, *running], key=lambda one: one[1].started)


def _code(
    session: Session, _options: Sequence[Option], arguments: list[str]
) -> NextCode:
    """The last request, sent or dry-run, as a program in the cell below.

    Raises:
        InputError: if there is none, or a file that it needs cannot be written.
    """
    from routeway_magic.export import to_code

    way = arguments[0] if arguments else _WAYS[0]
    request = _last_request(session)
    endpoint, notes = session.sources.lasting_endpoint(), []
    if session.sources.is_passing:
        here = "A local model" if session.sources.local else "The emulator"
        notes.append(f"{here} answers here; the code asks {endpoint.base_url}.")
    if not os.environ.get("ROUTEWAY_API_KEY"):
        notes.append("It reads the key from ROUTEWAY_API_KEY, which is not set here.")
    made = to_code(request, way, endpoint)
    for name, content in made.files.items():
        _write(Path(name), content)
        notes.append(f"It reads {name}, which has been written beside the notebook.")
    code = f"%%bash\n{made.text}" if way == "curl" else made.text
    return NextCode(code, " ".join(notes))


def _last_request(session: Session) -> Request:
    """What was asked or dry-run last; after a restart, what the conversation's head was."""
    if session.last_request is not None:
        return session.last_request
    conversation = session.conversation()
    if conversation.head is None:
        raise _nothing_asked()
    from routeway_magic.run.again import request_of

    return request_of(conversation[conversation.head], conversation)


def _nothing_asked() -> InputError:
    return InputError(
        "Nothing has been asked yet, so there is nothing to look at.",
        "Ask something, or look at a request before it is sent: `%%claude --dry-run`.",
    )


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(
            f"`{path}`, which the code would read, cannot be written: {error.strerror}."
        ) from error


def _is_way(arguments: Sequence[str]) -> bool:
    """Whether `%claude code` takes these."""
    return all(argument in _WAYS for argument in arguments)


def _is_turn(arguments: Sequence[str]) -> bool:
    """Whether `%claude inspect` can take these: an id, `events`, or both in this order."""
    return _EVENTS not in arguments[:-1] and (
        len(arguments) < 2 or arguments[-1] == _EVENTS  # noqa: PLR2004 - an id and a word
    )


COMMANDS = {
    "inspect": Command(
        "inspect [ID] [events]",
        "an exchange as it went over the wire: request, headers, times, tokens",
        _inspect,
        2,
        takes=_is_turn,
    ),
    "code": Command(
        f"code [{'|'.join(_WAYS)}]",
        "the last request, or dry run, as a program in the cell below",
        _code,
        1,
        takes=_is_way,
    ),
}
