"""Requests that run at once obey a rate limit together, and none is lost to it.

What is shared: one refusal with 429 stops all requests of that model with that key,
for as long as the server asks (API.md 5.2, 5.3). Then one goes first; with each that
is let in, twice as many may follow. Where the server tells how many it takes a minute,
no more are sent in one.

Another model's requests go on: Routeway limits `:free` models and leaves paid ones to
the edge. A limit that a key's owner has set over all models is not told apart from
these; each model meets it with one refusal of its own, waits, and loses nothing.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Protocol, TypeVar

from routeway_magic.errors import RateLimitError
from routeway_magic.events import Event, Responded, Waiting
from routeway_magic.retry import LONGEST_WAIT

__all__ = ["Pace", "Sleeper", "Start", "Throttle", "in_turn"]

_MINUTE = 60.0
_PATIENCE = 180.0  # seconds of refusals without one answer: the limit is another one
_MARGIN = 0.05  # seconds that clocks may differ in
_LOOK = 0.1  # seconds until one that waits for another looks again
_MANY = 256  # more than ever run at once

_Request = TypeVar("_Request", bound="Sleeper")
Tell = Callable[[str, float | None], None]


def _tell_nobody(reason: str, seconds: float | None) -> None:
    """Nobody shows it."""


class Sleeper(Protocol):
    """A request that can be cancelled while it waits."""

    def sleep(self, seconds: float) -> None:
        """Waits; raises if it is cancelled meanwhile."""


class Start:
    """A request that may be sent now.

    Args:
        pace: what let it go.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._is_open = True

    def admitted(self) -> None:
        """The server has begun to answer, or refused it for another reason."""
        if self._is_open:
            self._is_open = False
            self._pace.admitted()

    def refused(self, error: RateLimitError) -> bool:
        """The rate limit is reached; whether it is worth waiting.

        Args:
            error: the refusal.
        """
        self._is_open = False
        return self._pace.refused(error)


class Throttle:
    """The paces of requests to one server with one key, each model's its own.

    Args:
        tell: takes the reason and the seconds when a model's requests have to wait,
            "" and None when none has to any more; called from the thread that found
            out.
        waits: whether a limit is waited for; else it is reported at once.
    """

    def __init__(self, tell: Tell = _tell_nobody, *, waits: bool = True) -> None:
        self.tell = tell
        self._waits = waits
        self._lock = threading.Lock()
        self._paces: dict[str, Pace] = {}
        self._patience = _Patience()
        self._told: dict[str, tuple[str, float]] = {}  # by model: reason, until

    def of(self, model: str) -> Pace:
        """The pace of this model's requests."""
        with self._lock:
            if model not in self._paces:
                tell = partial(self._tell_of, model)
                self._paces[model] = Pace(
                    model, tell, waits=self._waits, patience=self._patience
                )
            return self._paces[model]

    def _tell_of(self, model: str, reason: str, seconds: float | None) -> None:
        """Of several models that wait, the one that waits longest is told of."""
        with self._lock:
            self._told.pop(model, None)
            if reason:
                self._told[model] = reason, time.monotonic() + (seconds or 0.0)
            longest = max(self._told.values(), key=lambda one: one[1], default=None)
        if longest is None:
            self.tell("", None)
        else:
            self.tell(longest[0], max(longest[1] - time.monotonic(), 0.0))


