"""What a subcommand is, and what it can give."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from routeway_magic.grammar import Option

if TYPE_CHECKING:  # the session's imports are heavy, and completion only reads names
    from routeway_magic.prompt import Filled
    from routeway_magic.run.session import Session

__all__ = ["Command", "Displayed", "Given", "NextCode", "NotTaken", "Output", "parted"]


@dataclass(frozen=True, slots=True)
class Output:
    """Something to show that is more than text.

    Args:
        html: safe to show in a trusted page, and readable without its styles.
        text: the same for terminals and for what the notebook keeps.
    """

    html: str
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> dict[str, str]:
        del include, exclude  # IPython filters for itself
        return {"text/html": self.html, "text/plain": self.text}


@dataclass(frozen=True, slots=True)
class NextCode:
    """Code for the cell below.

    Args:
        code: the cell's whole text.
        note: what the user is told besides.
    """

    code: str
    note: str = ""


class Displayed(Protocol):
    """Anything that a front end can show: an `Output`, a widget."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any: ...


Given: TypeAlias = "str | NextCode | Filled | Displayed"
"""What a subcommand gives: text to print, code for a cell, a prompt to ask, or a display."""


def parted(
    arguments: Sequence[str], *, valued: Container[str] = (), bare: Container[str] = ()
) -> tuple[list[tuple[str, str]], list[str]]:
    """A subcommand's options with their values, in their order, and its other words.

    Args:
        arguments: the words of the line.
        valued: options that take a value, as `--flag VALUE` or `--flag=VALUE`; one
            without has "".
        bare: options without a value, which have "".
    """
    options: list[tuple[str, str]] = []
    others: list[str] = []
    words = iter(arguments)
    for word in words:
        flag, has_value, value = word.partition("=")
        if flag in valued:
            options.append((flag, value if has_value else next(words, "")))
        elif word in bare:
            options.append((word, ""))
        else:
            others.append(word)
    return options, others


class NotTaken(Exception):  # noqa: N818 - no failure: the line is perhaps a prompt
    """The arguments name nothing that there is; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand.

    Args:
        usage: how it is written.
        help: what it does.
        run: takes the session, the options that there are, and the arguments; gives
            text to print, an `Output` or a widget to show, code for a cell, or a prompt
            to ask. It raises `NotTaken` before it does anything if the arguments are
            none of its own.
        most: how many arguments it takes, at most.
        least: how many it needs.
        takes: whether the arguments look like its own.
    """

    usage: str
    help: str
    run: Callable[[Session, Sequence[Option], list[str]], Given]
    most: int = 0
    least: int = 0
    takes: Callable[[Sequence[str]], bool] = lambda _: True
