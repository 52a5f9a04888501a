"""A request as a program of its own, which sends the same bytes again.

The program has no key: it reads `ROUTEWAY_API_KEY` from its environment.
"""

from __future__ import annotations

from collections.abc import Callable

from routeway_magic.endpoint import Endpoint
from routeway_magic.errors import InputError
from routeway_magic.export.programs import Code, anthropic_code, curl_code, httpx_code
from routeway_magic.types import Request

__all__ = ["WAYS", "Code", "to_code"]

_PROGRAMS: dict[str, Callable[[Request, Endpoint], Code]] = {
    "httpx": httpx_code,
    "curl": curl_code,
    "anthropic": anthropic_code,
}

WAYS = tuple(_PROGRAMS)
"""How a request can be sent: Python with httpx, a shell with curl, Anthropic's SDK."""


def to_code(request: Request, way: str, endpoint: Endpoint) -> Code:
    """A program that sends this request, streaming if it does.

    Args:
        request: what to send.
        way: one of `WAYS`.
        endpoint: where to, with which version and how much patience.

    Raises:
        InputError: if the request cannot be written as JSON.
        ConfigurationError: if the endpoint is no address.
    """
    try:
        request.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"The request cannot be written as JSON: {error}.") from None
    return _PROGRAMS[way](request, endpoint.checked())
