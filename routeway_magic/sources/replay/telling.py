"""What sets a request apart from the recorded one that is nearest to it, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from routeway_magic.differences import as_text, differences
from routeway_magic.fingerprint import asked_for
from routeway_magic.types import JSONObject

__all__ = ["nearest", "told_apart"]

_MOST = 6  # differences that are named
_SHOWN = 120  # characters of a value
_COMPARED = 2000  # characters of a question that are compared to find the nearest


def nearest(body: JSONObject, known: Sequence[JSONObject]) -> JSONObject | None:
    """The request that has most in common with this one; None if there is none.

    Args:
        body: of the request.
        known: the bodies of others; of equals, the first is taken.
    """
    return max(known, key=lambda other: _likeness(body, other), default=None)


def told_apart(body: JSONObject, recorded: JSONObject) -> list[str]:
    """What differs, a line each; at most so many as can be read.

    Args:
        body: what is asked now.
        recorded: what was asked when it was recorded.
    """
    told = list(_differences(asked_for(body), asked_for(recorded)))
    more = len(told) - _MOST
    return [*told[:_MOST], *([f"and {more} more"] if more > 0 else [])]


def _likeness(body: JSONObject, other: JSONObject) -> tuple[float, float]:
    """How alike the last questions are; and then all the rest."""
    one, two = _messages(body), _messages(other)
    texts = [
        _text(messages[-1])[:_COMPARED] if messages else "" for messages in (one, two)
    ]
    ratio = SequenceMatcher(None, texts[0], texts[1]).ratio()
    same = sum(a == b for a, b in zip(one, two, strict=False))
    members = sum(other.get(name) == value for name, value in body.items())
    return round(ratio, 2), members + same - abs(len(one) - len(two))


def _differences(body: JSONObject, recorded: JSONObject) -> Iterator[str]:
    for name in [*body, *(name for name in recorded if name not in body)]:
        now, then = body.get(name), recorded.get(name)
        if now == then:
            continue
        if name == "messages" and isinstance(now, list) and isinstance(then, list):
            yield from _messages_apart(now, then)
        else:
            yield f"{name}: {_worded(now)}, recorded {_worded(then)}"


def _messages_apart(now: list[Any], then: list[Any]) -> Iterator[str]:
    if len(now) != len(then):
        yield f"messages said before: {len(now) - 1}, recorded {len(then) - 1}"
        if now and then and now[-1] != then[-1]:
            yield f"the question: {_said_apart(now[-1], then[-1])}"
        return
    for number, (one, other) in enumerate(zip(now, then, strict=True), 1):
        if one != other:
            which = "the question" if number == len(now) else f"message {number}"
            yield f"{which}: {_said_apart(one, other)}"
            return  # what follows depends on it


def _said_apart(now: Any, then: Any) -> str:
    one, other = _text(now), _text(then)
    if one == other:  # the same words: blocks that are no text, or how they are cut
        return f"{_kinds(now)}, recorded {_kinds(then)}, with other data"
    marked = as_text(differences(other, one))
    at = min(i for i in (marked.find("[-"), marked.find("{+")) if i >= 0)
    start = max(at - _SHOWN // 4, 0)
    cut = marked[start : start + 2 * _SHOWN]
    before, after = "…" * (start > 0), "…" * (start + len(cut) < len(marked))
    return f"{before}{' '.join(cut.split())}{after}"


def _messages(body: JSONObject) -> list[Any]:
    messages = body.get("messages")
    return messages if isinstance(messages, list) else []


def _blocks(message: Any) -> list[Any]:
    content = message.get("content") if isinstance(message, dict) else None
    return content if isinstance(content, list) else [{"type": "text", "text": content}]


def _text(message: Any) -> str:
    blocks = _blocks(message)
    return "".join(
        str(block.get("text", f"[{block.get('type')}]"))
        for block in blocks
        if isinstance(block, dict)
    )


def _kinds(message: Any) -> str:
    kinds = [block.get("type") for block in _blocks(message) if isinstance(block, dict)]
    return " + ".join(map(str, kinds)) or "nothing"


def _worded(value: Any) -> str:
    if value is None:
        return "not set"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
