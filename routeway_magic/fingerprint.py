"""When two requests ask the same: one hash of all that an answer may depend on."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from routeway_magic.types import JSONObject

__all__ = ["VOLATILE", "asked_for", "fingerprint"]

VOLATILE = frozenset({"stream", "metadata"})
"""Members that may differ between requests that ask the same.

`stream` is how the answer comes, `metadata` who asks (API.md 2). Nothing of the
prompt, the system prompt, the tools or the parameters is among them, and address,
version and key are no part of the body.
"""


def fingerprint(body: JSONObject) -> str:
    """The SHA-256 of a request's canonical form: sorted members, without `VOLATILE`.

    Args:
        body: of `POST /v1/messages`; 1 and 1.0 are the same parameter.

    Raises:
        TypeError, ValueError, RecursionError: if it cannot be written as JSON.
    """
    text = json.dumps(asked_for(body), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def asked_for(body: JSONObject) -> JSONObject:
    """The members that an answer may depend on.

    Args:
        body: of `POST /v1/messages`.
    """
    return {
        name: _number(value) for name, value in body.items() if name not in VOLATILE
    }


def _number(value: Any) -> Any:
    is_whole = isinstance(value, float) and value.is_integer()
    return int(value) if is_whole else value
