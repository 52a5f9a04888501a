"""Subcommands about the last sweep: finish it, show it once more, compare anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from routeway_magic.commands.command import Command, Output
from routeway_magic.errors import InputError
from routeway_magic.grammar import Option

if TYPE_CHECKING:
    from routeway_magic.run.session import Session
    from routeway_magic.run.sweeping.sweep import Sweep

__all__ = ["COMMANDS"]


def _sweep(
    session: Session, _options: Sequence[Option], arguments: list[str]
) -> Output | Sweep | str:
    sweep = session.last_sweep
    if sweep is None:
        raise InputError(
            "There has been no sweep since the extension was loaded.",
            "`%%claude --sweep temperature=0,0.5,1` begins one.",
        )
    if arguments == ["resume"]:
        return sweep if sweep.rest else "The last sweep is complete."
    baseline = int(arguments[1]) if arguments else None
    shown = sweep.compare(baseline=baseline)._repr_mimebundle_()
    return Output(shown["text/html"], shown["text/plain"])


def _takes(arguments: Sequence[str]) -> bool:
    verb, *more = arguments or [""]
    if verb == "against":
        return len(more) == 1 and more[0].isascii() and more[0].isdigit()
    return verb in ("", "resume") and not more


COMMANDS = {
    "sweep": Command(
        "sweep [resume|against N]",
        "the last sweep once more; ask what is missing of it; compare with answer N",
        _sweep,
        most=2,
        takes=_takes,
    ),
}
