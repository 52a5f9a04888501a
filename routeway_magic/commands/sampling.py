"""`%claude tokens`: what the local model would say next, and what the settings make of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from routeway_magic.commands.command import Command, NotTaken, Output, parted
from routeway_magic.errors import InputError
from routeway_magic.grammar import Option

if TYPE_CHECKING:  # the session's imports are heavy, and completion only reads names
    from routeway_magic.reshaping import Reshaping
    from routeway_magic.run.session import Session
    from routeway_magic.sampling import Distribution

__all__ = ["COMMANDS"]

_LIVE = "--live"
_NUMBERS = {
    "--top": ("top", int),
    "--temperature": ("temperature", float),
    "-t": ("temperature", float),
    "--top-k": ("top_k", int),
    "--top-p": ("top_p", float),
}


def _tokens(
    session: Session, _options: Sequence[Option], arguments: list[str]
) -> Output | Reshaping:
    from routeway_magic.likelihoods import Bars

    prompt, chosen, is_live = _read(arguments)
    distribution = _distribution(session, prompt)
    if is_live:
        from routeway_magic.reshaping import Reshaping

        return Reshaping(distribution, **chosen)
    bars = Bars(distribution, **chosen)
    return Output(bars.html, bars.text)


def _distribution(session: Session, prompt: str) -> Distribution:
    if session.sources.local is None:
        raise InputError(
            "No local model is running, and no other tells its likelihoods.",
            "`%claude local` starts one.",
        )
    from routeway_magic.sources.local.next_token import next_token

    client, _ = session.sources.client()
    return next_token(client, prompt)


def _read(arguments: Sequence[str]) -> tuple[str, dict[str, Any], bool]:
    """The prompt, the numbers by name, and whether there are to be sliders.

    Raises:
        NotTaken: if something is missing or no number.
    """
    options, words = parted(arguments, valued=_NUMBERS, bare=(_LIVE,))
    chosen: dict[str, Any] = {}
    for flag, text in options:
        if flag in _NUMBERS:
            name, kind = _NUMBERS[flag]
            chosen[name] = _number(flag, text, kind)
    if not words:
        raise NotTaken("the text to go on with is missing")
    return " ".join(words), chosen, (_LIVE, "") in options


def _number(flag: str, text: str, kind: type[int | float]) -> int | float:
    try:
        value = kind(text)
    except ValueError:
        raise NotTaken(f"`{flag}` needs a number, not `{text}`") from None
    if not 0 <= value < float("inf"):
        raise NotTaken(f"`{flag}` needs a number of 0 or more, not `{text}`")
    return value


COMMANDS = {
    "tokens": Command(
        "tokens PROMPT [--top N] [--temperature T] [--top-k K] [--top-p P] [--live]",
        "how likely the local model is to go on with each token, before and after",
        _tokens,
        most=10_000,
        least=1,
    ),
}
