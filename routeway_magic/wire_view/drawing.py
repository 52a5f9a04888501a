"""The timeline as a drawing: an image of SVG that needs nothing around it.

It stands in an `<img>`: so it survives a notebook that is opened untrusted, whose
sanitizer drops `<svg>` and styles, and no script in it could run. An image does not
know the page's theme, so its colours can be read on white and on black.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from itertools import count

from routeway_magic.markup import escape, printable
from routeway_magic.wire_view.timeline import Lane, Timeline, duration

__all__ = ["image", "svg", "ticks"]

_WIDTH, _LEFT, _RIGHT = 760, 150, 30
_ROW, _TOP, _BAR = 22, 34, 12
_LONGEST_LABEL = 20
_MOST_LANES = 20
_MOST_TICKS = 8
_WIDE = 70  # pixels that the words for a silence need
_OK = 200
_GREY = "#808080"
_COLOURS = {
    "thinking": "#9b62c4",
    "redacted_thinking": "#9b62c4",
    "text": "#4b7bdc",
    "tool_use": "#c5523f",
}
_OTHER = "#268a68"


def image(timeline: Timeline, *, words: str) -> str:
    """The drawing as HTML.

    Args:
        timeline: when what came.
        words: the same for those who cannot see it.
    """
    data = base64.b64encode(svg(timeline).encode()).decode()
    return (
        f'<img alt="{escape(words)}" style="max-width:100%" '
        f'src="data:image/svg+xml;base64,{data}">'
    )


def svg(timeline: Timeline) -> str:
    """The drawing: one row for the request, one for each block, one for pings.

    Args:
        timeline: when what came.
    """
    lanes = timeline.lanes[:_MOST_LANES]
    rows = 1 + len(lanes) + bool(timeline.pings)
    bottom = _TOP + rows * _ROW
    draw = _Drawing(timeline.end, bottom)
    parts = [*draw.axis(), *draw.request(timeline)]
    for row, lane in enumerate(lanes, start=1):
        parts += draw.lane(row, lane)
    if timeline.pings:
        parts += draw.marks(rows - 1, "ping", timeline.pings, _GREY)
    parts += draw.silences(timeline.silences)
    if timeline.first_token is not None:
        parts += draw.first_token(timeline.first_token)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" '
        f'height="{bottom + 6}" viewBox="0 0 {_WIDTH} {bottom + 6}" '
        f'font-family="sans-serif" font-size="12" fill="{_GREY}">{"".join(parts)}</svg>'
    )


def ticks(end: int) -> list[int]:
    """Round times from 0 to the end, milliseconds, at most eight steps.

    Args:
        end: the last time, milliseconds.
    """
    steps = (factor * 10**power for power in count() for factor in (1, 2, 5))
    step = next(step for step in steps if end <= step * _MOST_TICKS)
    return list(range(0, end + 1, step))


class _Drawing:
    """Places on the canvas."""

    def __init__(self, end: int, bottom: int) -> None:
        self._end, self._bottom = end, bottom

    def axis(self) -> Iterable[str]:
        for ms in ticks(self._end):
            x = self._x(ms)
            yield _line(x, _TOP - 6, self._bottom, opacity=".25")
            yield _words(x, _TOP - 10, _axis_label(ms), anchor="middle")

    def request(self, timeline: Timeline) -> Iterable[str]:
        """Waiting for the head of the answer, and for another try."""
        yield self._label(0, "waiting")
        first = timeline.first_event
        until = [ms for ms, _ in timeline.responses] or [first or timeline.end]
        yield self._bar(0, 0, until[-1], _GREY, opacity=".45")
        for ms, seconds in timeline.waits:
            yield self._bar(0, ms, ms + round(seconds * 1000), "#c58a1f", opacity=".7")
        for ms, status in timeline.responses:
            token = timeline.first_token or 0
            is_in_the_way = 0 <= self._x(token) - self._x(ms) < _WIDE
            if status != _OK or not is_in_the_way:
                yield _words(self._x(ms) + 4, self._y(0) + 10, f"HTTP {status}")

    def lane(self, row: int, lane: Lane) -> Iterable[str]:
        """A bar from a block's beginning to its end, a stroke for each piece."""
        colour = _COLOURS.get(lane.kind, _OTHER)
        yield self._label(row, lane.label)
        yield self._bar(row, lane.times[0], lane.times[-1], colour, opacity=".3")
        yield self._strokes(row, lane.times, colour)

    def marks(
        self, row: int, label: str, times: list[int], colour: str
    ) -> Iterable[str]:
        yield self._label(row, label)
        yield self._strokes(row, times, colour)

    def silences(self, silences: list[tuple[int, int]]) -> Iterable[str]:
        for begin, end in silences:
            left, right = self._x(begin), self._x(end)
            yield (
                f'<rect x="{left}" y="{_TOP}" width="{right - left}" '
                f'height="{self._bottom - _TOP}" fill="{_GREY}" opacity=".12"/>'
            )
            if right - left >= _WIDE:
                middle = (left + right) // 2
                told = f"silent {duration(end - begin)}"
                yield _words(middle, self._bottom - 4, told, anchor="middle")

    def first_token(self, ms: int) -> Iterable[str]:
        x = self._x(ms)
        yield _line(x, 14, self._bottom, opacity="1", dashed=True)
        is_right = x > _WIDTH - 180
        yield _words(
            x + (-4 if is_right else 4),
            11,
            f"first token {duration(ms)}",
            anchor="end" if is_right else "start",
        )

    def _x(self, ms: int) -> int:
        room = _WIDTH - _LEFT - _RIGHT
        return _LEFT + min(round(ms * room / self._end), room)

    def _y(self, row: int) -> int:
        return _TOP + row * _ROW + (_ROW - _BAR) // 2

    def _label(self, row: int, text: str) -> str:
        short = (
            text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"
        )
        return _words(_LEFT - 10, self._y(row) + 10, short, anchor="end")

    def _bar(self, row: int, begin: int, end: int, colour: str, opacity: str) -> str:
        left = self._x(begin)
        width = max(self._x(end) - left, 1)
        return (
            f'<rect x="{left}" y="{self._y(row)}" width="{width}" height="{_BAR}" '
            f'rx="2" fill="{colour}" opacity="{opacity}"/>'
        )

    def _strokes(self, row: int, times: list[int], colour: str) -> str:
        """One for each pixel in which something came: a drawing has only so many."""
        columns = sorted({self._x(ms) for ms in times})
        path = "".join(f"M{x} {self._y(row)}v{_BAR}" for x in columns)
        return f'<path d="{path}" stroke="{colour}" stroke-width="1.5"/>'


def _axis_label(ms: int) -> str:
    if not ms:
        return "0"
    return f"{ms} ms" if ms < 1000 else f"{ms / 1000:g} s"  # noqa: PLR2004 - a second


def _line(x: int, top: int, bottom: int, *, opacity: str, dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="3 3"' if dashed else ""
    return (
        f'<path d="M{x} {top}V{bottom}" stroke="{_GREY}" opacity="{opacity}"{dashes}/>'
    )


def _words(x: int, y: int, text: str, *, anchor: str = "start") -> str:
    shown = escape(printable(text).replace("\n", " "))
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{shown}</text>'
