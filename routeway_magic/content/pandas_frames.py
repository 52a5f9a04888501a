"""pandas: frames, series, indexes, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, replace
from typing import Any

import numpy as np
import pandas as pd

from routeway_magic.content.by_name import class_named
from routeway_magic.content.cells import cell, cut
from routeway_magic.content.columns import (
    Column,
    Table,
    describe_schema,
    describe_table,
    label,
)
from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import to_blocks
from routeway_magic.content.facts import Facts, Sample, spread, tally
from routeway_magic.content.numpy_facts import array_facts

__all__: list[str] = []

_LONGEST = 200

Values = Callable[[slice], Any]
"""Gives some of a column's values, as a Series or an Index."""


@to_blocks.register(pd.DataFrame)
def _frame(value: pd.DataFrame, limits: Limits) -> Described:
    return describe_table(_table(value), limits)


@to_blocks.register(pd.Series)
def _series(value: pd.Series, limits: Limits) -> Described:
    name = "value" if value.name is None else label(value.name)
    dtype = _dtype(value.dtype)
    table = Table(
        kind="pandas Series",
        rows=len(value),
        names=[name],
        dtypes=[dtype],
        column=lambda _: _column(name, dtype, value.iloc.__getitem__),
        index=_index_columns(value.index),
        size=f"{len(value):,} values",
    )
    return describe_table(table, limits)


@to_blocks.register(pd.Index)
def _index(value: pd.Index, limits: Limits) -> Described:
    if isinstance(value, pd.RangeIndex):
        text = cut(str(value), limits.characters)
        size = f"{len(value):,} values"
        return Described(kind="pandas RangeIndex", size=size, text=text)
    columns = _levels(value)
    table = Table(
        kind=f"pandas {type(value).__name__}",
        rows=len(value),
        names=[one.name for one in columns],
        dtypes=[one.dtype for one in columns],
        column=columns.__getitem__,
        size=f"{len(value):,} values",
    )
    return describe_table(table, limits)


def _table(frame: pd.DataFrame) -> Table:
    names = [label(name) for name in frame.columns]
    dtypes = _dtypes(frame)
    return Table(
        kind=f"pandas {type(frame).__name__}",
        rows=len(frame),
        names=names,
        dtypes=dtypes,
        column=lambda at: _column(
            names[at], dtypes[at], frame.iloc[:, at].iloc.__getitem__
        ),
        index=_index_columns(frame.index),
        notes=_notes(frame.columns),
    )


def _notes(columns: pd.Index) -> list[str]:
    if isinstance(columns, pd.MultiIndex):
        names = ", ".join(map(label, columns.names))
        return [f"column labels are tuples of {columns.nlevels} levels ({names})"]
    return [] if columns.name is None else [f"columns are named {label(columns.name)}"]


def _dtypes(frame: pd.DataFrame) -> list[str]:
    words: dict[Any, str] = {}
    return [
        words.get(one) or words.setdefault(one, _dtype(one)) for one in frame.dtypes
    ]


def _dtype(dtype: Any) -> str:
    """A dtype's name; for categories only how many and of what."""
    if isinstance(dtype, pd.CategoricalDtype):
        categories = dtype.categories
        ordered = " ordered" if dtype.ordered else ""
        return f"category ({len(categories):,}{ordered} of {categories.dtype})"
    return str(dtype)


def _index_columns(index: pd.Index) -> list[Column]:
    """The columns of an index, none if rows are merely numbered from 0."""
    is_plain = isinstance(index, pd.RangeIndex) and index.name is None
    if is_plain and index.start == 0 and index.step == 1:
        return []
    return _levels(index, "index ")


def _levels(index: pd.Index, before: str = "") -> list[Column]:
    if not isinstance(index, pd.MultiIndex):
        name = "index" if index.name is None else f"{before}{label(index.name)}"
        return [_column(name, _dtype(index.dtype), index.__getitem__)]
    return [_level(index, at, before) for at in range(index.nlevels)]


def _level(index: pd.MultiIndex, at: int, before: str) -> Column:
    """A level, read through its codes: the whole is never spelled out."""
    name = index.names[at]
    shown = f"{before}{f'level {at}' if name is None else label(name)}"
    dtype = _dtype(index.levels[at].dtype)

    def values(rows: slice) -> Any:
        return index[rows].get_level_values(at)

    def facts(sample: Sample) -> Facts:
        some = values(slice(None, None, sample.step))
        return _facts(some.__getitem__, Sample(len(some), 1))

    return replace(_column(shown, dtype, values), facts=facts)


