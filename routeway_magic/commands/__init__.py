"""The subcommands of `%claude`, a file for each family.

Each family has a table `COMMANDS`; a new family is one more in the list here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from routeway_magic.commands import (
    about,
    account,
    asking,
    cassettes,
    conversations,
    journal,
    local,
    reading,
    sampling,
    sweeping,
    widgets,
    wire,
)
from routeway_magic.commands.command import Command, Given, NextCode, NotTaken, Output
from routeway_magic.errors import InputError
from routeway_magic.grammar import Option

if TYPE_CHECKING:  # the session's imports are heavy, and completion only reads names
    from routeway_magic.run.session import Session

__all__ = ["COMMANDS", "Command", "NextCode", "Output", "names", "run"]

# A quote groups where it begins a word, as in the line's options (see `grammar`).
_WORDS = re.compile(r"""(?:"([^"]*)"|'([^']*)')(?!\S)|(\S+)""")

COMMANDS: dict[str, Command] = {
    **about.COMMANDS,
    **account.COMMANDS,
    **conversations.COMMANDS,
    **reading.COMMANDS,
    **journal.COMMANDS,
    **asking.COMMANDS,
    **cassettes.COMMANDS,
    **local.COMMANDS,
    **sampling.COMMANDS,
    **widgets.COMMANDS,
    **wire.COMMANDS,
    **sweeping.COMMANDS,
}


def names(line: str) -> bool:
    """Whether the line's first word is a subcommand."""
    return line.split(None, 1)[0] in COMMANDS


def run(line: str, session: Session, options: Sequence[Option]) -> Given:
    """Carries out a subcommand and gives what to show, code for a cell, or a prompt to ask.

    Args:
        line: the subcommand and its arguments.
        session: what it is about.
        options: the options that the magics know.

    Raises:
        InputError: if the arguments are none that it takes; both readings are shown.
    """
    name, *arguments = [next(filter(None, found), "") for found in _WORDS.findall(line)]
    command = COMMANDS[name]
    try:
        _check(command, arguments)
        given = command.run(session, options, arguments)
    except NotTaken as reason:
        raise InputError(
            f"`{name}` is a subcommand, and {reason}.",
            f"As a subcommand: `%claude {command.usage}` ({command.help})\n"
            f"As a prompt: `%claude -- {line}`",
        ) from None
    session.note_heads()
    return given


def _check(command: Command, arguments: Sequence[str]) -> None:
    if len(arguments) > command.most:
        raise NotTaken(f"it does not take `{' '.join(arguments[command.most :])}`")
    if len(arguments) < command.least:
        raise NotTaken("something is missing")
    if not command.takes(arguments):
        raise NotTaken(f"it does not take `{' '.join(arguments)}`")
