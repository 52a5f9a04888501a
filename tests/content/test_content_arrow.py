"""Arrow: tables, batches and arrays, read in place."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pytest

from routeway_magic.content import Described, Limits, describe

pa = pytest.importorskip("pyarrow", reason="needs the extra [test-all]")


def told(value: object, tokens: int = 4000) -> Described:
    """What is told of a value, which fits the limit."""
    described = describe(value, Limits(tokens=tokens))
    assert len(described.text) <= Limits(tokens=tokens).characters
    return described


def test_tables_and_batches():
    """A table or a batch is laid out as a frame is."""
    table = pa.table({"city": ["Rome", None, "Rome"], "price": [1.5, None, 2.5]})
    lines = [
        "column | dtype | nulls | values",
        "city | string | 1 | always Rome",
        "price | double | 1 | 1.5 … 2.5, mean 2 ± 0.5",
        "all rows:",
        "city,price",
        "Rome,1.5",
        "None,None",
        "Rome,2.5",
    ]
    assert told(table).label() == "[Arrow Table, 3 rows × 2 columns]"
    assert told(table).text.splitlines() == lines
    assert told(table.to_batches()[0]).text.splitlines() == lines


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ([1, 2, None], "int64 | 1 | 1 … 2, mean 1.5 ± 0.5"),
        ([1, 2] * 20, "int64 | 0 | 2 distinct: 1 (50%), 2 (50%)"),
        ([1.0, float("inf"), float("nan")], "double | 0 | always 1"),
        ([True, False], "bool | 0 | True 50%"),
        ([None, None], "null | 2"),
        ([dt.date(2024, 1, 1), dt.date(2024, 1, 2)], "2024-01-01 … 2024-01-02"),
        ([[1], [2]], "list<item: int64> | 0 | all list"),
        ([{"a": 1}], "struct<a: int64> | 0 | all dict"),
        ([], "null | 0"),
    ],
)
def test_types(values, line):
    """Each type says what is worth knowing of its values."""
    assert line in told(pa.table({"c": values})).text
    assert line in told(pa.array(values)).text


def test_nothing_is_imported():
    """Moments in nanoseconds are told without pandas, which Arrow would import."""
    code = (
        "import sys, pyarrow as pa; from routeway_magic.content import describe\n"
        "def array(kind, size=8):\n"
        "    return pa.Array.from_buffers(kind, 2, [None, pa.py_buffer(bytes(2 * size))])\n"
        "a, b = array(pa.timestamp('ns')), array(pa.duration('ns'))\n"
        "c = pa.ListArray.from_arrays(array(pa.int32(), 4), a)\n"
        "batch = pa.RecordBatch.from_arrays([a, b, array(pa.time64('ns'))], ['a', 'b', 't'])\n"
        "print('pandas' in sys.modules)\n"
        "print(describe(batch).text.splitlines()[-1], describe(c).kind)\n"
        "print('pandas' in sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    told = ["False", "1970-01-01,0:00:00,00:00:00 Arrow ListArray", "False"]
    assert ran.stdout.splitlines() == told, ran.stderr


def test_dictionaries():
    """Values that are kept as codes are told as what they stand for."""
    values = pa.array(["a", "b", "a"]).dictionary_encode()
    assert "2 distinct: a (67%), b (33%)" in told(values).text


def test_many_chunks_are_not_copied():
    """Of a large column in chunks only runs are read: no second copy is made."""
    chunk = pa.array(["x" * 20] * 1000)
    column = pa.chunked_array([chunk] * 5000)
    before = pa.total_allocated_bytes()
    pool = pa.default_memory_pool()
    described = told(pa.table({"t": column}))
    assert "nulls and values are of 10,000 rows, evenly spaced:" in described.text
    assert "t | string | 0 | always" in described.text
    assert pool.bytes_allocated() - before < 1e6


def test_one_value():
    """A scalar of Arrow is a word."""
    assert told(pa.scalar(7)).as_blocks() == [{"type": "text", "text": "7"}]


def test_little_space():
    """With fifty tokens it is names and types that stay."""
    table = pa.table({f"c{at}": [1.5] * 100 for at in range(50)})
    assert told(table, 50).text.startswith("columns: c0 double, c1 double, ")
