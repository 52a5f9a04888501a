"""Everything that can go wrong, as one tree; each says what to do about it.

ClaudeError
├── InputError                 what was typed cannot be used
├── InvalidAnswerError         the answer is not of the form that was asked for
├── ConfigurationError         a setting stands in the way
│   └── MissingKeyError
└── APIError
    ├── APIConnectionError     no answer came
    │   └── APITimeoutError
    ├── APIStreamError         the answer broke off, or held an error
    └── APIStatusError         the server refused
        ├── BadRequestError 400 · AuthenticationError 401 · PaymentRequiredError 402
        ├── PermissionDeniedError 403 · NotFoundError 404 · ConflictError 409
        ├── ContentTooLargeError 413 · UnprocessableEntityError 422
        ├── RateLimitError 429
        └── InternalServerError 5xx
            └── ServiceUnavailableError 503 · DeadlineExceededError 504
                OverloadedError 529
Interrupted (a KeyboardInterrupt): the user stopped the cell

The API names are those of the official SDK.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APIStreamError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "ClaudeError",
    "ConfigurationError",
    "ConflictError",
    "ContentTooLargeError",
    "DeadlineExceededError",
    "InputError",
    "InternalServerError",
    "Interrupted",
    "InvalidAnswerError",
    "MissingKeyError",
    "NotFoundError",
    "OverloadedError",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "RateLimitError",
    "ServiceUnavailableError",
    "UnprocessableEntityError",
    "status_error",
]


class ClaudeError(Exception):
    """Something to tell the user, in a sentence, with what to do.

    Args:
        what: what happened, one sentence.
        hint: what to do about it; may be empty, may hold several lines.
    """

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what, hint)
        self.what = what
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.args, vars(self))

    def __str__(self) -> str:
        return "\n".join(line for line in (self.what, self.hint) if line)

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return [f"{type(self).__name__}: {self.what}", *self.hint.splitlines()]


def _again(kind: type[ClaudeError], said: Any, members: Any) -> ClaudeError:
    """An error as it was in another process."""
    error = kind.__new__(kind, *said)
    vars(error).update(members)
    return error


class InputError(ClaudeError):
    """What was typed cannot be used."""


class InvalidAnswerError(ClaudeError):
    """The answer is not of the form that was asked for, also not when asked again.

    Args:
        what: what is wrong with it.
        hint: what to do.
        reply: the last answer, with its text.
    """

    def __init__(self, what: str, hint: str = "", reply: Any = None) -> None:
        super().__init__(what, hint)
        self.reply = reply


class ConfigurationError(ClaudeError):
    """A setting stands in the way of sending."""


class MissingKeyError(ConfigurationError):
    """There is no API key, and the emulator was not meant to answer."""


class APIError(ClaudeError):
    """The exchange with the server failed."""


class APIConnectionError(APIError):
    """No answer came."""


class APITimeoutError(APIConnectionError):
    """No answer came in time."""


class APIStreamError(APIError):
    """The answer broke off or held an error; what had arrived is kept.

    Args:
        what: what happened.
        hint: what to do.
        type: the error type that the server named, or "".
    """

    def __init__(self, what: str, hint: str = "", *, type: str = "") -> None:  # noqa: A002 - the wire's name
        super().__init__(what, hint)
        self.type = type


class APIStatusError(APIError):
    """The server refused.

    Args:
        what: what happened.
        hint: what to do.
        status_code: the HTTP status.
        type: the error type that the server named, or "".
        message: the server's own words, or "".
        request_id: the trace id to quote to support, or "".
        retry_after: seconds that the server asks to wait, where it says.
        per_minute: requests a minute that it allows, where it says.
    """

    status: int | None = None

    def __init__(
        self,
        what: str,
        hint: str = "",
        *,
        status_code: int,
        type: str = "",  # noqa: A002 - the wire's name
        message: str = "",
        request_id: str = "",
        retry_after: float | None = None,
        per_minute: int | None = None,
    ) -> None:
        super().__init__(what, hint)
        self.status_code = status_code
        self.type = type
        self.message = message
        self.request_id = request_id
        self.retry_after = retry_after
        self.per_minute = per_minute
        self.is_replayed = False  # it was recorded: to ask again is of no use


class BadRequestError(APIStatusError):
    """400: the request is not legal."""

    status = 400


class AuthenticationError(APIStatusError):
    """401: the key is missing, wrong or revoked."""

    status = 401


class PaymentRequiredError(APIStatusError):
    """402: no balance."""

    status = 402


class PermissionDeniedError(APIStatusError):
    """403: the key may not use this model or endpoint."""

    status = 403


class NotFoundError(APIStatusError):
    """404: no such model or endpoint."""

    status = 404


class ConflictError(APIStatusError):
    """409: a conflict at the server."""

    status = 409


class ContentTooLargeError(APIStatusError):
    """413: the request is too large."""

    status = 413


class UnprocessableEntityError(APIStatusError):
    """422: a field is wrong, or the input exceeds the model's context."""

    status = 422


class RateLimitError(APIStatusError):
    """429: too many requests."""

    status = 429


class InternalServerError(APIStatusError):
    """5xx: a fault at the server."""


class ServiceUnavailableError(InternalServerError):
    """503: the service is down."""

    status = 503


class DeadlineExceededError(InternalServerError):
    """504: the server ran out of time."""

    status = 504


class OverloadedError(InternalServerError):
    """529: the model is overloaded."""

    status = 529


class Interrupted(KeyboardInterrupt):
    """The user stopped the cell; what had arrived is kept."""

    def _render_traceback_(self) -> list[str]:
        return [f"Interrupted: {self}"]


def _by_status() -> Mapping[int, type[APIStatusError]]:
    found = [*APIStatusError.__subclasses__(), *InternalServerError.__subclasses__()]
    return {kind.status: kind for kind in found if kind.status is not None}


def status_error(status_code: int) -> type[APIStatusError]:
    """The class for an HTTP status.

    Args:
        status_code: 100..599.
    """
    fallback = InternalServerError if status_code >= 500 else APIStatusError  # noqa: PLR2004 - 5xx
    return _by_status().get(status_code, fallback)
