"""Beginning a sweep from Python and from a cell."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from routeway_magic.errors import ConfigurationError, InputError
from routeway_magic.run.session import session
from routeway_magic.run.sweeping.forecasts import forecast
from routeway_magic.run.sweeping.functions import toolbox_here
from routeway_magic.run.sweeping.keyless import plan_without_key
from routeway_magic.run.sweeping.questions import Prompt, Question, questions, roles_of
from routeway_magic.run.sweeping.sweep import Sweep
from routeway_magic.sweeps.grid import Axis
from routeway_magic.sweeps.result import Watcher
from routeway_magic.tools.consent import typed as answered

if TYPE_CHECKING:
    from routeway_magic.run.place import Place
    from routeway_magic.run.session import Session
    from routeway_magic.tools.toolbox import Toolbox

__all__ = ["prepared", "sweep"]

_NO_CALLS = ("a judge", "it calls no functions", "Score by a function of your own.")
_NOT_HERE = {
    "tools": _NO_CALLS,
    "allow": _NO_CALLS,
    "as_": (
        "a sweep",
        "the answers of a sweep are compared as text",
        "Ask for JSON; `sweep.score(fn)` reads each answer.",
    ),
}
"""What is no setting, with what it does not go: why, and what to do."""


def sweep(
    prompt: str,
    grid: Mapping[str, Any] | Iterable[Axis],
    *,
    repeat: int = 1,
    concurrency: int | None = None,
    yes: bool = False,
    executor: Executor | None = None,
    conversation: str | None = None,
    watch: Watcher | None = None,
    tools: Sequence[Any] = (),
    allow: Sequence[Any] = (),
    **options: Any,
) -> Sweep:
    """Asks the same under every combination of the grid's values, many at once.

    An axis names a setting (`temperature`), else a name in the prompt's braces
    (`{city}`), else any field of the request; the value "unset" takes a setting back.
    Other braces stay as typed. Each answer stands by itself beside the
    conversation's path. A failure stays with its variant; after an interrupt
    `session().last_sweep.resume()` asks the rest.

    For thousands of prompts, or a class that shares a cluster, give an `executor`:
    one job per request goes out, `concurrency` of them at a time, and each answer
    comes back into this kernel's journal. What limits it is the key's rate limit and
    its budget, which hold here over all engines, and hardly ever the processor: 5
    requests a minute are 7,200 a day, on one engine as on a hundred. Save the sweep
    when it is over, or load it from the journal and resume.

    Args:
        prompt: what is asked.
        grid: values by name, such as `{"temperature": [0, 0.5, 1]}` or
            `{"top_p": "0.1:0.9:5"}`.
        repeat: how often each combination is asked, 1 or more.
        concurrency: how many run at the same time; None for the setting.
        yes: whether it may be more requests than `sweep_confirm_above`; without it
            you are asked, and where nobody can be asked it is refused.
        executor: runs the requests elsewhere: any of `concurrent.futures`, or of a
            cluster. Its engines take the key from their environment.
        conversation: the name of a conversation to go on with; without one, nothing
            that was said before is sent.
        watch: is told of what comes.
        tools: functions that the model may call, or definitions in JSON; the functions
            run on the thread that called `sweep`, one at a time.
        allow: those that run, or their names. Nobody is asked about so many calls: the
            others are denied.
        **options: settings by name, for all variants.

    Raises:
        InputError: if an axis or a value makes no sense, or holds a key; if something
            cannot be a tool, or tools come with an executor.
        ConfigurationError: if it is too many requests without a go-ahead.
        ClaudeError: if nothing at all could be asked.
        Interrupted: if the user stops it.
    """
    here, toolbox = session(), toolbox_here(tools, allow, executor)
    kept = here.conversation(conversation) if conversation is not None else None
    begun = prepared(
        here,
        prompt,
        grid,
        place=here.place(kept),
        repeat=repeat,
        concurrency=concurrency,
        yes=yes,
        options=options,
        tools=toolbox,
    )
    try:
        return begun.resume(watch=watch, executor=executor)
    finally:
        for warning in here.recorder.take_warnings():
            warnings.warn(warning, stacklevel=2)


def prepared(
    session: Session,
    prompt: Prompt,
    grid: Mapping[str, Any] | Iterable[Axis],
    *,
    place: Place,
    repeat: int = 1,
    concurrency: int | None = None,
    yes: bool = False,
    options: Mapping[str, Any] | None = None,
    typed: str = "",
    variables: Collection[str] = (),
    raw: bool = False,
    tools: Toolbox | None = None,
) -> Sweep:
    """A sweep that has sent nothing yet: `resume` asks it.

    Args:
        session: asks.
        prompt: a text, or what gives each variant its content blocks.
        grid: values by name, or axes.
        place: what all variants answer to.
        repeat: how often each combination is asked.
        concurrency: how many run at the same time; None for the setting.
        yes: whether it may be more requests than `sweep_confirm_above`, without
            asking.
        options: settings by name, for all variants.
        typed: the prompt as typed, where `prompt` is no text.
        variables: axes that are names in the prompt, besides those in its braces.
        raw: whether braces mean nothing.
        tools: what the model may call.

    Raises:
        InputError: if an axis or a value makes no sense, or holds a key.
        ConfigurationError: if it is too many requests, and the user does not want
            them or cannot be asked.
    """
    _refuse_what_is_not_here(options or {})
    _check_concurrency(concurrency)
    planned = plan_without_key(session.sources, grid, repeat)
    text = prompt if isinstance(prompt, str) else typed
    roles = roles_of(planned.axes, "" if raw else text, variables=variables)
    asked = questions(
        planned, prompt, roles, settings=session.settings, options=options or {}
    )
    if planned.requests > session.settings.sweep_confirm_above and not yes:
        _must_be_meant(session, asked, place, tools)
    return Sweep(
        session,
        planned,
        asked,
        place=place,
        prompt=text,
        concurrency=concurrency,
        tools=tools,
    )


def _refuse_what_is_not_here(options: Mapping[str, Any]) -> None:
    for name, (what, why, hint) in _NOT_HERE.items():
        if name in options:
            raise InputError(f"`{name}=` does not go with {what}: {why}.", hint)


def _check_concurrency(concurrency: int | None) -> None:
    """None, or a whole number of 1 or more: by another, nothing would be asked."""
    if concurrency is not None and not (
        isinstance(concurrency, int) and concurrency >= 1
    ):
        raise InputError(
            f"`concurrency` cannot be {concurrency!r}.",
            "It takes 1 or more, or None for the setting.",
        )


def _must_be_meant(
    session: Session,
    questions: Sequence[Question],
    place: Place,
    tools: Toolbox | None,
) -> None:
    size, most = (
        forecast(session, questions, place, tools).text,
        session.settings.sweep_confirm_above,
    )
    answer = answered(f"This sweep would be {size}. Send it? [y]es, [n]o: ")
    if answer is None:
        raise ConfigurationError(
            f"This sweep would be {size}; without a go-ahead `sweep_confirm_above` "
            f"allows {most:,} requests, and nobody can be asked here: nothing was sent.",
            "To send it: `--yes`, in Python `yes=True`.",
        )
    if answer not in ("y", "yes"):
        raise ConfigurationError(
            "The sweep was not sent, as you wished.",
            "`--dry-run` tells its size; `--yes` (`yes=True`) sends it without asking.",
        )
