"""pandas: what is told of frames, series and indexes, and at what cost."""

from __future__ import annotations

import tracemalloc
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routeway_magic.content import Described, Limits, describe

ROWS = 10_000_000


def told(value: object, tokens: int = 4000, **more: frozenset[str]) -> Described:
    """What is told of a value, which fits the limit."""
    described = describe(value, Limits(tokens=tokens, **more))
    assert len(described.text) <= Limits(tokens=tokens).characters
    return described


def lines(value: object, tokens: int = 4000) -> list[str]:
    """The same in lines."""
    return told(value, tokens).text.splitlines()


def huge(columns: int = 20) -> pd.DataFrame:
    """Ten million rows that take no memory: each column is one value, repeated."""
    column = np.broadcast_to(1.5, (ROWS,))
    return pd.DataFrame({f"c{at}": column for at in range(columns)}, copy=False)


def test_a_small_frame_is_whole():
    """A frame that fits is given whole: schema, facts, and each row."""
    frame = pd.DataFrame({"city": ["Rome", "Oslo", "Rome"], "price": [1.5, None, 2.5]})
    described = told(frame)
    assert described.label("df") == "[df: pandas DataFrame, 3 rows × 2 columns]"
    assert described.text.splitlines() == [
        "column | dtype | nulls | values",
        "city | str | 0 | 2 distinct: Rome (67%), Oslo (33%)",
        "price | float64 | 1 | 1.5 … 2.5, mean 2 ± 0.5",
        "all rows:",
        "city,price",
        "Rome,1.5",
        "Oslo,nan",
        "Rome,2.5",
    ]


def test_a_large_frame_shows_its_ends():
    """Of more rows than fit, the first and last five stay, and the label says so."""
    frame = pd.DataFrame({"n": range(100_000)})
    described = told(frame)
    assert described.size == "100,000 rows × 1 columns"
    assert described.left_out == "all rows but the first 5 and last 5"
    assert described.text.splitlines()[1] == (
        "n | int64 | 0 | 0 … 99999, mean 5e+04 ± 2.89e+04"
    )
    assert described.text.splitlines()[-2:] == ["99998", "99999"]


def test_statistics_of_a_sample_say_so():
    """Where not all rows are read, the text says of how many the statistics are."""
    described = told(huge())
    assert "nulls and values are of 10,000 rows, evenly spaced:" in described.text
    assert "evenly spaced" not in told(huge().head(10_000)).text


@pytest.mark.parametrize("columns", [1, 20])
def test_ten_million_rows_take_little_memory(columns):
    """Describing ten million rows takes less than 10 MB."""
    frame = huge(columns)
    told(frame)
    tracemalloc.start()
    told(frame)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10e6


class Counting(pd.api.extensions.ExtensionArray):
    """Pretends to ten million values and counts those that are read."""

    read = 0

    def __init__(self, length: int = ROWS) -> None:
        self.length = length

    dtype = pd.StringDtype("python")
    nbytes = 0

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, at):
        if isinstance(at, slice):
            return Counting(len(range(self.length)[at]))
        type(self).read += 1
        return "a"

    def isna(self):
        """Nothing is missing."""
        return np.zeros(self.length, bool)

    def copy(self):
        """Never."""
        raise AssertionError("a column was copied whole")


def test_few_cells_are_read():
    """However long a column is, not more than some thousand cells are read."""
    Counting.read = 0
    told(pd.Series(Counting(), copy=False))
    assert 0 < Counting.read <= 25_000


def test_a_wide_frame():
    """Of ten thousand columns, the first and last are described, others named."""
    names = [f"c{at}" for at in range(10_000)]
    described = told(pd.DataFrame(np.zeros((30, 10_000)), columns=names))
    text = described.text
    assert "c0 | float64 | 0 | always 0" in text
    assert "c9999 | float64 | 0 | always 0" in text
    assert "9,960 columns are float64 × 9,960" in text
    assert "other columns: c32, c33, " in text
    assert "facts about 9,960 of 10,000 columns" in described.left_out
    assert "names of " in described.left_out


def test_little_space_goes_to_names_and_types():
    """With fifty tokens it is the schema that stays."""
    frame = pd.DataFrame({"city": ["Rome"] * 99, "price": [1.5] * 99, "n": range(99)})
    described = told(frame, 50)
    assert described.text.startswith("columns: city str, price float64, n int64")
    assert "facts about the columns" in described.left_out


