"""The same Markdown each time, cut into deltas of sixteen characters."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import count

__all__ = ["FIRST", "LAST", "deltas"]

FIRST = "Alphaword"
"""Stands in the first delta and nowhere else."""
LAST = "Omegaword"
"""Stands in the last delta and nowhere else."""

_SIZE = 16
_PROSE = (
    "a kernel runs what stands in the cell and each small piece of an answer reaches "
    "the reader soon while the notebook keeps one clean entry with naïve ≤ 3 µs prose"
)
_WORDS = _PROSE.split()


@cache
def deltas(number: int) -> list[str]:
    """The pieces of an answer: headings, prose, lists, fences, tables, quotes.

    Args:
        number: how many, at least two.
    """
    text = f"# {FIRST} one\n\n"
    parts, size = _parts(), number * _SIZE
    while len(text) < size:
        text += next(parts)
    cut = [text[at : at + _SIZE] for at in range(0, size, _SIZE)]
    is_in_fence = "".join(cut[:-1]).count("```") % 2
    cut[-1] = f"\n```\n\n{LAST}" if is_in_fence else f"\n\n{LAST}"
    return cut


def _parts() -> Iterator[str]:
    for part in count(1):
        yield f"## {_sentence(part, 5)}\n\n"
        yield f"{_sentence(part, 31)} Call `step_{part}()`, **{part} times**.\n\n"
        yield "".join(f"- {_sentence(part + item, 8)}\n" for item in range(5)) + "\n"
        yield _fence(part)
        yield f"{_sentence(part + 2, 24)}\n\n"
        yield _table(part)
        yield f"> {_sentence(part + 3, 12)}\n\n"


def _sentence(part: int, length: int) -> str:
    chosen = (_WORDS[(part * 7 + at * 5) % len(_WORDS)] for at in range(length))
    return " ".join(chosen).capitalize() + "."


def _fence(part: int) -> str:
    lines = (f"    total += values[{at}] * {part}  # term {at}\n" for at in range(6))
    body = "".join(lines)
    return (
        f"```python\ndef step_{part}(values):\n    total = 0\n\n{body}"
        "    return total\n```\n\n"
    )


def _table(part: int) -> str:
    rows = (f"| row {at} | {part * at} | {_sentence(at, 4)} |\n" for at in range(4))
    return "| name | value | note |\n|:--|--:|--|\n" + "".join(rows) + "\n"
