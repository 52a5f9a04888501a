"""Whether a request is tried again, and after how long (API.md 5.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from routeway_magic.errors import (
    APIConnectionError,
    APIError,
    APIStreamError,
    APITimeoutError,
    status_error,
)
from routeway_magic.retry import LONGEST_WAIT, delay_before_retry, retry_after


def refused(status: int, wait: float | None = None) -> APIError:
    """A refusal that asks for a wait."""
    return status_error(status)("no", status_code=status, retry_after=wait)


@settings(deadline=None)
@given(status=st.integers(300, 599), attempt=st.integers(0, 4))
def test_which_statuses(status: int, attempt: int) -> None:
    """408, 409, 429 and 5xx are tried again while tries are left, others never."""
    passing = status in (408, 409, 429) or status >= 500
    delay = delay_before_retry(refused(status), attempt, max_retries=3)
    assert (delay is not None) == (passing and attempt < 3)


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (APIConnectionError("no"), True),
        (APITimeoutError("late"), False),  # it was received: it would be billed twice
        (APIStreamError("cut"), False),
        (APIError("odd"), False),
    ],
)
def test_which_errors(error: APIError, again: bool) -> None:
    """A connection error is tried again; silence and a broken answer are not."""
    assert (delay_before_retry(error, 0, 2) is not None) == again


@settings(deadline=None)
@given(st.integers(0, 2000))
def test_backoff(attempt: int) -> None:
    """Without a wish of the server: 0.5 s doubled up to 8 s, less up to a quarter."""
    delay = delay_before_retry(refused(500), attempt, attempt + 1)
    most = min(0.5 * 2 ** min(attempt, 10), 8.0)
    assert delay is not None
    assert 0.75 * most <= delay <= most


@settings(deadline=None)
@given(st.floats(0, 1e9))
@example(LONGEST_WAIT)
@example(60.1)
def test_wish_of_the_server(wait: float) -> None:
    """The server's wait is taken as it is; above 60 s there is no further try."""
    delay = delay_before_retry(refused(429, wait), 0, 1)
    if wait > 60:
        assert delay is None
    elif wait > 0:
        assert delay == wait
    else:
        assert delay is not None
        assert 0.375 <= delay <= 0.5


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("1", 1.0),
        (" 2.5 ", 2.5),
        ("86400", 86400.0),
        ("-5", 0.0),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("1, 2", None),
        ("Wed, 99 Foo 2026 00:00:00 GMT", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2015 07:28:00", 0.0),
    ],
)
def test_header(header: str, seconds: float | None) -> None:
    """Seconds and dates are read; the past is no wait; nonsense says nothing."""
    assert retry_after({"retry-after": header}) == seconds


def test_no_header() -> None:
    """Without the header there is no wish."""
    assert retry_after({}) is None


@pytest.mark.parametrize(
    ("left", "reset", "seconds"),
    [
        (("0", "9"), ("42", "8000"), 42.0),
        (("0", "0"), ("42", "8000"), 8000.0),
        (("3", "9"), ("42", "8000"), None),
        (("0", "9"), ("soon", "8000"), None),
        (("0", "9"), ("1795000000", "1"), None),  # seconds since 1970: a date
    ],
)
def test_limit_that_is_used_up(
    left: tuple[str, str], reset: tuple[str, str], seconds: float | None
) -> None:
    """Without Retry-After, the used-up limit says when it starts again."""
    headers = {
        f"x-ratelimit-{kind}-{unit}": value
        for kind, values in (("remaining", left), ("reset", reset))
        for unit, value in zip(("minute", "day"), values, strict=True)
    }
    assert retry_after(headers) == seconds
    assert retry_after({**headers, "retry-after": "7"}) == 7


def test_date_to_come() -> None:
    """An HTTP date is the seconds until then."""
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    assert retry_after({"retry-after": when}) == pytest.approx(40, abs=2)


date_parts = st.sampled_from(
    [
        "Wed,",
        "21",
        "Oct",
        "9999",
        "0",
        "07:28:00",
        "99:99:99",
        "GMT",
        "+9999",
        "-99999999999",
        "(",
        ")",
        ";",
        ".",
        "a",
    ]
)


@settings(deadline=None)
@given(st.text(max_size=30) | st.lists(date_parts, max_size=8).map(" ".join))
@example("Wed, 21 Oct 2015 07:28:00 +99999999999999")
@example("Mon, 01 Jan 0001 00:00:00 +2359")
@example("Fri, 31 Dec 9999 23:59:59 -2359")
def test_any_header(header: str) -> None:
    """No header, however odd, is more than a wait or none."""
    wait = retry_after({"retry-after": header})
    assert wait is None or 0 <= wait < float("inf")
