"""HTTP/1.1 as far as one loopback server needs it: read a request, write a response.

The standard library's server would do, but costs more to import than the rest of
the emulator together, and a stream's flushing is best seen in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from routeway_magic.sources.emulator.refusal import RefusedError

__all__ = ["BODY_LIMIT", "HTTPRequest", "Response", "read_request", "write_response"]

BODY_LIMIT = 32 * 1024 * 1024
"""Bytes of a request body, API.md 2.2."""

_LINE_LIMIT = 64 * 1024
_HEADER_LIMIT = 200
_PIECE = 64 * 1024
_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}

Send = Callable[[bytes], None]
Pause = Callable[[float], bool]


@dataclass(frozen=True, slots=True)
class HTTPRequest:
    """One request as it was read.

    Args:
        method: as sent, such as `POST`.
        path: without its query.
        headers: by lower-case name.
        body: complete.
        version: `HTTP/1.0` or `HTTP/1.1`.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    version: str = "HTTP/1.1"

    @property
    def keep_alive(self) -> bool:
        """Whether the connection stays open after the answer."""
        wish = self.headers.get("connection", "").lower()
        return self.version == "HTTP/1.1" and "close" not in wish


@dataclass(frozen=True, slots=True)
class Response:
    """What is to be sent back.

    Args:
        status: the HTTP status.
        body: the whole, or the pieces of a stream, each with the seconds to wait
            before it; each piece is sent by itself.
        headers: besides those of the transfer.
        complete: False breaks the connection off before the body's end.
        delay: seconds before the first byte.
    """

    status: int
    body: bytes | Iterable[tuple[float, bytes]]
    headers: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True
    delay: float = 0.0


def read_request(stream: BinaryIO, send: Send) -> HTTPRequest | None:
    """The next request of a connection, or None when the client has gone.

    Args:
        stream: where the client's bytes are read.
        send: used for `100 Continue` alone.

    Raises:
        RefusedError: for what is no HTTP, or too large.
        ConnectionError: if the client left in the middle.
    """
    line = _line(stream) or b""
    if line in (b"\r\n", b"\n"):  # RFC 9112 2.2: one blank line may precede
        line = _line(stream)
    if not line:
        return None
    method, target, version = _request_line(line)
    headers = _headers(stream)
    if headers.get("expect", "").lower() == "100-continue":
        send(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = _body(stream, headers)
    return HTTPRequest(method, target.partition("?")[0], headers, body, version)


def _line(stream: BinaryIO) -> bytes:
    line = stream.readline(_LINE_LIMIT + 1)
    if len(line) > _LINE_LIMIT:
        raise RefusedError(400, "A line of the request's head is too long.")
    return line


def _request_line(line: bytes) -> tuple[str, str, str]:
    words = line.decode("latin-1").split()
    if len(words) != 3 or words[2] not in ("HTTP/1.0", "HTTP/1.1"):  # noqa: PLR2004 - method, target, version
        raise RefusedError(400, "This is not an HTTP/1.1 request.")
    return words[0], words[1], words[2]


def _headers(stream: BinaryIO) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(_HEADER_LIMIT):
        line = _line(stream)
        if not line:
            raise ConnectionResetError
        if line in (b"\r\n", b"\n"):
            return headers
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or name != name.strip():
            raise RefusedError(400, "A header of the request is malformed.")
        headers[name.lower()] = value.strip()
    raise RefusedError(400, "The request has too many headers.")


def _body(stream: BinaryIO, headers: Mapping[str, str]) -> bytes:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return _chunked(stream)
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise RefusedError(400, "content-length: this is not a number.")
    return _exactly(stream, int(length))


def _exactly(stream: BinaryIO, length: int) -> bytes:
    if length > BODY_LIMIT:
        _skip(stream, length)
        raise _too_large()
    body = stream.read(length)
    if len(body) < length:
        raise ConnectionResetError
    return body


def _skip(stream: BinaryIO, length: int) -> None:
    # A client that is still sending would not see the answer: read it all first.
    while length > 0 and (piece := stream.read(min(length, _PIECE))):
        length -= len(piece)


def _chunked(stream: BinaryIO) -> bytes:
    body = bytearray()
    length = 0
    while size := _chunk_size(_line(stream)):
        length += size
        if length <= BODY_LIMIT:
            body += _exactly(stream, size)
        else:
            _skip(stream, size)
        _line(stream)
    while _line(stream) not in (b"\r\n", b"\n", b""):  # trailers
        pass
    if length > BODY_LIMIT:
        raise _too_large()
    return bytes(body)


def _chunk_size(line: bytes) -> int:
    try:
        return int(line.partition(b";")[0], 16)
    except ValueError:
        raise RefusedError(400, "A chunk of the request's body is malformed.") from None


def _too_large() -> RefusedError:
    return RefusedError(413, "Request exceeds the maximum size of 32 MB.")


def write_response(
    send: Send, response: Response, *, request: HTTPRequest | None, pause: Pause
) -> bool:
    """Send a response; says whether the connection may be used again.

    Args:
        send: sends bytes at once.
        response: what to send.
        request: what it answers; None for one that could not be read.
        pause: waits so many seconds; True means that the server is closing.
    """
    if response.delay and pause(response.delay):
        return False
    keep = request is not None and request.keep_alive and response.complete
    modern = request is None or request.version == "HTTP/1.1"
    if isinstance(response.body, bytes):
        _whole(send, response, response.body, keep=keep)
        return keep
    send(_head(response, {"transfer-encoding": "chunked"} if modern else {}, keep=keep))
    finished = _pieces(send, response.body, pause, chunked=modern)
    if finished and modern and response.complete:
        send(b"0\r\n\r\n")
    return keep and finished


def _whole(send: Send, response: Response, body: bytes, *, keep: bool) -> None:
    head = _head(response, {"content-length": str(len(body))}, keep=keep)
    send(head + (body if response.complete else body[: len(body) // 2]))


def _pieces(
    send: Send, pieces: Iterable[tuple[float, bytes]], pause: Pause, *, chunked: bool
) -> bool:
    for delay, piece in pieces:
        if delay and pause(delay):
            return False
        send(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
    return True


def _head(response: Response, transfer: Mapping[str, str], *, keep: bool) -> bytes:
    status = f"HTTP/1.1 {response.status} {_REASONS.get(response.status, '')}"
    connection = {"connection": "keep-alive" if keep else "close"}
    headers = {**response.headers, **transfer, **connection}
    lines = [status, *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
