"""The front end's side of widgets: what a kernel opens, and what is said to it."""

from __future__ import annotations

import time
from queue import Empty
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernels import Kernel

__all__ = ["Widgets"]

_BUSY = """
import time
panel.max_tokens = None
panel.send({"type": "runs"})
end = time.monotonic() + 60
while panel.max_tokens is None and time.monotonic() < end:
    time.sleep(0.01)
"""


class Widgets:
    """The widgets of one kernel, as JupyterLab has them: messages take a subshell.

    Args:
        kernel: a running one, with nothing under way.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._client = kernel._client
        self.opened: dict[str, dict[str, Any]] = {}
        self.states: dict[str, dict[str, Any]] = {}
        self.heard: list[tuple[str, dict[str, Any], float]] = []
        self.sizes: list[int] = []
        self.displays: list[dict[str, Any]] = []
        self.subshell = self._subshell()

    def start(self, code: str) -> str:
        """Begins to run a cell; gives the request's id."""
        return self._client.execute(code)

    def run(self, code: str) -> None:
        """Runs a cell to its end."""
        request = self.start(code)
        self.until(lambda: request in self._idle, seconds=60)

    def say(self, model: str, /, **content: Any) -> float:
        """Sends a custom message to a widget; gives the time."""
        return self._send(model, {"method": "custom", "content": content})

    def set(self, model: str, /, **state: Any) -> float:
        """Sets traits, as a control does."""
        return self._send(
            model, {"method": "update", "state": state, "buffer_paths": []}
        )

    def busy(self, code: str = "") -> str:
        """Begins a cell that runs until `release`, or a minute; it runs on return."""
        begun = len(self.heard)
        request = self.start(f"{code}\n{_BUSY}")
        self.answer("runs", since=begun)
        return request

    def release(self, request: str) -> None:
        """Lets the busy cell end, which it has not yet; waits for its end."""
        if self.is_idle(request):
            raise AssertionError
        self.set(self.panel, max_tokens=77)
        self.until(lambda: self.is_idle(request))

    def is_idle(self, request: str) -> bool:
        """Whether the cell has ended."""
        return request in self._idle

    @property
    def twins(self) -> list[dict[str, Any]]:
        """What was displayed of the panel's twin, oldest first."""
        return [one for one in self.displays if _is_twin(one)]

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """All else that was displayed."""
        return [one for one in self.displays if not _is_twin(one)]

    @property
    def panel(self) -> str:
        """The id of the panel."""
        return next(key for key, state in self.opened.items() if "controls" in state)

    @property
    def stop(self) -> str:
        """The id of the widget that stops."""
        return str(self.states[self.panel]["control"]).removeprefix("IPY_MODEL_")

    def answer(
        self, kind: str, *, since: int = 0, seconds: float = 20, **members: Any
    ) -> dict[str, Any]:
        """The first message like that which comes, or has come since."""
        wanted = {"type": kind, **members}
        found: list[dict[str, Any]] = []

        def has_come() -> bool:
            told = [message for _, message, _ in self.heard[since:]]
            found[:] = [one for one in told if one == {**one, **wanted}]
            return bool(found)

        self.until(has_come, seconds=seconds)
        return found[0]

    def until(self, reached: Callable[[], bool], *, seconds: float = 20) -> None:
        """Receives until this holds.

        Args:
            reached: what must hold.
            seconds: after which the test fails.
        """
        end = time.monotonic() + seconds
        while not reached():
            if time.monotonic() > end:
                raise TimeoutError([message for _, message, _ in self.heard[-5:]])
            self._receive()

    _idle: set[str]

    def _send(self, model: str, data: dict[str, Any]) -> float:
        content = {"comm_id": model, "data": data}
        message = self._client.session.msg("comm_msg", content)
        message["header"]["subshell_id"] = self.subshell
        self._client.shell_channel.send(message)
        return time.monotonic()

    def _subshell(self) -> str | None:
        """A thread of the kernel for these messages; None where it has none."""
        self._idle = set()
        message = self._client.session.msg("create_subshell_request", {})
        self._client.control_channel.send(message)
        try:
            reply = self._client.get_control_msg(timeout=5)
        except Empty:
            return None
        return reply["content"].get("subshell_id")

    def _receive(self) -> None:
        try:
            message = self._client.get_iopub_msg(timeout=0.05)
        except Empty:
            return
        content = message["content"]
        if content.get("execution_state") == "idle":
            self._idle.add(message["parent_header"].get("msg_id", ""))
        elif message["msg_type"] == "comm_open":
            self.opened[content["comm_id"]] = dict(content["data"]["state"])
            self.states[content["comm_id"]] = dict(content["data"]["state"])
        elif message["msg_type"] == "comm_msg":
            self.sizes.append(self._size(message))
            self._take(content["comm_id"], content["data"])
        elif message["msg_type"] in ("display_data", "update_display_data"):
            self.displays.append(content)

    def _size(self, message: dict[str, Any]) -> int:
        """Bytes on the wire, but for the signature and the topic."""
        parts = ("header", "parent_header", "metadata", "content")
        return sum(len(self._client.session.pack(message[part])) for part in parts)

    def _take(self, model: str, data: dict[str, Any]) -> None:
        if data["method"] == "update":
            self.states[model].update(data["state"])
        elif data["method"] == "custom":
            self.heard.append((model, data["content"], time.monotonic()))


def _is_twin(display: dict[str, Any]) -> bool:
    return "rw-twin-" in display["data"].get("text/html", "")
