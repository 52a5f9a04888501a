"""Values of the notebook become content blocks, at a cost that their size does not set.

`to_blocks(value)` gives the blocks; `@to_blocks.register(type)` teaches it a type.
"""

from __future__ import annotations

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import describe, to_blocks

__all__ = ["Described", "Limits", "describe", "to_blocks"]
