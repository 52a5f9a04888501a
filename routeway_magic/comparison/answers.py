"""Answers side by side, and what differs between them, word by word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from routeway_magic.answer import Answer
from routeway_magic.comparison.compared import Result, labels_of
from routeway_magic.differences import as_html, differences
from routeway_magic.markup import escape
from routeway_magic.transcript import Transcript

__all__ = [
    "MOST_COLUMNS",
    "answers_html",
    "baseline_of",
    "columns_html",
    "differences_html",
    "shown_of",
]

MOST_COLUMNS = 12
"""Answers that stand side by side; more than that nobody compares by eye."""

_COLUMN = 17  # em that a column needs to be read
_SHORT = 600  # characters up to which differences are shown without being asked for


def shown_of(results: Sequence[Result]) -> list[Result]:
    """Those that are shown side by side: of each combination the first, then repeats.

    Args:
        results: all of them.
    """
    first = sorted(results, key=lambda one: (one.variant.repeat, one.variant.index))
    chosen = {one.variant.index for one in first[:MOST_COLUMNS]}
    return [one for one in results if one.variant.index in chosen]


def baseline_of(results: Sequence[Result], index: int | None = None) -> Result | None:
    """What the others are compared with: the variant of this index, else the first.

    Args:
        results: all of them.
        index: of a variant in the plan; None for the first answer that is complete.
    """
    return next(
        (
            result
            for result in results
            if (
                result.status == "complete"
                if index is None
                else result.variant.index == index
            )
        ),
        None,
    )


def answers_html(results: Sequence[Result]) -> str:
    """The answers side by side; what failed says in its column what happened.

    Args:
        results: from left to right.
    """
    labels = labels_of([result.variant for result in results])
    return columns_html(
        f"{len(results)} answers side by side",
        [(labels[result.variant.index], _answer(result)) for result in results],
    )


def differences_html(results: Sequence[Result], baseline: Result) -> str:
    """What each answer has that the baseline has not, and the other way round.

    Args:
        results: from left to right; those without an answer are left out.
        baseline: what they are compared with.
    """
    labels = labels_of([result.variant for result in [*results, baseline]])
    others = [
        result
        for result in results
        if result.text and result.variant.index != baseline.variant.index
    ]
    if not others or not baseline.text:
        return ""
    name = escape(labels[baseline.variant.index])
    texts = [result.text for result in [baseline, *others]]
    is_open = " open" if max(map(len, texts)) <= _SHORT else ""
    columns = columns_html(
        f"differences from {labels[baseline.variant.index]}",
        [
            (labels[result.variant.index], _difference(baseline.text, result.text))
            for result in others
        ],
    )
    return (
        f"<details{is_open}><summary>Word by word against <b>{name}</b>: "
        "<del>only there</del>, <ins>only here</ins></summary>"
        f"{columns}</details>"
    )


def columns_html(name: str, columns: Iterable[tuple[str, str]]) -> str:
    """Columns in a box that scrolls by itself; a table, so that it is one anywhere.

    Args:
        name: of the box, for screen readers.
        columns: a title as text and a body as safe HTML for each.
    """
    pairs = list(columns)
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title, _ in pairs)
    bodies = "".join(f"<td>{body}</td>" for _, body in pairs)
    return (
        f'<div class="rw-side" role="region" tabindex="0" aria-label="{escape(name)}">'
        f'<table style="min-width:{len(pairs) * _COLUMN}em"><thead><tr>{titles}</tr>'
        f"</thead><tbody><tr>{bodies}</tr></tbody></table></div>"
    )


def _answer(result: Result) -> str:
    message = result.turn.message if result.turn else None
    html = Answer(Transcript.of(message)).html() if message else ""
    if result.status == "complete":
        return html
    told = result.error or {"not sent": "It was not sent."}.get(
        result.status, f"It was {result.status}."
    )
    return f'{html}<div class="rw-failed" role="note">{escape(told)}</div>'


def _difference(before: str, after: str) -> str:
    if before == after:
        return '<div class="rw-status">the same, word for word</div>'
    return as_html(differences(before, after))
