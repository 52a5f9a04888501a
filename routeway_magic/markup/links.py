"""Which links of a model may be clicked."""

from __future__ import annotations

import re

from routeway_magic.markup.text import escape

__all__ = ["allowed", "anchor"]

# Absolute, so never a path on the notebook's own server; nothing in it that a browser
# drops or rewrites before it looks at the scheme (blanks, controls, backslashes).
_ALLOWED = re.compile(
    r"(?:https?://[^\x00-\x20\x7f\\/?#][^\x00-\x20\x7f\\]*|mailto:[^\x00-\x20\x7f\\]+)",
    re.IGNORECASE | re.ASCII,
)


def allowed(url: str) -> bool:
    """Whether a link leads to another site or to a mail, and to nothing else.

    Args:
        url: the destination, entities and percent signs already dealt with.
    """
    return _ALLOWED.fullmatch(url) is not None


def anchor(url: str) -> str:
    """The opening tag of an allowed link; the new page cannot reach this one.

    Args:
        url: a destination for which `allowed` holds.
    """
    return f'<a href="{escape(url)}" rel="noopener noreferrer" target="_blank">'
