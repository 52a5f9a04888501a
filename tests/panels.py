"""A panel in this process, with the test as its front end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from shells import Shell

from routeway_magic.panel.panel import Panel

__all__ = ["Page"]


class Page:
    """The front end of one panel.

    `sent` holds the panel's custom messages, `states` its updates of traits.

    Args:
        shell: the shell that the panel belongs to.
    """

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.sent: list[dict[str, Any]] = []
        self.states: list[dict[str, Any]] = []
        self.panel = Panel()
        self.panel._send = self._hear
        self._ids = count(1)

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Page]:
        """A panel in a shell of its own, for the length of a `with` block."""
        with Shell.opened() as shell:
            page = cls(shell)
            try:
                yield page
            finally:
                page.panel._answering.stop(None)
                page.panel._answering.join(10)
                page.panel.close()

    def say(self, type: str, **members: Any) -> None:  # noqa: A002 - the message's member
        """Sends a message to the panel."""
        self.panel._take(self.panel, {"type": type, **members}, None)

    def ask(self, type: str = "send", **members: Any) -> dict[str, Any]:  # noqa: A002 - the message's member
        """Sends a message with an id; gives the answer, or how the question ended."""
        key = f"q{next(self._ids)}"
        self.say(type, id=key, **members)
        return self.wait(lambda one: one.get("id") == key and one["type"] in _LAST)

    def begin(self, prompt: str, *, until: str = "delta") -> str:
        """Sends a prompt and waits until the answer is under way; gives its id."""
        key = f"q{next(self._ids)}"
        self.say("send", id=key, prompt=prompt)
        self.wait(lambda one: one.get("id") == key and one["type"] == until)
        return key

    def wait(self, wanted: Any, seconds: float = 20) -> dict[str, Any]:
        """The first message like that; waits for it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for message in list(self.sent):
                if wanted(message):
                    return message
            time.sleep(0.005)
        raise TimeoutError(self.sent[-3:])

    def state(self) -> dict[str, Any]:
        """What a page that has just been loaded is told."""
        self.sent.clear()
        self.say("hello")
        return self.wait(lambda one: one["type"] == "state")

    def _hear(self, msg: dict[str, Any], buffers: Any = None) -> None:
        del buffers
        if msg["method"] == "custom":
            self.sent.append(msg["content"])
        elif msg["method"] == "update":
            self.states.append(msg["state"])


_LAST = frozenset(
    {"end", "failed", "refused", "preview", "chips", "completions", "copied"}
)
