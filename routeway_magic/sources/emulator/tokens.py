"""Token counts as the emulator reckons them: four characters are one token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from routeway_magic.sources.emulator.images import image_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from routeway_magic.types import JSONObject

__all__ = ["CHARACTERS_PER_TOKEN", "input_tokens", "text_tokens"]

CHARACTERS_PER_TOKEN = 4
_TOOL_PROMPT = 300
_PATCH = 28
_IMAGE_LIMIT = 1568
_DOCUMENT = 2000
_MESSAGE_OVERHEAD = 3


def text_tokens(text: str) -> int:
    """The tokens of a text, rounded up."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def input_tokens(body: JSONObject) -> int:
    """The tokens of everything in a request that a model would read.

    Args:
        body: a valid request.
    """
    read = {key: body.get(key) for key in ("system", "messages", "tools")}
    total = sum(_counts(read))
    total += _TOOL_PROMPT if body.get("tools") else 0
    return total + _MESSAGE_OVERHEAD * len(body["messages"])


def _counts(value: Any) -> Iterator[int]:
    if isinstance(value, str):
        yield text_tokens(value)
    elif isinstance(value, list):
        for item in value:
            yield from _counts(item)
    elif isinstance(value, dict):
        yield from _object_counts(value)


def _object_counts(value: JSONObject) -> Iterator[int]:
    source = value.get("source")
    attached = isinstance(source, dict) and source.get("type") in ("base64", "url")
    if attached and value.get("type") == "image":
        yield _image(source)
    elif attached and value.get("type") == "document":
        yield _DOCUMENT
    else:
        for key, item in value.items():
            if key not in ("type", "role", "signature", "cache_control"):
                yield from _counts(item)


def _image(source: JSONObject | None) -> int:
    facts = image_facts(source or {})
    if facts is None or facts.size is None:
        return _IMAGE_LIMIT
    width, height = facts.size
    return min(_IMAGE_LIMIT, -(-width // _PATCH) * -(-height // _PATCH))
