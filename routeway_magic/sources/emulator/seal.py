"""Signatures of thinking: what a block belongs to, and whether that still stands.

The newest models bind each thinking block to the system prompt, the tools and the
messages before it; all bind it to the model (API.md 2.8). A signature that is not the
emulator's own says nothing, and is accepted.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from routeway_magic.sources.emulator.refusal import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from routeway_magic.models import Model
    from routeway_magic.types import ContentBlock, JSONObject

__all__ = ["check_seals", "seal"]

_OURS = "emulator"
_MODIFIED = (
    "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot "
    "be modified. They must remain as they were in the original response."
)
_STRANGE = "Invalid `signature` in `thinking` block. The block is bound to {}."


def seal(body: JSONObject, thinking: str) -> str:
    """The signature of what is thought about a request.

    Args:
        body: a valid request.
        thinking: the whole text, also where it will not be shown.
    """
    *_, prefix = _prefixes(body)
    told = f"{_OURS} {_mark(body['model'])} {prefix} {_mark(thinking)}"
    return base64.b64encode(told.encode()).decode()


def check_seals(body: JSONObject, model: Model) -> None:
    """Refuse thinking that was changed, or stands where it was not thought.

    Args:
        body: a request whose members are valid each by itself.
        model: the one that it names.
    """
    for index, (message, prefix) in enumerate(
        zip(body["messages"], _prefixes(body), strict=False)
    ):
        content = message["content"]
        for position, block in enumerate(content if isinstance(content, list) else []):
            if block["type"] == "thinking":
                path = f"messages.{index}.content.{position}"
                _check(block, path, _mark(body["model"]), prefix, model)


def _check(
    block: ContentBlock, path: str, asked: str, prefix: str, model: Model
) -> None:
    told = _opened(block["signature"])
    if not told:
        return
    thinker, thought_after, thought = told
    if block["thinking"] and _mark(block["thinking"]) != thought:
        raise refuse(path, _MODIFIED)
    if thinker != asked:
        raise refuse(path, _STRANGE.format("another model"))
    if model.binds_thinking and thought_after != prefix:
        raise refuse(path, _STRANGE.format("a different conversation"))


def _opened(signature: str) -> list[str]:
    """Model, prefix and text of one of our signatures; nothing for any other."""
    try:
        words = base64.b64decode(signature, validate=True).decode().split()
    except ValueError:
        return []
    return words[1:] if words[:1] == [_OURS] and len(words) == 4 else []  # noqa: PLR2004 - what `seal` writes


def _prefixes(body: JSONObject) -> Iterator[str]:
    """What stands before each message, and at last all that was sent."""
    digest = hashlib.sha256()
    digest.update(_written([body.get("system"), body.get("tools")]))
    for message in body["messages"]:
        yield digest.hexdigest()[:16]
        digest.update(_written(message))
    yield digest.hexdigest()[:16]


def _written(value: Any) -> bytes:
    return json.dumps(_unmarked(value), sort_keys=True).encode()


def _unmarked(value: Any) -> Any:
    """Without markers of a cache, which do not count as a change."""
    if isinstance(value, list):
        return [_unmarked(item) for item in value]
    if isinstance(value, dict):
        return {key: _unmarked(value[key]) for key in value if key != "cache_control"}
    return value


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]
