"""What leaves this machine for a request: its bytes and its headers, checked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping

from routeway_magic.endpoint import Endpoint
from routeway_magic.errors import InputError
from routeway_magic.secret import ApiKey
from routeway_magic.types import JSONObject, Request
from routeway_magic.version import __version__

__all__ = ["RECORDING", "encoded", "harmless", "headers", "headers_to_show", "sent"]

# Whose account it is, and what would open it, is nobody's business in a notebook.
_PRIVATE = re.compile(
    "cookie|auth|key|token(?!s)|secret|session|organi[sz]ation|workspace|account|user|"
    "client-ip|forwarded",
    re.IGNORECASE,
)
RECORDING = "recording"
"""The extension of a response that was recorded: what it was found in."""

_MOST, _LONGEST = 60, 300


def encoded(request: Request, secrets: Iterable[ApiKey]) -> bytes:
    """The bytes of a request that may be sent.

    Args:
        request: what is asked.
        secrets: the keys that it must not hold.

    Raises:
        InputError: if it cannot be written as JSON, or holds a key.
    """
    try:
        content = request.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(
            f"The request cannot be written as JSON: {error}.",
            "Look at what `--param` or the cell put into it.",
        ) from None
    if any(secret.is_in(content) for secret in secrets):
        raise InputError(
            "The request holds an API key, so it was not sent.",
            "Take it out of the prompt; if it was said earlier: `%claude new`.",
        )
    return content


def headers(endpoint: Endpoint, key: ApiKey) -> dict[str, str]:
    """The headers of a request; both that name the key have the same (API.md 1).

    Args:
        endpoint: where it goes.
        key: what it is sent with.
    """
    return _headers(endpoint, key.reveal())


def headers_to_show(endpoint: Endpoint) -> Mapping[str, str]:
    """The same headers without the key.

    Args:
        endpoint: where the request would go.
    """
    return _headers(endpoint, "[API key]")


def sent(
    content: bytes, endpoint: Endpoint, extensions: Mapping[str, object]
) -> JSONObject:
    """What is remembered of a request, besides what it asked.

    That is where it went, or which recording has answered it.

    Args:
        content: its bytes.
        endpoint: where it went, if it did.
        extensions: of the response.
    """
    told: JSONObject = {
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    if RECORDING in extensions:
        return {RECORDING: extensions[RECORDING], **told}
    url = f"{endpoint.base_url}/v1/messages"
    return {"url": url, "headers": dict(headers_to_show(endpoint)), **told}


def harmless(
    headers: Iterable[tuple[str, str]], redact: Callable[[str], str]
) -> dict[str, str]:
    """The headers of an answer that may be kept, shortened where they are long.

    Args:
        headers: names and values, as received.
        redact: takes the key out of a text.
    """
    found: dict[str, str] = {}
    for name, value in headers:
        if len(found) < _MOST:
            is_private = _PRIVATE.search(name) is not None
            kept = "[not kept]" if is_private else redact(value)[:_LONGEST]
            found[redact(name.lower())[:_LONGEST]] = kept
    return found


def _headers(endpoint: Endpoint, key: str) -> dict[str, str]:
    return {
        "authorization": f"Bearer {key}",
        "x-api-key": key,
        "anthropic-version": endpoint.anthropic_version,
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        "user-agent": f"routeway_magic/{__version__}",
    }
