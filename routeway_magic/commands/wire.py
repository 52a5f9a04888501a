"""What went over the wire: an exchange looked at, and a request as a program."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from routeway_magic.commands.command import Command, NextCode
from routeway_magic.errors import InputError
from routeway_magic.grammar import Option

if TYPE_CHECKING:  # the session's imports are heavy, and completion only reads names
    from routeway_magic.run.session import Session
    from routeway_magic.types import Request

__all__ = ["COMMANDS"]

_WAYS = ("httpx", "curl", "anthropic")  # export.WAYS, which takes longer to import


def _code(
    session: Session, _options: Sequence[Option], arguments: list[str]
) -> NextCode:
    """The last request, sent or dry-run, as a program in the cell below.

    Raises:
        InputError: if there is none, or a file that it needs cannot be written.
    """
    from routeway_magic.export import to_code
    from routeway_magic.sources import DEFAULT_BASE_URL

    way = arguments[0] if arguments else _WAYS[0]
    request = _last_request(session)
    client, source = session.sources.client()
    endpoint, notes = client.endpoint, []
    if source == "emulator":  # its port and token are gone with this kernel
        endpoint = replace(endpoint, base_url=DEFAULT_BASE_URL)
        notes.append(f"The emulator answers here; the code asks {DEFAULT_BASE_URL}.")
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
        raise InputError(
            "Nothing has been asked yet, so there is no request to look at.",
            "Ask something, or look at a request before it is sent: "
            "`%%claude --dry-run`.",
        )
    from routeway_magic.run.again import request_of

    return request_of(conversation[conversation.head], conversation)


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


COMMANDS = {
    "code": Command(
        f"code [{'|'.join(_WAYS)}]",
        "the last request, or dry run, as a program in the cell below",
        _code,
        1,
        takes=_is_way,
    ),
}
