"""What goes in for a reference, and what happens when nothing can."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from routeway_magic.errors import InputError
from routeway_magic.interpolate import Part, Text, evaluate, formatted, parse

NAMES: dict[str, Any] = {
    "name": "Ada",
    "now": dt.datetime(2026, 11, 24, 9, 5, tzinfo=dt.UTC),
    "x": 3.14159,
    "n": 2,
    "d": {},
    "items": [3, 1],
}


def fill(prompt: str, names: dict[str, Any]) -> str:
    """The prompt with its values, as bare text."""

    def text(part: Part) -> str:
        if isinstance(part, Text):
            return part.text
        return formatted(part, evaluate(part, names, prompt))

    return "".join(map(text, parse(prompt, names)))


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("{name!r:>7}|{x:.2f}|{n:03d}", "  'Ada'|3.14|002"),
        ("{name!s}{name!a}", "Ada'Ada'"),
        ("{now:%d %B, %H:%M}", "24 November, 09:05"),
        ("{len(items)} of {sorted(items)}", "2 of [1, 3]"),
        ("{[1]} {items[n - 2]}", "{[1]} 3"),
        ("{d.get(sum(k for k in [n] if k in items), name)}", "Ada"),
        ("{items.index(max(items, key=lambda i: i * n))}", "0"),
    ],
)
def test_values_go_in_by_the_users_names(prompt: str, expected: str) -> None:
    """Expressions see all names, within lambdas and comprehensions too."""
    assert fill(prompt, NAMES) == expected


def test_evaluation_binds_nothing() -> None:
    """The namespace is as it was, without even the builtins that Python adds."""
    names = {"x": [1]}
    assert fill("{x.count(1)}", names) == "1"
    assert names == {"x": [1]}


class UnspeakableError(Exception):
    """An error whose message cannot be had."""

    def __str__(self) -> str:
        raise ValueError


def failing(error: BaseException) -> Any:
    """A function that raises this."""

    def call() -> None:
        raise error

    return call


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (KeyError("k"), "KeyError: 'k'"),
        (ValueError("two\n  lines"), "ValueError: two lines"),
        (ValueError(), "ValueError"),
        (ValueError("long" * 100_000), "ValueError: longlong"),
        (
            UnspeakableError(),
            "UnspeakableError: (an error whose message cannot be shown)",
        ),
        (MemoryError("full"), "MemoryError: full"),
    ],
)
def test_expression_that_raises_stops(error: Exception, says: str) -> None:
    """The expression, where it stands, and the error, of bounded length."""
    names = {"f": failing(error)}
    with pytest.raises(InputError) as stopped:
        fill("a\n b {f()!r}", names)
    assert f"`{{f()!r}}` (line 2, column 4) raised {says}" in stopped.value.what
    assert "`{{f()!r}}`" in stopped.value.hint
    assert len(stopped.value.what) < 400
    assert stopped.value.__suppress_context__


def test_interrupt_passes() -> None:
    """An interrupt is the user's, not an error of the expression."""
    with pytest.raises(KeyboardInterrupt):
        fill("{f()}", {"f": failing(KeyboardInterrupt())})


@pytest.mark.parametrize("source", ["{name:d}", "{d!r:q}", "{items:>3}", "{bad!r}"])
def test_format_that_raises_stops(source: str) -> None:
    """A value that cannot be formatted so stops the cell like any other error."""
    bad = type("Bad", (), {"__repr__": lambda _: 1 / 0})()
    with pytest.raises(InputError, match="raised"):
        fill(source, NAMES | {"bad": bad})
