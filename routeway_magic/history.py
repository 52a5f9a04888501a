"""Turns to read: what was asked and answered, as text, as Markdown, as safe HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from routeway_magic.accumulate import text_of
from routeway_magic.answer import bundle_of_turns
from routeway_magic.call_text import call_text
from routeway_magic.markup import READING_STYLE, STYLE, escape, printable
from routeway_magic.markup.document import wrapped
from routeway_magic.turn import Turn, told_by
from routeway_magic.types import ContentBlock

__all__ = ["as_html", "as_markdown", "as_text", "first_words", "state_of"]

_MOST_LINES, _WIDTH = 6, 100  # of a question or an answer in the overview
_LONGEST = 200  # characters of a call, or of a result, on its line
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
    names: dict[str, str] = {}
    for number, turn in enumerate(turns, start=1):
        asked = [*_results(turn, names), *_asked(turn)]
        names |= _names(turn)
        parts += [
            _heading(turn, number),
            *_excerpt("\n".join(asked) or _GOES_ON, "  > "),
            *_excerpt(text_of(turn.message or {}), "    "),
            *(f"    {_cut(call, _WIDTH)}" for call in _calls(turn)),
            "",
        ]
    return printable("\n".join(parts).rstrip())


def as_markdown(turns: Sequence[Sequence[Turn]]) -> str:
    """Everything that was said, questions as quotations, calls with their results.

    Args:
        turns: for each question the turns that answer it.
    """
    parts: list[str] = []
    for number, loop in enumerate(turns, start=1):
        quoted = "\n".join(f"> {line}" for line in loop[0].question.split("\n"))
        heading = _heading(loop[-1], number if len(turns) > 1 else None)
        parts += [f"#### {heading}", quoted, *_answered(loop)]
    return printable("\n\n".join(parts))


def _answered(loop: Sequence[Turn]) -> Iterator[str]:
    """The paragraphs of an answer: words that go on stand in one."""
    names: dict[str, str] = {}
    words = ""
    for turn in loop:
        results = _results(turn, names) if turn is not loop[0] else []
        if results:
            yield from filter(None, [words, "\n".join(results)])
            words = ""
        words += text_of(turn.message or {})
        names |= _names(turn)
        if calls := _calls(turn):
            yield from filter(None, [words, "\n".join(calls)])
            words = ""
    yield from filter(None, [words])


def _names(turn: Turn) -> dict[str, str]:
    """The names of the tools that its answer calls, by the calls' ids."""
    return {
        str(one.get("id")): str(one.get("name")) for one in _blocks(turn, "tool_use")
    }


def _calls(turn: Turn) -> list[str]:
    return [
        f"→ {call_text(str(one.get('name')), one.get('input'), _LONGEST)}"
        for one in _blocks(turn, "tool_use")
    ]


def _results(turn: Turn, names: dict[str, str]) -> list[str]:
    """What came of calls, a line each."""
    return [
        _cut(f"← {_result(one, names)}", _LONGEST)
        for one in turn.content
        if one.get("type") == "tool_result"
    ]


def _result(block: ContentBlock, names: dict[str, str]) -> str:
    name = names.get(str(block.get("tool_use_id")), "tool")
    failed = " failed" if block.get("is_error") else ""
    return f"{name}{failed}: {' '.join(told_by(block).split())}"


def _asked(turn: Turn) -> list[str]:
    """The question without the results before it."""
    others = [one for one in turn.content if one.get("type") != "tool_result"]
    return [replace(turn, content=others).question] if others else []


def _blocks(turn: Turn, kind: str) -> list[ContentBlock]:
    content = (turn.message or {}).get("content") or []
    return [block for block in content if block.get("type") == kind]


def as_html(turns: Sequence[Sequence[Turn]]) -> str:
    """The same as safe HTML, thinking and tools included.

    Args:
        turns: for each question the turns that answer it.
    """
    parts = [STYLE, READING_STYLE]
    for number, loop in enumerate(turns, start=1):
        heading = _heading(loop[-1], number if len(turns) > 1 else None)
        parts.append(
            wrapped(
                f'<div class="rw-footer">{escape(printable(heading))}</div>'
                f'<pre class="rw-question">{escape(loop[0].question)}</pre>'
            )
        )
        parts.append(bundle_of_turns(loop)["text/html"].removeprefix(STYLE))
    return "".join(parts)


def _heading(turn: Turn, number: int | None) -> str:
    model = str((turn.message or {}).get("model") or turn.parameters.get("model", ""))
    facts = [turn.short, turn.cell.label, model, turn.source, state_of(turn)]
    told = " · ".join(fact for fact in facts if fact)
    return told if number is None else f"{number}. {told}"


def _excerpt(text: str, indent: str) -> list[str]:
    lines = text.strip().splitlines()
    shown = lines if len(lines) <= _MOST_LINES + 1 else lines[:_MOST_LINES]
    more = len(lines) - len(shown)
    told = [_cut(line, _WIDTH) for line in shown]
    return [
        indent + line for line in [*told, *([f"… {more} more lines"] if more else [])]
    ]


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[: width - 1].rstrip()}…"
