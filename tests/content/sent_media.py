"""What was sent of a value: checked by the emulator's rules, and seen again."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from routeway_magic.sources.emulator.validate_content import MESSAGE

if TYPE_CHECKING:
    from routeway_magic.content.described import Described


def accepted(described: Described, name: str = "value") -> Described:
    """The same, once the emulator has taken its blocks as a user's message."""
    blocks = described.as_blocks(name)
    MESSAGE({"role": "user", "content": blocks}, "messages.0")
    return described


def sent_bytes(described: Described) -> bytes:
    """The bytes of its only attachment."""
    (block,) = described.blocks
    return base64.b64decode(block["source"]["data"])


def sent_text(described: Described) -> str:
    """The text of its only document."""
    (block,) = described.blocks
    assert block["source"]["type"] == "text"
    return block["source"]["data"]


def seen(described: Described) -> Image.Image:
    """The picture as a model gets it."""
    return Image.open(BytesIO(sent_bytes(accepted(described))))
