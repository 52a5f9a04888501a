"""A judge: a prompt that rates each answer, asked as a sweep in the same session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from routeway_magic.errors import Interrupted
from routeway_magic.run.sweeping.questions import filled
from routeway_magic.run.sweeping.start import prepared
from routeway_magic.settings import RequestOptions
from routeway_magic.sweeps.plan import Variant
from routeway_magic.sweeps.result import Result, Watcher
from routeway_magic.sweeps.score import number_in

if TYPE_CHECKING:
    from routeway_magic.run.session import Session

__all__ = ["judged"]


def judged(
    session: Session,
    results: Sequence[Result],
    prompt: str,
    *,
    marks: list[Any],
    yes: bool = False,
    watch: Watcher | None = None,
    **options: Any,
) -> None:
    """Notes the number that the judge gives to each complete answer.

    Args:
        session: asks; its pace and its budgets hold.
        results: in the plan's order.
        prompt: `{answer}` is an answer's text, `{axis}` a value that it was asked with.
        marks: one for each result, None so far; what has come is there, whatever ends it.
        yes: whether it may be more requests than `sweep_confirm_above`.
        watch: is told of what comes.
        **options: settings by name.

    Raises:
        InputError: if the prompt cannot be filled.
        ClaudeError: if nothing could be asked.
        Interrupted: if the user stops it.
    """
    rated = [result for result in results if result.status == "complete"]
    if not rated:
        return

    def question(variant: Variant, _: RequestOptions) -> str:
        result = rated[variant.index]
        values = {**result.variant.values, "answer": result.text}
        return filled(prompt, Variant(variant.index, values), values)

    before = session.last_sweep
    sweep = prepared(
        session,
        question,
        {"result": [result.variant.index for result in rated]},
        place=session.place(),
        yes=yes,
        options=options,
        typed=prompt,
        variables=["result"],
    )
    try:
        sweep.resume(watch=watch)
    except Interrupted:
        raise Interrupted(
            f"the judge was stopped: {sweep.summary}. What it has said is kept; "
            "`score` asks it anew."
        ) from None
    finally:
        session.last_sweep = before
        for result in sweep:
            if result.status == "complete":
                marks[result.variant.values["result"]] = number_in(result.text)
