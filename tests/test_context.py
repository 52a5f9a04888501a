"""Whether a request fits its model, reckoned from what the server has counted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from said import chain, text, turn

from routeway_magic.compose import compose
from routeway_magic.context import (
    Estimate,
    check_context,
    context_of,
    contexts_of,
    estimate,
)
from routeway_magic.conversation import Turn
from routeway_magic.errors import InputError
from routeway_magic.settings import RequestOptions
from routeway_magic.tokens import input_tokens
from routeway_magic.types import ContentBlock, JSONObject

MODEL = "claude-opus-4-5"
THOUGHT = {"type": "thinking", "thinking": "x" * 4000, "signature": "E"}


def said(*answer: ContentBlock, **usage: Any) -> list[Turn]:
    """Two turns, of which the last was counted so."""
    turns = chain(turn("a" * 400, text("b")), turn("c", *answer), model=MODEL)
    message = {**(turns[-1].message or {}), "usage": usage}
    return [turns[0], replace(turns[-1], message=message, source="host")]


def request(history: list[Turn], prompt: str = "d" * 40, **more: Any) -> JSONObject:
    """The body that goes on from there."""
    options = RequestOptions(parameters={"model": MODEL, **more})
    return compose(prompt, options=options, history=history).body


COUNTED = {"input_tokens": 5, "cache_read_input_tokens": 700, "output_tokens": 20}


def test_what_was_counted_is_not_estimated_again() -> None:
    """The last turn's whole input and output are known; only the question is new."""
    history = said(text("answer"), **COUNTED)
    found = estimate(request(history), history[-1], "host")
    assert found == Estimate(counted=725, guessed=10 + 6)


def test_thinking_that_is_not_sent_again_is_not_counted() -> None:
    """Output tokens hold the thinking; the answer without it is estimated instead."""
    history = said(THOUGHT, text("x" * 400), **{**COUNTED, "output_tokens": 1100})
    assert estimate(request(history), history[-1], "host").counted == 705 + 100


def test_an_answer_that_broke_off_is_estimated() -> None:
    """Its input was counted, its output was not (API.md 4.1)."""
    history = said(text("x" * 400), **{**COUNTED, "output_tokens": 1})
    history[-1] = replace(history[-1], status="interrupted")
    assert estimate(request(history), history[-1], "host").counted == 705 + 100


@pytest.mark.parametrize(
    "change",
    [
        {"source": "another"},
        {"model": "claude-haiku-4-5"},
        {"system": "brief"},
        {"param": {"messages": [{"role": "user", "content": [text("q")]}]}},
    ],
    ids=str,
)
def test_all_is_estimated_when_the_count_was_of_something_else(
    change: dict[str, Any],
) -> None:
    """Another model, source, system prompt or history was not counted."""
    history = said(text("answer"), **COUNTED)
    source = change.get("source", "host")
    changed = {key: change[key] for key in change if key != "source"}
    body = request(history, **changed)
    assert estimate(body, history[-1], source) == Estimate(0, input_tokens(body))


@pytest.mark.parametrize("usage", [{}, {"input_tokens": None, "output_tokens": 3}])
def test_all_is_estimated_when_nothing_was_counted(usage: dict[str, Any]) -> None:
    """Without the server's count of the input there is nothing to go on from."""
    history = said(text("answer"), **usage)
    assert estimate(request(history), history[-1], "host").counted == 0
    refused = [replace(history[-1], message={"content": [], "usage": COUNTED})]
    assert estimate(request(refused), refused[-1], "host").counted == 0
    assert estimate(request([]), None, "host").counted == 0


@pytest.mark.parametrize(
    ("counted", "guessed", "fits"),
    [
        (200_000, 0, True),
        (200_001, 0, False),
        (0, 220_000, True),
        (0, 220_002, False),
        (100_000, 110_000, True),
        (199_999, 3, False),
    ],
)
def test_only_what_is_clearly_too_long_is_held_back(
    counted: int, guessed: int, fits: bool
) -> None:
    """A count is exact, and an estimate may be too high by a tenth."""
    body = request([])
    if fits:
        check_context(body, Estimate(counted, guessed), 200_000)
        return
    with pytest.raises(InputError) as raised:
        check_context(body, Estimate(counted, guessed), 200_000)
    assert f"about {counted + guessed:,} tokens" in raised.value.what
    assert f"`{MODEL}` reads 200,000" in raised.value.what
    assert "check_context = False" in raised.value.hint


def test_what_to_do_depends_on_what_is_long() -> None:
    """With a history, leaving it out comes first; a first question has none."""
    hints = []
    for body in (request([]), request(said(text("answer")))):
        with pytest.raises(InputError) as raised:
            check_context(body, Estimate(10, 0), 9)
        hints.append(raised.value.hint)
    assert "%claude new" not in hints[0]
    assert "`%claude new`" in hints[1]
    assert "`--no-history`" in hints[1]
    check_context(request([]), Estimate(10**9, 0), None)


def test_the_servers_list_knows_contexts_first() -> None:
    """Listed sizes come before those known by name; of a stranger nothing is known."""
    listed = contexts_of(
        [
            {"id": MODEL, "context_length": 1_000_000},
            {"id": "a", "max_input_tokens": 50},
            {"id": "b", "context_length": "many"},
            {"id": "c"},
        ]
    )
    assert listed == {MODEL: 1_000_000, "a": 50}
    assert context_of(MODEL, listed) == 1_000_000
    assert context_of(f"{MODEL}:free", {}) == 200_000
    assert context_of("c", listed) is None