def _column(name: str, dtype: str, values: Values) -> Column:
    return Column(
        name=name,
        dtype=dtype,
        facts=lambda sample: _facts(values, sample),
        cells=lambda rows: values(slice(rows.start, rows.stop)).tolist(),
    )


def _facts(values: Values, sample: Sample) -> Facts:
    kind = values(slice(0, 0)).array
    if "Arrow" in type(kind).__name__:
        return _arrow_facts(values(slice(None)).array, sample)
    some = values(slice(None, None, sample.step))
    if isinstance(some.dtype, np.dtype) and some.dtype.kind not in "OmM":
        return array_facts(np.asarray(some))
    if isinstance(some.dtype, pd.CategoricalDtype):
        return _category_facts(some)
    known = some.dropna()
    return Facts(len(some) - len(known), _extension(known))


def _arrow_facts(array: Any, sample: Sample) -> Facts:
    from routeway_magic.content.arrow_tables import chunked_facts

    return chunked_facts(array.__arrow_array__(), sample)


def _category_facts(some: Any) -> Facts:
    """Facts by codes: there may be more categories than values."""
    categorical = some.array
    codes = categorical.codes[categorical.codes >= 0]
    read = codes[:: max(len(codes) // 10_000, 1)]
    return Facts(
        len(some) - len(codes), tally(categorical.categories.take(read).tolist())
    )


def _extension(known: Any) -> str:
    """Facts of objects, masked numbers, times, periods, intervals and their like."""
    if not len(known):
        return ""
    dtype = known.dtype
    if dtype.kind in "mM" or isinstance(dtype, pd.PeriodDtype):
        return spread(known.min(), known.max())
    if isinstance(dtype, pd.SparseDtype):
        return _range(np.asarray(known))
    if pd.api.types.is_numeric_dtype(dtype):
        return _range(known.to_numpy())
    return tally(known.tolist())


def _range(known: np.ndarray[Any, Any]) -> str:
    _, words = astuple(array_facts(known))
    return str(words)


@to_blocks.register(class_named("pandas", "GroupBy"))
def _grouped(value: Any, limits: Limits) -> Described:
    keys = value.keys if isinstance(value.keys, list) else [value.keys]
    how = f"grouped by {', '.join(map(_key, keys))}; the data:"
    return _not_computed(value, how, limits)


@to_blocks.register(class_named("pandas", "BaseWindow"))
@to_blocks.register(class_named("pandas", "Resampler"))
def _windows(value: Any, limits: Limits) -> Described:
    how = cell(value, _LONGEST)
    return _not_computed(value, f"{how}; the data:" if "[" in how else "", limits)


def _not_computed(value: Any, how: str, limits: Limits) -> Described:
    """Of what data something is, and how: its groups are not formed."""
    data = value.obj
    table = _table(data if isinstance(data, pd.DataFrame) else data.to_frame())
    kind = f"pandas {type(value).__name__}"
    size = f"over {table.rows:,} rows"
    lazy = replace(
        table, kind=kind, size=size, notes=[one for one in (how, *table.notes) if one]
    )
    return describe_schema(lazy, limits)


def _key(key: Any) -> str:
    if isinstance(key, (pd.Series, pd.Index)):
        return f"a {type(key).__name__} named {label(key.name)}"
    if isinstance(key, (str, int, tuple)):
        return label(key)
    named = f"the function {getattr(key, '__name__', '')}".rstrip()
    return named if callable(key) else f"a {type(key).__name__}"


@to_blocks.register(class_named("pandas", "Styler"))
def _styler(value: Any, limits: Limits) -> Described:
    return describe_table(_table(value.data), limits)


@to_blocks.register(pd.Timestamp)
@to_blocks.register(pd.Timedelta)
@to_blocks.register(pd.Period)
@to_blocks.register(pd.Interval)
@to_blocks.register(type(pd.NaT))
@to_blocks.register(type(pd.NA))
def _scalar(value: Any, _: Limits) -> Described:
    return Described(kind=type(value).__name__, text=str(value), bare=True)
