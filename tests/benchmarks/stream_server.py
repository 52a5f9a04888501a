"""A Messages API on 127.0.0.1 that streams on schedule and says when it sent what.

Run as a program it prints its port, then one line of JSON for each answer. How much
to stream, and how fast, stands in the request's model: see `model_name`.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, Self

from markdown_stream import deltas

__all__ = ["Sent", "StreamServer", "model_name"]

_FIRST_DELAY = 0.05  # seconds from the request to the first delta
_BATCH = 64 * 1024  # bytes written at once where there is no delay
_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)
_NO_LIST = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"


def model_name(number: int, milliseconds: int = 0) -> str:
    """The model that streams this many deltas, this far apart.

    Args:
        number: of deltas, at least two.
        milliseconds: between two deltas; 0 for as fast as they are taken.
    """
    return f"stream-{number}-{milliseconds}"


@dataclass(frozen=True, slots=True)
class Sent:
    """When the deltas of one answer were sent, by `time.monotonic_ns`.

    Args:
        first: the first delta.
        last: the last delta.
        text_bytes: the size of their text.
    """

    first: int
    last: int
    text_bytes: int


class StreamServer:
    """The server as a process of its own, so that its work is not measured."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = f"http://127.0.0.1:{int(self._line())}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.communicate()

    def sent(self) -> Sent:
        """What is known of the answer that ended last; to be asked once for each."""
        return Sent(**json.loads(self._line()))

    def _line(self) -> str:
        if self._process.stdout is None:
            raise AssertionError
        return self._process.stdout.readline()


async def _serve() -> None:
    server = await asyncio.start_server(_talk, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Standard input ends when the process that started this one is gone.
    await asyncio.to_thread(sys.stdin.read)


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if head.startswith(b"get "):
                writer.write(_NO_LIST)
                continue
            if not head.startswith(b"post "):  # it lists no models
                writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}")
                continue
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            request = json.loads(await reader.readexactly(length))
            sent = await _answer(request["model"], writer)
            print(json.dumps(asdict(sent)), flush=True)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # the client has gone
    finally:
        writer.close()


async def _answer(model: str, writer: asyncio.StreamWriter) -> Sent:
    _, number, milliseconds = model.split("-")
    pieces = deltas(int(number))
    writer.write(_HEAD + b"".join(map(_chunk, _opening(model))))
    frames = [_chunk(_delta(piece)) for piece in pieces]
    await writer.drain()
    await asyncio.sleep(_FIRST_DELAY)
    first = time.monotonic_ns()
    if int(milliseconds):
        last = await _write_on_schedule(writer, frames, int(milliseconds) / 1000)
    else:
        last = await _write_in_batches(writer, frames)
    writer.write(b"".join(map(_chunk, _closing(len(pieces)))) + b"0\r\n\r\n")
    await writer.drain()
    return Sent(first, last, len("".join(pieces).encode()))


async def _write_on_schedule(
    writer: asyncio.StreamWriter, frames: list[bytes], delay: float
) -> int:
    begun, last = time.monotonic(), 0
    for position, frame in enumerate(frames):
        await asyncio.sleep(max(0.0, begun + position * delay - time.monotonic()))
        last = time.monotonic_ns()
        writer.write(frame)
        await writer.drain()
    return last


async def _write_in_batches(writer: asyncio.StreamWriter, frames: list[bytes]) -> int:
    batch = frames[0]
    for frame in frames[1:]:
        batch += frame
        if len(batch) >= _BATCH:
            writer.write(batch)
            await writer.drain()
            batch = b""
    last = time.monotonic_ns()
    writer.write(batch)
    await writer.drain()
    return last


def _chunk(frame: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(frame), frame)


def _frame(kind: str, **members: Any) -> bytes:
    data = json.dumps({"type": kind, **members}, ensure_ascii=False)
    return f"event: {kind}\ndata: {data}\n\n".encode()


def _opening(model: str) -> list[bytes]:
    message: dict[str, Any] = {
        "id": "msg_stream",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 9, "output_tokens": 1},
    }
    block = {"type": "text", "text": ""}
    return [
        _frame("message_start", message=message),
        _frame("content_block_start", index=0, content_block=block),
        _frame("ping"),
    ]


def _delta(piece: str) -> bytes:
    delta = {"type": "text_delta", "text": piece}
    return _frame("content_block_delta", index=0, delta=delta)


def _closing(number: int) -> list[bytes]:
    delta = {"stop_reason": "end_turn", "stop_sequence": None}
    return [
        _frame("content_block_stop", index=0),
        _frame("message_delta", delta=delta, usage={"output_tokens": 4 * number}),
        _frame("message_stop"),
    ]


if __name__ == "__main__":
    asyncio.run(_serve())
