"""A conversation's tree of turns, drawn as lines of text.

The way to the head runs straight down; what was answered otherwise stands indented
above the turn that took its place. Long runs without a branch are shortened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from routeway_magic.conversation import Conversation
from routeway_magic.history import first_words, state_of
from routeway_magic.turn import Turn, counted

__all__ = ["drawn"]

_LONG_RUN, _ENDS = 6, 2  # a run of more turns than this keeps so many at its ends
_MOST_SIDES = 6  # branches that are drawn at one point, the latest
_WIDTH = 48  # characters of a question
_FIRST = "the next question is a first one"


def drawn(conversation: Conversation) -> str:
    """The tree as text: a turn on a line with its id, cell, question and state.

    Args:
        conversation: what was dropped in it is only counted.
    """
    tree = _Tree(conversation)
    rows = list(tree.rows())
    cells = [turn.cell.label for _, turn in rows if isinstance(turn, Turn)]
    width = max(map(len, cells), default=0)
    lines = [prefix + tree.line(what, width) for prefix, what in rows]
    if conversation.head is None:
        lines.append(f"◆ head: {_FIRST}")
    return "\n".join([tree.title(), "", *lines]).rstrip()


_Row = tuple[str, Turn | str]
"""What stands before a line, and the turn on it or what was left out there."""


def _run(turns: Sequence[Turn], first: str, rest: str) -> Iterator[_Row]:
    """Turns one below the other at which nothing branches, the middle left out."""
    shown: list[Turn | str] = list(turns)
    if len(turns) > _LONG_RUN:
        shown[_ENDS:-_ENDS] = [f"{len(turns) - 2 * _ENDS} more turns"]
    for at, what in enumerate(shown):
        yield rest if at else first, what


class _Tree:
    def __init__(self, conversation: Conversation) -> None:
        self._name = conversation.name
        self._head = conversation.head
        self._turns = conversation.shown
        self._dropped = len(conversation) - len(self._turns)
        self._path = {turn.id for turn in conversation.path(self._head)}
        self._children: dict[str | None, list[Turn]] = defaultdict(list)
        self._size: dict[str, int] = {}
        for turn in self._turns:
            self._children[turn.parent].append(turn)
        for turn in reversed(self._turns):  # children stand behind their parents
            below = self._children[turn.id]
            self._size[turn.id] = 1 + sum(self._size[one.id] for one in below)

    def title(self) -> str:
        """How many turns there are, and how many of them are sent."""
        count = len(self._turns)
        dropped = f", {self._dropped} dropped" if self._dropped else ""
        return (
            f"{self._name}: {counted(count)}, "
            f"{len(self._path)} on the path (●){dropped}"
        )

    def line(self, turn: Turn | str, width: int) -> str:
        """One turn, or what was left out; `width` is that of the column of cells."""
        if isinstance(turn, str):
            return f"⋮ {turn}" if turn else ""
        mark = "●" if turn.id in self._path else "○"
        words = first_words(turn, _WIDTH)
        state = state_of(turn)
        head = "← head" if turn.id == self._head else ""
        cell = f"{turn.cell.label:>{width}}  " if width else ""
        told = "  ".join(part for part in (words, state, head) if part)
        return f"{mark} {turn.short}  {cell}{told}"

    def rows(self) -> Iterator[_Row]:
        """All lines, top to bottom; the tree that the head is in comes last."""
        roots = sorted(self._children[None], key=lambda turn: turn.id in self._path)
        hidden = _hidden(len(roots))
        if hidden:
            yield "", f"{hidden} earlier beginnings"
        for turn in roots[hidden:]:
            yield from self._branch(turn, "", "")
            yield "", ""

    def _branch(self, top: Turn, first: str, rest: str) -> Iterator[_Row]:
        """A turn and what follows: `first` stands before it, `rest` before the others."""
        run: list[Turn] = []
        turn: Turn | None = top
        while turn:
            run.append(turn)
            others, following = self._following(turn)
            if others or following is None or turn.id == self._head:
                yield from _run(run, first, rest)
                run, first = [], rest
            yield from self._sides(others, rest)
            turn = following

    def _sides(self, others: Sequence[Turn], rest: str) -> Iterator[_Row]:
        first, rest = f"{rest}├─ ", f"{rest}│  "
        hidden = _hidden(len(others))
        if hidden:
            yield first, f"{hidden} earlier branches"
        for turn in others[hidden:]:
            yield from self._branch(turn, first, rest)

    def _following(self, turn: Turn) -> tuple[list[Turn], Turn | None]:
        """The branches beside, and the turn that the drawing goes straight on with.

        Off the head's path that is what most turns follow: so no drawing is indented
        deeper than the logarithm of its turns. Of several behind the head none is it.
        """
        below = self._children[turn.id]
        if not below or (turn.id == self._head and len(below) > 1):
            return below, None
        last = max(
            range(len(below)),
            key=lambda at: (below[at].id in self._path, self._size[below[at].id], at),
        )
        return [*below[:last], *below[last + 1 :]], below[last]


def _hidden(count: int) -> int:
    """How many of so many branches are left out; a single one is not worth it."""
    return count - _MOST_SIDES if count > _MOST_SIDES + 1 else 0
