"""A comparison as plain text: terminals, pipes, and what a notebook keeps beside it."""

from __future__ import annotations

from collections.abc import Sequence

from routeway_magic.columns import columns
from routeway_magic.comparison.answers import shown_of
from routeway_magic.comparison.compared import labels_of
from routeway_magic.comparison.table import MOST_ROWS, table_rows
from routeway_magic.markup import printable
from routeway_magic.sweeps.result import Result

__all__ = ["as_text"]


def as_text(results: Sequence[Result], summary: str = "") -> str:
    """The answers one below the other, then the table.

    Args:
        results: of a sweep.
        summary: a line to end with.
    """
    shown = shown_of(results)
    labels = labels_of([result.variant for result in shown])
    answers = [
        f"── {labels[result.variant.index]} ──\n{_said(result)}\n" for result in shown
    ]
    table = columns(table_rows(results[:MOST_ROWS]))
    return printable("\n".join([*answers, *table, summary]).rstrip("\n"))


def _said(result: Result) -> str:
    told = result.error or ("" if result.status == "complete" else result.status)
    return "\n".join(filter(None, (result.text, f"[{told}]" if told else "")))
