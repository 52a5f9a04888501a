"""A loopback server in a test's hands: its bytes, its pauses, its way of closing."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self

from routeway_magic.client import Client
from routeway_magic.endpoint import Endpoint
from routeway_magic.secret import ApiKey
from routeway_magic.types import Request

__all__ = [
    "ASK",
    "HELLO",
    "KEY",
    "Peer",
    "Received",
    "Script",
    "Server",
    "answering",
    "connected",
    "dropping",
    "hello_text",
    "proxy",
    "refusing",
    "serving",
    "sse",
]

Frame = Mapping[str, Any]

KEY = "sk-of-this-test-0123456789abcdef"
ASK = Request(
    {
        "model": "claude-opus-4-5",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
    }
)

HELLO: tuple[Frame, ...] = (
    {
        "type": "message_start",
        "message": {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "m",
            "content": [],
            "stop_reason": None,
            "usage": {"input_tokens": 3, "output_tokens": 1},
        },
    },
    {
        "type": "content_block_start",
        "index": 0,
        "content_block": {"type": "text", "text": ""},
    },
    {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "text_delta", "text": "héllo \u2028 wörld 🌍"},
    },
    {"type": "content_block_stop", "index": 0},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 5},
    },
    {"type": "message_stop"},
)


def hello_text() -> str:
    """The text that `HELLO` spells."""
    return str(HELLO[2]["delta"]["text"])


def sse(
    frames: Iterable[Frame] = HELLO, *, named: bool = True, newline: str = "\n"
) -> bytes:
    """Frames as a server sends them.

    Args:
        frames: the JSON objects.
        named: whether each has its `event:` line.
        newline: how lines end.
    """
    lines: list[str] = []
    for frame in frames:
        if named:
            lines.append(f"event: {frame['type']}")
        lines += [f"data: {json.dumps(frame, ensure_ascii=False)}", ""]
    return "".join(line + newline for line in lines).encode()


@contextmanager
def connected(server: Server | str, **settings: Any) -> Iterator[Client]:
    """A client of this server or address; its connections are closed at the end.

    Args:
        server: where to.
        **settings: those of `Endpoint`.
    """
    base_url = server if isinstance(server, str) else server.base_url
    client = Client(Endpoint(base_url=base_url, **settings), ApiKey(KEY))
    try:
        yield client
    finally:
        client.close()


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came over the wire; header names in lower case."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


class Peer:
    """A connection with one request to answer, in a script's hands."""

    def __init__(self, sock: socket.socket, received: Received) -> None:
        self.sock = sock
        self.received = received
        self.keeps = True

    def reply(
        self,
        body: bytes,
        *,
        status: int = 200,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """A whole answer; the connection stays open."""
        more = {"content-length": str(len(body)), **(headers or {})}
        self.head(status, content_type=content_type, headers=more)
        self.sock.sendall(body)

    def head(
        self,
        status: int = 200,
        *,
        content_type: str = "text/event-stream",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Status line and headers; without content-length the body is chunked."""
        lines = {"content-type": content_type, **(headers or {})}
        if not {"content-length", "connection"} & set(lines):
            lines["transfer-encoding"] = "chunked"
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.sock.sendall(f"HTTP/1.1 {status} Status\r\n{text}\r\n".encode())

    def chunk(self, data: bytes) -> None:
        """A piece of a chunked body; b"" ends it."""
        self.sock.sendall(b"%x\r\n%b\r\n" % (len(data), data))

    def hang_up(self) -> None:
        """Closes the connection after this script."""
        self.keeps = False

    def reset(self) -> None:
        """Closes the connection with a reset in place of an end."""
        self.keeps = False
        self.sock.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.sock.close()

    def sees_hangup(self, seconds: float = 5.0) -> bool:
        """Whether the client closes the connection within that time."""
        self.keeps = False
        self.sock.settimeout(seconds)
        try:
            return not self.sock.recv(1)
        except TimeoutError:
            return False
        except OSError:  # reset: closed, and in a hurry
            return True


Script = Callable[[Peer], None]


def answering(frames: Iterable[Frame] = HELLO) -> Script:
    """A script that streams these frames and keeps the connection."""

    def run(peer: Peer) -> None:
        peer.head()
        peer.chunk(sse(frames))
        peer.chunk(b"")

    return run


def refusing(status: int, body: bytes = b"{}", **headers: str) -> Script:
    """A script that refuses with a status; `_` in header names stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda peer: peer.reply(body, status=status, headers=named)


def dropping(peer: Peer) -> None:
    """A script that closes the connection without a byte."""
    peer.hang_up()


class Server:
    """Runs one script per request, the last one for all further requests.

    Args:
        *scripts: what to do with each request, in the order of arrival.
        tls: makes it an https server.
    """

    def __init__(self, *scripts: Script, tls: ssl.SSLContext | None = None) -> None:
        self.accepted = 0
        self.requests: list[Received] = []
        self._scripts = scripts
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]

    @property
    def base_url(self) -> str:
        """Its address; by name where a certificate has to fit."""
        if self._tls:
            return f"https://localhost:{self.port}"
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *exception: object) -> None:
        for sock in (self._listener, *self._sockets):
            with suppress(OSError):  # not connected any more
                sock.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:  # closed: the test is over
                return
            self.accepted += 1
            self._sockets.append(sock)
            thread = threading.Thread(target=self._serve, args=[sock])
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with suppress(OSError), sock:  # a client that hangs up is a test's business
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True)
                self._sockets.append(sock)
            with sock:
                self._answer_all(sock)

    def _answer_all(self, sock: socket.socket) -> None:
        while received := _receive(sock):
            self.requests.append(received)
            peer = Peer(sock, received)
            self._scripts[min(len(self.requests), len(self._scripts)) - 1](peer)
            if not peer.keeps:
                return


def _receive(sock: socket.socket) -> Received | None:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    pairs = (field.partition(":") for field in fields)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    while len(body) < int(headers.get("content-length", 0)):
        body += sock.recv(65536)
    return Received(line, headers, body)


@contextmanager
def serving(*scripts: Script, **settings: Any) -> Iterator[tuple[Server, Client]]:
    """A server that runs these scripts, and a client of it.

    Args:
        *scripts: as for `Server`.
        **settings: as for `connected`.
    """
    with Server(*scripts) as server, connected(server, **settings) as client:
        yield server, client


@contextmanager
def proxy(*scripts: Script, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A forward proxy that plays the target itself.

    Plain http comes with an absolute URI; for https the CONNECT is granted, and
    what is inside the tunnel meets the next script.

    Args:
        *scripts: what the target does with each request.
        tls: the target's certificate, for CONNECT.
    """

    def tunnel(peer: Peer) -> None:
        assert tls is not None
        peer.sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        inside = tls.wrap_socket(peer.sock, server_side=True)
        with inside:
            received = _receive(inside)
            assert received is not None
            server.requests.append(received)
            scripts[0](Peer(inside, received))
        peer.hang_up()

    server = Server(*([tunnel] if tls else scripts))
    with server:
        yield server
