"""A comparison as plain text: terminals, pipes, and what a notebook keeps beside it."""

from __future__ import annotations

from collections.abc import Sequence

from routeway_magic.columns import columns
from routeway_magic.comparison.answers import shown_of
from routeway_magic.comparison.compared import labels_of
from routeway_magic.comparison.table import MOST_ROWS, table_rows
from routeway_magic.differences import as_text as as_text_of_pieces
from routeway_magic.differences import differences
from routeway_magic.markup import printable
from routeway_magic.sweeps.result import Result

__all__ = ["as_text"]


def as_text(
    results: Sequence[Result], summary: str = "", *, against: Result | None = None
) -> str:
    """The answers one below the other, then the table.

    Args:
        results: of a sweep.
        summary: a line to end with.
        against: what the others are compared with, word by word; None to leave that
            out.
    """
    shown = shown_of(results)
    labels = labels_of([result.variant for result in shown])
    answers = [
        f"── {labels[result.variant.index]} ──\n{_said(result)}\n" for result in shown
    ]
    if against is not None and against.text:
        answers += _compared(shown, against)
    table = columns(table_rows(results[:MOST_ROWS]))
    return printable("\n".join([*answers, *table, summary]).rstrip("\n"))


def _compared(results: Sequence[Result], against: Result) -> list[str]:
    labels = labels_of([one.variant for one in (*results, against)])
    name = labels[against.variant.index]
    others = [one for one in results if one.text and one.variant != against.variant]
    return [
        f"── {labels[one.variant.index]}, word by word against {name} ──\n"
        f"{_differing(against.text, one.text)}\n"
        for one in others
    ]


def _differing(before: str, after: str) -> str:
    if before == after:
        return "The same, word for word."
    return as_text_of_pieces(differences(before, after))


def _said(result: Result) -> str:
    told = result.error or ("" if result.status == "complete" else result.status)
    return "\n".join(filter(None, (result.text, f"[{told}]" if told else "")))
