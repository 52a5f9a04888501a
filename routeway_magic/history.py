"""Turns to read: what was asked and answered, as text, as Markdown, as safe HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from routeway_magic.accumulate import text_of
from routeway_magic.answer import bundle
from routeway_magic.markup import READING_STYLE, STYLE, escape, printable
from routeway_magic.markup.document import wrapped
from routeway_magic.turn import Turn, one_message

__all__ = ["as_html", "as_markdown", "as_text", "first_words", "state_of"]

_MOST_LINES, _WIDTH = 6, 100  # of a question or an answer in the overview
_GOES_ON = "(goes on)"
_USUAL = (None, "end_turn", "stop_sequence")


def first_words(turn: Turn, width: int) -> str:
    """The beginning of the question on one line.

    Args:
        turn: whose.
        width: characters, at most.
    """
    return _cut(" ".join(turn.question.split()) or _GOES_ON, width)


def state_of(turn: Turn) -> str:
    """What is unusual about how it ended, "" if nothing is."""
    if turn.status != "complete":
        return turn.status if turn.has_content else f"{turn.status}, nothing came"
    if not turn.has_content:
        return "empty"
    return "" if turn.stop_reason in _USUAL else str(turn.stop_reason)


def as_text(turns: Iterable[Turn]) -> str:
    """An overview: numbered turns, each with a few lines of what was said.

    Args:
        turns: oldest first.
    """
    parts: list[str] = []
    for number, turn in enumerate(turns, start=1):
        answer = text_of(turn.message or {})
        parts += [
            _heading(turn, number),
            *_excerpt(turn.question or _GOES_ON, "  > "),
            *_excerpt(answer, "    "),
            "",
        ]
    return printable("\n".join(parts).rstrip())


def as_markdown(turns: Sequence[Sequence[Turn]]) -> str:
    """Everything that was said, questions as quotations.

    Args:
        turns: for each answer the turns that make it.
    """
    parts: list[str] = []
    for number, answer in enumerate(turns, start=1):
        quoted = "\n".join(f"> {line}" for line in answer[0].question.split("\n"))
        heading = _heading(answer[-1], number if len(turns) > 1 else None)
        parts += [f"#### {heading}", quoted]
        parts.append(text_of(one_message(answer)))
    return printable("\n\n".join(parts))


def as_html(turns: Sequence[Sequence[Turn]]) -> str:
    """The same as safe HTML, thinking and tools included.

    Args:
        turns: for each answer the turns that make it.
    """
    parts = [STYLE, READING_STYLE]
    for number, answer in enumerate(turns, start=1):
        heading = _heading(answer[-1], number if len(turns) > 1 else None)
        parts.append(
            wrapped(
                f'<div class="rw-footer">{escape(printable(heading))}</div>'
                f'<pre class="rw-question">{escape(answer[0].question)}</pre>'
            )
        )
        parts.append(bundle(one_message(answer))["text/html"].removeprefix(STYLE))
    return "".join(parts)


def _heading(turn: Turn, number: int | None) -> str:
    model = str((turn.message or {}).get("model") or turn.parameters.get("model", ""))
    facts = [turn.short, turn.cell.label, model, turn.source, state_of(turn)]
    told = " · ".join(fact for fact in facts if fact)
    return told if number is None else f"{number}. {told}"


def _excerpt(text: str, indent: str) -> list[str]:
    lines = text.strip().split("\n")
    shown = lines if len(lines) <= _MOST_LINES + 1 else lines[:_MOST_LINES]
    more = len(lines) - len(shown)
    told = [_cut(line, _WIDTH) for line in shown]
    return [
        indent + line for line in [*told, *([f"… {more} more lines"] if more else [])]
    ]


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[: width - 1].rstrip()}…"
