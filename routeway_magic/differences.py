"""What differs between two texts, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from routeway_magic.markup import escape

__all__ = ["Piece", "as_html", "as_text", "differences"]

# Blanks are compared too, so that nothing of either text is lost.
_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_MOST_WORDS = 3000  # comparing word by word costs their square
_MARKS = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
_TAGS = {"same": "{}", "gone": "<del>{}</del>", "new": "<ins>{}</ins>"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text.

    Args:
        kind: "same", "gone" (only in the first text) or "new" (only in the second).
        text: as it stands there.
    """

    kind: str
    text: str


def differences(before: str, after: str) -> list[Piece]:
    """The pieces of two texts in order: what they share, and what only one has.

    Lines are compared first; where some differ, their words are.

    Args:
        before: one text.
        after: the other.
    """
    lines = before.splitlines(keepends=True), after.splitlines(keepends=True)
    words = [word for hunk in _hunks(*lines) for word in _words(*hunk)]
    pieces: list[Piece] = []
    for changed, group in groupby(_settled(words), lambda piece: piece.kind != "same"):
        found = list(group)
        kinds = ("gone", "new") if changed else ("same",)
        pieces += [Piece(kind, _text(found, kind)) for kind in kinds]
    return [piece for piece in pieces if piece.text]


def as_text(pieces: Sequence[Piece]) -> str:
    """The pieces as text: `[-gone-]` and `{+new+}`."""
    return "".join(_MARKS[piece.kind].format(piece.text) for piece in pieces)


def as_html(pieces: Sequence[Piece]) -> str:
    """The pieces as safe HTML: `<del>` and `<ins>`, which need no style to be seen."""
    marked = [_TAGS[piece.kind].format(escape(piece.text)) for piece in pieces]
    return f'<pre class="rw-question">{"".join(marked)}</pre>'


def _hunks(
    before: Sequence[str], after: Sequence[str]
) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Pieces of both that stand at the same place, the same or not."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for _, start, end, start_after, end_after in matcher.get_opcodes():
        yield before[start:end], after[start_after:end_after]


def _words(before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    one, other = "".join(before), "".join(after)
    if one == other:
        yield Piece("same", one)
        return
    words = _WORD.findall(one), _WORD.findall(other)
    if not one or not other or max(map(len, words)) > _MOST_WORDS:
        yield from (Piece("gone", one), Piece("new", other))
        return
    for gone, new in _hunks(*words):
        if gone == new:
            yield Piece("same", "".join(gone))
        else:
            yield from (Piece("gone", "".join(gone)), Piece("new", "".join(new)))


def _settled(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces; blanks that stay the same between changes count as changed.

    Otherwise two sentences that share nothing would be taken apart at each blank.
    """
    shown = [piece for piece in pieces if piece.text]
    for at, piece in enumerate(shown):
        around = [
            shown[beside].kind
            for beside in (at - 1, at + 1)
            if 0 <= beside < len(shown)
        ]
        if piece.kind == "same" and piece.text.isspace() and around.count("same") == 0:
            yield from (Piece("gone", piece.text), Piece("new", piece.text))
        else:
            yield piece


def _text(pieces: Sequence[Piece], kind: str) -> str:
    return "".join(piece.text for piece in pieces if piece.kind == kind)
