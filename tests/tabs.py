"""What Tab offers in a shell, through IPython's own completer."""

from __future__ import annotations

from IPython.core.completer import Completion, provisionalcompleter
from shells import Shell

__all__ = ["completions", "tab"]


def completions(shell: Shell, text: str) -> list[Completion]:
    """What IPython completes at the `|` of a text."""
    with provisionalcompleter():
        found = shell.ip.Completer.completions(
            text.replace("|", "", 1), text.index("|")
        )
        return list(found)


def tab(shell: Shell, text: str) -> list[str]:
    """The words that can be chosen at the `|` of a text."""
    return [item.text for item in completions(shell, text)]
