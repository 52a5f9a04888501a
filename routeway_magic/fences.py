"""Fences in an answer: what was asked for, without the words around it."""

from __future__ import annotations

import re

__all__ = ["FENCE", "first_fence"]

FENCE = re.compile(
    r"^ {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^\n`]*\n(.*?)(?:^ {0,3}\1[`~]*[ \t]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
"""A fence: its marks, its language and what it holds, also where it is not closed."""


def first_fence(text: str) -> str:
    """What stands in the first fence; the whole where there is none.

    Args:
        text: an answer's.
    """
    fence = FENCE.search(text)
    return fence[3] if fence else text
