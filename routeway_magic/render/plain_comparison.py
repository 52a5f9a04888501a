"""Many answers in a terminal or a pipe: a line of progress, then the comparison."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from shutil import get_terminal_size

from routeway_magic.comparison import summary_of
from routeway_magic.comparison.text import as_text
from routeway_magic.events import Event
from routeway_magic.markup import printable
from routeway_magic.render.pace import Pace
from routeway_magic.render.progress import Progress
from routeway_magic.sweeps.plan import Plan
from routeway_magic.sweeps.result import Result

__all__ = ["PlainComparison"]

_ERASE_LINE = "\r\x1b[K"


class PlainComparison:
    """Writes the comparison to standard output; in a terminal also how far it is.

    All but `begin` and `close` may be called from any thread.

    Args:
        quiet: leave out the line of progress, and the one below the result.
        note: how much it will be, to be told until the first answer is there.
    """

    def __init__(self, *, quiet: bool = False, note: str = "") -> None:
        self._note, self._quiet = note, quiet
        self._is_told = sys.stdout.isatty() and not quiet
        self._lock = threading.Lock()
        self._pace = Pace(self._show, by_timer=True)
        self._progress = Progress(0)

    def begin(self, plan: Plan, kept: Sequence[Result] = ()) -> None:
        """Begins the line of progress."""
        self._progress = Progress(plan.requests, kept, note=self._note)
        self._tell()

    def handle(self, index: int, _event: Event) -> None:
        """Notes that a variant goes on; answers are written when all are there."""
        with self._lock:
            is_news = self._progress.begin(index)
        if is_news:
            self._tell()

    def ended(self, result: Result) -> None:
        """Counts a result."""
        with self._lock:
            self._progress.end(result)
        self._tell()

    def waiting(self, reason: str, seconds: float | None) -> None:
        """Tells what all are waiting for."""
        with self._lock:
            self._progress.wait(reason, seconds)
        self._tell()

    def close(self, results: Sequence[Result]) -> None:
        """Writes the comparison."""
        self._pace.close()
        erased = _ERASE_LINE if self._is_told else ""
        text = as_text(results, summary_of(results, quiet=self._quiet))
        sys.stdout.write(f"{erased}{text}\n")
        sys.stdout.flush()

    def _tell(self) -> None:
        if self._is_told:
            self._pace.touch()

    def _show(self) -> float:
        with self._lock:
            line = printable(self._progress.text)
        width = get_terminal_size().columns - 1  # what breaks cannot be written over
        line = line if len(line) <= width else f"{line[: width - 1]}…"
        sys.stdout.write(f"{_ERASE_LINE}{line}")
        sys.stdout.flush()
        self._pace.again(1.0)
        return 0.0
