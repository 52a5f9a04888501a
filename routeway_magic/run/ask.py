"""Asking from Python."""

from __future__ import annotations

import warnings
from typing import Any

from routeway_magic.run.reply import Reply
from routeway_magic.run.session import session

__all__ = ["ask"]


def ask(prompt: str, *, conversation: str | None = None, **options: Any) -> Reply:
    """Asks, waits for the whole answer and gives it back; shows nothing.

    Args:
        prompt: sent as it is; braces mean nothing here.
        conversation: the name of a conversation to go on with; without one, nothing
            that was said before is sent.
        **options: settings by name, such as `temperature=0.2` or
            `param={"metadata": {"user_id": "a"}}`; None takes one back.

    Raises:
        ClaudeError: if the exchange fails.
        Interrupted: if the user stops it.
    """
    here = session()
    chosen = here.settings.snapshot(**options)
    kept = here.conversation(conversation) if conversation is not None else None
    try:
        return here.converse(prompt, options=chosen, place=here.place(kept))
    finally:
        for warning in here.recorder.take_warnings():
            warnings.warn(warning, stacklevel=2)
