"""Token counts reckoned locally: estimates, labelled so wherever they are shown.

About four characters are a token, three for models from Claude 4.7 on; an image
costs one for each 28 x 28 pixels, up to what its model looks at. A page of a PDF is
read as text, 1500 to 3000 tokens, and as an image (API.md 2.4, 8).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from routeway_magic.models import Eye, eye_of
from routeway_magic.pdf_pages import pages_of
from routeway_magic.pictures import image_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from routeway_magic.types import ContentBlock, JSONObject

__all__ = [
    "CHARACTERS_PER_TOKEN",
    "block_tokens",
    "image_tokens",
    "input_tokens",
    "text_tokens",
]

CHARACTERS_PER_TOKEN = 4
_TOOL_PROMPT = 300
_PATCH = 28
_PAGE = 2250 + 1568  # of a PDF: its text, and its image
_MESSAGE_OVERHEAD = 3


def text_tokens(text: str, per_token: int = CHARACTERS_PER_TOKEN) -> int:
    """The tokens of a text, rounded up.

    Args:
        text: any text.
        per_token: characters that make a token.
    """
    return -(-len(text) // per_token)


def image_tokens(size: tuple[int, int] | None, eye: Eye) -> int:
    """The tokens of an image.

    Args:
        size: width and height in pixels; None where it is not known.
        eye: what the model looks at.
    """
    if size is None:
        return eye.image_tokens
    width, height = size
    return min(eye.image_tokens, -(-width // _PATCH) * -(-height // _PATCH))


def block_tokens(block: ContentBlock, model: str) -> int:
    """The tokens of one content block, as this model would count it."""
    return sum(_counts(block, eye_of(model)))


def input_tokens(body: JSONObject) -> int:
    """The tokens of everything in a request that a model would read.

    Args:
        body: a valid request.
    """
    eye = eye_of(str(body.get("model")))
    read = {key: body.get(key) for key in ("system", "messages")}
    total = sum(_counts(read, eye)) + _MESSAGE_OVERHEAD * len(body["messages"])
    if not body.get("tools"):
        return total
    # The names of members are read as well.
    definitions = json.dumps(body["tools"], ensure_ascii=False)
    return total + _TOOL_PROMPT + text_tokens(definitions, eye.characters_per_token)


def _counts(value: Any, eye: Eye) -> Iterator[int]:
    if isinstance(value, str):
        yield text_tokens(value, eye.characters_per_token)
    elif isinstance(value, list):
        for item in value:
            yield from _counts(item, eye)
    elif isinstance(value, dict):
        yield from _object_counts(value, eye)


def _object_counts(value: JSONObject, eye: Eye) -> Iterator[int]:
    source = value.get("source")
    source = source if isinstance(source, dict) else {}
    attached = source.get("type") in ("base64", "url")
    if attached and value.get("type") == "image":
        yield image_tokens(_size_of(source), eye)
    elif attached and value.get("type") == "document":
        yield _PAGE * (pages_of(str(source.get("data"))) if "data" in source else 1)
    else:
        for key, item in value.items():
            if key not in ("type", "role", "signature", "cache_control"):
                yield from _counts(item, eye)


def _size_of(source: JSONObject) -> tuple[int, int] | None:
    try:
        facts = image_facts(source)
    except ValueError:  # no base64: the server will say so
        return None
    return facts.size if facts else None