class _Patience:
    """How long there has been no answer, of any model: they may share a limit."""

    def __init__(self) -> None:
        self._since: float | None = None

    def begin_anew(self) -> None:
        """One was answered."""
        self._since = time.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether it is another limit, such as one of spending, and no use to wait."""
        if self._since is None:
            self.begin_anew()
        return time.monotonic() - (self._since or 0.0) > _PATIENCE


class Pace:
    """The common pace of requests to one model.

    Args:
        model: whose limit it is.
        tell: as `Throttle` has it.
        waits: as `Throttle` has it.
        patience: shared by the paces of one key.
    """

    def __init__(
        self,
        model: str,
        tell: Tell = _tell_nobody,
        *,
        waits: bool = True,
        patience: _Patience | None = None,
    ) -> None:
        self._model, self._tell, self._waits = model, tell, waits
        self._patience = patience or _Patience()
        self._lock = threading.Lock()
        self._until = 0.0
        self._reason = ""
        self._allowed = _MANY  # requests that may be without an answer
        self._open = 0
        self._strikes = 0  # pauses since the last answer
        self._per_minute: int | None = None
        self._sent: deque[float] = deque()
        self._is_waiting = False

    def turn(self, sleeper: Sleeper) -> Iterator[Waiting]:
        """Waits until one more may be sent; `start` then has to be called.

        Args:
            sleeper: the request.
        """
        told = 0.0
        while True:
            with self._lock:
                left = self._left()
                if left <= 0:
                    self._open += 1
                    self._sent.append(time.monotonic())
                    return
                until, reason = time.monotonic() + left, self._reason
                is_first = left > _LOOK and not self._is_waiting
                self._is_waiting = self._is_waiting or is_first
            if is_first:
                self._tell(reason, left)
            if left > _LOOK and until > told + 1:
                told = until
                yield Waiting(reason, left)
            sleeper.sleep(min(left, _MINUTE))

    @contextmanager
    def start(self) -> Iterator[Start]:
        """One request on its way, for the length of a `with` block."""
        start = Start(self)
        try:
            yield start
        finally:
            start.admitted()

    def admitted(self) -> None:
        """One of those that were sent is being answered."""
        with self._lock:
            self._open -= 1
            self._strikes = 0
            self._patience.begin_anew()
            self._allowed = min(2 * self._allowed, _MANY)
            is_over = self._is_waiting and self._left() <= 0
            self._is_waiting = self._is_waiting and not is_over
        if is_over:
            self._tell("", None)

    def refused(self, error: RateLimitError) -> bool:
        """One was refused: all wait. False if that is not worth it."""
        now = time.monotonic()
        with self._lock:
            self._open -= 1
            delay = error.retry_after or float(min(2**self._strikes, LONGEST_WAIT))
            is_over = self._patience.is_over
            if not self._waits or delay > LONGEST_WAIT or is_over:
                return False
            is_new = now >= self._until
            self._strikes += is_new
            self._allowed = 1
            self._per_minute = error.per_minute or self._per_minute
            self._sent.clear()  # the server counts anew then
            self._until = max(self._until, now + delay + _MARGIN)
            self._reason = _reason(self._per_minute, self._model)
            self._is_waiting = True
            told = self._reason, self._until - now
        if is_new:
            self._tell(*told)
        return True

    def _left(self) -> float:
        """Seconds until one more may be sent; not above 0 if it may now."""
        now = time.monotonic()
        if now < self._until:
            return self._until - now
        if self._open >= self._allowed:
            return _LOOK
        if self._per_minute is None:
            return 0.0
        while self._sent and now - self._sent[0] > _MINUTE:
            self._sent.popleft()
        if len(self._sent) < self._per_minute:
            return 0.0
        return _MINUTE - (now - self._sent[0]) + _MARGIN


def in_turn(
    throttle: Throttle,
    events: Callable[[_Request], Generator[Event, None, None]],
    sleeper: _Request,
    model: str,
) -> Iterator[Event]:
    """The events of a request once there is room for it, however often it is refused.

    Args:
        throttle: the common paces.
        events: sends the request.
        sleeper: the request while it waits.
        model: who is asked.
    """
    pace = throttle.of(model)
    while True:
        yield from pace.turn(sleeper)
        with pace.start() as start, closing(events(sleeper)) as stream:
            try:
                for each in stream:
                    # a refusal has a head, too
                    if not isinstance(each, (Waiting, Responded)):
                        start.admitted()
                    yield each
            except RateLimitError as error:
                if not start.refused(error):
                    raise
            else:
                return


def _reason(per_minute: int | None, model: str) -> str:
    whose = "this free model" if model.endswith(":free") else f"`{model}`"
    if per_minute is None:
        return f"waiting for the rate limit of {whose}"
    number = "1 request" if per_minute == 1 else f"{per_minute} requests"
    return f"waiting for the {number} a minute of {whose}"
