"""Long base64 taken out of a request, so that a program stays readable."""

from __future__ import annotations

import base64
import hashlib
from binascii import Error
from dataclasses import dataclass
from typing import Any

__all__ = ["Attached", "attached_name", "without_bytes"]

_LONG = 1_000  # characters of base64 that still stand in a program
_DEEPEST = 12  # no block that the protocol knows stands deeper
_ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "application/pdf": "pdf",
}


@dataclass(frozen=True, slots=True)
class Attached:
    """The place of a base64 text that a file's bytes give.

    Args:
        name: the file's.
    """

    name: str


def attached_name(content: bytes, ending: str) -> str:
    """A file name that no other content gets.

    Args:
        content: the file's.
        ending: without the dot.
    """
    return f"claude-{hashlib.sha256(content).hexdigest()[:12]}.{ending}"


def without_bytes(value: Any) -> tuple[Any, dict[str, bytes]]:
    """The value with long base64 replaced by `Attached`, and the files that it names.

    Args:
        value: JSON; a source of `type` "base64" says what its `data` is (API.md 2.3).
    """
    files: dict[str, bytes] = {}
    return _taken_out(value, files, _DEEPEST), files


def _taken_out(value: Any, files: dict[str, bytes], depth: int) -> Any:
    if depth and isinstance(value, list):
        return [_taken_out(item, files, depth - 1) for item in value]
    if not depth or not isinstance(value, dict):
        return value
    found = {key: _taken_out(item, files, depth - 1) for key, item in value.items()}
    content = _content(value)
    if content is not None:
        ending = _ENDINGS.get(str(value.get("media_type")), "bin")
        found["data"] = Attached(attached_name(content, ending))
        files[found["data"].name] = content
    return found


def _content(source: dict[str, Any]) -> bytes | None:
    """The bytes of a source, if they are many and give the same base64 again."""
    data = source.get("data")
    if source.get("type") != "base64" or not isinstance(data, str):
        return None
    if len(data) <= _LONG:
        return None
    try:
        content = base64.b64decode(data, validate=True)
    except (Error, ValueError):
        return None
    return content if base64.b64encode(content).decode() == data else None
