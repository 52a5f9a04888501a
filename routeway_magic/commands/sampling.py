"""`%claude tokens`: what the local model would say next, and what the settings make of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from routeway_magic.commands.command import Command, NotTaken, Output
from routeway_magic.errors import InputError
from routeway_magic.grammar import Option

if TYPE_CHECKING:  # the session's imports are heavy, and completion only reads names
    from routeway_magic.reshaping import Reshaping
    from routeway_magic.run.session import Session
    from routeway_magic.sampling import Distribution

__all__ = ["COMMANDS"]

_TOP = 8
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
    from routeway_magic import likelihoods

    prompt, chosen, is_live = _read(arguments)
    distribution = _distribution(session, prompt)
    top = int(chosen.pop("top", _TOP))
    settings: dict[str, Any] = {"temperature": 1.0, "top_k": 0, "top_p": 1.0} | chosen
    if is_live:
        from routeway_magic.reshaping import Reshaping

        return Reshaping(distribution, top=top, **settings)
    after = distribution.after(**settings)
    title = likelihoods.described(**settings)
    return Output(
        likelihoods.bars_html(distribution, after, top=top, title=title),
        likelihoods.bars_text(distribution, after, top=top, title=title),
    )


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
    chosen: dict[str, Any] = {}
    prompt: list[str] = []
    is_live = False
    words = iter(arguments)
    for word in words:
        flag, has_value, value = word.partition("=")
        if flag in _NUMBERS:
            name, kind = _NUMBERS[flag]
            text = value if has_value else next(words, "")
            chosen[name] = _number(flag, text, kind)
        elif word == "--live":
            is_live = True
        else:
            prompt.append(word)
    if not prompt:
        raise NotTaken("the text to go on with is missing")
    return " ".join(prompt), chosen, is_live


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
