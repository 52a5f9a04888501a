"""The figures of a comparison as a table: what was set, what it took, how it ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import compress

from routeway_magic.comparison.compared import axes_of, brief
from routeway_magic.markup import escape
from routeway_magic.pricing import money
from routeway_magic.sweeps.result import Result
from routeway_magic.usage import counts_of

__all__ = ["MOST_ROWS", "table_html", "table_rows"]

MOST_ROWS = 200
"""Rows that are shown; all of them are in `Sweep.to_frame()`."""

_FIGURES = ("tokens in", "tokens out", "seconds", "first token", "cost")
_NUMBER = re.compile(r"\$?-?[\d,]*\.?\d+(?:e[+-]?\d+)?")
_VALUE = 60  # characters of a value; all of it is in `to_frame()`


def table_rows(results: Sequence[Result]) -> list[tuple[str, ...]]:
    """The head and a row for each result; a column that nothing is known for is left out.

    Args:
        results: in the order of the rows.
    """
    names = [name for name, _ in axes_of([result.variant for result in results])]
    repeated = any(result.variant.repeat for result in results)
    head = ("#", *names, *(["repeat"] if repeated else []), *_FIGURES, "ended", "id")
    rows = [_row(result, names, repeated=repeated) for result in results]
    filled = [any(row[at] for row in rows) for at in range(len(head))]
    return [tuple(compress(row, filled)) for row in (head, *rows)]


def table_html(results: Sequence[Result]) -> str:
    """The table in a box that scrolls by itself.

    Args:
        results: in the order of the rows.
    """
    shown = results[:MOST_ROWS]
    head, *rows = table_rows(shown)
    cells = zip(*rows, strict=True) if rows else [()] * len(head)
    places = [_place(*pair) for pair in zip(head, cells, strict=True)]
    titles = [_cell('th scope="col"', *pair) for pair in zip(head, places, strict=True)]
    lines = [
        "".join(_cell("td", *pair) for pair in zip(row, places, strict=True))
        for row in rows
    ]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    more = len(results) - len(shown)
    note = f"; {more} more rows are in <code>to_frame()</code>" if more else ""
    return (
        '<div class="rw-side rw-figures" role="region" tabindex="0" '
        'aria-label="figures of the answers"><table>'
        f"<caption>What each answer took{note}</caption>"
        f"<thead><tr>{''.join(titles)}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(result: Result, names: Sequence[str], *, repeated: bool) -> tuple[str, ...]:
    variant, counts = result.variant, counts_of(result.usage)
    values = [
        brief(variant.values[name], _VALUE) if name in variant.values else ""
        for name in names
    ]
    return (
        str(variant.index),
        *values,
        *([str(variant.repeat + 1)] if repeated else []),
        f"{counts.all_input:,}" if counts.all_input else "",
        f"{counts.output:,}" if counts.output else "",
        f"{result.seconds:.2f}" if result.seconds else "",
        f"{result.first_token:.2f}" if result.first_token is not None else "",
        money(float(result.cost)) if result.cost is not None else "",
        _ended(result),
        result.turn.short if result.turn else "",
    )


def _place(name: str, cells: Sequence[str]) -> str:
    """Numbers stand below one another; an id is none, even if it has digits alone."""
    is_number = all(_NUMBER.fullmatch(cell) for cell in cells if cell)
    return ' class="rw-right"' if is_number and name != "id" else ""


def _ended(result: Result) -> str:
    is_complete = result.status == "complete"
    return (result.stop_reason if is_complete else None) or result.status


def _cell(tag: str, text: str, more: str) -> str:
    return f"<{tag}{more}>{escape(text)}</{tag[:2]}>"
