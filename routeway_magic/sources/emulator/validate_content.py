"""The rules for content blocks, one table for each place they stand in (API.md 2.3)."""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING, Any

from routeway_magic.pictures import media_type_of, pixel_size
from routeway_magic.sources.emulator.answer import UNKNOWN_BLOCK
from routeway_magic.sources.emulator.checks import (
    Check,
    any_object,
    array,
    boolean,
    filled_text,
    joined,
    one_of,
    optional_text,
    record,
    text,
    variant,
)
from routeway_magic.sources.emulator.refusal import refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CACHE_CONTROL", "MESSAGE", "SYSTEM", "tool_name"]

_IMAGE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_IMAGE_BYTES = 10 * 1024 * 1024
_IMAGE_SIDE = 8000
_ECHOED = (
    "server_tool_use",
    "web_search_tool_result",
    "web_fetch_tool_result",
    "code_execution_tool_result",
    "bash_code_execution_tool_result",
    "text_editor_code_execution_tool_result",
    "tool_search_tool_result",
    "container_upload",
    "fallback",
    UNKNOWN_BLOCK,
)


def tool_name(value: Any, path: str) -> None:
    """Accept a tool's name (API.md 2.6)."""
    text(value, path)
    if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", value):
        raise refuse(path, "String should match pattern '^[a-zA-Z0-9_-]{1,64}$'")


def _identifier(value: Any, path: str) -> None:
    text(value, path)
    if not re.fullmatch(r"[a-zA-Z0-9_-]+", value):
        raise refuse(path, "String should match pattern '^[a-zA-Z0-9_-]+$'")


def _written(value: Any, path: str) -> None:
    text(value, path)
    if not value:
        raise refuse(path, "text content blocks must be non-empty")


def _web_address(value: Any, path: str) -> None:
    text(value, path)
    if not re.match(r"https?://[^\s/]", value):
        raise refuse(path, "Input should be a URL that begins with http:// or https://")


def _base64(value: Any, path: str) -> None:
    text(value, path)
    try:
        data = binascii.a2b_base64(value, strict_mode=True)
    except ValueError:
        raise refuse(path, "Invalid base64 data") from None
    if not data:
        raise refuse(path, "The data must not be empty")


def _image_source(value: Any, path: str) -> None:
    members = {"media_type": one_of(*_IMAGE_TYPES), "data": _base64}
    record({"type": text, **members})(value, path)
    place = joined(path, "data")
    if len(value["data"]) > _IMAGE_BYTES:
        raise refuse(place, "image exceeds 10 MB maximum")
    data = binascii.a2b_base64(value["data"])
    found, told = media_type_of(data), value["media_type"]
    if not found:
        raise refuse(place, "Could not process image")
    if found != told:
        sentence = f"Image does not match the provided media type {told}: it is {found}"
        raise refuse(place, sentence)
    if max(pixel_size(data) or (0, 0)) > _IMAGE_SIDE:
        sentence = f"an image side exceeds the maximum of {_IMAGE_SIDE} pixels"
        raise refuse(place, sentence)


def _pdf_source(value: Any, path: str) -> None:
    members = {"media_type": one_of("application/pdf"), "data": _base64}
    record({"type": text, **members})(value, path)
    head = binascii.a2b_base64(value["data"][:64])
    if not head.startswith(b"%PDF"):
        raise refuse(joined(path, "data"), "The PDF specified was not valid")


def _citation_list(value: Any, path: str) -> None:
    if value is not None:
        array(any_object)(value, path)


_PLAIN_SOURCE = record(
    {"type": text, "media_type": one_of("text/plain"), "data": _written}
)
_URL_SOURCE = record({"type": text, "url": _web_address})

CACHE_CONTROL = record({"type": one_of("ephemeral")}, {"ttl": one_of("5m", "1h")})
"""A cache breakpoint."""

_CACHED: Mapping[str, Check] = {"cache_control": CACHE_CONTROL}
_CITATIONS = record({"enabled": boolean})
_TEXT = record({"type": text, "text": _written}, _CACHED)
_SPOKEN = record(
    {"type": text, "text": _written},
    {**_CACHED, "citations": _citation_list},
)
_IMAGE = record(
    {
        "type": text,
        "source": variant("type", {"base64": _image_source, "url": _URL_SOURCE}),
    },
    {**_CACHED, "transformations": any_object},
)


def _texts_or(parts: Mapping[str, Check], *, least: int = 0) -> Check:
    listed = array(variant("type", parts), least=least)

    def check(value: Any, path: str) -> None:
        if not isinstance(value, str):
            listed(value, path)

    return check


_CONTENT_SOURCE = record(
    {"type": text, "content": _texts_or({"text": _TEXT, "image": _IMAGE}, least=1)}
)
_DOCUMENT = record(
    {
        "type": text,
        "source": variant(
            "type",
            {
                "base64": _pdf_source,
                "text": _PLAIN_SOURCE,
                "url": _URL_SOURCE,
                "content": _CONTENT_SOURCE,
            },
        ),
    },
    {
        **_CACHED,
        "title": optional_text,
        "context": optional_text,
        "citations": _CITATIONS,
    },
)
_SEARCH_RESULT = record(
    {
        "type": text,
        "source": text,
        "title": text,
        "content": array(variant("type", {"text": _TEXT}), least=1),
    },
    {**_CACHED, "citations": _CITATIONS},
)
_ATTACHED: Mapping[str, Check] = {
    "text": _TEXT,
    "image": _IMAGE,
    "document": _DOCUMENT,
    "search_result": _SEARCH_RESULT,
}
_TOOL_RESULT = record(
    {"type": text, "tool_use_id": _identifier},
    {**_CACHED, "content": _texts_or(_ATTACHED), "is_error": boolean},
)
_TOOL_USE = record(
    {"type": text, "id": _identifier, "name": tool_name, "input": any_object}, _CACHED
)
_THINKING = record({"type": text, "thinking": text, "signature": filled_text})
_REDACTED = record({"type": text, "data": filled_text})

_USER: Mapping[str, Check] = {
    **_ATTACHED,
    "text": _SPOKEN,
    "tool_result": _TOOL_RESULT,
}
_ASSISTANT: Mapping[str, Check] = {
    "text": _SPOKEN,
    "document": _DOCUMENT,
    "thinking": _THINKING,
    "redacted_thinking": _REDACTED,
    "tool_use": _TOOL_USE,
    **dict.fromkeys(_ECHOED, any_object),
}


def _content(kinds: Mapping[str, Check]) -> Check:
    blocks = array(variant("type", kinds))

    def check(value: Any, path: str) -> None:
        if isinstance(value, str):
            _written(value, path)
        elif isinstance(value, list) and value:
            blocks(value, path)
        else:
            raise refuse(path, "Input should be a non-empty string or list of blocks")

    return check


MESSAGE = variant(
    "role",
    {
        "user": record({"role": text, "content": _content(_USER)}),
        "assistant": record({"role": text, "content": _content(_ASSISTANT)}),
    },
)
"""One member of `messages`, by its role."""

SYSTEM = _texts_or({"text": _TEXT})
"""The system prompt: a string or text blocks."""
