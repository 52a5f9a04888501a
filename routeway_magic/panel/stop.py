"""Stop: a widget of its own, so that it works while a cell is busy.

Nothing but answers to its own messages goes through it; so they are handled where the
front end sends them, whatever else the kernel publishes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ipywidgets import Widget

from routeway_magic.panel.messages import TO_STOP, Refused, checked
from routeway_magic.panel.routing import keep_route

__all__ = ["Stop"]


class Stop(Widget):  # type: ignore[misc]  # ipywidgets has no types
    """Takes `hello` and `stop`, and answers with the thread that has handled it.

    Args:
        stop: ends the question of this id, or all for None; gives the ids of those
            that it has ended.
    """

    def __init__(self, stop: Callable[[str | None], list[str]]) -> None:
        self._stop = stop
        super().__init__()
        self.on_msg(self._take)

    def open(self) -> None:
        """Opens the connection to the front end."""
        super().open()
        keep_route(self.comm)

    def _take(self, _widget: Widget, content: Any, _buffers: Any) -> None:
        try:
            message = checked(content, TO_STOP)
        except Refused as reason:
            self.send({"type": "refused", "why": str(reason)})
            return
        ended = self._stop(message["id"]) if message["type"] == "stop" else []
        thread = threading.current_thread().name
        self.send({"type": "ack", "thread": thread, "stopped": ended})
