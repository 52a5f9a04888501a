"""The account and what it is used for: key, models, tokens so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from routeway_magic.columns import columns
from routeway_magic.commands.command import Command
from routeway_magic.errors import InputError
from routeway_magic.grammar import Option
from routeway_magic.secret import ApiKey

if TYPE_CHECKING:  # the session's imports are heavy, and completion only reads names
    from routeway_magic.run.session import Session

__all__ = ["COMMANDS"]


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
    guard = session.guard
    if guard.bill.is_empty():
        return "This kernel has asked nothing yet."
    session.ask_prices()
    rows, notes = guard.bill.rows(guard.prices), guard.bill.notes(guard.prices)
    return "\n".join([*columns(rows), *notes])


COMMANDS = {
    "models": Command("models [WORD]", "the models that the source lists", _models, 1),
    "login": Command("login", "set the API key, in memory only", _login),
    "usage": Command(
        "usage",
        "tokens and cost in this kernel, by conversation and model; not of what was loaded",
        _usage,
    ),
}
