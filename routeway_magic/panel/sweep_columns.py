"""The answers of a sweep on their way to the panel, each in a column of its own.

What is new in all of them goes in one message, at the pace of a single answer: so the
bytes grow with the text, and the number of messages does not grow with the columns.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from routeway_magic.comparison import summary_of
from routeway_magic.comparison.compared import labels_of
from routeway_magic.errors import Interrupted
from routeway_magic.events import Event, Waiting
from routeway_magic.panel.entry import line_html
from routeway_magic.panel.patches import Patches, units
from routeway_magic.panel.stream import INTERVAL
from routeway_magic.render.pace import Pace
from routeway_magic.run.reply import footer_of
from routeway_magic.sweeps.plan import Plan
from routeway_magic.sweeps.result import Result
from routeway_magic.types import JSONObject

__all__ = ["Columns"]

_MOST = 100
"""Columns that a page shows; the sweep itself has all."""


class Columns:
    """Shows a sweep by messages to the panel (see `sweeps.result.Watcher`).

    Args:
        id: what the front end calls the sweep.
        send: takes a message to the front end.
        changed: tells the front end where the whole sweep stands.
        stopped: set when the user has stopped it.
        lock: held while anything is sent that others must not come between.
    """

    def __init__(
        self,
        id: str,  # noqa: A002 - the message's member
        *,
        send: Callable[[JSONObject], None],
        changed: Callable[[], None],
        stopped: threading.Event,
        lock: threading.RLock,
    ) -> None:
        self.summary = ""
        self._id = id
        self._send = send
        self._changed = changed
        self._stopped = stopped
        self._lock = lock
        self._columns: dict[int, _Column] = {}
        self._new: dict[int, None] = {}  # those of which there is something new
        self._total = self._seq = 0
        self._ended: set[int] = set()
        self._reason, self._until = "", 0.0
        self._pace = Pace(self._show, INTERVAL, by_timer=True)

    def as_json(self, *, whole: bool) -> JSONObject:
        """Where the sweep stands.

        Args:
            whole: whether the front end has lost what it had of the answers.
        """
        with self._lock:
            columns = self._columns.values()
            return {
                "seq": self._seq,
                "columns": [
                    one.as_json() if whole else one.as_known() for one in columns
                ],
                "ended": len(self._ended),
                "total": self._total,
                "summary": self.summary,
                **self._wait(),
            }

    def begin(self, plan: Plan, kept: Sequence[Result]) -> None:
        """Shows a column for each variant; what there is from before stays in it.

        Raises:
            Interrupted: if the user has stopped it already.
        """
        if self._stopped.is_set():
            raise Interrupted("the sweep was stopped before it began.")
        with self._lock:
            self._total, self.summary = plan.requests, ""
            self._ended = {result.variant.index for result in kept}
            before, self._columns = self._columns, {}
            self._pace = Pace(self._show, INTERVAL, by_timer=True)
            shown = sorted(plan.variants, key=lambda one: (one.repeat, one.index))
            labels = labels_of(plan.variants)
            for index in sorted(one.index for one in shown[:_MOST]):
                had = before.get(index) if index in self._ended else None
                self._columns[index] = had or _Column(index, labels[index])
            for result in kept:
                self._end(result)
            self._new.clear()
            self._changed()

    def handle(self, index: int, event: Event) -> None:
        """Takes an event of a variant; sends it soon.

        Raises:
            Interrupted: if the user has stopped it.
        """
        if self._stopped.is_set():
            raise Interrupted("the sweep was stopped.")
        with self._lock:
            column = self._columns.get(index)
            is_new = column is not None and column.handle(event)
            if is_new:
                self._new[index] = None
        if is_new:
            self._pace.touch()

    def ended(self, result: Result) -> None:
        """Takes what a variant came to; sends it soon."""
        with self._lock:
            self._ended.add(result.variant.index)
            self._end(result)
        self._pace.touch()

    def waiting(self, reason: str, seconds: float | None) -> None:
        """Tells what all wait for, and how long; "" when they no longer do."""
        with self._lock:
            self._reason = reason
            self._until = time.monotonic() + seconds if seconds else 0.0
            self._send({"type": "sweep_waiting", "id": self._id, **self._wait()})

    def close(self, sweep: Sequence[Result]) -> None:
        """Sends all that is not sent yet."""
        self._pace.close()
        with self._lock:
            self._reason = ""
            self.summary = summary_of(sweep)
            for result in sweep:
                self._end(result)
            self._show()

    def _end(self, result: Result) -> None:
        column = self._columns.get(result.variant.index)
        if column and column.result is not result:
            column.result = result
            self._new[column.index] = None

    def _wait(self) -> JSONObject:
        left = self._until - time.monotonic()
        return {"waiting": self._reason, "seconds": round(left) if left > 0 else None}

    def _show(self) -> float:
        """Sends what is new of all columns, together."""
        with self._lock:
            silent = [key for key, one in self._columns.items() if one.is_silent]
            if silent:
                self._pace.again(1.0)  # the seconds go on
            new, self._new = self._new | dict.fromkeys(silent), {}
            told = [self._columns[index].update() for index in new]
            self._seq += 1
            self._send(
                {
                    "type": "sweep_delta",
                    "id": self._id,
                    "seq": self._seq,
                    "columns": told,
                    "ended": len(self._ended),
                }
            )
        return 0.0


class _Column:
    """One answer of a sweep, and what the front end has of it.

    Args:
        index: of its variant.
        label: what was set.
    """

    def __init__(self, index: int, label: str) -> None:
        self.index = index
        self.result: Result | None = None
        self._label = label
        self._status = "waits"
        self._note = ""
        self._footer = ""
        self._patches: Patches = Patches()

    @property
    def is_silent(self) -> bool:
        """Whether something is going on that sends no text."""
        return self._status == "running" and self._patches.is_silent

    def handle(self, event: Event) -> bool:
        """Takes an event; says whether there is something new to show."""
        is_waiting = isinstance(event, Waiting)
        note = event.reason if isinstance(event, Waiting) else ""
        is_new = self._status == "waits" or note != self._note
        self._status, self._note = "running", note
        return (not is_waiting and self._patches.handle(event)) or is_new

    def as_json(self) -> JSONObject:
        """All that there is of it."""
        now = self._patches
        return {
            "index": self.index,
            "label": self._label,
            "frozen": now.finished,
            "tail": now.tail,
            **self._state(),
        }

    def as_known(self) -> JSONObject:
        """How it stands, and how much of the answer the front end should have."""
        length = units(self._patches.html)
        named = {"index": self.index, "label": self._label}
        return {**named, "length": length, **self._state()}

    def update(self) -> JSONObject:
        """What is new of it."""
        if self.result is None or self._status not in ("waits", "running"):
            return {
                "index": self.index,
                **(self._patches.next() or {}),
                **self._state(),
            }
        patch = self._finish(self.result)
        if self._patches.is_rewritten:
            patch = {"answer_html": self._patches.html}
        return {"index": self.index, **patch, **self._state()}

    def _finish(self, result: Result) -> JSONObject:
        self._status, self._note = result.status, result.error
        if result.turn is not None:
            footer = replace(footer_of(result.turns), cost=result.cost)
            self._footer = line_html(footer.text) if footer.has_content else ""
        return self._patches.last() or {}

    def _state(self) -> JSONObject:
        return {
            "status": self._status,
            "note": self._note,
            "footer_html": self._footer,
        }
