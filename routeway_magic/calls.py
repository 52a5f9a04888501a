"""Requests under way, and how another thread ends them.

Whoever reads from a socket that is shut down wakes up at once; closing it would
not wake anybody.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakSet

from routeway_magic.errors import Interrupted

__all__ = ["Call", "Calls", "shut_after"]

_LONGEST_SLEEP = 0.1  # seconds until a wait notices that it was cancelled


class Calls:
    """The requests that a client has under way, and the sockets that it has open."""

    def __init__(self) -> None:
        self._under_way: set[Call] = set()
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._under_way)

    @contextmanager
    def begin(self) -> Iterator[Call]:
        """One request with its retries, for the length of a `with` block."""
        call = Call(self)
        with self._lock:
            self._under_way.add(call)
        try:
            yield call
        finally:
            with self._lock:
                self._under_way.discard(call)

    def connected(self, stream: Any) -> None:
        """Takes note of a connection that now stands.

        Args:
            stream: httpx's network stream.
        """
        with self._lock:
            self._sockets.add(stream.get_extra_info("socket"))

    def cancel(self, *, thread: int | None = None) -> None:
        """Ends requests, from any thread, and wakes who reads their answers.

        Args:
            thread: ends those only that this thread makes; None for all.
        """
        with self._lock:
            under_way, sockets = list(self._under_way), list(self._sockets)
        ending = [call for call in under_way if thread in (None, call.thread)]
        others = [call.socket for call in under_way if call not in ending]
        for call in ending:
            call.cancelled = True
        for sock in sockets if ending else []:
            if not any(sock is other for other in others):
                _shut(sock)


class Call:
    """One request and its retries, made by the thread that begins it.

    Its socket is known once a connection was made for it or an answer comes. Until
    then it may be one that was kept; ended by mistake, it is replaced by a new one.

    Args:
        calls: those of its client.
    """

    def __init__(self, calls: Calls) -> None:
        self.cancelled = False
        self.is_fresh = False
        self.thread = threading.get_ident()
        self.socket: socket.socket | None = None
        self._calls = calls

    def check(self) -> None:
        """Ends a request that was cancelled.

        Raises:
            Interrupted: if it was.
        """
        if self.cancelled:
            raise Interrupted("the request was cancelled.")

    def reads_from(self, stream: Any) -> None:
        """Takes note of the connection that its answer comes from.

        Args:
            stream: httpx's network stream; None where there is none.
        """
        self.socket = stream.get_extra_info("socket") if stream else None

    def sleep(self, seconds: float) -> None:
        """Waits before a retry.

        Raises:
            Interrupted: if it is cancelled meanwhile.
        """
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, _LONGEST_SLEEP))
        self.check()

    def trace(self, step: str, info: Mapping[str, Any]) -> None:
        """Takes a step of the request, as httpx's `trace` extension tells it.

        `is_fresh` then says whether a connection was opened for it.

        Raises:
            Interrupted: if it was cancelled before it was sent.
        """
        if step.endswith("connect_tcp.started"):
            self.is_fresh = True
        elif step.endswith(("connect_tcp.complete", "start_tls.complete")):
            self.reads_from(info["return_value"])
            self._calls.connected(info["return_value"])
        elif step.endswith("send_request_headers.started"):
            self.check()


@contextmanager
def shut_after(seconds: float, extensions: Mapping[str, Any]) -> Iterator[None]:
    """Ends a response's connection if the block takes longer than that.

    Args:
        seconds: how long it may take.
        extensions: the response's.
    """
    stream = extensions.get("network_stream")
    sock = stream.get_extra_info("socket") if stream else None
    guard = threading.Timer(seconds, _shut, [sock])
    guard.daemon = True
    guard.start()
    try:
        yield
    finally:
        guard.cancel()


def _shut(sock: socket.socket | None) -> None:
    if sock is not None:
        with suppress(OSError):  # it was closed already
            sock.shutdown(socket.SHUT_RDWR)
