"""Asking one variant here: its exchange, its times, and what it came to."""

from __future__ import annotations

import time
from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING, Protocol

from routeway_magic.errors import ClaudeError, Interrupted
from routeway_magic.events import ContentBlockDelta, Event, Waiting
from routeway_magic.run.place import Place
from routeway_magic.run.sweeping.crew import Crew
from routeway_magic.run.sweeping.questions import Question
from routeway_magic.run.sweeping.reserve import Reserve
from routeway_magic.sources import Sources
from routeway_magic.sweeps.plan import Variant
from routeway_magic.sweeps.result import Outcome, Result, Watcher
from routeway_magic.turn import Turn

if TYPE_CHECKING:
    from routeway_magic.run.session import Session

__all__ = ["Asker", "Here", "Stopwatch", "outcome"]


class Asker(Protocol):
    """Whatever asks one variant."""

    def ask(self, variant: Variant, question: Question, crew: Crew) -> Result:
        """Asks one variant, and tells what came of it whatever that is."""


class Stopwatch:
    """When a request was sent and when its answer began; waiting does not count."""

    def __init__(self) -> None:
        self.sent: float | None = None
        self.first: float | None = None

    def take(self, event: Event) -> None:
        """Takes an event as it arrives."""
        if isinstance(event, Waiting):
            self.sent = None if event.seconds else time.monotonic()
        elif isinstance(event, ContentBlockDelta) and self.first is None:
            self.first = self.elapsed

    @property
    def elapsed(self) -> float:
        """Seconds since it was sent; 0 if it was not."""
        return time.monotonic() - self.sent if self.sent is not None else 0.0


class Here:
    """Asks in this process, over a client that the whole sweep shares.

    Args:
        session: whose conversations, journal and budgets they are.
        sources: who answers.
        place: what all variants answer to.
        watcher: is told of what comes.
    """

    def __init__(
        self, session: Session, sources: Sources, place: Place, watcher: Watcher
    ) -> None:
        self._session = copy(session)  # the same in everything but who answers
        self._session.sources = sources
        self._place, self._watcher = place, watcher
        self._reserve = Reserve(session.guard, session.settings)

    def ask(self, variant: Variant, question: Question, crew: Crew) -> Result:
        """Asks one variant, and tells what came of it whatever that is.

        Args:
            variant: what is asked with.
            question: what is asked.
            crew: may be stopped meanwhile.
        """
        session, place, watch = self._session, self._place, Stopwatch()
        exchange = failure = None
        try:
            request = session.compose(
                question.content, options=question.options, place=place
            )
            source = session.sources.client()[1]
            source = session.sources.deck.who(request, source)
            with (
                self._reserve.held(request, source, crew.check),
                session.send(
                    request,
                    conversation=place.conversation,
                    parent=place.parent,
                    cell=place.cell,
                    aside=True,
                ) as exchange,
            ):
                crew.check()
                for event in exchange:
                    watch.take(event)
                    self._watcher.handle(variant.index, event)
        except (ClaudeError, Interrupted) as error:
            failure = error
        turn = exchange.turn if exchange else None
        if isinstance(failure, ClaudeError):
            crew.give_up_after(failure, question.model)
        return outcome(variant, turn, failure, watch, self._session.guard.cost)


def outcome(
    variant: Variant,
    turn: Turn | None,
    failure: BaseException | None,
    watch: Stopwatch,
    cost: Callable[[Turn], float | None],
) -> Result:
    """What a variant came to.

    Args:
        variant: what was asked with.
        turn: what was kept of it.
        failure: why it ended before its end.
        watch: its times.
        cost: tells what a turn cost.
    """
    status: Outcome = "not sent"
    if turn is not None and (watch.sent is not None or turn.message is not None):
        status = turn.status
    return Result(
        variant=variant,
        turn=turn if status != "not sent" else None,
        status=status,
        error=str(failure) if isinstance(failure, ClaudeError) else "",
        seconds=watch.elapsed if status != "not sent" else 0.0,
        first_token=watch.first,
        cost=cost(turn) if turn is not None and status != "not sent" else None,
    )
