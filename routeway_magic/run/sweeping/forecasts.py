"""How much a sweep will be: each request that differs is composed and measured once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from routeway_magic.run.place import Place
from routeway_magic.run.sweeping.questions import Question
from routeway_magic.run.sweeping.reserve import most
from routeway_magic.sweeps.forecast import Forecast
from routeway_magic.usage import Counts

if TYPE_CHECKING:
    from routeway_magic.run.session import Session
    from routeway_magic.tools.toolbox import Toolbox

__all__ = ["forecast"]


def forecast(
    session: Session,
    questions: Sequence[Question],
    place: Place,
    tools: Toolbox | None = None,
) -> Forecast:
    """The size of these requests together.

    Args:
        session: composes them.
        questions: what each variant asks; repeats share theirs.
        place: what all of them answer to.
        tools: what the model may call.
    """
    total, last = Counts(), Counts()
    before: Question | None = None
    for question in questions:
        if question is not before:
            request = session.compose(
                question.content, options=question.options, place=place, tools=tools
            )
            last, before = most(request.body), question
        total += last
    runs = any(one.function for one in tools.tools.values()) if tools else False
    most_each = session.settings.max_turns if runs else 1
    return Forecast(len(questions), total.input, total.output, most_each)
