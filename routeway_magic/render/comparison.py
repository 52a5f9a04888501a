"""A grid in a notebook cell in which many answers are written at once.

One display holds the newest part of each answer, never more than a few kilobytes
together, and is sent again only when enough is new: so the bytes grow with the text,
whatever the number of answers. A line of progress above it is sent once a second. At
the end the whole comparison takes their place.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from IPython.display import clear_output, publish_display_data

from routeway_magic.comparison import bundle
from routeway_magic.comparison.answers import MOST_COLUMNS, columns_html, title_of
from routeway_magic.comparison.compared import labels_of
from routeway_magic.comparison.style import SWEEP_STYLE
from routeway_magic.events import Event
from routeway_magic.render.column import Column
from routeway_magic.render.pace import Pace
from routeway_magic.render.progress import Progress
from routeway_magic.sweeps.plan import Plan
from routeway_magic.sweeps.result import Result

__all__ = ["ComparisonRenderer"]

_TOGETHER, _LEAST = 6000, 300  # characters shown: of all answers, of each
_SHARE = 12  # it is sent again when so much of it is new,
_PATIENCE = 1.0  # or something is, and so many seconds have passed
_TICK, _AT_ONCE = 1.0, 0.5  # seconds between two lines of progress
_NOTED = 200  # characters that an answer's beginning or end is worth


@dataclass(slots=True)
class _Display:
    """A display of the cell.

    Args:
        display_id: "" until it is shown.
        size: characters of what was sent last.
        when: it was sent, by the clock of `time.monotonic`.
    """

    display_id: str = ""
    size: int = 0
    when: float = 0.0

    @property
    def age(self) -> float:
        """Seconds since it was sent."""
        return time.monotonic() - self.when

    def publish(self, data: dict[str, str]) -> None:
        """Shows this in place of what was there."""
        is_new = not self.display_id
        self.display_id = self.display_id or uuid.uuid4().hex
        self.size, self.when = len(data["text/html"]), time.monotonic()
        publish_display_data(  # type: ignore[no-untyped-call]
            data, transient={"display_id": self.display_id}, update=not is_new
        )


class ComparisonRenderer:
    """Shows many answers while they come, at most ten times a second; then compares.

    All but `begin` and `close` may be called from any thread.

    Args:
        quiet: leave out the line of progress, and the one below the result.
        alone: whether the cell shows nothing else, so that its outputs may be cleared
            at the end; otherwise the place of the grid is left empty.
        format: what the answers are shown as at the end (see `formats`).
        note: how much it will be, to be told until the first answer is there.
        apart: whether functions may write into the cell meanwhile, or clear it: the
            result stands below what they wrote.
    """

    def __init__(
        self,
        *,
        quiet: bool = False,
        alone: bool = False,
        format: str = "markdown",  # noqa: A002 - the option's name
        note: str = "",
        apart: bool = False,
    ) -> None:
        self._note = note
        self._apart = apart
        self._quiet = quiet
        self._alone = alone and not apart
        self._format = format
        self._lock = threading.Lock()
        self._pace = Pace(self._show, by_timer=True)
        self._line, self._grid = _Display(), _Display()
        self._labels: dict[int, str] = {}
        self._columns: dict[int, Column] = {}  # those that are shown
        self._over: list[int] = []  # of them, those that have ended, the oldest first
        self._progress = Progress(0)
        self._new = self._told = 0  # characters since the grid was sent; news

    def begin(self, plan: Plan, kept: Sequence[Result] = ()) -> None:
        """Shows the grid, on the thread that runs the cell.

        Args:
            plan: all that will be asked.
            kept: results that there are from before.
        """
        self._labels = labels_of(plan.variants)
        self._progress = Progress(plan.requests, kept, note=self._note)
        for index in list(self._labels)[:MOST_COLUMNS]:
            self._columns[index] = self._column(index)
        self._new = _NOTED
        for result in kept:
            if column := self._columns.get(result.variant.index):
                column.append(result.text)
                self._end(result)
        self._pace.touch()

    def handle(self, index: int, event: Event) -> None:
        """Takes an event of a variant; shows it soon.

        Args:
            index: of the variant.
            event: of its exchange.
        """
        with self._lock:
            if self._progress.begin(index):
                self._new += _NOTED
            column = self._columns.get(index) or self._in_place_of_another(index)
            if column:
                self._new += column.handle(event)
        self._pace.touch()

    def ended(self, result: Result) -> None:
        """Takes what came of a variant."""
        with self._lock:
            self._progress.end(result)
            self._told = 1
            self._end(result)
        self._pace.touch()

    def waiting(self, reason: str, seconds: float | None) -> None:
        """Tells what all are waiting for; "" if they no longer are."""
        with self._lock:
            self._progress.wait(reason, seconds)
            self._told = 1
        self._pace.touch()

    def close(self, results: Sequence[Result]) -> None:
        """Leaves the comparison, on the thread that runs the cell.

        Args:
            results: all of them, those that were never sent too.
        """
        self._pace.close()
        if self._alone:
            clear_output(wait=True)  # type: ignore[no-untyped-call]
            self._line = _Display()
        elif self._grid.display_id:
            self._grid.publish(_shown(""))
        if self._apart and self._line.display_id:
            self._line.publish(_shown(""))
            self._line = _Display()
        shown = bundle(results, format=self._format, quiet=self._quiet)
        self._line.publish(shown)

    def _column(self, index: int) -> Column:
        return Column(title_of(index, self._labels[index]))

    def _end(self, result: Result) -> None:
        index = result.variant.index
        if index in self._columns:
            failed = result.error or result.status
            self._columns[index].end("" if result.status == "complete" else failed)
            self._over.append(index)
            self._new += _NOTED

    def _in_place_of_another(self, index: int) -> Column | None:
        """A column where one has ended; None if all that are shown go on."""
        if not self._over:
            return None
        gone = self._over.pop(0)
        column = self._column(index)
        self._columns = {
            (index if known == gone else known): (column if known == gone else shown)
            for known, shown in self._columns.items()
        }
        return column

    def _show(self) -> float:
        """Sends what is worth it; the seconds go on though nothing new may come."""
        with self._lock:
            line, grid = self._line_due(), self._grid_due()
        if line:
            self._line.publish(_shown(line))
        if grid:
            self._grid.publish(_shown(grid))
        self._pace.again(_AT_ONCE if self._new or self._told else _TICK)
        return 0.0

    def _line_due(self) -> str:
        if self._quiet or self._line.age < (_AT_ONCE if self._told else _TICK):
            return ""
        self._told = 0
        return f'<div class="rw rw-sweep">{self._progress.html}</div>'

    def _grid_due(self) -> str:
        is_enough = self._new >= self._grid.size / _SHARE
        if not self._new or not (is_enough or self._grid.age >= _PATIENCE):
            return ""
        self._new = 0
        most = max(_LEAST, _TOGETHER // len(self._columns))
        columns = [(one.title, one.html(most)) for one in self._columns.values()]
        html = columns_html("answers under way", columns)
        return f'{SWEEP_STYLE}<div class="rw rw-sweep">{html}</div>'


def _shown(html: str) -> dict[str, str]:
    """What is shown meanwhile; the text comes with the comparison, once."""
    return {"text/html": html, "text/plain": ""}
