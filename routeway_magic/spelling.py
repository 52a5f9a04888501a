"""What somebody has perhaps meant who has mistyped a name."""

from __future__ import annotations

import re

__all__ = ["near"]

_SHORT_FLAG = re.compile("-.")


def near(word: str, known: list[str]) -> str:
    """A sentence naming what was perhaps meant, or "" if nothing is near.

    Args:
        word: as typed.
        known: what there is.
    """
    from difflib import get_close_matches  # 3 ms that only a mistake need cost

    begun = word.lstrip("-")
    found = [name for name in known if begun and name.lstrip("-").startswith(begun)]
    if not found or len(begun) == 1:  # one letter says as little as a short flag does
        others = [name for name in known if not _SHORT_FLAG.fullmatch(name)]
        found = get_close_matches(word, others, cutoff=0.6)
    return f"Did you mean {', '.join(f'`{name}`' for name in found)}?" if found else ""
