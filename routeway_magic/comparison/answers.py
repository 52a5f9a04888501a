"""Answers side by side, and what differs between them, word by word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from routeway_magic.answer import Answer
from routeway_magic.comparison.compared import labels_of
from routeway_magic.differences import as_html, differences
from routeway_magic.markup import escape
from routeway_magic.sweeps.result import Result
from routeway_magic.transcript import Transcript

__all__ = [
    "MOST_COLUMNS",
    "answers_html",
    "baseline_of",
    "columns_html",
    "differences_html",
    "shown_of",
    "title_of",
]

MOST_COLUMNS = 12
"""Answers that stand side by side; more than that nobody compares by eye."""

_COLUMN = 17  # em that a column needs to be read
_AGAIN = "<code>%claude sweep resume</code> asks again."
_PLACE = (  # where a page drops the style element, or all styles
    ' align="left" valign="top" style="text-align:left;vertical-align:top"'
)
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


def answers_html(results: Sequence[Result], *, format: str = "markdown") -> str:  # noqa: A002 - the option's name
    """The answers side by side; what failed says in its column what happened.

    Args:
        results: from left to right.
        format: what their text is shown as (see `formats`).
    """
    columns = [
        (title, _answer(result, format))
        for title, result in zip(_titles(results), results, strict=True)
    ]
    return columns_html(f"{len(results)} answers side by side", columns, place=_PLACE)


def differences_html(results: Sequence[Result], baseline: Result) -> str:
    """What each answer has that the baseline has not, and the other way round.

    Args:
        results: from left to right.
        baseline: what they are compared with.
    """
    answered = [result for result in results if result.text]
    others = [one for one in answered if one.variant.index != baseline.variant.index]
    if not others or not baseline.text:
        return ""
    texts = [baseline.text, *(one.text for one in others)]
    is_open = " open" if max(map(len, texts)) <= _SHORT else ""
    columns = [
        (title, _difference(baseline, result))
        for title, result in zip(_titles(results), results, strict=True)
    ]
    against = [one.variant for one in (baseline, *results)]
    name = escape(labels_of(against)[baseline.variant.index])
    return (
        f"<details{is_open}><summary>Word by word against {name}: "
        "<del>only there</del>, <ins>only here</ins></summary>"
        f"{columns_html('differences, word by word', columns, place=_PLACE)}</details>"
    )


def columns_html(
    name: str, columns: Iterable[tuple[str, str]], *, place: str = ""
) -> str:
    """Columns in a box that scrolls by itself; a table, so that it is one anywhere.

    Args:
        name: of the box, for screen readers.
        columns: a title and a body for each, both safe HTML.
        place: an attribute of each cell.
    """
    pairs = list(columns)
    titles = "".join(f'<th scope="col"{place}>{title}</th>' for title, _ in pairs)
    bodies = "".join(f"<td{place}>{body}</td>" for _, body in pairs)
    return (
        f'<div class="rw-side" role="region" tabindex="0" aria-label="{escape(name)}">'
        f'<table style="min-width:{len(pairs) * _COLUMN}em"><thead><tr>{titles}</tr>'
        f"</thead><tbody><tr>{bodies}</tr></tbody></table></div>"
    )


def title_of(index: int, label: str) -> str:
    """The head of a column as safe HTML: what was set, and its number in the plan."""
    return f"{escape(label)} <small>#{index}</small>"


def _titles(results: Sequence[Result]) -> list[str]:
    labels = labels_of([result.variant for result in results])
    return [title_of(index, label) for index, label in labels.items()]


def _answer(result: Result, format: str) -> str:  # noqa: A002 - the option's name
    html = Answer(Transcript.of_turns(result.turns), format=format).html()
    if result.status == "complete":
        return html
    told = result.error or {"not sent": "It was not sent."}.get(
        result.status, f"It was {result.status}."
    )
    return (
        f'{html}<div class="rw-failed" role="note">{escape(told)}</div>'
        f'<div class="rw-status">{_AGAIN}</div>'
    )


def _difference(baseline: Result, result: Result) -> str:
    before, after = baseline.text, result.text
    if result.variant.index == baseline.variant.index:
        return _note("what the others are compared with")
    if not after:
        return _note("no answer")
    if before == after:
        return _note("the same, word for word")
    return as_html(differences(before, after))


def _note(text: str) -> str:
    return f'<div class="rw-status">{text}</div>'
