"""Asking for an answer of a certain form, once more if it is not of that form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from routeway_magic.answer_tool import OBJECT, VALUE
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
    from routeway_magic.tools.toolbox import Toolbox

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
    shown: Callable[[str], Shown | None] = lambda _: None,
    inserted: str = "",
    tools: Toolbox | None = None,
) -> Reply:
    """Asks for an answer of this form; if it is of another one, asks once more.

    The second question says what is wrong. Both are turns of the conversation.

    Args:
        wanted: the form; None for any.
        session: who sends and keeps it.
        prompt: the user's text, or content blocks.
        options: what the user set, and what the form wants (`Wanted.options`).
        place: what it goes on from.
        shown: gives what displays an answer; called for each, with the reason why
            it is asked for, "" for the first.
        inserted: what of the notebook is in the prompt, in words.
        tools: what the model may call.

    Raises:
        InvalidAnswerError: if the second answer is not of that form either, or the
            first was withheld or cut; the turns are kept.
        ClaudeError: if an exchange fails.
        Interrupted: if the user stops it.
    """
    ask = partial(session.converse, options=options, tools=tools)
    reply = ask(prompt, place=place, shown=shown(""), inserted=inserted)
    if wanted is None:
        return reply
    try:
        return _fitting(reply, wanted)
    except UnfitError as error:
        wrong = f"not of the form {wanted.label}: {error}"
    reply = ask(
        f"Your answer is {wrong}. {_how(options)}",
        place=_after(place, reply),
        shown=shown(f"The answer is {wrong}. Asked once more:"),
    )
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
