"""`%%claude --sweep`: from a cell to a sweep that is shown while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from routeway_magic.cell_options import CellOptions
from routeway_magic.columns import columns
from routeway_magic.commands.command import Output
from routeway_magic.comparison.compared import label_of
from routeway_magic.errors import InputError
from routeway_magic.markup import escape, printable
from routeway_magic.markup.document import wrapped
from routeway_magic.render import choose_for_many
from routeway_magic.run.sweeping.forecasts import forecast
from routeway_magic.run.sweeping.keyless import axis_without_key
from routeway_magic.run.sweeping.questions import filled_once
from routeway_magic.run.sweeping.start import prepared
from routeway_magic.run.sweeping.sweep import Sweep

if TYPE_CHECKING:
    from routeway_magic.prompt import Filled
    from routeway_magic.run.place import Place
    from routeway_magic.run.session import Session
    from routeway_magic.settings import RequestOptions
    from routeway_magic.tools.toolbox import Toolbox

__all__ = ["preview_of", "run", "sweep_of"]

_MOST_NAMED = 20
_NOT_HERE = {
    "as_": (
        "--as",
        "the answers of a sweep are compared as text",
        "Ask for JSON and show it with `-f json`; `sweep.score(fn)` reads each answer.",
    ),
    "next_cell": (
        "--next-cell",
        "a sweep has many answers, and the cell below has room for one",
        "Look at all with `-f code`; `%claude use ID` goes on from the one you like.",
    ),
    "count": (
        "--count",
        "the server counts one request, and a sweep is many",
        "`--dry-run` alone tells the whole size, an estimate.",
    ),
}
"""Options that a sweep cannot follow: how they are written, why, and what to do."""

Fill = Callable[[Mapping[str, Any], "RequestOptions"], "Filled"]
"""Gives the prompt its values, of which these go before the notebook's; how much of
each, the options' model decides."""


def sweep_of(
    session: Session,
    prompt: str,
    here: CellOptions,
    overrides: Mapping[str, Any],
    *,
    place: Place,
    fill: Fill,
    tools: Toolbox | None = None,
) -> Sweep:
    """The sweep that a cell asks for; nothing has been sent yet.

    Where it is many requests, the user is asked first.

    Args:
        session: asks.
        prompt: as typed.
        here: has the axes and how often each is asked.
        overrides: settings of this cell, the same for all variants.
        place: what all answers go on from.
        fill: gives the prompt its values.
        tools: what the model may call.

    Raises:
        InputError: if an axis, a value or a reference makes no sense, a value holds
            a key, or an option is none that a sweep can follow.
        ConfigurationError: if it is too many requests without a go-ahead.
    """
    _refuse_what_is_not_here(here)
    axes = [axis_without_key(session.sources, text) for text in here.sweep]
    sweep = prepared(
        session,
        filled_once(
            prompt, axes, lambda values, options: fill(values, options).content
        ),
        axes,
        place=place,
        repeat=here.repeat,
        yes=here.yes or here.dry_run,
        options=overrides,
        typed=prompt,
        raw=here.raw,
        tools=tools,
    )
    sweep.format = here.format
    return sweep


def preview_of(session: Session, sweep: Sweep) -> Output:
    """What a sweep would send: how much it is, and its variants.

    Args:
        session: whose it is.
        sweep: has sent nothing yet.
    """
    size = forecast(session, sweep.questions, sweep.place, sweep.tools).text
    asked = [variant for variant in sweep.plan.variants if not variant.repeat]
    times = f" × {sweep.plan.repeat}" if sweep.plan.repeat > 1 else ""
    shown = [
        (f"#{variant.index}", f"{label_of(variant, is_repeated=False)}{times}")
        for variant in asked[:_MOST_NAMED]
    ]
    more = len(asked) - len(shown)
    lines = [
        f"Nothing was sent. The sweep would be {size}:",
        *columns(shown),
        *([f"  and {more:,} more"] if more else []),
    ]
    text = printable("\n".join(lines))
    return Output(wrapped(f"<pre>{escape(text)}</pre>"), text)


def run(
    session: Session,
    sweep: Sweep,
    shell: Any,
    *,
    alone: bool,
) -> None:
    """Asks what is not complete, and shows it while it comes.

    Args:
        session: asks.
        sweep: begun or stopped.
        shell: the running IPython shell.
        alone: whether the cell shows nothing else.

    Raises:
        ClaudeError: if nothing at all could be asked.
        Interrupted: if the user stops it; what has come is kept.
    """
    rest = [sweep.questions[index] for index in sweep.rest]
    watch = choose_for_many(
        shell,
        quiet=any(question.options.quiet for question in rest),
        alone=alone,
        format=sweep.format,
        note=forecast(session, rest, sweep.place, sweep.tools).text,
        apart=sweep.tools is not None,
    )
    sweep.resume(watch=watch)


def _refuse_what_is_not_here(here: CellOptions) -> None:
    for name, (flag, why, hint) in _NOT_HERE.items():
        if getattr(here, name):
            raise InputError(f"`{flag}` does not go with `--sweep`: {why}.", hint)
