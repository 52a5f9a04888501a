"""Whether a call may run: the user is asked, or has said so before."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from routeway_magic.call_text import call_text

__all__ = ["Ask", "Consent", "Verdict", "ask_by_input", "typed"]

Verdict = Literal["once", "always", "denied", "unasked"]
"""What the user said; `unasked` if nobody could be asked."""

Ask = Callable[[str, Any], Verdict]
"""Asks the user about a call, given the function's name and the arguments."""

_LONGEST = 1000  # characters of a call that a question shows; above it stands all of it
_ANSWERS: dict[str, Verdict] = {
    "y": "once",
    "yes": "once",
    "once": "once",
    "a": "always",
    "always": "always",
    "n": "denied",
    "no": "denied",
    "deny": "denied",
    "": "denied",
}


@dataclass(slots=True)
class Consent:
    """The functions that the user has allowed for good, as long as the kernel lives.

    A function that is defined anew is another one, and is asked about again.
    """

    always: list[Callable[..., Any]] = field(default_factory=list)

    def covers(self, function: Callable[..., Any]) -> bool:
        """Whether this very function was allowed for good."""
        return any(function == one for one in self.always)


def ask_by_input(name: str, arguments: Any) -> Verdict:
    """Asks below the cell, or in the terminal; nobody is asked from another thread.

    Args:
        name: of the function.
        arguments: as the model wrote them.
    """
    question = f"Run {call_text(name, arguments, _LONGEST)}?"
    while True:
        answer = typed(f"{question} [y]es, [a]lways {name}, [n]o: ")
        if answer is None:
            return "unasked"
        if answer in _ANSWERS:
            return _ANSWERS[answer]


def typed(question: str) -> str | None:
    """What is typed as an answer, in small letters; None if nobody can be asked.

    Args:
        question: stands before the field, below the cell or in the terminal.
    """
    from IPython.core.error import StdinNotImplementedError

    if not _is_watched():
        return None
    try:
        return input(question).strip().lower()
    except (
        StdinNotImplementedError,
        EOFError,
        OSError,
    ):  # OSError: pytest's, a closed one
        return None


def _is_watched() -> bool:
    """Whether what is typed answers a question, and is not input for something else."""
    from IPython import get_ipython

    if threading.current_thread() is not threading.main_thread():
        return False
    is_kernel = hasattr(get_ipython(), "kernel")
    return is_kernel or (sys.stdin is not None and sys.stdin.isatty())
