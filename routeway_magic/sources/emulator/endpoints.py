"""The endpoints: a request in, a response out; no socket is in sight."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from routeway_magic.sources.emulator.answer import Answer, answer
from routeway_magic.sources.emulator.catalogue import catalogue
from routeway_magic.sources.emulator.directives import (
    Directives,
    ErrorAnswer,
    asked_of,
)
from routeway_magic.sources.emulator.http1 import HTTPRequest, Response
from routeway_magic.sources.emulator.limits import compact
from routeway_magic.sources.emulator.quota import Quota
from routeway_magic.sources.emulator.refusal import (
    RefusedError,
    anthropic_envelope,
    routeway_envelope,
)
from routeway_magic.sources.emulator.stream import delta_count, stream_pieces
from routeway_magic.sources.emulator.validate import (
    parse_body,
    validate_count,
    validate_request,
)
from routeway_magic.tokens import input_tokens

if TYPE_CHECKING:
    from routeway_magic.types import JSONObject

__all__ = ["refusal", "respond"]

_SERVER = "routeway_magic-emulator"
_OVERLOADED = 529
_LONGEST_WAIT = 600.0

Accepts = Callable[[str], bool]


def respond(request: HTTPRequest, accepts: Accepts, quota: Quota) -> Response:
    """The response to one request.

    Args:
        request: as it was read.
        accepts: whether a key is good.
        quota: counts what prompts have counted.

    Raises:
        RefusedError: for whatever the documented envelopes answer.
    """
    endpoint = _ENDPOINTS.get(request.path)
    if endpoint is None:
        raise RefusedError(404, f"There is no endpoint {request.path}.")
    method, act = endpoint
    if request.method != method:
        sentence = f"{request.path} takes {method}, not {request.method}."
        raise RefusedError(405, sentence, headers={"allow": method})
    _authenticate(request.headers, accepts)
    return act(request, quota)


def refusal(error: RefusedError) -> Response:
    """The response that an error is, in Anthropic's envelope."""
    identifier = _request_id()
    body = anthropic_envelope(error.status, error.message, identifier)
    return _json(error.status, body, error.headers, request_id=identifier)


def _authenticate(headers: Mapping[str, str], accepts: Accepts) -> None:
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    keys = [headers.get("x-api-key", "")]
    if scheme.lower() == "bearer":
        keys.append(bearer.strip())
    if not any(keys):
        raise RefusedError(
            401, "A key is required: Authorization: Bearer, or x-api-key."
        )
    if not any(accepts(key) for key in keys if key):
        raise RefusedError(401, "invalid x-api-key")


def _messages(request: HTTPRequest, quota: Quota) -> Response:
    body = parse_body(request.body)
    version = request.headers.get("anthropic-version", "")
    model = validate_request(body, version)
    asked = asked_of(body)
    if asked.limit is not None:
        quota.take(asked.limit)
    if asked.error is not None:
        return _asked_error(asked.error)
    return _delivered(
        answer(body, model, asked), asked, streamed=bool(body.get("stream"))
    )


def _delivered(given: Answer, asked: Directives, *, streamed: bool) -> Response:
    if streamed and not asked.json:
        headers = {**_headers(_request_id()), "content-type": "text/event-stream"}
        headers["cache-control"] = "no-cache"
        pieces = stream_pieces(given, asked)
        return Response(200, pieces, headers, complete=not asked.cut)
    if asked.mid_error:
        raise RefusedError(_OVERLOADED, "Overloaded")
    wait = delta_count(given, asked) / asked.slow if asked.slow else 0.0
    return _json(
        200, given.message, delay=min(wait, _LONGEST_WAIT), complete=not asked.cut
    )


def _asked_error(error: ErrorAnswer) -> Response:
    identifier = _request_id()
    headers = {"retry-after": error.retry_after} if error.retry_after else {}
    message = f"The emulator was asked for status {error.status}."
    match error.shape:
        case "routeway":
            body = routeway_envelope(error.status, message, identifier)
        case "html":
            page = f"<!doctype html><title>{error.status}</title><h1>{message}</h1>"
            return _raw(error, page.encode(), {**headers, "content-type": "text/html"})
        case "empty":
            return _raw(error, b"", headers)
        case _:
            body = anthropic_envelope(error.status, message, identifier)
    return _json(error.status, body, headers, request_id=identifier)


def _raw(error: ErrorAnswer, body: bytes, headers: Mapping[str, str]) -> Response:
    return Response(error.status, body, {"server": _SERVER, **headers})


def _models(*_: object) -> Response:
    return _json(200, catalogue())


def _count_tokens(request: HTTPRequest, _: Quota) -> Response:
    body = parse_body(request.body)
    validate_count(body, request.headers.get("anthropic-version", ""))
    return _json(200, {"input_tokens": input_tokens(body)})


def _json(
    status: int,
    body: JSONObject,
    headers: Mapping[str, str] | None = None,
    *,
    request_id: str = "",
    delay: float = 0.0,
    complete: bool = True,
) -> Response:
    told = {**_headers(request_id or _request_id()), **(headers or {})}
    told["content-type"] = "application/json"
    return Response(status, compact(body).encode(), told, complete, delay)


def _headers(request_id: str) -> dict[str, str]:
    return {"server": _SERVER, "request-id": request_id}


def _request_id() -> str:
    return f"req_emulator_{os.urandom(8).hex()}"


_ENDPOINTS: Mapping[str, tuple[str, Callable[[HTTPRequest, Quota], Response]]] = {
    "/v1/messages": ("POST", _messages),
    "/v1/messages/count_tokens": ("POST", _count_tokens),
    "/v1/models": ("GET", _models),
}
