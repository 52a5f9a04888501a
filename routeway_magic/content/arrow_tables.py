"""Arrow: tables, record batches, chunked arrays and arrays."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from routeway_magic.content.columns import Column, Table, describe_table, label
from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import to_blocks
from routeway_magic.content.facts import Facts, Sample, are_few, spread, tally

__all__ = ["chunked_facts"]

_COUNTED = 10_000
_TRIED = 500


def chunked_facts(values: pa.ChunkedArray, sample: Sample) -> Facts:
    """What is known of a column; nothing is copied but the runs that are read.

    Args:
        values: all of them.
        sample: which to read.
    """
    parts = [
        chunk
        for start, length in sample.windows()
        for chunk in values.slice(start, length).chunks
    ]
    some = values if sample.is_whole else pa.chunked_array(parts, values.type)
    nulls = some.null_count
    if sample.is_whole or not len(some):
        return Facts(nulls, _words(some))
    return Facts(round(nulls * sample.count / len(some)), _words(some))


@to_blocks.register(pa.Table)
@to_blocks.register(pa.RecordBatch)
def _table(value: Any, limits: Limits) -> Described:
    names = [label(name) for name in value.schema.names]
    dtypes = [str(field.type) for field in value.schema]
    table = Table(
        kind=f"Arrow {type(value).__name__}",
        rows=value.num_rows,
        names=names,
        dtypes=dtypes,
        column=lambda at: _column(names[at], dtypes[at], value.column(at)),
    )
    return describe_table(table, limits)


@to_blocks.register(pa.ChunkedArray)
@to_blocks.register(pa.Array)
def _array(value: Any, limits: Limits) -> Described:
    dtype = str(value.type)
    table = Table(
        kind=f"Arrow {type(value).__name__}",
        rows=len(value),
        names=["value"],
        dtypes=[dtype],
        column=lambda _: _column("value", dtype, value),
        size=f"{len(value):,} values",
    )
    return describe_table(table, limits)


@to_blocks.register(pa.Scalar)
def _scalar(value: Any, _: Limits) -> Described:
    return Described(kind="Arrow Scalar", text=str(value), bare=True)


def _column(name: str, dtype: str, values: Any) -> Column:
    chunked = (
        values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values])
    )
    return Column(
        name=name,
        dtype=dtype,
        facts=lambda sample: chunked_facts(chunked, sample),
        cells=lambda rows: _listed(chunked.slice(rows.start, len(rows))),
    )


def _words(some: pa.ChunkedArray) -> str:
    kind = some.type
    few = pa.types.is_integer(kind) and are_few(_read(some, _TRIED).to_pylist())
    if pa.types.is_floating(kind) or (pa.types.is_integer(kind) and not few):
        return _numbers(some)
    if pa.types.is_boolean(kind):
        share = pc.mean(some).as_py()
        return "" if share is None else f"True {share:.0%}"
    if pa.types.is_temporal(kind) and not pa.types.is_interval(kind):
        ends = pc.min_max(_in_microseconds(some))
        low, high = ends["min"].as_py(), ends["max"].as_py()
        return "" if low is None else spread(low, high)
    return tally([one for one in _listed(_read(some)) if one is not None])


def _listed(some: pa.ChunkedArray) -> list[Any]:
    """The values as Python's own."""
    some = _in_microseconds(some)
    if "[ns" not in str(some.type):
        return list(some.to_pylist())
    return [f"<{some.type}>" if one else None for one in some.is_valid().to_pylist()]


def _in_microseconds(some: pa.ChunkedArray) -> pa.ChunkedArray:
    """Moments as Python has them: of nanoseconds, Arrow would import pandas."""
    kind = some.type
    if pa.types.is_timestamp(kind):
        return some.cast(pa.timestamp("us", kind.tz), safe=False)
    if pa.types.is_duration(kind):
        return some.cast(pa.duration("us"), safe=False)
    return some.cast(pa.time64("us"), safe=False) if pa.types.is_time64(kind) else some


def _read(some: pa.ChunkedArray, most: int = _COUNTED) -> pa.ChunkedArray:
    """What may become Python objects: not more than a tally reads."""
    return some if len(some) <= most else pa.chunked_array(_runs(some, most), some.type)


def _runs(some: pa.ChunkedArray, most: int) -> list[pa.Array]:
    every = Sample(len(some), -(-len(some) // most))
    return [one for run in every.windows() for one in some.slice(*run).chunks]


def _numbers(some: pa.ChunkedArray) -> str:
    some = some.drop_null()
    if pa.types.is_floating(some.type):
        some = some.filter(pc.is_finite(some))
    ends = pc.min_max(some)
    low, high = ends["min"].as_py(), ends["max"].as_py()
    if low is None:
        return ""
    deviation = pc.stddev(some).as_py() if len(some) > 1 else None
    return spread(low, high, pc.mean(some).as_py(), deviation)
