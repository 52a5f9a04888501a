"""Plots of a comparison as images within the page: SVG of ours, or the user's library.

An image, not an element: it takes nothing from the page and gives nothing to it, and
it stays when a notebook is opened by someone who does not trust it (NOTEBOOK.md F).
"""

from __future__ import annotations

import sys
import warnings
from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from routeway_magic.comparison.chart import chart
from routeway_magic.comparison.compared import brief
from routeway_magic.comparison.measures import Series
from routeway_magic.markup import escape

__all__ = ["plots"]

_ACROSS = 4  # charts in a row of one figure
_SIZE = (3.2, 2.4)  # inches of a chart
_ROOM = 1.08  # above the highest point
_LETTERS, _NAME = 28, 16  # that fit below a chart side by side; of a slanted name


def plots(series: Sequence[Series]) -> str:
    """The plots as HTML, "" if there is nothing to look at.

    They are drawn by matplotlib if the user has imported it, in the style that is
    set there, and otherwise by this package.

    Args:
        series: what to draw.
    """
    if not series:
        return ""
    own = _by_matplotlib(series) if "matplotlib" in sys.modules else None
    images = (
        [_image("image/png", own, ". ".join(one.told for one in series))]
        if own
        else [_image("image/svg+xml", chart(one).encode(), one.told) for one in series]
    )
    return f'<div class="rw-plots">{"".join(images)}</div>'


def _image(kind: str, data: bytes, told: str) -> str:
    encoded = b64encode(data).decode()
    return f'<img alt="{escape(told)}" src="data:{kind};base64,{encoded}">'


def _by_matplotlib(series: Sequence[Series]) -> bytes | None:
    """The plots as PNG; None if the user's settings or fonts do not allow it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a letter that no font has is no news
        try:
            return _drawn(series)
        except Exception:  # noqa: BLE001 - `text.usetex` without TeX, a broken style: anything
            return None


def _drawn(series: Sequence[Series]) -> bytes:
    """A figure of its own; nothing of the user's own figures is touched."""
    from matplotlib.figure import Figure

    across = min(len(series), _ACROSS)
    down = -(-len(series) // across)
    size = (across * _SIZE[0], down * _SIZE[1])
    figure = Figure(figsize=size, layout="constrained")
    for at, one in enumerate(series):
        _draw(figure.add_subplot(down, across, at + 1), one)
    written = BytesIO()
    figure.savefig(written, format="png")
    return written.getvalue()


def _draw(axes: Any, one: Series) -> None:
    """Every point, and a line through the means.

    Args:
        axes: matplotlib's.
        one: what to draw.
    """
    places = one.values if one.is_numeric else list(range(len(one.values)))
    for place, found in zip(places, one.points, strict=True):
        axes.plot([place] * len(found), found, "o", color="C0", alpha=0.65)
    means = zip(places, one.means, strict=True)
    known = sorted((place, mean) for place, mean in means if mean is not None)
    axes.plot(*zip(*known, strict=True), "-" if one.is_numeric else "_", color="C0")
    if not one.is_numeric:
        names = [brief(value, _NAME) for value in one.values]
        is_long = sum(map(len, names)) + len(names) > _LETTERS
        slant = {"rotation": 35, "ha": "right"} if is_long else {}
        axes.set_xticks(places, names, parse_math=False, **slant)
    axes.set(title=one.measure, xlabel=one.axis)
    axes.set_ylim(0, max(map(max, filter(None, one.points))) * _ROOM or 1)
