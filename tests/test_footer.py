"""The quiet line under an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from routeway_magic.footer import Footer


def line(**facts: Any) -> str:
    """The footer's line with these facts."""
    told: dict[str, Any] = {"model": "m", "source": "emulator", "seconds": 1.24}
    return Footer(**(told | facts)).text


def test_names_model_source_tokens_and_time() -> None:
    """Who answered, from where, tokens in and out, and how long it took."""
    usage = {"input_tokens": 1200, "output_tokens": 34}
    assert line(usage=usage) == "m · emulator · 1,200 → 34 tokens · 1.2 s"


def test_input_counts_what_was_cached() -> None:
    """All input counts: `input_tokens` alone leaves out what was cached (API.md 3)."""
    usage = {
        "input_tokens": 1,
        "cache_creation_input_tokens": 20,
        "cache_read_input_tokens": 300,
        "output_tokens": 4,
    }
    assert "321 → 4 tokens" in line(usage=usage)


@pytest.mark.parametrize(
    "usage", [{}, {"input_tokens": None, "output_tokens": "many"}], ids=str
)
def test_counts_that_are_not_known_are_not_shown(usage: dict[str, Any]) -> None:
    """Missing, null or odd counts leave no gap and invent no number."""
    assert line(usage=usage) == "m · emulator · 1.2 s"


@pytest.mark.parametrize("reason", [None, "end_turn"])
def test_usual_end_is_not_mentioned(reason: str | None) -> None:
    """An answer that ended as answers do says nothing about it."""
    assert line(stop_reason=reason) == "m · emulator · 1.2 s"


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("max_tokens", "--max-tokens"),
        ("refusal", "rephrase"),
        ("content_filter", "rephrase"),
        ("pause_turn", "go on"),
        ("model_context_window_exceeded", "`%claude new`"),
    ],
)
def test_unusual_end_says_what_to_do(reason: str, advice: str) -> None:
    """A stop_reason that needs the user comes with what to do."""
    assert advice in line(stop_reason=reason).rpartition(" · ")[2]


@pytest.mark.parametrize("reason", ["tool_use", "stop_sequence", "unheard_of", ["x"]])
def test_any_other_end_is_named(reason: Any) -> None:
    """Any other stop_reason, known or not, is shown as received."""
    assert line(stop_reason=reason).endswith(f" · stop: {reason}")


@pytest.mark.parametrize("status", ["interrupted", "failed"])
def test_broken_answer_says_what_is_kept(status: str) -> None:
    """An answer that did not end says so, and whether anything of it is there."""
    usage = {"input_tokens": 1, "output_tokens": 1}
    kept = line(status=status, usage=usage, stop_reason="max_tokens")
    assert kept.endswith(f"{status}, what arrived is kept")
    nothing = line(status=status, has_content=False)
    assert nothing.endswith(f"{status}, nothing had arrived")


@pytest.mark.parametrize(
    ("left", "words"),
    [
        ([5], "the answer of [5] left"),
        ([5, 7], "the answers of [5], [7] left"),
        ([5, None], "the answers of [5] and 1 more left"),
        ([None], "the answer of 1 earlier question left"),
        ([None, None], "the answers of 2 earlier questions left"),
        (range(1, 15), "[9], [10] and 4 more left"),
    ],
)
def test_cells_that_left_the_path_are_told(
    left: Sequence[int | None], words: str
) -> None:
    """When running again takes later answers off the path, the footer says which."""
    assert words in line(left=left)
    assert "left" not in line(left=[])


@pytest.mark.parametrize(
    ("cost", "shown"), [(None, "1.2 s"), (0.0, "$0.00"), (0.0123, "$0.0123")]
)
def test_cost_stands_behind_the_time(cost: float | None, shown: str) -> None:
    """It is there only where a price is known."""
    assert line(cost=cost).endswith(f" · {shown}")


@pytest.mark.parametrize(
    ("fill", "shown"), [(0.0, ""), (0.89, ""), (0.9, "90%"), (1.0, "100%")]
)
def test_a_context_that_is_nearly_full_is_told(fill: float, shown: str) -> None:
    """From nine tenths on the footer says so, and what to do."""
    told = f" · {shown} of the context is used: `%claude new` starts afresh"
    assert line(fill=fill).endswith(told if shown else " · 1.2 s")


def test_nothing_is_said_of_what_is_not_known() -> None:
    """Without a model or a source there is no gap between the dots."""
    assert line(model="", source="") == "1.2 s"
