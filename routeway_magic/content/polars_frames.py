"""polars: frames and series; of a lazy frame, the schema alone."""

from __future__ import annotations

import polars as pl

from routeway_magic.content.columns import (
    Column,
    Table,
    describe_schema,
    describe_table,
    label,
    schema_table,
)
from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import to_blocks
from routeway_magic.content.facts import Facts, Sample, are_few, spread, tally

__all__: list[str] = []

_COUNTED = 10_000
_TRIED = 500


@to_blocks.register(pl.DataFrame)
def _frame(value: pl.DataFrame, limits: Limits) -> Described:
    names = [label(name) for name in value.columns]
    dtypes = [str(dtype) for dtype in value.dtypes]
    table = Table(
        kind="polars DataFrame",
        rows=value.height,
        names=names,
        dtypes=dtypes,
        column=lambda at: _column(names[at], dtypes[at], value.to_series(at)),
    )
    return describe_table(table, limits)


@to_blocks.register(pl.Series)
def _series(value: pl.Series, limits: Limits) -> Described:
    name, dtype = label(value.name) or "value", str(value.dtype)
    table = Table(
        kind="polars Series",
        rows=len(value),
        names=[name],
        dtypes=[dtype],
        column=lambda _: _column(name, dtype, value),
        size=f"{len(value):,} values",
    )
    return describe_table(table, limits)


@to_blocks.register(pl.LazyFrame)
def _lazy(value: pl.LazyFrame, limits: Limits) -> Described:
    schema = value.collect_schema()
    table = schema_table("polars LazyFrame", schema.names(), schema.dtypes())
    return describe_schema(table, limits)


def _column(name: str, dtype: str, values: pl.Series) -> Column:
    return Column(
        name=name,
        dtype=dtype,
        facts=lambda sample: _facts(values, sample),
        cells=lambda rows: values.slice(rows.start, len(rows)).to_list(),
    )


def _facts(values: pl.Series, sample: Sample) -> Facts:
    some = values if sample.is_whole else values.gather_every(sample.step)
    return Facts(some.null_count(), _words(some))


def _words(some: pl.Series) -> str:
    dtype = some.dtype
    if dtype.is_numeric() and not (dtype.is_integer() and _are_few(some)):
        return _numbers(some)
    if dtype == pl.Boolean:
        share = some.mean()
        return "" if not isinstance(share, float) else f"True {share:.0%}"
    if dtype.is_temporal():
        low = some.min()
        return "" if low is None else spread(low, some.max())
    return tally(
        some.gather_every(-(-len(some) // _COUNTED) or 1).drop_nulls().to_list()
    )


def _are_few(some: pl.Series) -> bool:
    return are_few(some.gather_every(max(len(some) // _TRIED, 1)).to_list())


def _numbers(some: pl.Series) -> str:
    missing = int(some.is_nan().sum()) if some.dtype.is_float() else 0
    known = some.filter(some.is_finite()) if some.dtype.is_float() else some
    low, deviation = known.min(), known.std()
    if low is None:
        return f"{missing:,} NaN" if missing else ""
    spreads = isinstance(deviation, (int, float))
    words = spread(low, known.max(), known.mean(), deviation if spreads else None)
    return f"{words}, {missing:,} NaN" if missing else words
