"""Answers to the same question under different settings, side by side.

From the results of a sweep to safe HTML and to text; nothing is run here, and
nothing is asked. The HTML needs no script, and without its styles it is still a
table with a head for each answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from routeway_magic.sweeps.result import Result

__all__ = ["bundle", "summary_of"]


def bundle(
    results: Sequence[Result],
    *,
    baseline: int | None = None,
    format: str = "markdown",  # noqa: A002 - the option's name
    quiet: bool = False,
) -> dict[str, str]:
    """The comparison as a mime bundle of safe HTML and text.

    Args:
        results: in the order of their plan.
        baseline: the index of the variant that the others are compared with, in the
            text too; None for the first complete answer, in the HTML alone.
        format: what the answers' text is shown as (see `formats`).
        quiet: leave out the line below, unless something is missing.
    """
    from routeway_magic.comparison.answers import (
        answers_html,
        baseline_of,
        differences_html,
        shown_of,
    )
    from routeway_magic.comparison.measures import series_of
    from routeway_magic.comparison.plots import plots
    from routeway_magic.comparison.style import SWEEP_STYLE
    from routeway_magic.comparison.table import table_html
    from routeway_magic.comparison.text import as_text
    from routeway_magic.markup import STYLE, escape

    shown = shown_of(results)
    against = baseline_of(results, baseline)
    summary = summary_of(results, shown=len(shown), quiet=quiet)
    parts = [
        answers_html(shown, format=format),
        differences_html(shown, against) if against else "",
        table_html(results),
        plots(series_of(results)),
        f'<div class="rw-footer">{escape(summary)}</div>' if summary else "",
    ]
    html = f'<div class="rw rw-sweep">{"".join(parts)}</div>'
    return {
        "text/html": f"{STYLE}{SWEEP_STYLE}{html}",
        "text/plain": as_text(
            results, summary, against=None if baseline is None else against
        ),
    }


def summary_of(
    results: Sequence[Result], *, shown: int | None = None, quiet: bool = False
) -> str:
    """The whole in a line: answers, tokens, cost, what is missing and what to do.

    Args:
        results: of a sweep.
        shown: how many stand side by side, if not all of them do.
        quiet: say nothing unless something is missing.
    """
    from routeway_magic.pricing import money
    from routeway_magic.usage import counts_of

    sources = dict.fromkeys(result.turn.source for result in results if result.turn)
    counts = [counts_of(result.usage) for result in results]
    sent, received = sum(c.all_input for c in counts), sum(c.output for c in counts)
    complete = sum(result.status == "complete" for result in results)
    missing = len(results) - complete
    if quiet and not missing:
        return ""
    costs = [float(result.cost) for result in results if result.cost is not None]
    parts = [
        f"{complete} of {len(results)} answers" if missing else f"{complete} answers",
        ", ".join(sources),
        f"{sent:,} → {received:,} tokens" if sent or received else "",
        money(sum(costs)) if costs else "",
        f"{shown} of them are shown; the table has all"
        if shown is not None and shown < len(results)
        else "",
        "`%claude sweep resume` asks for the rest" if missing else "",
    ]
    return " · ".join(filter(None, parts))
