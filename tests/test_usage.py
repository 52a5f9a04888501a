"""Token counts, read from what a server gave: members may be absent, null or odd."""

from __future__ import annotations

from typing import Any

import pytest

from routeway_magic.usage import Counts, counts_of

CASES: list[tuple[dict[str, Any], Counts]] = [
    (
        {"input_tokens": 12, "output_tokens": 3},
        Counts(requests=1, input=12, output=3),
    ),
    (
        {
            "input_tokens": 1,
            "cache_creation_input_tokens": 20,
            "cache_read_input_tokens": 300,
            "output_tokens": 4,
        },
        Counts(requests=1, input=1, cache_write=20, cache_read=300, output=4),
    ),
    (
        {
            "cache_creation_input_tokens": 20,
            "cache_creation": {
                "ephemeral_5m_input_tokens": 5,
                "ephemeral_1h_input_tokens": 15,
            },
            "output_tokens": 0,
        },
        Counts(requests=1, cache_write=5, cache_write_1h=15),
    ),
    (
        {
            "cache_creation_input_tokens": 3,
            "cache_creation": {"ephemeral_1h_input_tokens": 9},
            "output_tokens": 0,
        },
        Counts(requests=1, cache_write_1h=3),
    ),
    ({"cache_creation": None, "output_tokens": 1}, Counts(requests=1, output=1)),
    (
        {"input_tokens": None, "output_tokens": "many", "cache_read_input_tokens": -4},
        Counts(requests=1, uncounted=1),
    ),
    ({}, Counts(requests=1, uncounted=1)),
]


@pytest.mark.parametrize(("usage", "counts"), CASES)
def test_counts_are_read_as_they_were_given(
    usage: dict[str, Any], counts: Counts
) -> None:
    """Each kind by itself; what is not there counts as nothing, and is told."""
    assert counts_of(usage) == counts


def test_an_answer_that_broke_off_has_no_output_count() -> None:
    """What the server counted at the start is the input alone (API.md 4.1)."""
    begun = {"input_tokens": 9, "output_tokens": 1}
    assert counts_of(begun, finished=False) == Counts(requests=1, input=9, uncounted=1)


def test_a_request_that_nothing_came_of_is_still_one() -> None:
    """No message came, so nothing was counted, and nothing is missing."""
    assert counts_of(None) == Counts(requests=1)


def test_all_input_is_what_no_cache_and_what_caches_held() -> None:
    """Total input is input, written and read together (API.md 3)."""
    counts = Counts(input=1, cache_write=2, cache_write_1h=4, cache_read=8, output=16)
    assert (counts.all_input, counts.tokens) == (15, 31)
    assert (counts + counts).all_input == 30
