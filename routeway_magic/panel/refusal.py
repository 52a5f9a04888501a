"""Which control the server's refusal is about."""

from __future__ import annotations

import re

from routeway_magic.errors import (
    BadRequestError,
    NotFoundError,
    UnprocessableEntityError,
)

__all__ = ["control_of"]

# The request's own words for what the control sets, and the control's name.
_WORDS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "max_tokens": "max_tokens",
    "stop_sequences": "stop",
    "budget_tokens": "thinking",
    "thinking": "thinking",
    "output_config": "effort",
    "effort": "effort",
    "system": "system",
    "model": "model",
}
_NAMED = re.compile(rf"(?<![A-Za-z_])(?:{'|'.join(_WORDS)})(?![A-Za-z_])")


def control_of(error: BaseException | None) -> str | None:
    """The control that an error is about; None if it names none.

    Args:
        error: what a question ended with.
    """
    if isinstance(error, NotFoundError):
        return "model"
    if not isinstance(error, (BadRequestError, UnprocessableEntityError)):
        return None
    found = _NAMED.search(error.message)
    return _WORDS[found[0]] if found else None
