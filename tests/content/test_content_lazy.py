"""Tables that are not here: of Dask, DuckDB and their like only the schema is read."""

from __future__ import annotations

import pandas as pd
import pytest

from routeway_magic.content import Described, Limits, describe

REASON = "needs the extra [test-all]"


def told(value: object, tokens: int = 4000) -> Described:
    """What is told of a value, which fits the limit."""
    described = describe(value, Limits(tokens=tokens))
    assert len(described.text) <= Limits(tokens=tokens).characters
    return described


def _fail(*_: object) -> None:
    raise AssertionError("the lazy table was computed")


def test_dask_frames_are_not_computed():
    """A Dask frame tells its columns; no task runs."""
    dask = pytest.importorskip("dask", reason=REASON)
    frames = pytest.importorskip("dask.dataframe", reason=REASON)
    source = pd.DataFrame({"a": [1, 2], "b": [0.5, 1.5]})
    frame = frames.from_pandas(source, npartitions=2)
    with dask.config.set(scheduler=_fail):
        described = told(frame[frame["a"] > 1])
        assert told(frame["a"]).text.endswith("a | int64")
        assert told(frame.index).kind == "Dask Index"
    assert described.kind == "Dask DataFrame"
    assert described.left_out == "values (not read)"
    assert described.text.splitlines() == [
        "column | dtype",
        "a | int64",
        "b | float64",
    ]


def test_dask_arrays_are_not_computed():
    """A Dask array tells its shape, dtype and chunks."""
    dask = pytest.importorskip("dask", reason=REASON)
    arrays = pytest.importorskip("dask.array", reason=REASON)
    with dask.config.set(scheduler=_fail):
        described = told(arrays.ones((4000, 300), chunks=(1000, 100)) + 1)
    assert described.size == "4,000 × 300, float64"
    assert described.text == "numblocks (4, 3); chunksize (1000, 100)"
    assert described.left_out == "values (not read)"


def test_a_relation_is_not_run():
    """A DuckDB relation tells its columns; the query, which would fail, never runs."""
    duckdb = pytest.importorskip("duckdb", reason=REASON)
    with duckdb.connect() as connection:
        query = "select 1 as a, error('it was run') as b from range(10)"
        described = told(connection.sql(query))
    assert described.kind == "DuckDB relation"
    assert described.text.splitlines()[:2] == ["column | dtype", "a | INTEGER"]
    assert described.left_out == "values (not read)"


def _stand_in(package: str, name: str, **members: object) -> object:
    return type(name, (), {"__module__": package, "__repr__": _fail, **members})()


def test_ibis_by_its_schema():
    """An Ibis table is known by name and tells its schema (a stand-in for the library)."""

    class Schema:
        names = ("a", "b")
        types = ("int64", "string")

    table = _stand_in("ibis.expr.types.relations", "Table", schema=lambda _: Schema())
    assert told(table).text == "column | dtype\na | int64\nb | string"


def test_spark_by_its_dtypes():
    """A Spark frame is known by name and tells its dtypes (a stand-in likewise)."""
    frame = _stand_in("pyspark.sql.dataframe", "DataFrame", dtypes=[("a", "bigint")])
    assert told(frame).text == "column | dtype\na | bigint"


def test_many_columns_within_little_space():
    """Of more columns than fit, the first are named and the rest are counted."""
    dtypes = [(f"c{at}", "bigint") for at in range(10_000)]
    frame = _stand_in("pyspark.sql.dataframe", "DataFrame", dtypes=dtypes)
    described = told(frame, 50)
    assert described.text.startswith(
        "10,000 columns are bigint × 10,000\ncolumns: c0, c1"
    )
    assert described.left_out.startswith("names of 9,9")
