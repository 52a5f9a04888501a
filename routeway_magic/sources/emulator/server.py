"""The emulator as a server: one listening socket, one thread for each connection."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, Self

from routeway_magic.sources.emulator.http1 import (
    HTTPRequest,
    Response,
    read_request,
    write_response,
)
from routeway_magic.sources.emulator.quota import Quota
from routeway_magic.sources.emulator.refusal import RefusedError

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Emulator"]

_HOST = "127.0.0.1"
_JOIN_SECONDS = 5.0


class Emulator:
    """A Messages endpoint on 127.0.0.1 that answers offline.

    Args:
        port: the port to listen on; 0 takes a free one.
        token: the key that is accepted; a random one by default.
        any_key: accept any key that is not empty.
    """

    def __init__(
        self, port: int = 0, token: str | None = None, *, any_key: bool = False
    ) -> None:
        self.token = token or f"emulator-{os.urandom(16).hex()}"
        self._wanted_port = port
        self._any_key = any_key
        self._quota = Quota()
        self._listener: socket.socket | None = None
        self._acceptor: threading.Thread | None = None
        self._forget()

    @property
    def base_url(self) -> str:
        """Where it answers.

        Raises:
            RuntimeError: if it was not started.
        """
        if self._listener is None:
            raise RuntimeError("The emulator is not running: call start() first.")
        return f"http://{_HOST}:{self._listener.getsockname()[1]}"

    def start(self) -> None:
        """Listen, and answer from threads of its own; once is enough."""
        if self._listener is not None and self._process == os.getpid():
            return
        self.close()
        self._forget()
        self._listener = _listen(self._wanted_port)
        self._acceptor = threading.Thread(
            target=self._accept, args=(self._listener,), name="emulator", daemon=True
        )
        self._acceptor.start()

    def close(self) -> None:
        """Stop every thread and give the port back; once is enough."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        if self._process == os.getpid():
            self._stop(listener)
        listener.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _forget(self) -> None:
        # A forked child has the parent's sockets but none of its threads.
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._acceptor = None

    def _stop(self, listener: socket.socket) -> None:
        self._stopping.set()
        # accept() wakes on a connection on every platform, on a close on few.
        with suppress(OSError):
            socket.create_connection(listener.getsockname(), timeout=1).close()
        if self._acceptor is not None:
            self._acceptor.join(_JOIN_SECONDS)
        with self._lock:
            open_connections = dict(self._connections)
        for connection, thread in open_connections.items():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join(_JOIN_SECONDS)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except ConnectionError:  # gone before it was taken
                continue
            except OSError:
                return
            if self._stopping.is_set():
                connection.close()
                return
            self._begin(connection)

    def _begin(self, connection: socket.socket) -> None:
        thread = threading.Thread(
            target=self._converse,
            args=(connection,),
            name="emulator-connection",
            daemon=True,
        )
        with self._lock:
            self._connections[connection] = thread
        thread.start()

    def _converse(self, connection: socket.socket) -> None:
        # A client may leave at any moment; that is its right, and no error.
        with suppress(OSError), connection, connection.makefile("rb") as stream:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while self._exchange(connection, stream):
                pass
        with self._lock:
            self._connections.pop(connection, None)

    def _exchange(self, connection: socket.socket, stream: BinaryIO) -> bool:
        from routeway_magic.sources.emulator.endpoints import refusal

        request: HTTPRequest | None = None
        try:
            request = read_request(stream, connection.sendall)
            if request is None:
                return False
            response = self._answer(request)
        except RefusedError as error:
            response = refusal(error)
        return write_response(
            connection.sendall, response, request=request, pause=self._stopping.wait
        )

    def _answer(self, request: HTTPRequest) -> Response:
        from routeway_magic.sources.emulator.endpoints import respond

        try:
            return respond(request, self._accepts, self._quota)
        except RefusedError:
            raise
        except RecursionError:
            raise RefusedError(400, "The request body is nested too deeply.") from None
        except Exception as error:  # a fault of ours is the server's 500
            fault = f"The emulator failed: {type(error).__name__}: {error}"
            raise RefusedError(500, fault) from error

    def _accepts(self, key: str) -> bool:
        import hmac

        same = hmac.compare_digest(key.encode(), self.token.encode())
        return same or (self._any_key and bool(key))


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # on Windows the option lets two share one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_HOST, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener
