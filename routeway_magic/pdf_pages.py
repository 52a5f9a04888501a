"""How many pages a PDF has; pypdf is imported when the first one comes."""

from __future__ import annotations

import binascii
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from io import BytesIO

__all__ = ["pages_of", "quietly"]


@lru_cache(maxsize=4)  # the conversation keeps the text of its documents as well
def pages_of(data: str) -> int:
    """The pages of a PDF; 1 where they cannot be counted.

    Args:
        data: the file in base64.
    """
    from pypdf import PdfReader

    with quietly(), suppress(Exception):
        pages = len(PdfReader(BytesIO(binascii.a2b_base64(data))).pages)
        return max(pages, 1)
    return 1


@contextmanager
def quietly() -> Iterator[None]:
    """Keeps pypdf from logging what it has mended: a notebook would show it in red."""
    logger = logging.getLogger("pypdf")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)
