"""Text that is too long keeps its beginning and its end, and says what is missing."""

from __future__ import annotations

__all__ = ["shorten"]

_MARK = "\n[… {:,} characters left out …]\n"
_BEGINNING = 0.7  # a text's beginning tells more than its end


def shorten(
    text: str, characters: int, *, beginning: float = _BEGINNING
) -> tuple[str, str]:
    """The text within so many characters, and what was left out of it ("" if nothing).

    Only the parts that are kept are copied. Less than the mark itself is never given:
    even the smallest share says that something is missing.

    Args:
        text: any text, however long.
        characters: how many of it may be kept, at least 0.
        beginning: the beginning's share of what is kept, 0..1.
    """
    if len(text) <= characters:
        return text, ""
    room = max(characters - len(_MARK.format(len(text))), 0)
    first = int(room * beginning)
    last = room - first
    missing = len(text) - room
    kept = f"{text[:first]}{_MARK.format(missing)}{text[len(text) - last :]}"
    return kept, f"{missing:,} of {len(text):,} characters"
