"""An engine's side of a sweep: one request, asked in a process of an executor.

The key is the engine's own, from its environment. What comes is also written to a
journal on the engine's disk while it comes, so that an engine that dies takes
nothing along; the caller clears that away when it has it all.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from routeway_magic.conversation import Cell, Conversation
from routeway_magic.errors import ClaudeError, Interrupted
from routeway_magic.events import Event
from routeway_magic.journal import default_folder, forget_old
from routeway_magic.records import EventRun
from routeway_magic.run.exchange import Exchange
from routeway_magic.run.recorder import Recorder
from routeway_magic.run.session import Session
from routeway_magic.run.sweeping.asking import Stopwatch
from routeway_magic.settings import ClaudeSettings
from routeway_magic.sources import Sources
from routeway_magic.sources.replay import Deck
from routeway_magic.throttle import Throttle
from routeway_magic.turn import Turn
from routeway_magic.types import JSONObject, Request

__all__ = ["Answered", "Job", "answer", "engines_folder", "name_of"]

_ONE_AT_A_TIME = threading.Lock()
_SWEEPS = 16  # that an engine works for at the same time, at the most
_KEPT = 8  # connections, where an engine has threads


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One request on its way to an engine; plain data, and no key.

    Args:
        sweep: the id of its sweep.
        index: its variant's place in the plan.
        body: the request.
        settings: where to and how: settings by name.
    """

    sweep: str
    index: int
    body: JSONObject
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came of a job.

    Args:
        turn: question and answer, without a place in a conversation; None if
            nothing was sent.
        events: records of what came, with its times.
        seconds: from its sending to its end.
        first_token: seconds to the first piece of the answer.
        error: why it ended before its end.
    """

    turn: Turn | None
    events: list[JSONObject] = field(default_factory=list)
    seconds: float = 0.0
    first_token: float | None = None
    error: ClaudeError | None = None


def answer(job: Job) -> Answered:
    """Asks, waits for the whole answer, and gives back all there is; raises nothing.

    Args:
        job: what to ask.
    """
    session, watch, came = _session(job), Stopwatch(), _Came()
    failure: ClaudeError | None = None
    exchange: Exchange | None = None
    try:
        with session.send(
            Request(job.body),
            conversation=Conversation(),
            cell=Cell(execution=name_of(job.sweep, job.index)),
            aside=True,
        ) as exchange:
            for event in came.noted(exchange):
                watch.take(event)
    except ClaudeError as error:
        failure = error
    except Interrupted:  # a signal to all processes of a terminal
        failure = ClaudeError("The engine was interrupted.", "Resume the sweep.")
    session.recorder.close()  # a long life as an engine sees many sweeps
    turn = exchange.turn if exchange else None
    return Answered(
        turn=turn,
        events=came.records(turn),
        seconds=watch.elapsed,
        first_token=watch.first,
        error=failure,
    )


def engines_folder(sweep: str) -> Path:
    """Where the engines of a sweep on this machine write what comes.

    Args:
        sweep: its id.
    """
    return default_folder().parent / "engines" / sweep


def name_of(sweep: str, index: int) -> str:
    """What stands for a variant in an engine's journal."""
    return f"{sweep}/{index}"


class _Came:
    """The events of an exchange with their times."""

    def __init__(self) -> None:
        self._clock = time.monotonic()
        self._events: list[tuple[int, Event]] = []

    def noted(self, exchange: Exchange) -> Iterator[Event]:
        for event in exchange:
            ms = round((time.monotonic() - self._clock) * 1000)
            self._events.append((ms, event))
            yield event

    def records(self, turn: Turn | None) -> list[JSONObject]:
        record = EventRun(turn.id).record(self._events) if turn else None
        return [record] if record else []


def _session(job: Job) -> Session:
    """This process's session, with the journal of this sweep."""
    told = tuple(sorted(job.settings.items()))
    with _ONE_AT_A_TIME:
        session = copy(_connected(os.getpid(), told))
        session.recorder = _recorder(os.getpid(), job.sweep, told)
    return session


@cache
def _connected(process: int, told: tuple[tuple[str, Any], ...]) -> Session:
    """A session for all sweeps with these settings; a forked process has its own."""
    del process
    settings = ClaudeSettings(**dict(told), check_context=False)
    session = Session(settings)
    # A rate limit is reported: the caller waits, for all engines together.
    throttle = Throttle(waits=False)
    session.sources = Sources(settings, throttle=throttle, connections=_KEPT)
    session.sources.deck = Deck(redact=session.sources.redact, records=False)
    return session


@lru_cache(maxsize=_SWEEPS)
def _recorder(process: int, sweep: str, told: tuple[tuple[str, Any], ...]) -> Recorder:
    session, folder = _connected(process, told), engines_folder(sweep)
    _forget_others(folder, session.settings)
    return Recorder(session.settings, redact=session.sources.redact, folder=folder)


def _forget_others(folder: Path, settings: ClaudeSettings) -> None:
    """What other sweeps have left becomes as old as any journal."""
    if folder.parent.is_dir():
        for other in folder.parent.iterdir():
            if other != folder and other.is_dir():
                forget_old(
                    other,
                    days=settings.journal_days,
                    megabytes=settings.journal_megabytes,
                )
