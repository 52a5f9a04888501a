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

__all__ = ["LONGEST_WAIT", "delay_before_retry", "per_minute", "retry_after"]

LONGEST_WAIT = 60.0
"""Seconds; a server that asks for more is reported, not waited for."""

_REMAINING, _RESET = "x-ratelimit-remaining", "x-ratelimit-reset"
_DIGITS = 9  # of a limit that is one
_A_MONTH = 31 * 86400.0
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
    """The seconds to wait that a refusal asks for, or None if it says nothing usable.

    `Retry-After` comes first, in seconds or as an HTTP date. Without it, the limit
    that is used up tells when it starts again: `X-RateLimit-Reset-…`, in seconds
    (API.md 5.3).

    Args:
        headers: response headers by lower-case name.
    """
    value = headers.get("retry-after", "").strip()
    seconds = _seconds(value)
    if seconds is None:
        seconds = _seconds_until(value) if value else _until_reset(headers)
    return seconds


def per_minute(headers: Mapping[str, str]) -> int | None:
    """The requests a minute that a server allows, where it says so (API.md 5.2).

    Args:
        headers: response headers by lower-case name.
    """
    told = headers.get("x-ratelimit-limit-minute", "").strip()
    digits = told.isascii() and told.isdigit() and len(told) <= _DIGITS
    return int(told) or None if digits else None


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return max(seconds, 0.0) if seconds < float("inf") else None


def _until_reset(headers: Mapping[str, str]) -> float | None:
    waits = [
        _seconds(headers.get(_RESET + name.removeprefix(_REMAINING), ""))
        for name, left in headers.items()
        if name.startswith(_REMAINING) and left.strip() == "0"
    ]
    # More than that is a date in disguise.
    return max((it for it in waits if it is not None and it <= _A_MONTH), default=None)


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
        is_fault = status in _WORTH_A_RETRY or status >= _FIRST_SERVER_FAULT
        return is_fault and not error.is_replayed
    return isinstance(error, APIConnectionError) and not isinstance(
        error, APITimeoutError
    )


def _backoff(attempt: int) -> float:
    spread = 1 - 0.25 * random.random()  # noqa: S311 - spreads load, guards nothing
    return float(min(0.5 * 2 ** min(attempt, 4), 8.0) * spread)
