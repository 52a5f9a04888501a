"""Raw exchanges with the emulator, as any HTTP client would have them."""

from __future__ import annotations

import base64
import json
import struct
import threading
import zlib
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routeway_magic.sources.emulator import Emulator

OPUS = "claude-opus-4-5"
PDF = base64.b64encode(b"%PDF-1.7 ...").decode()


@dataclass(frozen=True)
class Answered:
    """One HTTP response, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def message(self) -> str:
        """The sentence of an error's envelope."""
        return self.json["error"]["message"]

    @property
    def text(self) -> str:
        """The text blocks, joined."""
        return "".join(block.get("text", "") for block in self.json["content"])

    @property
    def frames(self) -> list[tuple[str, dict[str, Any]]]:
        """Each frame's `event:` name and its data."""
        return [_frame(part) for part in self.body.decode().split("\n\n") if part]


def _frame(part: str) -> tuple[str, dict[str, Any]]:
    lines = dict(line.split(": ", 1) for line in part.split("\n"))
    data = lines["data"]
    return lines.get("event", ""), {} if data == "[DONE]" else json.loads(data)


def asking(prompt: Any = "hello", **members: Any) -> dict[str, Any]:
    """A request body; members given as None are left out."""
    body = {
        "model": OPUS,
        "max_tokens": 4096,
        "messages": [{"role": "user", "content": prompt}],
        **members,
    }
    return {key: value for key, value in body.items() if value is not None}


def connect(emulator: Emulator) -> HTTPConnection:
    """A connection of its own, to be closed by the caller."""
    host, port = emulator.base_url.removeprefix("http://").split(":")
    return HTTPConnection(host, int(port), timeout=10)


def exchange(
    emulator: Emulator,
    body: Any,
    *,
    path: str = "/v1/messages",
    method: str = "POST",
    **headers: str,
) -> Answered:
    """Send one request, a value as JSON or bytes as they are, and read the answer."""
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(connect(emulator)) as connection:
        connection.request(method, path, data, {"x-api-key": emulator.token, **named})
        response = connection.getresponse()
        told = {name.lower(): value for name, value in response.getheaders()}
        return Answered(response.status, told, response.read())


def png(width: int, height: int) -> bytes:
    """A small PNG of that size; its pixels are black."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checked

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" * (width + 1) for _ in range(height)))
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def image(data: bytes, media_type: str = "image/png") -> dict[str, Any]:
    """An image block."""
    encoded = base64.b64encode(data).decode()
    source = {"type": "base64", "media_type": media_type, "data": encoded}
    return {"type": "image", "source": source}


def tool(name: str = "get_df", /, **properties: Any) -> dict[str, Any]:
    """A tool whose properties are all required."""
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }
    return {"name": name, "description": "a tool", "input_schema": schema}


def kinds(answered: Answered) -> list[str]:
    """The types of a message's blocks."""
    return [block["type"] for block in answered.json["content"]]


def first(answered: Answered, kind: str) -> dict[str, Any]:
    """A message's first block of that type."""
    blocks = [block for block in answered.json["content"] if block["type"] == kind]
    return blocks[0]


def deltas(answered: Answered, kind: str) -> list[dict[str, Any]]:
    """A stream's deltas of that type."""
    found = [d["delta"] for _, d in answered.frames if d["type"].endswith("_delta")]
    return [delta for delta in found if delta.get("type") == kind]


def turns(*contents: Any, **members: Any) -> dict[str, Any]:
    """A request of alternating turns, the user's first."""
    roles = ("user", "assistant")
    messages = [
        {"role": roles[index % 2], "content": content}
        for index, content in enumerate(contents)
    ]
    return asking(messages=messages, **members)


def call(identifier: str = "t1") -> dict[str, Any]:
    """A call of the tool `f`."""
    return {"type": "tool_use", "id": identifier, "name": "f", "input": {}}


def result(identifier: str = "t1", **members: Any) -> dict[str, Any]:
    """A result of the tool `f`."""
    return {"type": "tool_result", "tool_use_id": identifier, **members}


def document(kind: str = "text", **members: Any) -> dict[str, Any]:
    """A document block, by the kind of its source."""
    sources = {
        "text": {"media_type": "text/plain", "data": "plain"},
        "base64": {"media_type": "application/pdf", "data": PDF},
        "url": {"url": "https://example.org/a.pdf"},
        "content": {"content": [{"type": "text", "text": "chunk"}]},
    }
    return {"type": "document", "source": {"type": kind, **sources[kind]}, **members}


def emulator_threads() -> list[threading.Thread]:
    """The threads of every emulator of this process."""
    return [t for t in threading.enumerate() if t.name.startswith("emulator")]
