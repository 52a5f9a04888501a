"""polars: frames and series as tables, lazy frames by their schema alone."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routeway_magic.content import Described, Limits, describe


def told(value: object, tokens: int = 4000) -> Described:
    """What is told of a value, which fits the limit."""
    described = describe(value, Limits(tokens=tokens))
    assert len(described.text) <= Limits(tokens=tokens).characters
    return described


def test_a_small_frame_is_whole():
    """A frame that fits is given whole, laid out as those of pandas are."""
    frame = pl.DataFrame({"city": ["Rome", None, "Rome"], "price": [1.5, None, 2.5]})
    described = told(frame)
    assert described.label() == "[polars DataFrame, 3 rows × 2 columns]"
    assert described.text.splitlines() == [
        "column | dtype | nulls | values",
        "city | String | 1 | always Rome",
        "price | Float64 | 1 | 1.5 … 2.5, mean 2 ± 0.707",
        "all rows:",
        "city,price",
        "Rome,1.5",
        "None,None",
        "Rome,2.5",
    ]


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (pl.Series([1, 2, 3]), "Int64 | 0 | 1 … 3, mean 2 ± 1"),
        (pl.Series([1.0, float("nan"), None]), "Float64 | 1 | always 1, 1 NaN"),
        (pl.Series([True, None, False]), "Boolean | 1 | True 50%"),
        (pl.Series([dt.date(2024, 1, 1)] * 2), "Date | 0 | always 2024-01-01"),
        (pl.Series([[1], [2, 3]]), "List(Int64) | 0 | all list"),
        (pl.Series([{"a": 1}, {"a": 2}]), "Struct({'a': Int64}) | 0 | all dict"),
        (pl.Series(["a", "b", "a"], dtype=pl.Categorical), "| 0 | 2 distinct: a (67%)"),
        (pl.Series([None, None]), "Null | 2"),
        (pl.Series([1, 2, 1] * 20), "2 distinct: 1 (67%), 2 (33%)"),
        (pl.Series([b"x", b"y"]), "Binary | 0 | all distinct"),
        (pl.Series([object(), None], dtype=pl.Object), "Object | 1"),
    ],
)
def test_dtypes(values, line):
    """Each dtype says what is worth knowing of its values."""
    assert line in told(values.alias("c").to_frame()).text


def test_ten_million_rows():
    """Of very many rows a sample is read, and the text says of how many."""
    described = told(pl.DataFrame({"n": pl.int_range(10_000_000, eager=True)}))
    assert "nulls and values are of 10,000 rows, evenly spaced:" in described.text
    assert described.text.endswith("\n9999999")
    assert described.left_out == "all rows but the first 5 and last 5"


def test_a_lazy_frame_is_not_collected():
    """Of a lazy frame only the schema is asked; its steps never run."""

    def run(frame: pl.DataFrame) -> pl.DataFrame:
        raise AssertionError("the lazy frame was collected")

    lazy = pl.LazyFrame({"a": [1]}).map_batches(run, schema={"a": pl.Int64})
    described = told(lazy)
    assert described.text == "column | dtype\na | Int64"
    assert described.left_out == "values (not read)"


def test_a_lazy_frame_without_a_schema():
    """A lazy frame whose schema cannot be told does no harm."""
    described = describe(pl.LazyFrame({"a": [1]}).select("b"))
    assert "ColumnNotFoundError" in described.left_out


def test_empty_and_wide_frames():
    """No columns, no rows, or ten thousand columns: all are told."""
    assert told(pl.DataFrame()).size == "0 rows × 0 columns"
    assert told(pl.DataFrame({"a": []})).left_out == ""
    wide = pl.DataFrame({f"c{at}": [0.5] for at in range(10_000)})
    assert "9,960 columns are Float64 × 9,960" in told(wide).text
    assert told(wide, 50).text.startswith(
        "10,000 columns are Float64 × 10,000\ncolumns"
    )


def test_a_series():
    """A series is a table of one column."""
    assert told(pl.Series("price", [1.5])).text.endswith("all rows:\nprice\n1.5")
    assert told(pl.Series([1.5])).text.endswith("all rows:\nvalue\n1.5")


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.one_of(st.none(), st.floats(), st.integers(-9, 9)), max_size=30),
    st.lists(st.one_of(st.none(), st.text(max_size=300)), min_size=30, max_size=30),
    st.integers(0, 500),
)
def test_any_frame_within_any_limit(numbers, texts, tokens):
    """Whatever a frame holds, its text fits the limit."""
    columns = {"n": pl.Series(numbers, dtype=pl.Float64, strict=False)}
    frame = pl.DataFrame(columns).with_columns(
        pl.Series("t", texts[: len(numbers)], dtype=pl.String)
    )
    assert told(frame, tokens).kind == "polars DataFrame"
