"""Questions by themselves, asked and recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from routeway_magic.run.reply import Reply
from routeway_magic.run.session import Session

__all__ = ["recorded", "reply"]


def reply(session: Session, prompt: str = "hi", **overrides: Any) -> Reply:
    """What is answered to a question by itself."""
    options = session.settings.snapshot(**overrides)
    return session.converse(prompt, options=options)


def recorded(file: Path, session: Session, *prompts: str) -> list[Reply]:
    """The answers to these, recorded."""
    session.sources.deck.record(file)
    replies = [reply(session, prompt) for prompt in prompts]
    session.sources.deck.stop_recording()
    return replies
