"""How large a picture is sent: as large as the model looks at, and no larger."""

from __future__ import annotations

from routeway_magic.content.described import Limits
from routeway_magic.pictures import Size
from routeway_magic.tokens import image_tokens

__all__ = ["MOST_BYTES", "MOST_PIXELS", "fits", "fitted", "pixels"]

MOST_BYTES = 3_700_000
"""Bytes of one image, so that its base64 stays below 5 MB (API.md 2.4)."""

MOST_PIXELS = 8000
"""Pixels of an image's side that no server accepts more of (API.md 2.4)."""

_LEAST_EDGE = 200  # below this nothing can be made out
_STEP = 0.98


def fitted(size: Size, limits: Limits) -> Size:
    """The size at which a picture is sent; never larger than it is.

    Args:
        size: its width and height in pixels.
        limits: the longer side and the tokens that it may have. However few tokens,
            the longer side keeps 200 pixels.
    """
    edge = min(max(size), limits.edge)
    while edge > _LEAST_EDGE and not fits(_scaled(size, edge), limits):
        edge = max(int(edge * _STEP), _LEAST_EDGE)
    return _scaled(size, edge)


def fits(size: Size, limits: Limits) -> bool:
    """Whether a picture of that size may be sent as it is."""
    most = min(limits.tokens, limits.eye.image_tokens)
    wanted = _patches(size, limits)
    return max(size) <= limits.edge and wanted <= most


def pixels(size: Size) -> str:
    """A size in words."""
    return f"{size[0]:,} × {size[1]:,} pixels"


def _patches(size: Size, limits: Limits) -> int:
    # One by one, as image_tokens() ends at what the model looks at.
    width, height = (image_tokens((side, 1), limits.eye) for side in size)
    return width * height


def _scaled(size: Size, edge: int) -> Size:
    width, height = (max(round(side * edge / max(size)), 1) for side in size)
    return width, height
