"""Subcommands that ask: go on with an answer, mend a cell that failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from routeway_magic.commands.command import Command
from routeway_magic.errors import InputError
from routeway_magic.grammar import Option

if TYPE_CHECKING:
    from routeway_magic.prompt import Filled
    from routeway_magic.run.session import Session

__all__ = ["COMMANDS"]


def _continue(
    _session: Session, _options: Sequence[Option], _arguments: list[str]
) -> Filled:
    """A prompt without blocks: what to go on with is known where the cell stands."""
    from routeway_magic.prompt import Filled

    return Filled([])


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
    "continue": Command(
        "continue", "go on with an answer that was stopped or cut off", _continue
    ),
    "fix": Command("fix", "ask about the last error and the cell that raised it", _fix),
}
