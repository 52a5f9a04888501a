"""Whether to try again, and when (API.md 5.3, with a limit on what is slept)."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from routeway_magic.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
)

__all__ = ["LONGEST_WAIT", "delay_before_retry", "retry_after"]

LONGEST_WAIT = 60.0
"""Seconds; a server that asks for more is reported, not waited for."""

_WORTH_A_RETRY = frozenset({408, 409, 429})
_FIRST_SERVER_FAULT = 500


def delay_before_retry(error: APIError, attempt: int, max_retries: int) -> float | None:
    """Seconds to wait before the next try, or None if there is none.

    A read timeout is not tried again: the request did reach the server, and a
    second one would be billed as well.

    Args:
        error: why this try failed.
        attempt: how many tries failed before this one, from 0.
        max_retries: how many further tries are allowed.
    """
    if attempt >= max_retries or not _is_passing(error):
        return None
    asked = error.retry_after if isinstance(error, APIStatusError) else None
    if asked is not None and asked > LONGEST_WAIT:
        return None
    return asked or _backoff(attempt)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a `Retry-After` asks for, or None if it says nothing usable.

    Args:
        headers: response headers by lower-case name; seconds and HTTP dates are read.
    """
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        return _seconds_until(value)
    return max(seconds, 0.0) if seconds < float("inf") else None


def _seconds_until(date: str) -> float | None:
    try:
        when = parsedate_to_datetime(date)
    except (ValueError, OverflowError):  # the latter: an offset of ages
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max((when - datetime.now(UTC)).total_seconds(), 0.0)


def _is_passing(error: APIError) -> bool:
    if isinstance(error, APIStatusError):
        status = error.status_code
        return status in _WORTH_A_RETRY or status >= _FIRST_SERVER_FAULT
    return isinstance(error, APIConnectionError) and not isinstance(
        error, APITimeoutError
    )


def _backoff(attempt: int) -> float:
    spread = 1 - 0.25 * random.random()  # noqa: S311 - spreads load, guards nothing
    return float(min(0.5 * 2 ** min(attempt, 4), 8.0) * spread)
