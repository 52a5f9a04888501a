"""The caller's side of an executor: jobs out, exchanges back into one journal."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, wait
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from routeway_magic import records
from routeway_magic.errors import (
    ClaudeError,
    ConfigurationError,
    Interrupted,
    RateLimitError,
)
from routeway_magic.events import MessageStart, from_message, to_data
from routeway_magic.origin import is_replayed
from routeway_magic.recovery import events_of
from routeway_magic.run.archive import read_file
from routeway_magic.run.sweeping.asking import Asker
from routeway_magic.run.sweeping.crew import Crew
from routeway_magic.run.sweeping.engine import (
    Answered,
    Job,
    answer,
    engines_folder,
)
from routeway_magic.run.sweeping.questions import Question
from routeway_magic.run.sweeping.reserve import Reserve
from routeway_magic.sources import Sources, choose_source
from routeway_magic.sweeps.plan import Variant
from routeway_magic.sweeps.result import Result, Watcher
from routeway_magic.turn import Turn
from routeway_magic.types import JSONObject, Request

if TYPE_CHECKING:
    from routeway_magic.run.sweeping.sweep import Sweep

__all__ = ["Elsewhere", "clear", "take_up"]

_LOOK = 0.1  # seconds until one that waits looks whether it was stopped
_CARRIED = (
    "anthropic_version",
    "connect_timeout",
    "read_timeout",
    "max_retries",
    "allow_http",
    "journal",
    "journal_days",
    "journal_megabytes",
)
"""The settings that an engine takes from its caller; the key is none of them."""

_GOES_ON = "An engine may go on with it; `sweep.resume()` takes its answer up then."
_AGAIN = "`sweep.resume(executor=…)` asks the rest."


class Elsewhere:
    """Asks on the engines of an executor; pace, budgets and journal are the caller's.

    Args:
        sweep: what is asked.
        executor: runs one job per request.
        sources: who answers.
        watcher: is told of what came, when it is there as a whole.
        here: answers what was recorded.
    """

    def __init__(
        self,
        sweep: Sweep,
        executor: Executor,
        sources: Sources,
        watcher: Watcher,
        *,
        here: Asker,
    ) -> None:
        self._here = here
        self._sweep, self._executor = sweep, executor
        self._sources, self._watcher = sources, watcher
        self._session = sweep.session
        self._reserve = Reserve(sweep.session.guard, sweep.session.settings)
        self._one_at_a_time = threading.Lock()  # not every executor takes threads
        self._settings = _carried(sources)

    def ask(self, variant: Variant, question: Question, crew: Crew) -> Result:
        """Asks one variant, and tells what came of it whatever that is.

        Args:
            variant: what is asked with.
            question: what is asked.
            crew: may be stopped meanwhile.
        """
        try:
            request, source = self._checked(question)
            if is_replayed(source):
                return self._here.ask(variant, question, crew)
            with self._reserve.held(request, source, crew.check):
                came = self._in_turn(variant, request, crew)
            self._tape(request, source, came)
        except ClaudeError as error:
            came = Answered(turn=None, error=error)
        except Interrupted:
            return Result(variant, status="interrupted", error=_GOES_ON)
        if came.error:
            crew.give_up_after(came.error, question.model)
        return self._kept(variant, came)

    def _tape(self, request: Request, source: str, came: Answered) -> None:
        """A recording has what engines are answered, as if it were asked here."""
        deck = self._sources.deck
        if deck.tape and came.turn and came.turn.status == "complete":
            timed = [one for record in came.events for one in events_of(record)]
            deck.keep(request, source, [one for one in timed if to_data(one[1])])

    def _checked(self, question: Question) -> tuple[Request, str]:
        """The request, if it may be sent; and who is asked."""
        place, session = self._sweep.place, self._session
        request = session.compose(
            question.content, options=question.options, place=place
        )
        client, source = self._sources.client()
        source = self._sources.deck.who(request, source)
        client.dry_run(request)  # the key never travels in a request
        before = place.conversation[place.parent] if place.parent else None
        session.guard.check(
            request, before=before, source=source, ask=session.ask_prices
        )
        return request, source

    def _in_turn(self, variant: Variant, request: Request, crew: Crew) -> Answered:
        pace = self._sweep.throttle.of(request.model)
        job = Job(
            sweep=self._sweep.id,
            index=variant.index,
            body=request.body,
            settings=self._settings,
        )
        while True:
            for waiting in pace.turn(crew):
                self._watcher.handle(variant.index, waiting)
            with pace.start() as start:
                came = self._run(job, variant, crew)
                limited = isinstance(came.error, RateLimitError) and start.refused(
                    came.error
                )
            if not limited:
                return came

    def _run(self, job: Job, variant: Variant, crew: Crew) -> Answered:
        """Has an engine answer; one that is lost leaves what it has written."""
        future: Future[Answered] | None = None
        try:
            with self._one_at_a_time:
                future = self._executor.submit(answer, job)
            while not wait([future], _LOOK).done:
                crew.check()
            return future.result()
        except Interrupted:
            with suppress(Exception):  # not every executor can
                if future:
                    future.cancel()
            raise
        except BrokenExecutor as error:
            broken = ConfigurationError(
                f"The executor is broken: {_said(error)}.", f"Make another: {_AGAIN}"
            )
            return self._left_by(variant, broken)
        except Exception as error:  # noqa: BLE001 - each executor has errors of its own
            lost = ClaudeError(f"The engine was lost: {_said(error)}.", _AGAIN)
            return self._left_by(variant, lost)

    def _left_by(self, variant: Variant, error: ClaudeError) -> Answered:
        """What an engine has written of a variant before it was lost."""
        found = dict(written(self._sweep.id)).get(variant.index)
        if found is None:
            return Answered(turn=None, error=error)
        return Answered(
            turn=found,
            events=_whole(found),
            seconds=found.seconds,
            error=None if found.status == "complete" else error,
        )

    def _kept(self, variant: Variant, came: Answered) -> Result:
        turn = came.turn and adopted(self._sweep, came.turn, came.events)
        if turn and turn.message:
            for event in from_message(turn.message):
                self._watcher.handle(variant.index, event)
        return Result(
            variant=variant,
            turn=turn,
            status=turn.status if turn else "not sent",
            error=str(came.error or ""),
            seconds=came.seconds,
            first_token=came.first_token,
            cost=self._session.guard.cost(turn) if turn else None,
        )


def written(sweep: str) -> Iterator[tuple[int, Turn]]:
    """The turns that engines on this machine have written, by variant; the best last.

    Args:
        sweep: its id.
    """
    turns = [
        turn
        for path in engines_folder(sweep).glob("*.jsonl")
        for kept in read_file(path).conversations.values()
        for turn in kept.turns
        if turn.has_content
    ]
    for turn in sorted(turns, key=lambda turn: turn.status == "complete"):
        begun, _, index = (turn.cell.execution or "").partition("/")
        if begun == sweep and index.isdigit():
            yield int(index), turn


def adopted(sweep: Sweep, turn: Turn, came: list[JSONObject]) -> Turn:
    """The turn in its place in the caller's conversation, journal and bill.

    Args:
        sweep: where it belongs.
        turn: as the engine had it.
        came: records of its events.
    """
    place, session = sweep.place, sweep.session
    mine = replace(turn, parent=place.parent, cell=place.cell)
    with suppress(KeyError):
        place.conversation[turn.id]
        return mine  # it is here already
    session.recorder.merge(mine, came, place.conversation)
    place.conversation.append(mine, aside=True)
    session.guard.bill.add(place.conversation.name, mine)
    return mine


def take_up(sweep: Sweep) -> None:
    """Keeps the answers that engines on this machine have finished by themselves.

    Args:
        sweep: may lack them.
    """
    rest = set(sweep.rest)
    for index, turn in written(sweep.id):
        if index in rest and turn.status == "complete":
            mine = adopted(sweep, turn, _whole(turn))
            cost = sweep.session.guard.cost(mine)
            variant = sweep.plan.variants[index]
            sweep.keep(
                Result(variant, mine, "complete", seconds=mine.seconds, cost=cost)
            )


def clear(sweep: Sweep) -> None:
    """Removes what the engines have written, once all of it is here."""
    if not sweep.rest:
        shutil.rmtree(engines_folder(sweep.id), ignore_errors=True)


def _whole(turn: Turn) -> list[JSONObject]:
    if turn.message is None:
        return []
    ms = round(turn.seconds * 1000)
    record = records.EventRun(turn.id).record([(ms, MessageStart(turn.message))])
    return [record] if record else []


def _carried(sources: Sources) -> JSONObject:
    settings = sources.settings
    if sources.deck.alone():  # no engine is asked
        return {}
    source = choose_source(settings, sources.login)
    where = {"source": source.name, "base_url": source.base_url or None}
    return where | {name: getattr(settings, name) for name in _CARRIED}


def _said(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
