"""Rows of a table as CSV: all of them if they fit, else the first and the last."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import chain
from typing import Any

from routeway_magic.content.cells import ROUNDED, cell, is_rounded

__all__ = ["Rows", "row_text"]

_WHOLE_CELL = 400
_PLANS = (
    # rows at each end, characters of a cell, columns
    (5, 80, 100),
    (5, 32, 100),
    (5, 32, 30),
    (3, 24, 30),
    (3, 24, 10),
    (2, 16, 10),
    (1, 16, 5),
    (1, 12, 3),
)


@dataclass(frozen=True, slots=True)
class Rows:
    """What the rows are read from.

    Args:
        names: of the columns.
        cells: for each column, what gives the values of a run of rows.
        count: how many rows there are.
    """

    names: Sequence[str]
    cells: Sequence[Callable[[range], Sequence[Any]]]
    count: int


@dataclass(frozen=True, slots=True)
class _Written:
    text: str
    has_cut: bool
    has_rounded: bool


def row_text(rows: Rows, room: int) -> tuple[str, list[str]]:
    """Rows as CSV under a heading, and what was left out of them.

    Args:
        rows: only those that are shown are read.
        room: characters, at most.
    """
    if not rows.count or not rows.names:
        return "", []
    if rows.count * len(rows.names) * 2 <= room:
        whole = _write(rows, [range(rows.count)], _WHOLE_CELL, len(rows.names))
        text = f"all rows:\n{whole.text}"
        if len(text) <= room:
            return text, _cut(whole, _WHOLE_CELL)
    for ends, width, columns in _PLANS:
        written = _write(rows, _runs(rows.count, ends), width, columns)
        text = f"{_heading(rows.count, ends)}\n{written.text}"
        if len(text) <= room:
            return text, _missing(rows, ends, columns, _cut(written, width))
    return "", ["all rows"]


def _heading(count: int, ends: int) -> str:
    if count <= 2 * ends:
        return "all rows:"
    return "first and last row:" if ends == 1 else f"first {ends} and last {ends} rows:"


def _runs(count: int, ends: int) -> list[range]:
    if count <= 2 * ends:
        return [range(count)]
    return [range(ends), range(count - ends, count)]


def _missing(rows: Rows, ends: int, columns: int, cut: list[str]) -> list[str]:
    left_out = []
    if rows.count > 2 * ends:
        which = f"{ends} and last {ends}" if ends > 1 else "and the last"
        left_out.append(f"all rows but the first {which}")
    if len(rows.names) > columns:
        left_out.append(f"{len(rows.names) - columns} columns of the rows")
    return left_out + cut


def _cut(written: _Written, width: int) -> list[str]:
    cut = [f"cells beyond {width} characters"] if written.has_cut else []
    return [*cut, ROUNDED] if written.has_rounded else cut


def _write(rows: Rows, runs: Sequence[range], width: int, columns: int) -> _Written:
    values = [_values(cells, runs) for cells in rows.cells[:columns]]
    texts = [[cell(value, width) for value in column] for column in values]
    out = StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(rows.names[:columns])
    for at, row in enumerate(zip(*texts, strict=True)):
        if len(runs) > 1 and at == len(runs[0]):
            out.write("…\n")
        lines.writerow(row)
    has_cut = any(len(text) == width and text[-1] == "…" for text in chain(*texts))
    has_rounded = any(map(is_rounded, chain(*values)))
    return _Written(out.getvalue().rstrip("\n"), has_cut, has_rounded)


def _values(
    cells: Callable[[range], Sequence[Any]], runs: Sequence[range]
) -> list[Any]:
    """The values of a column; one that cannot be read says so."""
    try:
        values = [value for run in runs for value in cells(run)]
    except Exception:  # noqa: BLE001  # a user's object may raise whatever it likes
        values = []
    expected = sum(map(len, runs))
    return values if len(values) == expected else ["<unreadable>"] * expected
