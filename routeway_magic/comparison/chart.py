"""A small chart as SVG: every point, and a line through their means."""

from __future__ import annotations

import math
from collections.abc import Iterator

from routeway_magic.comparison.compared import brief, worded
from routeway_magic.comparison.measures import Series
from routeway_magic.markup import escape

__all__ = ["chart"]

_WIDTH, _HEIGHT = 300, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 14, 26, 40
_ACROSS, _DOWN = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
_TICKS = _HEIGHT - _BOTTOM + 15
_LETTER = 6.2  # pixels that a letter of a tick takes, about
_LINE = 14  # pixels from one slanted name to the next, at least
_NAME, _FALL = 18, 0.5  # letters of a slanted name; how far one is below the next
_INSET = 0.08  # of the width, so that no point lies on the edge
# Both can be read on white and on black: an image does not know the page's theme.
_INK, _MARK = "#767676", "#3d85c6"


def chart(series: Series) -> str:
    """The chart as a whole SVG document, without script, style or load.

    Args:
        series: what to draw; at least one point.
    """
    top = _round_up(max(one for found in series.points for one in found))
    height = _HEIGHT + (_room_to_slant(series) if _is_slanted(series) else 0)
    parts = [
        *_frame(series, top),
        *(_slanted(series) if _is_slanted(series) else _level(series)),
        _text(_LEFT + _ACROSS / 2, height - 8, brief(series.axis), anchor="middle"),
        *_line(series, top),
        *_dots(series, top),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="11" '
        f'fill="{_INK}">{"".join(parts)}</svg>'
    )


def _frame(series: Series, top: float) -> Iterator[str]:
    """The title, and the scale with its lines."""
    yield _text(_LEFT, 15, series.measure, size=12)
    for share in (0, 0.5, 1):
        y = _y(top * share, top)
        yield (
            f'<path d="M{_LEFT} {y:.1f}h{_ACROSS}" stroke="{_INK}" stroke-opacity=".35"/>'
        )
        yield _text(_LEFT - 6, y + 4, f"{top * share:g}", anchor="end")


def _is_slanted(series: Series) -> bool:
    """Whether names would not fit side by side."""
    longest = max(len(worded(value)) for value in series.values)
    room = _ACROSS / len(series.values)
    return not series.is_numeric and (longest + 1) * _LETTER > room


def _room_to_slant(series: Series) -> int:
    """Pixels that slanted names take more than level ones."""
    longest = max(len(brief(value, _NAME)) for value in series.values)
    return int(longest * _LETTER * _FALL)


def _level(series: Series) -> Iterator[str]:
    """The values below; those that would touch the one before are left out."""
    free = 0.0
    words = [worded(value) for value in series.values]
    for x, word in sorted(zip(_places(series), words, strict=True)):
        half = len(word) * _LETTER / 2
        middle = min(x, _WIDTH - half)  # the last may not be cut off
        if middle - half >= free:
            yield _text(middle, _TICKS, word, anchor="middle")
            free = middle + half + _LETTER / 2


def _slanted(series: Series) -> Iterator[str]:
    """Names below, slanted, as many as can be read."""
    every = math.ceil(_LINE * len(series.values) / _ACROSS)
    pairs = list(zip(_places(series), series.values, strict=True))
    for x, value in pairs[::every]:
        word = escape(brief(value, _NAME))
        yield (
            f'<text transform="translate({x + 4:.1f} {_TICKS - 2}) rotate(-35)" '
            f'text-anchor="end">{word}</text>'
        )


def _line(series: Series, top: float) -> Iterator[str]:
    """Through the means, where the values have distances."""
    means = zip(_places(series), series.means, strict=True)
    points = sorted((x, _y(mean, top)) for x, mean in means if mean is not None)
    if series.is_numeric:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<polyline points="{path}" fill="none" stroke="{_MARK}"/>'
        return
    for x, y in points:
        yield f'<path d="M{x - 9:.1f} {y:.1f}h18" stroke="{_MARK}" stroke-width="2"/>'


def _dots(series: Series, top: float) -> Iterator[str]:
    for x, found in zip(_places(series), series.points, strict=True):
        for one in found:
            yield (
                f'<circle cx="{x:.1f}" cy="{_y(one, top):.1f}" r="3.5" fill="{_MARK}" '
                'fill-opacity=".65"/>'
            )


def _places(series: Series) -> list[float]:
    """Where each value lies from left to right, in pixels."""
    values = series.values if series.is_numeric else list(range(len(series.values)))
    least, most = min(values), max(values)
    start, width = _LEFT + _ACROSS * _INSET, _ACROSS * (1 - 2 * _INSET)
    return [start + width * (value - least) / (most - least or 1) for value in values]


def _y(value: float, top: float) -> float:
    return _TOP + _DOWN * (1 - value / top)


def _round_up(value: float) -> float:
    """The next number that is round, and whose half is too."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    return next(step * power for step in steps if step * power >= value * (1 - 1e-9))


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 11
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">'
        f"{escape(text)}</text>"
    )
