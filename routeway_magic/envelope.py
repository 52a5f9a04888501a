"""What a server says when it refuses, made into an error with a way out.

Reads Anthropic's envelope, both of Routeway's, HTML and empty bodies (API.md 5).
The HTTP status decides the class; the body's `type` contradicts itself (5.2).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any

from routeway_magic.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APIStreamError,
    APITimeoutError,
    ClaudeError,
    ConfigurationError,
    RateLimitError,
    status_error,
)
from routeway_magic.retry import per_minute, retry_after
from routeway_magic.types import JSONObject

__all__ = [
    "broken_off",
    "read_lost_connection",
    "read_refusal",
    "read_silence",
    "read_stream_error",
    "read_undecodable",
    "reason_to_wait",
    "wait_in_words",
]

_SHORT = 300
_TITLE = re.compile(
    r"<title[^>]{0,200}>(.{0,1000}?)</title>", re.IGNORECASE | re.DOTALL
)
_MINUTE, _HOUR, _DAY = 60, 3600, 86400

_WHAT = {
    400: "The server refused the request",
    401: "The API key was refused",
    402: "The account has no balance",
    403: "This key may not use this model or endpoint",
    404: "The server does not know this model or address",
    408: "The server gave up waiting for the request",
    409: "The server reports a conflict",
    413: "The request is too large",
    422: "A field is wrong, or the input is longer than the model's context",
    429: "The rate limit is reached",
    529: "The model is overloaded",
}
_HINT = {
    400: "Take back the option it names, for instance with `unset`.",
    401: "Set another: `%claude login`, or the environment variable ROUTEWAY_API_KEY.",
    402: "Add credit to your Routeway account, or choose a `:free` model.",
    403: "`%claude models` lists what there is; the key's owner sets what it may use.",
    404: "`%claude models` lists the models.",
    413: "Send less, or start afresh with `%claude new`.",
    422: "Check the option it names, send less, or start afresh with `%claude new`.",
    429: "Wait, or choose another model.",
}
_OF_A_MESSAGE = re.compile(r"[`'\"]?messages\b")
_MESSAGE_HINT = "Change the prompt, or start afresh with `%claude new`."
_OTHER_HINT = "Run the cell again in a while; if it stays, check ROUTEWAY_BASE_URL."
_SERVER_FAULT = "The server has a fault ({status})"
_SERVER_HINT = "Run the cell again in a while, or choose another model."
_FRAGMENTS = {  # wording may change: hints only, never control flow (API.md 5.1)
    "does not support assistant message prefill": "This model cannot go on from a "
    "text that is put in its mouth.",
    "bound to a different conversation": "`%claude new` starts afresh without the "
    "earlier thinking.",
    "adaptive thinking is not supported": "Give this model a budget: --thinking 2048.",
    "thinking.type.enabled": "This model takes --thinking adaptive.",
    "thinking.type.disabled": "This model always thinks: leave --thinking out.",
    "many-image requests": "Send fewer images, or smaller ones.",
}


@dataclass(frozen=True, slots=True)
class _Told:
    """The members that any of the envelopes may carry."""

    type: str = ""
    message: str = ""
    tip: str = ""
    request_id: str = ""

    def shown(self, redact: Callable[[str], str]) -> _Told:
        """Each member as one line; the key goes before a cut could leave half of it."""
        return _Told(*(_line(redact(text)) for text in astuple(self)))


def read_refusal(
    status: int,
    headers: Mapping[str, str],
    body: str,
    *,
    model: str = "",
    redact: Callable[[str], str] = str,
) -> APIStatusError:
    """The error that an HTTP status other than 2xx stands for.

    Args:
        status: the HTTP status.
        headers: response headers by lower-case name.
        body: the body's text.
        model: what was asked for, to name it.
        redact: takes out of the server's words what must not be shown.
    """
    told = _read_body(body, headers).shown(redact)
    wait = retry_after(headers)
    what = _WHAT.get(status) or _otherwise(status)
    detail = told.message if told.message != model else ""
    named = f" (model `{model}`)" if status in (403, 404) and model else ""
    return status_error(status)(
        f"{what}{named}: {detail}" if detail else f"{what}{named}.",
        _hints(status, told, wait),
        status_code=status,
        type=told.type,
        message=told.message,
        request_id=told.request_id,
        retry_after=wait,
        per_minute=per_minute(headers),
    )


def read_stream_error(
    data: JSONObject, *, redact: Callable[[str], str] = str
) -> APIStreamError:
    """The error that a frame with an `error` stands for (API.md 4.1, 4.2).

    Args:
        data: the frame's JSON object.
        redact: takes out of the server's words what must not be shown.
    """
    told = _from_json(data, {}).shown(redact)
    named = told.message or told.type or "no reason given"
    return APIStreamError(
        f"The server broke off the answer: {named}",
        _joined(
            "What had arrived is kept: `%claude continue` goes on, or run the cell again.",
            told.tip and f"Tip: {told.tip}",
            told.request_id and f"Trace id: {told.request_id}",
        ),
        type=told.type,
    )


def wait_in_words(seconds: float) -> str:
    """How long, and until when, for people: "40 s (until 14:03:10)"."""
    if seconds < 1:
        return "a moment"
    if seconds >= 2 * _DAY:
        return f"{seconds / _DAY:.3g} days"
    if seconds >= 2 * _HOUR:
        return f"{seconds / _HOUR:.0f} h"
    until = (datetime.now().astimezone() + timedelta(seconds=seconds)).strftime("%X")
    if seconds >= 2 * _MINUTE:
        return f"{seconds / _MINUTE:.0f} min (until {until})"
    return f"{seconds:.0f} s (until {until})"


def read_lost_connection(host: str, told: str, *, begun: bool) -> ClaudeError:
    """The error that a connection stands for which broke, or never stood.

    Args:
        host: where to.
        told: the network's own words, with the key taken out.
        begun: whether part of an answer had arrived.
    """
    if begun:
        return APIStreamError(
            f"The connection to {host} broke in mid-answer: {told}.",
            "What had arrived is kept: `%claude continue` goes on, or run the cell again.",
        )
    if "CERTIFICATE_VERIFY_FAILED" in told:
        return ConfigurationError(
            f"The certificate of {host} is not trusted here: {told}.",
            "Point SSL_CERT_FILE to the certificate authority of your network.",
        )
    return APIConnectionError(
        f"No connection to {host}: {told}.",
        "Check the network, the proxy variables and ROUTEWAY_BASE_URL.",
    )


def read_undecodable(host: str, told: str) -> APIStreamError:
    """The error of an answer whose bytes are not what its headers say.

    Args:
        host: who answered.
        told: the network's own words, with the key taken out.
    """
    return APIStreamError(
        f"What {host} answered cannot be decoded: {told}.",
        "Run the cell again; if it stays, check ROUTEWAY_BASE_URL.",
    )


def read_silence(host: str, seconds: float, *, begun: bool) -> APIError:
    """The error of an answer, or its next part, that did not come in time.

    Args:
        host: who was silent.
        seconds: for how long.
        begun: whether part of an answer had arrived.
    """
    what = f"{host} was silent for {seconds:g} s."
    hint = "Run the cell again, or wait longer: ClaudeSettings.read_timeout."
    return APIStreamError(what, hint) if begun else APITimeoutError(what, hint)


def broken_off(*, begun: bool) -> APIStreamError:
    """The error that an answer stands for which ended before its end.

    Args:
        begun: whether part of it had arrived.
    """
    if begun:
        return APIStreamError(
            "The answer broke off before its end.",
            "What had arrived is kept: `%claude continue` goes on, or run the cell again.",
        )
    return APIStreamError(
        "The server's answer holds nothing.",
        "Run the cell again; if it stays, check ROUTEWAY_BASE_URL.",
    )


def reason_to_wait(error: APIError, seconds: float) -> str:
    """What the status line says before the next try.

    Args:
        error: why the last one failed.
        seconds: how long the wait is.
    """
    return f"{_brief(error)}, trying again in {wait_in_words(seconds)}"


def _brief(error: APIError) -> str:
    if isinstance(error, RateLimitError):
        return "rate limit"
    if isinstance(error, APIStatusError):
        return f"server error {error.status_code}"
    return "no connection"


def _otherwise(status: int) -> str:
    if 300 <= status < 400:  # noqa: PLR2004 - the HTTP classes
        return (
            f"The server wants the request sent elsewhere ({status}), which is not done"
        )
    if status >= 500:  # noqa: PLR2004 - the HTTP classes
        return _SERVER_FAULT.format(status=status)
    return f"The server refused the request ({status})"


def _hints(status: int, told: _Told, wait: float | None) -> str:
    known = [hint for words, hint in _FRAGMENTS.items() if words in told.message]
    if 300 <= status < 400:  # noqa: PLR2004 - the HTTP classes
        known = ["Set ROUTEWAY_BASE_URL to the address that answers itself."]
    elif status == 400 and _OF_A_MESSAGE.match(told.message):  # noqa: PLR2004 - HTTP
        known = [*known, _MESSAGE_HINT]
    hint = known[0] if known else _HINT.get(status, _OTHER_HINT)
    if status >= 500:  # noqa: PLR2004 - the HTTP classes
        hint = _SERVER_HINT
    if wait:
        hint = f"Try again in {wait_in_words(wait)}."
    return _joined(
        _joined(hint, told.tip and f"Tip: {told.tip}", between=" "),
        told.request_id and f"Trace id: {told.request_id}",
    )


def _joined(*parts: str, between: str = "\n") -> str:
    return between.join(part for part in parts if part)


def _read_body(body: str, headers: Mapping[str, str]) -> _Told:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return _from_text(body, headers)
    if not isinstance(data, dict):
        return _from_text(body, headers)
    return _from_json(data, headers)


def _from_json(data: JSONObject, headers: Mapping[str, str]) -> _Told:
    error = data.get("error")
    if isinstance(error, str):
        error = {"message": error}
    members: dict[str, Any] = error if isinstance(error, dict) else data
    ids = (
        members.get("trace_id"),
        members.get("id"),
        data.get("request_id"),
        headers.get("request-id"),
        headers.get("x-request-id"),
    )
    return _Told(
        type=_text(members.get("type")),
        message=_text(members.get("message")),
        tip=_text(members.get("tip")),
        request_id=next(filter(None, map(_text, ids)), ""),
    )


def _from_text(body: str, headers: Mapping[str, str]) -> _Told:
    title = _TITLE.search(body)
    message = html.unescape(title[1]) if title else ""
    if not title and "<" not in body[:_SHORT]:
        message = body
    request_id = headers.get("request-id") or headers.get("x-request-id") or ""
    return _Told(message=message, request_id=request_id)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _line(text: str) -> str:
    """One line of bounded length: a server's words are no place for more."""
    text = " ".join(text[: 4 * _SHORT].split())
    text = "".join(letter for letter in text if letter.isprintable())
    return text if len(text) <= _SHORT else text[:_SHORT] + "…"
