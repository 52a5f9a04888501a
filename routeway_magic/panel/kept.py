"""An ordinary output below the panel, which has the answers that are kept."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from IPython.display import publish_display_data

from routeway_magic.history import as_html, as_markdown
from routeway_magic.turn import Turn

__all__ = ["Kept"]


class Kept:
    """One output, which comes with the panel and is empty at first."""

    def __init__(self) -> None:
        self._display_id = ""
        self._answers: dict[str, Sequence[Turn]] = {}

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

    def _publish(self, *, update: bool) -> None:
        answers = list(self._answers.values())
        html = as_html(answers) if answers else ""
        publish_display_data(  # type: ignore[no-untyped-call]
            {"text/html": html, "text/plain": as_markdown(answers)},
            transient={"display_id": self._display_id},
            update=update,
        )