def test_a_multiindex():
    """Levels of an index are columns; column labels that are tuples stand as such."""
    index = pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["key", None])
    columns = pd.MultiIndex.from_tuples([("x", 1), ("x", 2)], names=["u", "v"])
    frame = pd.DataFrame(np.eye(4, 2), index=index, columns=columns)
    text = lines(frame)
    assert text[0] == "column labels are tuples of 2 levels (u, v)"
    assert text[2] == "index key | str | 0 | 2 distinct: a (50%), b (50%)"
    assert text[4].startswith("('x', 1) | float64 | 0 | ")
    assert text[7] == "index key,index level 1,\"('x', 1)\",\"('x', 2)\""
    assert text[8] == "a,1,1,0"


def test_a_plain_index_is_not_shown():
    """Row numbers tell nothing; any other index is a column."""
    frame = pd.DataFrame({"a": [1, 2]})
    assert "index" not in told(frame).text
    dates = frame.set_index(pd.date_range("2024-01-01", periods=2, name="day"))
    assert "index day | datetime64" in told(dates).text
    assert "2024-01-02,2" in told(dates).text


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (
            pd.Categorical(["a", "b", "a"]),
            "category (2 of str) | 0 | 2 distinct: a (67%)",
        ),
        (pd.to_datetime(["2024-01-01", None, "2024-01-03"]), "2024-01-01 … 2024-01-03"),
        (
            pd.date_range("2024", periods=3, tz="Asia/Tokyo"),
            "Asia/Tokyo] | 0 | 2024-01",
        ),
        (pd.to_timedelta([1, 2, 3], unit="h"), "0 days 01:00:00 … 0 days 03:00:00"),
        (pd.period_range("2024-01", periods=3, freq="M"), "| 0 | 2024-01 … 2024-03"),
        (pd.array([1, None, 3], dtype="Int64"), "Int64 | 1 | 1 … 3, mean 2 ± 1"),
        (pd.array([True, None, True], dtype="boolean"), "boolean | 1 | True 100%"),
        (pd.arrays.SparseArray([0, 0, 1]), "Sparse[int64, 0] | 0 | 0 … 1"),
        (pd.interval_range(0, 3), "interval[int64, right] | 0 | all distinct"),
        ([True, False, True], "bool | 0 | True 67%"),
        ([1j, 2j, None], "complex128 | 1 | absolute 1 … 2"),
        ([float("inf"), 1.0, None], "float64 | 1 | always 1, 1 infinite"),
        ([None] * 3, "object | 3"),
        ([[1, 2], [3], None], "object | 1 | all list"),
        ([{"a": {"b": 1}}, 2, "x"], "object | 0 | types: dict 33%, int 33%, str 33%"),
        ([Decimal("1.5")] * 3, "object | 0 | always 1.5"),
    ],
)
def test_dtypes(values, line):
    """Each dtype says what is worth knowing of its values."""
    assert line in told(pd.DataFrame({"c": values})).text


def test_arrow_backed_columns():
    """Columns that Arrow holds are read as Arrow's, in its own words for dtypes."""
    pa = pytest.importorskip("pyarrow", reason="needs the extra [test-all]")
    values = pd.array([1, None, 3], dtype=pd.ArrowDtype(pa.int64()))
    frame = pd.DataFrame({"n": values, "s": pd.array(["x", "x", None], dtype="str")})
    text = lines(frame)
    assert text[1] == "n | int64[pyarrow] | 1 | 1 … 3, mean 2 ± 1"
    assert text[2] == "s | str | 1 | always x"


def test_huge_texts_are_cut():
    """Of a cell of twenty megabytes only the beginning is looked at."""
    text = "x" * 20_000_000
    described = told(pd.DataFrame({"t": [text, "short"]}, dtype=object))
    assert "length 5 … 20,000,000" in described.text
    assert described.left_out.startswith("cells beyond ")
    assert described.text.endswith("…\nshort")


def test_cells_stay_on_their_line():
    """A line break in a cell or a name is written out, so that rows stay rows."""
    frame = pd.DataFrame({"a\nb": ["x\ny", "p,q"]})
    assert lines(frame)[-3:] == ["a\\nb", "x\\ny", '"p,q"']


def test_names_that_are_not_unique():
    """Columns are read by position: each of two with one name has its own values."""
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "a", "b"])
    assert lines(frame)[-1] == "1,2,3"


