"""The tool through which a model gives an answer that is a value, and no prose.

Nothing is run when it is called: the call's arguments are the answer. So it is shown
as JSON, and told to the model later as what it said, in text, without the tool.
"""

from __future__ import annotations

import json
import re
from typing import Any

from routeway_magic.types import ContentBlock

__all__ = [
    "OBJECT",
    "VALUE",
    "WRAPPED",
    "arguments",
    "bare",
    "given",
    "is_answer",
    "json_of",
    "said",
]

OBJECT = "answer_object"
"""Its arguments are the answer."""

VALUE = "answer_value"
"""Its one argument is: a tool's arguments are an object (API.md 2.6)."""

WRAPPED = "answer_value"
"""The name of that argument, and of the member where a format holds the answer."""

_WRAPPER = re.compile(rf'\s*\{{\s*"{WRAPPED}"\s*:')


def is_answer(block: ContentBlock) -> bool:
    """Whether a content block gives an answer through such a tool."""
    return block.get("type") == "tool_use" and block.get("name") in (OBJECT, VALUE)


def given(block: ContentBlock) -> Any:
    """The answer as JSON.

    Args:
        block: one that `is_answer`.
    """
    value = block.get("input")
    if block["name"] == VALUE and isinstance(value, dict) and [*value] == [WRAPPED]:
        return value[WRAPPED]
    return value


def json_of(block: ContentBlock) -> str:
    """The answer as the text of JSON, as far as it came.

    Args:
        block: one that `is_answer`.
    """
    value = block.get("input")
    return value if isinstance(value, str) else _text(given(block))


def arguments(block: ContentBlock) -> str:
    """The arguments as the text of JSON; "" if there are none yet.

    Args:
        block: one that `is_answer`.
    """
    value = block.get("input") or ""
    return value if isinstance(value, str) else _text(value)  # text: cut (see types)


def bare(text: str) -> str:
    """The text; of one that holds a value as a format has it, the value alone.

    Args:
        text: of an answer, or of a part of it.
    """
    if not _WRAPPER.match(text):
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):  # it is not whole
        return text
    return _text(value[WRAPPED]) if [*value] == [WRAPPED] else text


def said(block: ContentBlock) -> ContentBlock:
    """The block as it goes back to the model: an answer is text that was said."""
    return {"type": "text", "text": json_of(block)} if is_answer(block) else block


def _text(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:  # it could be read, but not be written
        return ""
