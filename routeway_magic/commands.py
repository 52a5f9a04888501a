"""The subcommands of `%claude`: each takes the session and gives text to show."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from routeway_magic.errors import ClaudeError, InputError
from routeway_magic.grammar import Option
from routeway_magic.secret import ApiKey
from routeway_magic.version import __version__

if TYPE_CHECKING:  # the session's imports are heavy, and completion only reads names
    from routeway_magic.prompt import Filled
    from routeway_magic.run.session import Session

__all__ = ["COMMANDS", "names", "run"]


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand.

    Args:
        usage: how it is written.
        help: what it does.
        run: takes the session, the options that there are, and the arguments; gives
            text to show, or a prompt to ask.
        most: how many arguments it takes, at most.
    """

    usage: str
    help: str
    run: Callable[[Session, Sequence[Option], list[str]], str | Filled]
    most: int = 0


def names(line: str) -> bool:
    """Whether the line's first word is a subcommand."""
    return line.split(None, 1)[0] in COMMANDS


def run(line: str, session: Session, options: Sequence[Option]) -> str | Filled:
    """Carries out a subcommand and gives the text to show, or a prompt to ask.

    Args:
        line: the subcommand and its arguments.
        session: what it is about.
        options: the options that the magics know.

    Raises:
        InputError: if the arguments are none that it takes; both readings are shown.
    """
    name, *arguments = line.split()
    command = COMMANDS[name]
    if len(arguments) > command.most:
        raise InputError(
            f"`{name}` is a subcommand, and it does not take "
            f"`{' '.join(arguments[command.most :])}`.",
            f"As a subcommand: `%claude {command.usage}` ({command.help})\n"
            f"As a prompt: `%claude -- {line}`",
        )
    return command.run(session, options, arguments)


def _help(_session: Session, options: Sequence[Option], _arguments: list[str]) -> str:
    rows = [(", ".join(option.flags), option.help) for option in options]
    subcommands = [(command.usage, command.help) for command in COMMANDS.values()]
    return "\n".join(
        [
            "%%claude [options]        the prompt stands in the lines below",
            "%claude [options] prompt  a prompt on one line; `r = %claude …` keeps the reply",
            "%claude subcommand        `--` before a prompt that begins like a subcommand",
            "",
            "Options (`unset` takes a setting back; a quote groups where it begins a word):",
            *_table(rows),
            "",
            "Subcommands:",
            *_table(subcommands),
            "",
            "Settings for every cell: %config ClaudeSettings.temperature = 0.2",
            "Environment: ROUTEWAY_API_KEY, ROUTEWAY_BASE_URL, ROUTEWAY_MODEL,",
            "             ROUTEWAY_SOURCE=auto|live|emulator",
        ]
    )


def _status(session: Session, _options: Sequence[Option], _arguments: list[str]) -> str:
    conversation = session.conversation()
    path = conversation.path(conversation.head)
    rows = [
        ("answers", _who_answers(session)),
        ("key", _key_state(session)),
        ("model", session.settings.snapshot().model),
        ("conversation", f"{conversation.name}, {_turns(len(path))} on the path"),
        ("kept in memory", f"{_turns(len(session.turns))}; nothing is written to disk"),
    ]
    return "\n".join(_table(rows))


def _turns(count: int) -> str:
    return "1 turn" if count == 1 else f"{count} turns"


def _who_answers(session: Session) -> str:
    from routeway_magic.sources import choose_source

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
            *_table(rows),
            "",
            f"As a line: {settings.snapshot().as_line()}",
        ]
    )


def _models(session: Session, _options: Sequence[Option], arguments: list[str]) -> str:
    word = arguments[0].lower() if arguments else ""
    found = [
        model
        for model in session.models()
        if word in f"{model['id']} {model.get('name') or ''}".lower()
    ]
    if not found:
        return f"No model has `{word}` in its name." if word else "No model is listed."
    return "\n".join(_table(_model_row(model) for model in found))


def _model_row(model: dict[str, Any]) -> tuple[str, str, str]:
    context = model.get("context_length") or model.get("max_input_tokens")
    size = f"{context:,} tokens" if isinstance(context, int) else ""
    name = model.get("name") or model.get("display_name") or ""
    away = " (not available)" if model.get("available") is False else ""
    return str(model["id"]), size, f"{name}{away}"


def _login(session: Session, _options: Sequence[Option], _arguments: list[str]) -> str:
    from getpass import getpass

    try:
        text = getpass("Routeway API key (stays in this kernel's memory): ")
    except Exception as error:
        raise InputError(
            "Nobody can be asked for a key here.", "Set ROUTEWAY_API_KEY instead."
        ) from error
    if not text.strip():
        return "No key was given; nothing has changed."
    session.login(ApiKey(text))
    return "The key is set, in this kernel's memory only."


def _usage(session: Session, _options: Sequence[Option], _arguments: list[str]) -> str:
    guard = session.guard
    if guard.bill.is_empty():
        return "Nothing has been asked yet."
    session.ask_prices()
    rows, notes = guard.bill.rows(guard.prices), guard.bill.notes(guard.prices)
    return "\n".join([*_table(rows), *notes])


def _version(
    _session: Session, _options: Sequence[Option], _arguments: list[str]
) -> str:
    return f"routeway_magic {__version__}, Python {platform.python_version()}"


def _new(session: Session, _options: Sequence[Option], _arguments: list[str]) -> str:
    session.conversation().start_afresh()
    return "The next question starts afresh; what was said is kept in memory."


def _fix(session: Session, _options: Sequence[Option], _arguments: list[str]) -> Filled:
    from routeway_magic.prompt import about_failure

    if session.failure is None:
        raise InputError(
            "No cell has failed since the extension was loaded.",
            "`%claude fix` asks about the last error and the cell that raised it.",
        )
    source, error = session.failure
    return about_failure(
        source, error, session.limits(session.settings.snapshot().model)
    )


def _table(rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [[" ".join(cell.split()) for cell in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return [
        "  "
        + "  ".join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    ]


COMMANDS = {
    "help": Command("help", "options and subcommands", _help),
    "status": Command("status", "who answers, and what is kept", _status),
    "config": Command("config", "all settings", _config),
    "models": Command("models [WORD]", "the models that the source lists", _models, 1),
    "login": Command("login", "set the API key, in memory only", _login),
    "usage": Command(
        "usage", "tokens and cost so far, by conversation and model", _usage
    ),
    "new": Command("new", "start afresh", _new),
    "fix": Command("fix", "ask about the last error and the cell that raised it", _fix),
    "version": Command("version", "the version", _version),
}
