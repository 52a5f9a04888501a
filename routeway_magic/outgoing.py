"""What leaves this machine for a request: its bytes and its headers, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from routeway_magic.endpoint import Endpoint
from routeway_magic.errors import InputError
from routeway_magic.secret import ApiKey
from routeway_magic.types import Request
from routeway_magic.version import __version__

__all__ = ["encoded", "headers", "headers_to_show"]


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


def _headers(endpoint: Endpoint, key: str) -> dict[str, str]:
    return {
        "authorization": f"Bearer {key}",
        "x-api-key": key,
        "anthropic-version": endpoint.anthropic_version,
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        "user-agent": f"routeway_magic/{__version__}",
    }
