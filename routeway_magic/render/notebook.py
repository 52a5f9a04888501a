"""One display in a notebook cell, updated while the answer comes."""

from __future__ import annotations

import threading
import uuid

from IPython.display import publish_display_data

from routeway_magic.answer import to_bundle, to_html
from routeway_magic.events import Event, Waiting
from routeway_magic.footer import Footer
from routeway_magic.render.pace import Pace
from routeway_magic.transcript import Transcript

__all__ = ["NotebookRenderer"]


class NotebookRenderer:
    """Shows an answer as safe HTML, at most ten times a second; one entry remains.

    Args:
        quiet: leave out the status line and the footer.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._transcript = Transcript()
        self._status = ""
        self._display_id = uuid.uuid4().hex
        self._is_shown = False
        self._lock = threading.Lock()
        self._pace = Pace(self._show)

    def handle(self, event: Event) -> None:
        """Takes one event; shows it now or soon."""
        if isinstance(event, Waiting):
            self._wait(event.reason)
            return
        with self._lock:
            is_new = self._transcript.handle(event)
            if is_new:
                self._status = ""
        if is_new:
            self._pace.touch()

    def close(self, footer: Footer | None) -> None:
        """Leaves the whole answer with its footer; nothing if nothing came.

        An error says for itself what happened, so no footer stands above it then.
        """
        self._pace.close()
        nothing_came = footer is None or not (footer.usage or self._transcript.sections)
        if nothing_came and not self._is_shown:
            return
        line = "" if self._quiet or nothing_came or footer is None else footer.text
        self._publish(to_bundle(self._transcript, footer=line))

    def _wait(self, reason: str) -> None:
        if not self._quiet:
            self._status = f"{reason} …"
            self._show()

    def _show(self) -> None:
        with self._lock:
            moving = to_html(self._transcript, status=self._status, moving=True)
            # The Markdown as text comes with the final output, once.
            self._publish({"text/html": moving, "text/plain": ""})

    def _publish(self, data: dict[str, str]) -> None:
        publish_display_data(  # type: ignore[no-untyped-call]
            data, transient={"display_id": self._display_id}, update=self._is_shown
        )
        self._is_shown = True
