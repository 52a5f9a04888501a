"""A table of any library as columns that are read one by one, and its summary.

First the schema, a line for each column, then the first and last rows as CSV. A table
that fits is given whole; of one with many columns, the first and last are described
and the others named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from routeway_magic.content.cells import cut, one_line
from routeway_magic.content.described import Described, Limits
from routeway_magic.content.facts import Facts, Sample, evenly
from routeway_magic.content.rows import Rows, row_text
from routeway_magic.credentials import looks_like_credential

__all__ = [
    "Column",
    "Table",
    "describe_schema",
    "describe_table",
    "label",
    "schema_table",
]

_SCHEMA = 0.6  # of the text, the rest is rows
_DETAILED = 40  # columns, at most: each is read
_NAMED_WITH_TYPE = 100  # more of one type are only named
_NAMES = 0.4  # of the schema, for the columns that are only named
_SHORT = 1000  # characters: less is spent on names and types first
_HEADING = "column | dtype | nulls | values"
_NAME = 60
_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column, read when asked.

    Args:
        name: as shown.
        dtype: as its library writes it.
        facts: says what is known of a sample of its values.
        cells: gives the values of a run of rows.
    """

    name: str
    dtype: str
    facts: Callable[[Sample], Facts]
    cells: Callable[[range], Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table, of which only what is shown is read.

    Args:
        kind: such as "pandas DataFrame".
        rows: how many.
        names: of all columns, as shown.
        dtypes: of all columns.
        column: gives one by its position.
        index: columns that name the rows; none if rows are only numbered.
        notes: lines that stand first.
        size: None for rows and columns.
    """

    kind: str
    rows: int
    names: Sequence[str]
    dtypes: Sequence[str]
    column: Callable[[int], Column]
    index: Sequence[Column] = ()
    notes: Sequence[str] = ()
    size: str | None = None


@dataclass(slots=True)
class _Schema:
    """The lines so far, and which columns have one."""

    room: int
    lines: list[str] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(self, line: str) -> bool:
        if len(line) + 1 > self.room:
            return False
        self.lines.append(line)
        self.room -= len(line) + 1
        return True


class _Hidden:
    """A table's columns, without the values of those that look like credentials."""

    def __init__(self, table: Table, allowed: frozenset[str]) -> None:
        self._table = table
        self._allowed = allowed
        self._names: dict[str, None] = {}

    def column(self, at: int) -> Column:
        name = self._table.names[at]
        if name in self._allowed or not looks_like_credential(name):
            return self._table.column(at)
        self._names[name] = None
        return _without_values(self._table, at, "<not sent>")

    def left_out(self) -> list[str]:
        names = list(self._names)
        shown = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
        return [f"values of {shown}: named like credentials"] if names else []


def describe_table(table: Table, limits: Limits) -> Described:
    """The schema of a table with ranges, nulls and commonest values, and some rows.

    Args:
        table: of any library.
        limits: how much may be sent.
    """
    hidden = _Hidden(table, limits.allowed)
    table = replace(table, column=hidden.column)
    schema = _schema(table, limits.characters)
    shown = [_safely(table, at) for at in schema.shown]
    columns = [*table.index, *shown]
    rows = Rows(
        [one.name for one in columns], [one.cells for one in columns], table.rows
    )
    text, missing = row_text(rows, limits.characters - _length(schema.lines))
    if len(shown) < len(table.names):
        missing = [*missing, f"values of {_of(len(shown), table)} columns"]
    left_out = [*schema.left_out, *missing, *hidden.left_out()]
    return _described(table, [*schema.lines, text], left_out)


def describe_schema(table: Table, limits: Limits) -> Described:
    """The names and dtypes of a table whose values are not to be touched.

    Args:
        table: its columns are never asked for.
        limits: how much may be sent.
    """
    schema = _Schema(limits.characters)
    for note in table.notes:
        schema.add(note)
    pairs = list(zip(table.names, table.dtypes, strict=True))
    lines = [f"{name} | {dtype}" for name, dtype in pairs]
    if sum(map(len, lines)) + len(lines) < schema.room - len("column | dtype"):
        schema.lines += ["column | dtype", *lines]
    else:
        _add_names(schema, table, range(len(pairs)), schema.room)
    return _described(table, schema.lines, [*schema.left_out, "values (not read)"])


def schema_table(kind: str, names: Iterable[Any], dtypes: Iterable[Any]) -> Table:
    """A table of which only the schema is known, for `describe_schema`.

    Args:
        kind: such as "DuckDB relation".
        names: of the columns.
        dtypes: of the columns.
    """
    shown = [label(name) for name in names]
    return Table(
        kind=kind,
        rows=0,
        names=shown,
        dtypes=[one_line(str(dtype)) for dtype in dtypes],
        column=_no_column,
        size=f"{len(shown):,} columns, rows not counted",
    )


def _no_column(at: int) -> Column:
    raise LookupError(at)


def label(name: Any) -> str:
    """A column's name as it is shown, on one line.

    Args:
        name: a text stands as it is, all else as in code.
    """
    if not isinstance(name, str):
        try:
            name = repr(name)
        except Exception:  # noqa: BLE001  # a user's object may raise whatever it likes
            name = f"<{type(name).__name__}>"
    return cut(one_line(name), _NAME)


def _described(
    table: Table, lines: Iterable[str], left_out: Sequence[str]
) -> Described:
    size = f"{table.rows:,} rows × {len(table.names):,} columns"
    return Described(
        kind=table.kind,
        size=size if table.size is None else table.size,
        text="\n".join(filter(None, lines)),
        left_out="; ".join(left_out),
    )


def _schema(table: Table, characters: int) -> _Schema:
    room = int(characters * _SCHEMA) if table.rows else characters
    schema = _Schema(room)
    detailed = min(len(table.names), _DETAILED)
    sample = evenly(table.rows, detailed + len(table.index))
    for note in table.notes:
        schema.add(note)
    if not sample.is_whole:
        schema.add(f"nulls and values are of {sample.count:,} rows, evenly spaced:")
    before = len(schema.lines), schema.room
    if table.names or table.index:
        schema.add(_HEADING)
    everything = _add_details(schema, table, sample)
    if not everything and characters < _SHORT:
        del schema.lines[before[0] :]
        schema.room = before[1]
        schema.shown = []
    if not everything:
        _add_rest(schema, table, characters)
    return schema


def _add_details(schema: _Schema, table: Table, sample: Sample) -> bool:
    """Adds the lines of the index and of the columns; says whether all are there."""
    indexes = [schema.add(_line(one, sample)) for one in table.index]
    everything = all(indexes)
    total = len(table.names)
    most = min(total, _DETAILED)
    last = most // 5 if most < total else 0
    reserve = 0 if most == total else int(schema.room * _NAMES)
    schema.room -= reserve
    for at in [*range(most - last), *range(total - last, total)]:
        if not schema.add(_line(_safely(table, at), sample)):
            everything = False
            break
        schema.shown.append(at)
    schema.room += reserve
    return everything and most == total


def _add_rest(schema: _Schema, table: Table, characters: int) -> None:
    rest = sorted(set(range(len(table.names))).difference(schema.shown))
    # In little space the names are what counts: rows get what is left.
    room = schema.room if schema.shown else characters - _length(schema.lines)
    _add_names(schema, table, rest, room)
    if schema.shown:
        schema.left_out.append(f"facts about {_of(len(schema.shown), table)} columns")
    else:
        schema.left_out.append("facts about the columns")
        schema.shown = list(range(min(len(table.names), _DETAILED)))


def _add_names(
    schema: _Schema, table: Table, positions: Sequence[int], room: int
) -> None:
    """Adds the names and dtypes of columns in one line, as many as there is room for."""
    counts = Counter(table.dtypes[at] for at in positions)
    types = ", ".join(
        f"{cut(name, _NAME)} × {n:,}" for name, n in counts.most_common(8)
    )
    if len(positions) > _NAMED_WITH_TYPE and len(types) + 40 < room:
        schema.lines.append(f"{len(positions):,} columns are {types}")
        room -= len(schema.lines[-1]) + 1
    one_type = len(counts) == 1 and len(positions) > _NAMED_WITH_TYPE
    names = _fitting(table, positions, room, typed=not one_type)
    begin = "other columns: " if schema.shown else "columns: "
    more = len(positions) - len(names)
    if names:
        schema.lines.append(begin + ", ".join(names) + (", …" if more else ""))
    if more:
        schema.left_out.append(f"names of {more:,} columns")


def _fitting(
    table: Table, positions: Sequence[int], room: int, *, typed: bool
) -> list[str]:
    names: list[str] = []
    room -= len("other columns: , …")
    for at in positions:
        dtype = f" {cut(table.dtypes[at], _NAME)}" if typed else ""
        names.append(f"{table.names[at]}{dtype}")
        room -= len(names[-1]) + 2
        if room < 0:
            return names[:-1]
    return names


def _line(column: Column, sample: Sample) -> str:
    try:
        facts = column.facts(sample)
    except Exception as error:  # noqa: BLE001  # a user's object may raise anything
        facts = Facts(values=f"<unreadable: {type(error).__name__}>")
    nulls = "?" if facts.nulls is None else _nulls(facts.nulls, sample)
    name, dtype = column.name, cut(column.dtype, _NAME)
    return f"{name} | {dtype} | {nulls} | {facts.values}".rstrip(" |")


def _nulls(count: int, sample: Sample) -> str:
    return (
        f"{count:,}" if sample.is_whole or not count else f"{count / sample.count:.2%}"
    )


def _safely(table: Table, at: int) -> Column:
    """The column, or one that says that it cannot be read."""
    try:
        return table.column(at)
    except Exception as error:  # noqa: BLE001  # a user's subclass may raise anything
        return _without_values(table, at, f"<unreadable: {type(error).__name__}>")


def _without_values(table: Table, at: int, words: str) -> Column:
    return Column(
        name=table.names[at],
        dtype=table.dtypes[at],
        facts=lambda _: Facts(values=words),
        cells=lambda rows: [words] * len(rows),
    )


def _length(lines: Sequence[str]) -> int:
    return sum(map(len, lines)) + len(lines)


def _of(shown: int, table: Table) -> str:
    return f"{len(table.names) - shown:,} of {len(table.names):,}"
