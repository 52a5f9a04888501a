"""When each IOPub message of a kernel arrived, noted before anything is parsed."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import zmq

__all__ = ["Arrival", "Listener"]

_DELIMITER = b"<IDS|MSG>"
_HEADER, _PARENT, _METADATA, _CONTENT = 2, 3, 4, 5  # frames after the delimiter
_OUTPUTS = frozenset(
    {"stream", "display_data", "update_display_data", "execute_result", "comm_msg"}
)


@dataclass(frozen=True)
class Arrival:
    """One message.

    Args:
        at: `time.monotonic_ns` of its arrival.
        frames: as received.
    """

    at: int
    frames: list[bytes]

    @property
    def size(self) -> int:
        """Bytes of all frames."""
        return sum(map(len, self.frames))

    @property
    def is_output(self) -> bool:
        """Whether it changes what the cell shows."""
        return self.message["msg_type"] in _OUTPUTS

    def holds(self, text: str) -> bool:
        """Whether a plain ASCII word stands in its content."""
        return text.encode() in self._frame(_CONTENT)

    def ends(self, request: str) -> bool:
        """Whether the kernel says that it is idle after this request."""
        is_idle = b'"execution_state"' in self._frame(_CONTENT) and self.holds('"idle"')
        return is_idle and request.encode() in self._frame(_PARENT)

    @cached_property
    def message(self) -> dict[str, Any]:
        """As `jupyter_client` gives it, as far as an output area needs it."""
        header = json.loads(self._frame(_HEADER))
        content = json.loads(self._frame(_CONTENT))
        return {"msg_type": header["msg_type"], "content": content}

    def _frame(self, position: int) -> bytes:
        return self.frames[self.frames.index(_DELIMITER) + position]


class Listener(threading.Thread):
    """Takes every message, so that the kernel is never held up or made to drop one.

    Args:
        port: of the kernel's IOPub channel.
    """

    def __init__(self, port: int) -> None:
        super().__init__(name="iopub-listener", daemon=True)
        self.arrivals: list[Arrival] = []
        self._idle = threading.Event()
        self._request = ""
        self._stopping = False
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.SUB)
        self._socket.setsockopt(zmq.RCVHWM, 0)
        self._socket.setsockopt(zmq.RCVTIMEO, 100)
        self._socket.subscribe(b"")
        self._socket.connect(f"tcp://127.0.0.1:{port}")

    def expect(self, request: str) -> None:
        """Forgets what has arrived and looks for the end of this request."""
        self._idle.clear()
        self._request = request
        self.arrivals = []

    def wait(self, seconds: float) -> None:
        """Returns when the expected request has ended.

        Raises:
            TimeoutError: if it has not by then.
        """
        if not self._idle.wait(seconds):
            raise TimeoutError(f"the kernel was not idle after {seconds} s")

    def run(self) -> None:
        """Receives until `close`."""
        while not self._stopping:
            try:
                frames = self._socket.recv_multipart()
            except zmq.Again:
                continue
            arrival = Arrival(time.monotonic_ns(), frames)
            self.arrivals.append(arrival)
            if self._request and arrival.ends(self._request):
                self._idle.set()

    def close(self) -> None:
        """Ends the thread and gives back the socket."""
        self._stopping = True
        self.join()
        self._socket.close(0)
        self._context.term()
