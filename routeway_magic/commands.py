"""The subcommands of `%claude`: each takes the session and gives text to show."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from routeway_magic.columns import columns
from routeway_magic.commands_journal import (
    is_file,
    is_journal_verb,
    is_load_argument,
    journal,
    journal_state,
    load_conversations,
    save_conversations,
)
from routeway_magic.errors import ClaudeError, InputError
from routeway_magic.grammar import Option
from routeway_magic.secret import ApiKey
from routeway_magic.version import __version__

if TYPE_CHECKING:  # the session's imports are heavy, and completion only reads names
    from routeway_magic.prompt import Filled
    from routeway_magic.run.session import Session

__all__ = ["COMMANDS", "names", "run"]

# A quote groups where it begins a word, as in the line's options (see `grammar`).
_WORDS = re.compile(r"""(?:"([^"]*)"|'([^']*)')(?!\S)|(\S+)""")
_COUNTED = (
    ("input_tokens", "input"),
    ("cache_creation_input_tokens", "cache write"),
    ("cache_read_input_tokens", "cache read"),
    ("output_tokens", "output"),
)


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand.

    Args:
        usage: how it is written.
        help: what it does.
        run: takes the session, the options that there are, and the arguments; gives
            text to show, or a prompt to ask.
        most: how many arguments it takes, at most.
        takes: whether it takes these arguments.
    """

    usage: str
    help: str
    run: Callable[[Session, Sequence[Option], list[str]], str | Filled]
    most: int = 0
    takes: Callable[[Sequence[str]], bool] = lambda _: True


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
    name, *arguments = [next(filter(None, found), "") for found in _WORDS.findall(line)]
    command = COMMANDS[name]
    if len(arguments) > command.most or not command.takes(arguments):
        extra = " ".join(arguments[command.most :] or arguments)
        fault = f"it does not take `{extra}`" if extra else "something is missing"
        raise InputError(
            f"`{name}` is a subcommand, and {fault}.",
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
            *columns(rows),
            "",
            "Subcommands:",
            *columns(subcommands),
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
        ("kept in memory", _turns(len(session.turns))),
        ("journal", journal_state(session)),
    ]
    return "\n".join(columns(rows))


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
            *columns(rows),
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
    return "\n".join(columns(_model_row(model) for model in found))


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
    totals: dict[tuple[str, str], dict[str, int]] = {}
    for turn in session.turns:
        message = turn.message or {}
        model = str(message.get("model") or turn.parameters.get("model"))
        row = totals.setdefault((model, turn.source), {"requests": 0})
        row["requests"] += 1
        for key, _ in _COUNTED:
            count = (message.get("usage") or {}).get(key)
            row[key] = row.get(key, 0) + (count if isinstance(count, int) else 0)
    if not totals:
        return "Nothing has been asked yet."
    head = ("model", "source", "requests", *(name for _, name in _COUNTED))
    rows = [
        (*key, *(f"{row[count]:,}" for count in ("requests", *dict(_COUNTED))))
        for key, row in totals.items()
    ]
    return "\n".join(columns([head, *rows]))


def _version(
    _session: Session, _options: Sequence[Option], _arguments: list[str]
) -> str:
    return f"routeway_magic {__version__}, Python {platform.python_version()}"


def _new(session: Session, _options: Sequence[Option], _arguments: list[str]) -> str:
    session.start_afresh(session.conversation())
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


COMMANDS = {
    "help": Command("help", "options and subcommands", _help),
    "status": Command("status", "who answers, and what is kept", _status),
    "config": Command("config", "all settings", _config),
    "models": Command("models [WORD]", "the models that the source lists", _models, 1),
    "login": Command("login", "set the API key, in memory only", _login),
    "usage": Command("usage", "tokens so far, by model", _usage),
    "new": Command("new", "start afresh", _new),
    "save": Command(
        "save FILE.jsonl",
        "write all conversations of this kernel into a file",
        save_conversations,
        1,
        is_file,
    ),
    "load": Command(
        "load [N|FILE.jsonl]",
        "list what earlier kernels of this notebook left, take one up, or a file",
        load_conversations,
        1,
        is_load_argument,
    ),
    "journal": Command(
        "journal path|off|delete",
        "where what is said is stored; stop that; delete this kernel's file",
        journal,
        1,
        is_journal_verb,
    ),
    "fix": Command("fix", "ask about the last error and the cell that raised it", _fix),
    "version": Command("version", "the version", _version),
}
