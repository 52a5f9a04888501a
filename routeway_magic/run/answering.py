"""Asking for an answer of a certain form, once more if it is not of that form."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial, reduce
from typing import TYPE_CHECKING

from routeway_magic.answer_tool import OBJECT, VALUE
from routeway_magic.errors import InvalidAnswerError
from routeway_magic.events import AskedAgain, Event
from routeway_magic.footer import Footer
from routeway_magic.run.place import Place
from routeway_magic.run.reply import Reply
from routeway_magic.run.shown import Shown, close
from routeway_magic.settings import RequestOptions
from routeway_magic.types import ContentBlock
from routeway_magic.usage import cost_together

if TYPE_CHECKING:
    from routeway_magic.run.session import Session
    from routeway_magic.tools.toolbox import Toolbox
    from routeway_magic.wanted import Wanted

__all__ = ["converse_for"]

_ENDED = {
    "max_tokens": (
        "it was cut, at the most tokens that an answer may have",
        "Allow more: `--max-tokens N`.",
    ),
    "refusal": ("the model refused", "Rephrase the question."),
    "content_filter": ("it was withheld", "Rephrase the question."),
}


def converse_for(
    wanted: Wanted | None,
    session: Session,
    prompt: str | list[ContentBlock],
    *,
    options: RequestOptions,
    place: Place,
    shown: Shown | None = None,
    inserted: str = "",
    tools: Toolbox | None = None,
) -> Reply:
    """Asks for an answer of this form; if it is of another one, asks once more.

    The second question says what is wrong. Both are turns of the conversation, and
    one reply: its turns, usage and cost are of both.

    Args:
        wanted: the form; None for any.
        session: who sends and keeps it.
        prompt: the user's text, or content blocks.
        options: what the user set, and what the form wants (`Wanted.options`).
        place: what it goes on from.
        shown: what displays both answers; None for nothing.
        inserted: what of the notebook is in the prompt, in words.
        tools: what the model may call.

    Raises:
        InvalidAnswerError: if the second answer is not of that form either, or the
            first was withheld or cut; the turns are kept.
        ClaudeError: if an exchange fails.
        Interrupted: if the user stops it.
    """
    ask = partial(session.converse, options=options, tools=tools)
    if wanted is None:
        return ask(prompt, place=place, shown=shown, inserted=inserted)
    from routeway_magic.answer_types import UnfitError

    both = _Both(shown) if shown else None
    try:
        reply = ask(prompt, place=place, shown=both, inserted=inserted)
        try:
            return _fitting(reply, wanted)
        except UnfitError as error:
            wrong = f"Your answer is not of the form {wanted.label}: {error}."
        again = f"{wrong} {_how(options)}"
        if both:
            both.handle(AskedAgain(again))
        second = ask(again, place=_after(place, reply), shown=both)
        return _mended(_joined(reply, second), wanted)
    finally:
        if both:
            both.end()


@dataclass(slots=True)
class _Both:
    """What shows two answers as one: it is closed once, when there is no other.

    Args:
        shown: what displays them.
    """

    shown: Shown
    footers: list[Footer] = field(default_factory=list)

    def handle(self, event: Event) -> None:
        """Takes an event of either."""
        self.shown.handle(event)

    def close(self, footer: Footer | None) -> None:
        """Keeps what stands under one answer; there may be another."""
        self.footers += [footer] if footer else []

    def end(self) -> None:
        """Shows the final state."""
        close(self.shown, reduce(_one_below, self.footers) if self.footers else None)


def _one_below(first: Footer, second: Footer) -> Footer:
    return second.after(first)


def _joined(first: Reply, second: Reply) -> Reply:
    return replace(
        second,
        before=[*first.turns, *second.before],
        cost=cost_together([first.cost, second.cost]),
    )


def _mended(reply: Reply, wanted: Wanted) -> Reply:
    from routeway_magic.answer_types import UnfitError

    try:
        return _fitting(reply, wanted)
    except UnfitError as error:
        raise InvalidAnswerError(
            f"The answer is not of the form {wanted.label}, though it was asked for "
            f"twice: {error}.",
            "Both answers are kept in the conversation.",
            reply,
        ) from None


def _fitting(reply: Reply, wanted: Wanted) -> Reply:
    if reply.stop_reason in _ENDED:
        why, hint = _ENDED[reply.stop_reason]
        raise InvalidAnswerError(
            f"There is no answer of the form {wanted.label}: {why}.", hint, reply
        )
    return replace(reply, value=wanted.read(reply.message))


def _how(options: RequestOptions) -> str:
    param = options.parameters.get("param") or {}
    names = [tool.get("name") for tool in param.get("tools") or []]
    given = [name for name in names if name in (OBJECT, VALUE)]
    way = f"by calling `{given[0]}`" if given else "and nothing else"
    return f"Give the whole answer again in that form, {way}."


def _after(place: Place, reply: Reply) -> Place:
    """The place behind this answer."""
    history = [*place.history, *reply.turns]
    return replace(place, parent=reply.turn.id, history=history, fresh=False)
