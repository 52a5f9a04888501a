"""What is known here and now, and can be named: variables, models, conversations."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from routeway_magic import namespace
from routeway_magic.settings import DEFAULT_MODEL, ClaudeSettings

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from routeway_magic.run.session import Session
    from routeway_magic.turn import Turn

__all__ = ["Known", "Words"]

_WORDS_OF_A_QUESTION = 40  # characters
_PLAIN_TYPES = ("bool", "dict", "float", "int", "list", "str")

Words = Iterable[tuple[str, str]]
"""Words to choose from, each with what it is."""


@dataclass(frozen=True, slots=True)
class Known:
    """What this kernel knows without asking anybody.

    Args:
        shell: whose variables there are.
        most: how many of them to tell; None for all.
    """

    shell: InteractiveShell
    most: int | None = None

    def variables(self, typed: str) -> Words:
        """The user's variables that begin as typed."""
        return self._named(typed, self.most)

    def functions(self, typed: str) -> Words:
        """The user's functions that begin as typed."""
        return [item for item in self._named(typed, None) if item[1] == "function"]

    def types(self, typed: str) -> Words:
        """The user's classes that begin as typed, then Python's plain types."""
        own = [item for item in self._named(typed, None) if item[1] == "class"]
        plain = [(name, "class") for name in _PLAIN_TYPES if name.startswith(typed)]
        return [*own, *plain]

    def value(self, chain: str) -> Any:
        """The value of a chain of names, None if it cannot be known."""
        try:
            return namespace.find(self.shell.user_ns, chain)
        except LookupError:
            return None

    def models(self, _typed: str = "") -> Words:
        """The model in use, those asked so far, and those of the last list."""
        session = _session()
        names: list[Any] = [ClaudeSettings.instance().snapshot().model]
        for turn in reversed(session.turns if session else []):
            names += [turn.parameters.get("model"), (turn.message or {}).get("model")]
        names += [model.get("id") for model in (session.listed if session else [])]
        return _each([*names, DEFAULT_MODEL], "model")

    def model_words(self, _typed: str = "") -> Words:
        """The words that model names are made of."""
        names = [name for name, _ in self.models()]
        parts = [part for name in names for part in name.split("-")]
        return _each(filter(str.isalpha, parts), "part of a model's name")

    def conversations(self, _typed: str = "") -> Words:
        """The conversations that were begun, and the default one."""
        session = _session()
        names = list(session.conversations) if session else []
        return _each(["main", *names], "conversation")

    def turns(self, _typed: str = "") -> Words:
        """The turns so far, and those under way, the latest first: what they asked."""
        session = _session()
        kept = list(session.conversations.values()) if session else []
        turns = [turn for conversation in kept for turn in conversation.shown]
        turns += _under_way(session) if session else []
        for turn in sorted(turns, key=lambda turn: turn.started, reverse=True):
            yield turn.id, " ".join(turn.question.split())[:_WORDS_OF_A_QUESTION]

    def answers(self, _typed: str = "") -> Words:
        """The numbers of the last sweep's answers, with what they were asked with."""
        session = _session()
        sweep = session.last_sweep if session else None
        for variant in sweep.plan.variants if sweep else ():
            yield str(variant.index), variant.label or f"repeat {variant.repeat + 1}"

    def _named(self, typed: str, most: int | None) -> Words:
        names, hidden = self.shell.user_ns, self.shell.user_ns_hidden
        return namespace.names(names, hidden, typed, most=most)


def _session() -> Session | None:
    """The kernel's session if it has begun; its imports are not for a Tab to wait for."""
    module = sys.modules.get("routeway_magic.run.session")
    if module is None or not module.begun.cache_info().currsize:
        return None
    session: Session = module.session()
    return session


def _under_way(session: Session) -> list[Turn]:
    from routeway_magic.run.wire import under_way

    return [turn for _, turn in under_way(session)]


def _each(words: Iterable[Any], kind: str) -> Words:
    return [(word, kind) for word in dict.fromkeys(words) if word and type(word) is str]
