"""Asking from Python."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from routeway_magic.answer_types import answer_type
from routeway_magic.run.answering import converse_for
from routeway_magic.run.reply import Reply
from routeway_magic.run.session import session
from routeway_magic.wanted import TypeWanted

if TYPE_CHECKING:
    from routeway_magic.tools.toolbox import Toolbox

__all__ = ["ask"]


def ask(
    prompt: str,
    *,
    conversation: str | None = None,
    tools: Sequence[Any] = (),
    allow: Sequence[Any] = (),
    as_: Any = None,
    **options: Any,
) -> Reply:
    """Asks, waits for the whole answer and gives it back; shows nothing.

    Args:
        prompt: sent as it is; braces mean nothing here.
        conversation: the name of a conversation to go on with; without one, nothing
            that was said before is sent.
        tools: functions that the model may call, or definitions in JSON; each call is
            asked about below the cell, and denied where nobody can answer.
        allow: those that run without asking, or their names.
        as_: have the answer as an object of this type, or JSON Schema; it is the
            reply's `value`.
        **options: settings by name, such as `temperature=0.2` or
            `param={"metadata": {"user_id": "a"}}`; None takes one back.

    Raises:
        InputError: if something cannot be a tool, or an answer cannot be `as_`.
        InvalidAnswerError: if the answer is no `as_`, though it was asked for twice.
        ClaudeError: if the exchange fails.
        Interrupted: if the user stops it.
    """
    here = session()
    chosen = here.settings.snapshot(**options)
    kept = here.conversation(conversation) if conversation is not None else None
    toolbox = _toolbox(tools, allow)
    wanted = None if as_ is None else TypeWanted(answer_type(as_))
    if wanted:
        chosen = wanted.options(chosen, prompt, tools=toolbox is not None)
    try:
        return converse_for(
            wanted,
            here,
            prompt,
            options=chosen,
            place=here.place(kept),
            tools=toolbox,
        )
    finally:
        for warning in here.recorder.take_warnings():
            warnings.warn(warning, stacklevel=2)


def _toolbox(tools: Sequence[Any], allow: Sequence[Any]) -> Toolbox | None:
    if not tools and not allow:
        return None
    from routeway_magic.tools.consent import ask_by_input
    from routeway_magic.tools.toolbox import toolbox_of

    return toolbox_of(tools, allow=allow, ask=ask_by_input)
