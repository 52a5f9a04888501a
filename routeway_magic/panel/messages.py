"""What the front end may say: each message is checked before anything is done."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from routeway_magic.types import JSONObject

__all__ = ["Refused", "checked"]

_LARGEST = 1_000_000  # bytes of a message
_LONGEST_ID = 100

_MOST_AXES = 20
_MOST_REPEATS = 100_000

WAYS = ("cell", "httpx", "curl", "anthropic")
"""What a question can be copied as."""


class Refused(Exception):  # noqa: N818 - nothing failed: nothing was done
    """The message is none that the panel knows; its text says why."""


def checked(content: Any, known: Mapping[str, Mapping[str, _Check]]) -> JSONObject:
    """The message, if it is one of these and whole.

    Args:
        content: whatever the front end has sent.
        known: the members of each type of message, with what they must be.

    Raises:
        Refused: if it is unknown, incomplete, too large, or has anything else in it.
    """
    if not isinstance(content, dict):
        raise Refused("a message is an object")
    kind = content.get("type")
    if not isinstance(kind, str) or kind not in known:
        raise Refused("no message has this type")
    members = known[kind]
    if content.keys() - members.keys() - {"type"}:
        raise Refused(f"`{kind}` has no members but: {', '.join(members) or 'none'}")
    if _size(content) > _LARGEST:
        raise Refused("the message is too large")
    for name, check in members.items():
        if not check(content.get(name)):
            raise Refused(f"`{name}` of `{kind}` is missing, or cannot be that")
    return {name: content.get(name) for name in ("type", *members)}


def _size(content: JSONObject) -> int:
    try:
        text = json.dumps(content, ensure_ascii=False)
        return len(text.encode(errors="surrogatepass"))
    except (TypeError, ValueError, RecursionError):
        return _LARGEST + 1


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_ID


def _is_id_or_none(value: Any) -> bool:
    return value is None or _is_id(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: Any) -> bool:
    return value is None or _is_text(value)


def _is_way(value: Any) -> bool:
    return value in WAYS


def _is_texts(value: Any) -> bool:
    is_list = isinstance(value, list) and len(value) <= _MOST_AXES
    return is_list and all(map(_is_text, value))


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_repeat(value: Any) -> bool:
    return _is_count(value) and 0 < value <= _MOST_REPEATS


_Check = Callable[[Any], bool]

_SWEEP: Mapping[str, _Check] = {
    "id": _is_id,
    "prompt": _is_text,
    "axes": _is_texts,
    "repeat": _is_repeat,
}

TO_PANEL: Mapping[str, Mapping[str, _Check]] = {
    "hello": {},
    "send": {"id": _is_id, "prompt": _is_text},
    "preview": {"id": _is_id, "prompt": _is_text},
    "complete": {"id": _is_id, "text": _is_text},
    "chips": {"id": _is_id, "prompt": _is_text},
    "copy": {
        "id": _is_id,
        "turn": _is_id_or_none,
        "as": _is_way,
        "prompt": _is_text_or_none,
    },
    "keep": {"turn": _is_id},
    "new": {},
    "earlier": {},
    "again": {"id": _is_id, "turn": _is_id},
    "sweep_size": _SWEEP,
    "sweep": {**_SWEEP, "yes": _is_count},
    "sweep_resume": {"id": _is_id},
    "sweep_retry": {"id": _is_id, "index": _is_count},
    "sweep_pin": {"id": _is_id, "index": _is_count},
}
"""What the panel's own model takes."""

TO_STOP: Mapping[str, Mapping[str, _Check]] = {
    "hello": {},
    "stop": {"id": _is_id_or_none},
}
"""What the Stop model takes."""
