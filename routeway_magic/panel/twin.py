"""An output below the panel that says what the panel shows, and stays without the widget.

It is brought up to date as the panel changes, so that it is what is saved. The page
hides it, by its class, as long as the panel itself is there.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from routeway_magic.execution import Execution

__all__ = ["Twin"]

_PAUSE = 1.0  # seconds in which changes come together


class Twin:
    """The output; there is none before `place`.

    Args:
        name: of the element's class, after `rw-twin-`.
        made: gives what to show, as a mime bundle.
    """

    def __init__(self, name: str, made: Callable[[], Mapping[str, str]]) -> None:
        self._name = name
        self._made = made
        self._display_id = uuid.uuid4().hex
        self._execution: Execution | None = None
        self._placed: tuple[str | None, str] = (None, "")  # the cell, its execution
        self._publisher: Any = None
        self._published: dict[str, str] = {}
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        self._publishing = threading.Lock()

    def place(self, shell: Any) -> None:
        """Makes the output, empty, in the cell that runs.

        Args:
            shell: whose cell.
        """
        self._execution = Execution(shell)
        self._placed = (self._execution.cell.id, self._execution.id)
        # Not the one at the time of an update: another cell may be capturing then.
        self._publisher = shell.display_pub
        self._publish({"text/html": "", "text/plain": ""}, update=False)

    def soon(self) -> None:
        """Brings it up to date within about a second."""
        with self._lock:
            if self._publisher is not None and self._timer is None:
                self._timer = threading.Timer(_PAUSE, self.refresh)
                self._timer.daemon = True
                self._timer.start()

    def refresh(self) -> None:
        """Brings it up to date."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        with self._publishing:
            if self._publisher is not None:
                self._publish(self._made(), update=True)

    def leave(self) -> None:
        """Forgets the output if its cell has run anew: the front end has no more of it."""
        cell, shown_by = self._placed
        now = self._execution
        if now and cell and now.cell.id == cell and now.id != shown_by:
            self._publisher = None

    def _publish(self, bundle: Mapping[str, str], *, update: bool) -> None:
        name = f'<div class="rw-twin-{self._name}">'
        data = {**bundle, "text/html": f"{name}{bundle['text/html']}</div>"}
        if data == self._published and update:
            return
        self._published = data
        self._publisher.publish(
            data=data, transient={"display_id": self._display_id}, update=update
        )