@pytest.mark.parametrize(
    ("frame", "size"),
    [
        (pd.DataFrame(), "0 rows × 0 columns"),
        (pd.DataFrame({"a": []}), "0 rows × 1 columns"),
        (pd.DataFrame(index=range(3)), "3 rows × 0 columns"),
    ],
)
def test_empty_frames(frame, size):
    """A frame without rows or columns is told as it is, with nothing left out."""
    described = told(frame)
    assert (described.size, described.left_out) == (size, "")


def test_series_and_index():
    """A series or an index is a table of one column."""
    series = pd.Series([1.5, 2.5], index=["a", "b"], name="price")
    assert told(series).label() == "[pandas Series, 2 values]"
    assert lines(series)[-3:] == ["index,price", "a,1.5", "b,2.5"]
    assert lines(series.index)[1:3] == ["index | str | 0 | all distinct", "all rows:"]
    assert lines(pd.RangeIndex(9)) == ["RangeIndex(start=0, stop=9, step=1)"]


def _self(key):
    return key


def test_groups_are_not_formed(monkeypatch):
    """Of grouped, rolling and resampled data only the keys and the schema are told."""
    frame = pd.DataFrame({"k": ["a", "b"], "v": [1.0, 2.0]})
    times = frame.set_index(pd.date_range("2024", periods=2))
    monkeypatch.setattr("pandas.core.groupby.GroupBy.ngroups", None)
    grouped = told(frame.groupby(["k", frame["v"], _self]))
    assert grouped.text.startswith("grouped by k, a Series named v, the function _self")
    assert grouped.kind == "pandas DataFrameGroupBy"
    assert "values (not read)" in grouped.left_out
    assert told(frame.groupby("k")["v"]).text.endswith("v | float64")
    assert "window=3" in told(frame.rolling(3)).text
    assert "v | float64" in told(times.resample("D")).text


def test_a_styler_is_its_data():
    """A styled frame is told as the frame that it styles."""
    pytest.importorskip("jinja2")
    frame = pd.DataFrame({"a": [1, 2]})
    assert told(frame.style) == told(frame)


@pytest.mark.parametrize("value", [pd.Timestamp("2024-01-01"), pd.NaT, pd.NA])
def test_single_values_are_words(value):
    """A moment or a missing value stands in the sentence as a word."""
    described = told(value)
    assert described.is_bare
    assert described.text == str(value)


def test_credentials_are_not_sent():
    """Values of a column named like a credential stay here unless they are allowed."""
    frame = pd.DataFrame({"user": ["ann"], "password": ["hunter2"]})
    described = told(frame)
    assert "hunter2" not in described.text
    assert described.left_out == "values of password: named like credentials"
    assert "hunter2" in told(frame, allowed=frozenset({"password"})).text


class Broken:
    """A value that raises whatever is asked."""

    def __repr__(self) -> str:
        raise RuntimeError("no")

    __str__ = __hash__ = __eq__ = __repr__  # type: ignore[assignment]


def test_values_that_raise_do_no_harm():
    """A cell whose methods raise is told as unreadable; the others are told."""
    described = told(pd.DataFrame({"a": [Broken(), Broken()], "b": [1, 2]}))
    assert "a | object | 0 | all Broken" in described.text
    assert "b | int64" in described.text


def test_rounded_numbers_are_told():
    """Where digits are left out the label says so; whole numbers are exact."""
    assert told(pd.DataFrame({"a": [2 / 3]})).left_out.startswith("digits")
    assert told(pd.DataFrame({"a": [2**62 + 1]})).text.endswith(str(2**62 + 1))


def test_nothing_is_changed():
    """The frame is afterwards what it was, flags and attributes included."""
    frame = pd.DataFrame({"b": [2, 1], "a": ["x", None]}, index=[5, 3])
    before = frame.copy(deep=True)
    told(frame)
    pd.testing.assert_frame_equal(frame, before)


CELLS = st.one_of(
    st.none(), st.integers(), st.floats(), st.text(max_size=90), st.booleans(),
    st.lists(st.integers(), max_size=5), st.binary(max_size=20), st.dates(),
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(
        st.one_of(st.text(max_size=40), st.integers(), st.none()),
        st.lists(CELLS, min_size=4, max_size=4),
        max_size=12,
    ),
    st.integers(0, 600),
    st.integers(1, 40),
)
def test_any_frame_within_any_limit(columns, tokens, times):
    """Whatever a frame holds, its text fits the limit, and is the same each time."""
    frame = pd.DataFrame(columns, dtype=object)
    frame = pd.concat([frame] * times)
    assert told(frame, tokens) == told(frame, tokens)
