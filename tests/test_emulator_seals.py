"""Thinking goes back as it was, to who thought it, behind what it was thought about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from emulation import asking, call, result, tool

from routeway_magic.sources.emulator.answer import answer
from routeway_magic.sources.emulator.directives import directives_of, last_user_texts
from routeway_magic.sources.emulator.refusal import RefusedError
from routeway_magic.sources.emulator.validate import validate_request

OPUS, LATEST = "claude-opus-4-5", "claude-opus-5-5"
ENABLED = {"type": "enabled", "budget_tokens": 1024}
THINKING = {OPUS: ENABLED, LATEST: {"type": "adaptive"}}

Change = Callable[[dict[str, Any]], Any]


def thought_again(model: str) -> dict[str, Any]:
    """A request whose second message thinks and calls, and whose third answers."""
    first = asking(
        [{"type": "text", "text": "emulate: thinking\nhi"}],
        model=model,
        thinking=THINKING[model],
        tools=[tool("f")],
        system="brief",
    )
    known = validate_request(first, "")
    given = answer(first, known, directives_of(last_user_texts(first)))
    thoughts = [b for b in given.message["content"] if b["type"] == "thinking"]
    assert thoughts
    said = {"role": "assistant", "content": [*thoughts, call()]}
    results = {"role": "user", "content": [result()]}
    return {**first, "messages": [*first["messages"], said, results]}


def refusal(body: dict[str, Any]) -> str:
    """What the validator says, or an empty string."""
    try:
        validate_request(body, "")
    except RefusedError as error:
        return error.message
    return ""


def text_of(body: dict[str, Any]) -> dict[str, Any]:
    """The first block that the user sent."""
    return body["messages"][0]["content"][0]


def thought_of(body: dict[str, Any]) -> dict[str, Any]:
    """The block that was thought."""
    return body["messages"][1]["content"][0]


@pytest.mark.parametrize("model", [OPUS, LATEST])
@pytest.mark.parametrize(
    "change",
    [
        lambda body: None,
        lambda body: text_of(body).update(cache_control={"type": "ephemeral"}),
        lambda body: body.update(max_tokens=9000),
        lambda body: thought_of(body).update(signature="of a real model"),
        lambda body: body["messages"][1]["content"].pop(0),
    ],
    ids=["as it was", "marked", "other parameters", "not ours", "without thinking"],
)
def test_thinking_is_accepted(model: str, change: Change) -> None:
    """Markers and other parameters are no change, and it may be left out."""
    body = thought_again(model)
    change(body)
    assert refusal(body) == ""


BOUND = "bound to a different conversation"


@pytest.mark.parametrize(
    ("change", "words", "oldest"),
    [
        (lambda body: thought_of(body).update(thinking="x"), "cannot be modified", ...),
        (lambda body: thought_of(body).update(signature=""), "signature: Input", ...),
        (lambda body: body.update(system="long"), BOUND, ""),
        (lambda body: body.pop("system"), BOUND, ""),
        (lambda body: body.update(tools=[tool("f"), tool("g")]), BOUND, ""),
        (lambda body: text_of(body).update(text="ho"), BOUND, ""),
    ],
    ids=["text", "signature", "system", "no system", "tools", "question"],
)
def test_changed_thinking_is_refused(change: Change, words: str, oldest: Any) -> None:
    """All models refuse changed blocks, the newest also changes before them (2.8)."""
    body = thought_again(LATEST)
    change(body)
    assert words in refusal(body)
    body = thought_again(OPUS)
    change(body)
    assert (words if oldest is ... else oldest) in refusal(body)
    assert bool(refusal(body)) == (oldest is ...)


def test_thinking_of_another_model_is_refused() -> None:
    """Thinking belongs to the model that thought it."""
    body = thought_again(OPUS) | {"model": "claude-sonnet-4-5"}
    assert "bound to another model" in refusal(body)


def test_a_loop_begins_with_its_thinking_or_has_none() -> None:
    """With a budget for thinking, the last assistant turn begins with it (API.md 2.8)."""
    body = thought_again(OPUS)
    later = {"role": "assistant", "content": [thought_of(body), call("t2")]}
    later["content"][0] = {"type": "redacted_thinking", "data": "opaque"}
    answered = {"role": "user", "content": [result("t2")]}
    body["messages"] += [later, answered]
    assert refusal(body) == ""
    body["messages"][1]["content"].pop(0)
    assert "Expected `thinking`" in refusal(body)
    body["messages"].append({"role": "assistant", "content": "done"})
    body["messages"].append({"role": "user", "content": "next"})
    assert refusal(body) == ""  # that loop is finished
