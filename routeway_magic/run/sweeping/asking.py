"""Asking one variant here: its exchange, its times, and what it came to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from routeway_magic.errors import ClaudeError, Interrupted
from routeway_magic.events import ContentBlockDelta, Event, Waiting
from routeway_magic.footer import Footer
from routeway_magic.run.place import Place
from routeway_magic.run.runner import Loop
from routeway_magic.run.sweeping.crew import Crew
from routeway_magic.run.sweeping.questions import Question
from routeway_magic.run.sweeping.reserve import Reserve
from routeway_magic.sources import Sources
from routeway_magic.sweeps.plan import Variant
from routeway_magic.sweeps.result import Outcome, Result, Watcher
from routeway_magic.tools.consent import Consent
from routeway_magic.turn import Turn
from routeway_magic.types import Request
from routeway_magic.usage import cost_together

if TYPE_CHECKING:
    from routeway_magic.run.session import Session
    from routeway_magic.tools.toolbox import Toolbox

__all__ = ["Asker", "Here", "Stopwatch", "outcome"]


class Asker(Protocol):
    """Whatever asks one variant."""

    def ask(self, variant: Variant, question: Question, crew: Crew) -> Result:
        """Asks one variant, and tells what came of it whatever that is."""


class Stopwatch:
    """When a request was sent and when its answer began; waiting does not count.

    Of several requests, the times of all count, and none between them.
    """

    def __init__(self) -> None:
        self.sent: float | None = None
        self.first: float | None = None
        self.has_sent = False  # a request, before the one that is under way
        self._before = 0.0

    def take(self, event: Event) -> None:
        """Takes an event as it arrives."""
        if isinstance(event, Waiting) and not event.here:
            self.sent = None if event.seconds else time.monotonic()
        elif isinstance(event, ContentBlockDelta) and self.first is None:
            self.first = self.elapsed

    def pause(self) -> None:
        """Notes that a request is over; there may be another."""
        self._before = self.elapsed
        self.has_sent = self.has_sent or self.sent is not None
        self.sent = None

    @property
    def elapsed(self) -> float:
        """Seconds since it was sent; 0 if it was not."""
        now = time.monotonic() - self.sent if self.sent is not None else 0.0
        return self._before + now


class Here:
    """Asks in this process, over a client that the whole sweep shares.

    Args:
        session: whose conversations, journal and budgets they are.
        sources: who answers.
        place: what all variants answer to.
        watcher: is told of what comes.
        tools: what the model may call; None for nothing. Only what is allowed by name
            runs, on the thread that waits for the crew.
    """

    def __init__(
        self,
        session: Session,
        sources: Sources,
        place: Place,
        watcher: Watcher,
        *,
        tools: Toolbox | None = None,
    ) -> None:
        self._session = copy(session)  # the same in everything but who answers,
        self._session.sources = sources
        self._session.consent = Consent()  # and what was said to a cell
        self._place, self._watcher = replace(place, aside=True), watcher
        self._tools = tools
        self._reserve = Reserve(session.guard, session.settings)

    def ask(self, variant: Variant, question: Question, crew: Crew) -> Result:
        """Asks one variant, and tells what came of it whatever that is.

        Args:
            variant: what is asked with.
            question: what is asked.
            crew: may be stopped meanwhile.
        """
        watch, failure = Stopwatch(), None
        loop = Loop(
            self._session,
            question.options,
            self._place,
            _One(variant.index, watch, self._watcher),
            self._toolbox(crew),
            held=partial(self._held, crew, watch),
        )
        try:
            loop.run(question.content)
        except (ClaudeError, Interrupted) as error:
            failure = error
        if isinstance(failure, ClaudeError):
            crew.give_up_after(failure, question.model)
        return outcome(variant, loop.turns, failure, watch, self._session.guard.cost)

    def _toolbox(self, crew: Crew) -> Toolbox | None:
        if self._tools is None:
            return None
        run_on = crew.errands.have_done
        return replace(self._tools, ask=None, run_on=run_on, in_turn=True)

    @contextmanager
    def _held(self, crew: Crew, watch: Stopwatch, request: Request) -> Iterator[None]:
        """Waits until the budgets have room for a request, and holds it meanwhile."""
        source = self._session.sources.client()[1]
        source = self._session.sources.deck.who(request, source)
        with self._reserve.held(request, source, crew.check):
            crew.check()
            try:
                yield
            finally:
                watch.pause()


@dataclass(frozen=True, slots=True)
class _One:
    """Shows what comes of one variant.

    Args:
        index: of the variant.
        watch: its times.
        watcher: is told of what comes.
    """

    index: int
    watch: Stopwatch
    watcher: Watcher

    def handle(self, event: Event) -> None:
        """Takes an event of its exchanges, or of a call."""
        self.watch.take(event)
        self.watcher.handle(self.index, event)

    def close(self, footer: Footer | None) -> None:
        """Nothing: the sweep tells of its end."""


def outcome(
    variant: Variant,
    turns: Sequence[Turn],
    failure: BaseException | None,
    watch: Stopwatch,
    cost: Callable[[Turn], float | None],
) -> Result:
    """What a variant came to.

    Args:
        variant: what was asked with.
        turns: what was kept of it: one for each request.
        failure: why it ended before its end.
        watch: its times.
        cost: tells what a turn cost.
    """
    status, kept = _ended(turns, failure, watch), list(turns)
    if status == "not sent":
        return Result(variant, error=_said(failure), first_token=watch.first)
    return Result(
        variant=variant,
        turn=kept[-1],
        status=status,
        error=_said(failure),
        seconds=watch.elapsed,
        first_token=watch.first,
        cost=cost_together(map(cost, kept)),
        before=kept[:-1],
    )


def _ended(
    turns: Sequence[Turn], failure: BaseException | None, watch: Stopwatch
) -> Outcome:
    if not turns or not (watch.has_sent or turns[-1].message is not None):
        return "not sent"
    if failure is None or turns[-1].status != "complete":
        return turns[-1].status
    return "failed" if isinstance(failure, ClaudeError) else "interrupted"


def _said(failure: BaseException | None) -> str:
    return str(failure) if isinstance(failure, ClaudeError) else ""
