"""An ordinary output below the panel, which stays without the widget.

It has the answers that are kept. Where nobody sees the widget, as when a notebook is run
by nbconvert, it has what the panel shows.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from IPython.display import publish_display_data

from routeway_magic.history import as_html, as_markdown
from routeway_magic.turn import Turn

__all__ = ["Kept"]

_NOTHING = {"text/html": "", "text/plain": ""}


class Kept:
    """One output, which comes with the panel and is empty at first."""

    def __init__(self) -> None:
        self._display_id = ""
        self._answers: dict[str, Sequence[Turn]] = {}
        self._instead = dict(_NOTHING)

    @property
    def has_place(self) -> bool:
        """Whether there is an output: there is none where the panel is part of another."""
        return bool(self._display_id)

    def place(self) -> None:
        """Makes the output in the cell that runs; what was kept moves there."""
        self._display_id = uuid.uuid4().hex
        self._publish(update=False)

    def add(self, turns: Sequence[Turn]) -> None:
        """Shows an answer there, once.

        Args:
            turns: that make it.
        """
        self._answers[turns[-1].id] = turns
        self._publish(update=True)

    def show_instead(self, twin: Mapping[str, str] | None) -> None:
        """Shows what the panel shows, until an answer is kept.

        Args:
            twin: a mime bundle; None once the panel itself is seen.
        """
        instead = {kind: (twin or _NOTHING)[kind] for kind in _NOTHING}
        if self.has_place and instead != self._instead:
            self._instead = instead
            self._publish(update=True)

    def _publish(self, *, update: bool) -> None:
        answers = list(self._answers.values())
        publish_display_data(  # type: ignore[no-untyped-call]
            {"text/html": as_html(answers), "text/plain": as_markdown(answers)}
            if answers
            else self._instead,
            transient={"display_id": self._display_id},
            update=update,
        )
