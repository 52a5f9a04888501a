"""Whatever a notebook holds can be described, within the limits, twice the same."""

from __future__ import annotations

from typing import Any

from any_values import ANY_VALUE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routeway_magic.content import Described, Limits, describe, to_blocks

A_MARK = 50
"""Characters of the mark where a text was shortened: the least that is ever given."""


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(ANY_VALUE, st.integers(0, 400))
def test_anything_is_described_within_the_limits(value: Any, tokens: int) -> None:
    """It never raises; the text is within the limits; what is bare is in one piece."""
    limits = Limits(tokens=tokens)
    described = describe(value, limits)
    assert isinstance(described, Described)
    assert len(described.text) <= limits.characters + A_MARK
    assert len(described.label()) <= 700
    assert described == describe(value, limits)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(ANY_VALUE)
def test_blocks_of_anything_are_text_that_a_server_takes(value: Any) -> None:
    """Each block is a text that is not empty."""
    assert all(block["type"] == "text" for block in to_blocks(value))
    assert all(block["text"] for block in to_blocks(value))


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.binary(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.tuples(inner)
            | st.dictionaries(st.integers() | st.text(max_size=4), inner, max_size=4)
        ),
        max_leaves=15,
    )
)
def test_what_is_whole_is_what_python_would_write(value: Any) -> None:
    """A container of which nothing is left out is its own literal, exactly."""
    described = describe(value, Limits(tokens=50_000))
    if described.left_out == "" and isinstance(value, (list, tuple, dict)):
        assert eval(described.text) == value
