"""Whatever shows an answer, as the session sees it."""

from __future__ import annotations

from typing import Protocol

from routeway_magic.errors import Interrupted
from routeway_magic.events import Event
from routeway_magic.footer import Footer

__all__ = ["Shown", "close"]


class Shown(Protocol):
    """Whatever shows an answer while it is written (see `render`)."""

    def handle(self, event: Event) -> None:
        """Takes one event."""

    def close(self, footer: Footer | None) -> None:
        """Shows the final state; None if nothing came of the exchange."""


def close(shown: Shown, footer: Footer | None) -> None:
    """Shows the final state, also if the user stops the cell at that very moment.

    Raises:
        Interrupted: in place of a KeyboardInterrupt, once all is shown.
    """
    try:
        shown.close(footer)
    except KeyboardInterrupt:
        shown.close(footer)
        raise Interrupted("the cell was stopped; the answer is kept.") from None
