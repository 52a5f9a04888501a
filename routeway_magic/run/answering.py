"""Asking for an answer of a certain form, once more if it is not of that form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from routeway_magic.answer_types import UnfitError
from routeway_magic.errors import InvalidAnswerError
from routeway_magic.run.place import Place
from routeway_magic.run.reply import Reply
from routeway_magic.run.shown import Shown
from routeway_magic.settings import RequestOptions
from routeway_magic.types import ContentBlock
from routeway_magic.wanted import Wanted

if TYPE_CHECKING:
    from routeway_magic.run.session import Session

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
    wanted: Wanted,
    session: Session,
    prompt: str | list[ContentBlock],
    *,
    options: RequestOptions,
    place: Place,
    shown: Callable[[], Shown | None] = lambda: None,
    inserted: str = "",
) -> Reply:
    """Asks for an answer of this form; if it is of another one, asks once more.

    The second question says what is wrong. Both are turns of the conversation.

    Args:
        wanted: the form.
        session: who sends and keeps it.
        prompt: the user's text, or content blocks.
        options: what the user set.
        place: what it goes on from.
        shown: gives what displays an answer; called for each of them.
        inserted: what of the notebook is in the prompt, in words.

    Raises:
        InvalidAnswerError: if the second answer is not of that form either, or the
            first was withheld or cut; the turns are kept.
        ClaudeError: if an exchange fails.
        Interrupted: if the user stops it.
    """
    asked = wanted.options(options, prompt)
    reply = session.converse(
        prompt, options=asked, place=place, shown=shown(), inserted=inserted
    )
    try:
        return _fitting(reply, wanted)
    except UnfitError as error:
        again = _ask_again(wanted, error)
    place = _after(place, reply)
    reply = session.converse(again, options=asked, place=place, shown=shown())
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


def _ask_again(wanted: Wanted, error: UnfitError) -> str:
    return (
        f"Your answer is not of the form that is needed, {wanted.label}: {error}. "
        "Give the whole answer again, in that form and without anything else."
    )


def _after(place: Place, reply: Reply) -> Place:
    """The place behind this answer."""
    history = [*place.history, reply.turn]
    return replace(place, parent=reply.turn.id, history=history, fresh=False)
