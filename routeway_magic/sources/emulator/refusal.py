"""Refusals, and the documented bodies that carry them (API.md 5.1, 5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routeway_magic.types import JSONObject

__all__ = [
    "RefusedError",
    "anthropic_envelope",
    "error_type",
    "refuse",
    "routeway_envelope",
]

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_ROUTEWAY_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
    502: "provider_error",
}
_SERVER_FAULT = 500
_RATE_LIMIT = 429


class RefusedError(Exception):
    """The request is refused.

    Args:
        status: the HTTP status.
        message: the sentence for the envelope.
        headers: further response headers.
    """

    def __init__(
        self, status: int, message: str, *, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.headers = headers or {}


def refuse(path: str, sentence: str) -> RefusedError:
    """The 400 for one member of the body, named by its path.

    Args:
        path: such as `messages.0.content.1.text`.
        sentence: what is wrong with it.
    """
    return RefusedError(400, f"{path}: {sentence}" if path else sentence)


def error_type(status: int) -> str:
    """The error type that Anthropic documents for a status (API.md 5.1)."""
    fallback = _TYPES[500 if status >= _SERVER_FAULT else 400]
    return _TYPES.get(status, fallback)


def anthropic_envelope(status: int, message: str, request_id: str) -> JSONObject:
    """An error body in Anthropic's shape."""
    error = {"type": error_type(status), "message": message}
    return {"type": "error", "error": error, "request_id": request_id}


def routeway_envelope(status: int, message: str, request_id: str) -> JSONObject:
    """An error body in Routeway's shape; a rate limit has one of its own."""
    fallback = "api_error" if status >= _SERVER_FAULT else "invalid_request_error"
    error: JSONObject = {
        "message": message,
        "type": _ROUTEWAY_TYPES.get(status, fallback),
    }
    if status == _RATE_LIMIT:
        error |= {"param": None, "code": "rate_limit_exceeded"}
        error |= {"status_code": status, "id": request_id}
    else:
        error |= {"code": status, "tip": "The emulator was asked for this error."}
        error |= {"trace_id": request_id}
    return {"error": error}
