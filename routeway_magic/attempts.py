"""A request from its turn to its answer: it waits, and is tried again.

It is tried again only before the first event of its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from functools import partial
from itertools import count

from routeway_magic.envelope import reason_to_wait
from routeway_magic.errors import APIError, RateLimitError
from routeway_magic.events import Event, Waiting
from routeway_magic.retry import delay_before_retry
from routeway_magic.throttle import Sleeper, Throttle, in_turn

__all__ = ["answered"]

Attempt = Callable[[], Iterator[Event]]
"""Sends the request once. What fails after its first event is an APIStreamError."""


def answered(
    attempt: Attempt,
    sleeper: Sleeper,
    *,
    model: str,
    max_retries: int,
    throttle: Throttle | None,
) -> Iterator[Event]:
    """The events of a request, and what it waits for.

    Args:
        attempt: sends it once.
        sleeper: the request while it waits.
        model: who is asked.
        max_retries: how many further tries are allowed.
        throttle: the pace of requests that run at once; None for each by itself.

    Raises:
        APIError: if it fails for good.
        Interrupted: if it was cancelled while it waited.
    """
    if throttle is None:
        return _tried(attempt, sleeper, max_retries=max_retries)
    events = partial(_tried, attempt, max_retries=max_retries, is_limit_shared=True)
    return in_turn(throttle, events, sleeper, model)


def _tried(
    attempt: Attempt,
    sleeper: Sleeper,
    *,
    max_retries: int,
    is_limit_shared: bool = False,
) -> Generator[Event, None, None]:
    yield Waiting("connecting")
    for tries in count():
        try:
            # Once an event came, what goes wrong is an APIStreamError: final.
            yield from attempt()
        except APIError as error:
            is_for_all = is_limit_shared and isinstance(error, RateLimitError)
            limit = 0 if is_for_all else max_retries
            delay = delay_before_retry(error, tries, limit)
            if delay is None:
                raise
            yield Waiting(reason_to_wait(error, delay), delay)
            sleeper.sleep(delay)
            yield Waiting("connecting")
        else:
            return
