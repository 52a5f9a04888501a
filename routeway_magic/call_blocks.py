"""Calls and their results among content blocks, and which of them can stand in a message."""

from __future__ import annotations

from collections.abc import Sequence

from routeway_magic.types import ContentBlock

__all__ = [
    "Results",
    "belongs_to_call",
    "calls_of_ours",
    "is_call",
    "is_call_of_ours",
    "is_result_of_ours",
    "results_of_ours",
    "whole_calls",
    "with_input",
]

Results = dict[str, ContentBlock]
"""Results of tools of ours, by the calls that they are of."""


def is_call(block: ContentBlock) -> bool:
    """Whether it asks for a tool, of ours or of the server's."""
    return str(block.get("type")).endswith("tool_use")


def is_call_of_ours(block: ContentBlock) -> bool:
    """Whether it asks for a tool that the request has defined."""
    return block.get("type") == "tool_use"


def is_result_of_ours(block: ContentBlock) -> bool:
    """Whether it is what came of such a call."""
    return block.get("type") == "tool_result"


def belongs_to_call(block: ContentBlock) -> bool:
    """Whether it is a call or the result of one."""
    return is_call(block) or "tool_use_id" in block


def calls_of_ours(content: Sequence[ContentBlock]) -> dict[str, ContentBlock]:
    """The calls of tools of ours, the first for each id."""
    found: dict[str, ContentBlock] = {}
    for block in content:
        if is_call_of_ours(block) and block.get("id"):
            found.setdefault(str(block["id"]), block)
    return found


def results_of_ours(content: Sequence[ContentBlock]) -> Results:
    """The results of tools of ours, the first for each call."""
    found: dict[str, ContentBlock] = {}
    for block in content:
        if is_result_of_ours(block) and block.get("tool_use_id"):
            found.setdefault(str(block["tool_use_id"]), block)
    return found


def with_input(block: ContentBlock) -> ContentBlock:
    """A call whose arguments were cut off has none: its result says so."""
    if is_call_of_ours(block) and not isinstance(block.get("input"), dict):
        return {**block, "input": {}}
    return block


def whole_calls(content: list[ContentBlock], results: Results) -> set[int]:
    """Which blocks are calls that can stand, and results with a call, by identity.

    A server's own tools answer within the message. Results of ours come with the next
    question, one for each id; without one, a call that was cut off is none.

    Args:
        content: of an answer.
        results: that come with the next question.
    """
    ours = calls_of_ours(content).items()
    found = {
        id(block)
        for key, block in ours
        if key in results or isinstance(block.get("input"), dict)
    }
    servers: dict[str, ContentBlock] = {}
    for block in content:
        if not is_call(block):
            call = servers.pop(str(block.get("tool_use_id")), None)
            found |= {id(call), id(block)} if call else set()
        elif block.get("id") and not is_call_of_ours(block):
            is_whole = isinstance(block.get("input"), dict)
            servers |= {str(block["id"]): block} if is_whole else {}
    return found
