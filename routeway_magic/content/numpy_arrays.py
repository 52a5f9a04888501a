"""NumPy: arrays, masked and structured ones, and single numbers."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from routeway_magic.content.cells import cell, cut
from routeway_magic.content.columns import Column, Table, describe_table, label
from routeway_magic.content.corners import axes_text, corner_text
from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import to_blocks
from routeway_magic.content.facts import Facts, Sample
from routeway_magic.content.guarded import package_of
from routeway_magic.content.numpy_facts import array_facts

__all__ = ["array_text", "size_text"]

Array = np.ndarray[Any, Any]

_EXACT = 500_000  # values that are all read: a few ms, and 5 MB
_SAMPLED = 10_000
_RUNS = 8
_SCALAR = 2000
_MB = 1_000_000
_DTYPE = 100
_KINDS_OF_NOTHING = {"f": "NaN", "c": "NaN", "M": "NaT", "m": "NaT", "O": "None or NaN"}


@to_blocks.register(np.ndarray)
def _array(value: Array, limits: Limits) -> Described:
    name = type(value).__name__
    kind = "NumPy array" if name == "ndarray" else f"NumPy {name}"
    drawn = _axes(value, limits)
    if drawn is not None:
        return drawn
    if value.dtype.names and value.ndim == 1:
        return describe_table(_fields(value, kind), limits)
    text, left_out = array_text(value, limits.characters)
    size = size_text(value.shape, value.dtype, value.nbytes)
    bare = not value.ndim
    return Described(kind=kind, size=size, text=text, left_out=left_out, bare=bare)


def _axes(value: Array, limits: Limits) -> Described | None:
    """The figure, of what `plt.subplots(2, 2)` gives."""
    if not (value.dtype == object and value.size):
        return None
    if package_of(type(value.flat[0])) != "matplotlib":
        return None
    from routeway_magic.content.figures import describe_axes_array

    return describe_axes_array(value, limits)


@to_blocks.register(np.generic)
def _scalar(value: np.generic, limits: Limits) -> Described:
    shown = str(value) if value.dtype.kind in "biufcMm" else cell(value, _SCALAR)
    text = cut(shown, limits.characters)
    left_out = "" if text == shown else "the rest of it"
    kind = f"NumPy {type(value).__name__}"
    return Described(kind=kind, text=text, left_out=left_out, bare=True)


def size_text(shape: Any, dtype: Any, size: int | None = None) -> str:
    """An array's shape, dtype and bytes in words.

    Args:
        shape: its axes' lengths.
        dtype: as its library writes it.
        size: in bytes.
    """
    axes = axes_text(shape) if shape else "a single value"
    large = f", {size / _MB:,.0f} MB" if size is not None and size >= _MB else ""
    return f"{axes}, {cut(str(dtype), _DTYPE)}{large}"


def array_text(value: Array, room: int) -> tuple[str, str]:
    """The facts of an array and a corner of it, and what was left out.

    Args:
        value: of any shape; only a sample of a large one is read.
        room: characters, at most.
    """
    if value.ndim == 0:
        text = cell(value[()], _SCALAR)
        return cut(text, room), "" if len(text) <= room else "the rest of it"
    facts = _facts_line(value)
    facts = facts if len(facts) <= room else ""

    def read(at: tuple[int | slice, ...]) -> Any:
        return value[at].tolist()

    text, left_out = corner_text(read, value.shape, room - len(facts) - 1)
    return "\n".join(filter(None, (facts, text))), left_out


def _facts_line(value: Array) -> str:
    sample = _sampled(value)
    masked, known = 0, sample
    if isinstance(sample, np.ma.MaskedArray):
        known = sample.compressed()
        masked = sample.size - known.size
    facts = array_facts(np.asarray(known))
    missing = _KINDS_OF_NOTHING.get(value.dtype.kind)
    words = [facts.values] if facts.values else []
    words += [f"{facts.nulls:,} {missing}"] if missing and facts.nulls else []
    words += [f"{masked:,} masked (shown as None)"] if masked else []
    if words and sample.size < value.size:
        words.append(f"of {sample.size:,} values, evenly spaced")
    return "; ".join(words)


def _sampled(value: Array) -> Array:
    """The array, or evenly spaced values of a large one; a view but of files."""
    if value.size <= _EXACT:
        return value
    if isinstance(value, np.memmap) and value.flags.c_contiguous:
        return _runs(value.reshape(-1))
    left, steps = _SAMPLED, [1] * value.ndim
    by_length = sorted(range(value.ndim), key=lambda axis: value.shape[axis])
    for done, axis in enumerate(by_length):
        share = max(int(left ** (1 / (value.ndim - done))), 1)
        count = min(value.shape[axis], share)
        steps[axis] = -(-value.shape[axis] // count)
        left //= count
    return value[tuple(slice(None, None, step) for step in steps)]


def _runs(flat: Array) -> Array:
    """A few runs: each page of a file that is touched may have to be read from disk."""
    each = _SAMPLED // _RUNS
    starts = (at * (flat.size - each) // (_RUNS - 1) for at in range(_RUNS))
    return np.concatenate([np.asarray(flat[at : at + each]) for at in starts])


def _fields(value: Array, kind: str) -> Table:
    """A structured array as the table that it is."""
    names = list(value.dtype.names or ())
    dtypes = [str(value.dtype[at]) for at in range(len(names))]
    return Table(
        kind=f"{kind} of records",
        rows=len(value),
        names=[label(name) for name in names],
        dtypes=dtypes,
        column=lambda at: _field(label(names[at]), dtypes[at], value[names[at]]),
    )


def _field(name: str, dtype: str, values: Array) -> Column:
    def facts(sample: Sample) -> Facts:
        per_row = prod(values.shape[1:])
        step = sample.step * max(per_row, 1) if per_row > 1 else sample.step
        return array_facts(np.asarray(values[::step]))

    return Column(
        name=name,
        dtype=dtype,
        facts=facts,
        cells=lambda rows: values[rows.start : rows.stop].tolist(),
    )
