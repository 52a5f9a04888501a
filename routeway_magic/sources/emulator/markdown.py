"""Long, varied Markdown, the same at every call: something to render and to scroll."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["long_markdown"]

_WORDS = (
    *("a", "cell", "sends", "its", "text", "and", "the", "answer", "comes", "back"),
    *("in", "small", "pieces", "while", "page", "shows", "what", "has", "arrived"),
    *("so", "far", "without", "showing", "any", "piece", "of", "it", "twice"),
)


def long_markdown(size: int) -> str:
    """Whole Markdown blocks of at least `size` bytes together.

    Args:
        size: in bytes; the last block may go beyond it.
    """
    blocks: list[str] = []
    length = 0
    for block in _blocks():
        blocks.append(block)
        length += len(block.encode()) + 2
        if length >= size:
            break
    return "\n\n".join(blocks)


def _blocks() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        for write in _KINDS:
            yield write(number)


def _words(start: int, count: int) -> str:
    chosen = [_WORDS[(start * 7 + step * 5) % len(_WORDS)] for step in range(count)]
    return " ".join(chosen)


def _heading(number: int) -> str:
    return f"{'#' * (2 + number % 3)} Section {number}: {_words(number, 4)}"


def _paragraph(number: int) -> str:
    first, second = _words(number, 24), _words(number + 3, 18)
    link = f"[a link](https://example.org/{number})"
    return f"This is *section* **{number}**, {first}. With `code_{number}` and {link}: {second}."


def _bullets(number: int) -> str:
    items = [f"- {_words(number + item, 6)}" for item in range(3)]
    return "\n".join([*items, f"  - nested: {_words(number, 4)}", "- [x] and done"])


def _ordered(number: int) -> str:
    return "\n".join(
        f"{item}. {_words(number * item, 5 + item)}" for item in range(1, 5)
    )


def _table(number: int) -> str:
    rows = [
        f"| {row} | {_words(number + row, 2)} | {row * number} |" for row in range(1, 5)
    ]
    return "\n".join(["| n | words | product |", "|--:|:------|:-------:|", *rows])


def _fence(number: int) -> str:
    code = [
        f"def section_{number}(values: list[float]) -> float:",
        f'    """Say {_words(number, 3)}."""',
        f"    return sum(value * {number} for value in values) / len(values)",
    ]
    return "\n".join(["```python", *code, "```"])


def _mathematics(number: int) -> str:
    inline = rf"Inline $e^{{i\pi}} + 1 = 0$ and $x_{{{number}}} \le {number}$, then displayed:"
    shown = rf"$$\sum_{{k=1}}^{{{number}}} k^2 = \frac{{n(n+1)(2n+1)}}{{6}}$$"
    return f"{inline}\n\n{shown}"


def _quote(number: int) -> str:
    return f"> {_words(number, 12)}.\n>\n> — Größe, naïveté, 漢字, 🙂 ({number})"


def _rule(_: int) -> str:
    return "---"


_KINDS: tuple[Callable[[int], str], ...] = (
    _heading,
    _paragraph,
    _bullets,
    _table,
    _fence,
    _mathematics,
    _ordered,
    _quote,
    _rule,
)
