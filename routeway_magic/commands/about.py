"""What there is and how it stands: help, status, settings, version."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from routeway_magic.columns import columns
from routeway_magic.commands.cassettes import cassette_state
from routeway_magic.commands.command import Command
from routeway_magic.commands.journal import journal_state
from routeway_magic.errors import ClaudeError
from routeway_magic.grammar import Option
from routeway_magic.turn import counted
from routeway_magic.version import __version__

if TYPE_CHECKING:  # the session's imports are heavy, and completion only reads names
    from routeway_magic.run.session import Session

__all__ = ["COMMANDS"]


def _help(_session: Session, options: Sequence[Option], _arguments: list[str]) -> str:
    from routeway_magic.commands import COMMANDS as ALL

    rows = [(", ".join(option.flags), option.help) for option in options]
    subcommands = [(command.usage, command.help) for command in ALL.values()]
    return "\n".join(
        [
            "%%claude [options]        the prompt stands in the lines below",
            "%claude [options] prompt  a prompt on one line; `r = %claude …` keeps the reply",
            "%claude subcommand        `--` before a prompt that begins like a subcommand",
            "",
            "Options (`unset` takes a setting back; a quote groups where it begins a word):",
            *columns(rows),
            "",
            "Subcommands:",
            *columns(subcommands),
            "",
            "Settings for every cell: %config ClaudeSettings.temperature = 0.2",
            "Environment: ROUTEWAY_API_KEY, ROUTEWAY_BASE_URL, ROUTEWAY_MODEL,",
            "             ROUTEWAY_SOURCE=auto|live|emulator,",
            "             ROUTEWAY_CASSETTE=FILE.jsonl,",
            "             ROUTEWAY_CASSETTE_MODE=strict|fallback|record|add",
        ]
    )


def _status(session: Session, _options: Sequence[Option], _arguments: list[str]) -> str:
    conversation = session.conversation()
    path = conversation.path(conversation.head)
    others = [name for name in session.conversations if name != conversation.name]
    rows = [
        ("answers", _who_answers(session)),
        ("key", _key_state(session)),
        ("model", session.settings.snapshot().model),
        ("conversation", f"{conversation.name}, {counted(len(path))} on the path"),
        *([("others", ", ".join(others))] if others else []),
        ("kept in memory", counted(len(session.turns))),
        ("journal", journal_state(session)),
        *cassette_state(session),
    ]
    return "\n".join(columns([(name, _from_home(told)) for name, told in rows]))


def _from_home(text: str) -> str:
    """A notebook that is passed on need not tell where its user lives."""
    home = Path.home()
    return text.replace(f"{home}{os.sep}", f"~{os.sep}") if home.name else text


def _who_answers(session: Session) -> str:
    from routeway_magic.sources import choose_source

    if cassette := session.sources.deck.alone():
        return f"a recording, {cassette.path}, and nobody else"
    local = session.sources.local
    if local:
        return f"{local.name} on this machine (`%claude local stop` ends it)"
    try:
        source = choose_source(session.settings, session.sources.login)
    except ClaudeError as error:
        return error.what
    if source.name == "emulator":
        return "the emulator, offline: no model reads what you send"
    address = urlsplit(source.base_url)  # without a password that may be in it
    return f"live, {address.scheme}://{address.hostname}"


def _key_state(session: Session) -> str:
    if session.sources.login:
        return "set by `%claude login`, in memory only"
    if os.environ.get("ROUTEWAY_API_KEY"):
        return "set by ROUTEWAY_API_KEY"
    return "not set: `%claude login`, or the environment variable ROUTEWAY_API_KEY"


def _config(session: Session, _options: Sequence[Option], _arguments: list[str]) -> str:
    settings = session.settings
    rows = [
        (name, repr(getattr(settings, name)), trait.help)
        for name, trait in settings.class_own_traits(config=True).items()
    ]
    return "\n".join(
        [
            "%config ClaudeSettings.NAME = VALUE sets one; None takes it back.",
            "",
            *columns(rows),
            "",
            f"As a line: {settings.snapshot().as_line()}",
        ]
    )


def _version(
    _session: Session, _options: Sequence[Option], _arguments: list[str]
) -> str:
    return f"routeway_magic {__version__}, Python {platform.python_version()}"


COMMANDS = {
    "help": Command("help", "options and subcommands", _help),
    "status": Command("status", "who answers, and what is kept", _status),
    "config": Command("config", "all settings", _config),
    "version": Command("version", "the version", _version),
}
