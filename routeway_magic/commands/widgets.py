"""Subcommands that open a widget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from routeway_magic.commands.command import Command
from routeway_magic.grammar import Option

if TYPE_CHECKING:
    from routeway_magic.panel.panel import Panel
    from routeway_magic.run.session import Session

__all__ = ["COMMANDS"]


def _panel(
    _session: Session, _options: Sequence[Option], _arguments: list[str]
) -> Panel:
    from routeway_magic.panel.panel import Panel

    return Panel()


COMMANDS = {
    "panel": Command("panel", "controls, a box to ask in, and the answers", _panel),
}
