"""Exceptions: as Python prints them, and what is sent to have one repaired."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notebook_cells import Cells, running_cells

from routeway_magic.content import Limits, describe
from routeway_magic.content.failures import describe_for_repair, failing_places

FAR = "def divide(a):\n    secret_value = 12345\n    return a / 0\n"


@pytest.fixture(scope="module")
def cells() -> Iterator[Cells]:
    """A notebook whose first cell defines what fails."""
    with running_cells() as running:
        running.run(FAR)
        yield running


def caught(cells: Cells, source: str) -> BaseException:
    """What a cell raises."""
    error = cells.run(source)
    assert error is not None
    return error


def parsed(text: str) -> Exception:
    """What the library raises that reads JSON."""
    try:
        json.loads(text)
    except ValueError as error:
        return error
    raise AssertionError


def test_a_traceback_names_cells_and_shows_their_lines(cells: Cells) -> None:
    """The shell's own frames and the values of variables are not in it."""
    described = describe(caught(cells, "x = 1\ndivide(x)"))
    assert described.kind == "ZeroDivisionError"
    assert described.text.startswith("Traceback (most recent call last):\n  Cell In [")
    assert ", line 2, in <module>\n    divide(x)\n" in described.text
    assert "Cell In [1], line 3, in divide\n    return a / 0\n" in described.text
    assert described.text.endswith("ZeroDivisionError: division by zero")
    assert "interactiveshell" not in described.text
    assert "12345" not in described.text
    assert described.left_out == ""


def test_causes_notes_and_groups_are_told(cells: Cells) -> None:
    """As Python prints them."""
    source = "try:\n  divide(1)\nexcept Exception as e:\n  raise KeyError('k') from e"
    text = describe(caught(cells, source)).text
    assert "ZeroDivisionError: division by zero\n\nThe above exception was" in text
    group = ExceptionGroup("several", [ValueError("one"), TypeError("two")])
    group.add_note("a note")
    told = describe(group).text
    assert all(part in told for part in ("several", "one", "TypeError: two", "a note"))


def test_a_syntax_error_has_its_line_and_no_frames(cells: Cells) -> None:
    """None of the code has run: what is on the stack is the shell's."""
    described = describe(caught(cells, "x = 1\ndef (:\n"))
    assert "def (:" in described.text
    assert ", line 2\n" in described.text
    assert "In [" in described.text
    assert "Traceback" not in described.text


def test_frames_of_libraries_go_first() -> None:
    """Then all but the innermost; the message stays to the end."""
    error = parsed("{x")
    whole = describe(error)
    assert 'File "json/decoder.py"' in whole.text
    condensed = describe(error, Limits(tokens=len(whole.text) // 4 - 20))
    assert "frames within libraries left out]" in condensed.text
    assert condensed.left_out == "frames within libraries"
    assert "json.loads(text)" in condensed.text
    least = describe(error, Limits(tokens=30))
    assert least.text.endswith("(char 1)")
    assert least.left_out == "all frames"


@settings(deadline=None)
@given(st.integers(0, 600))
def test_any_limits_hold(tokens: int) -> None:
    """And the end of the message is always there."""
    described = describe(parsed("{x"), Limits(tokens=tokens))
    assert len(described.text) <= max(4 * tokens, 50)
    assert bool(described.left_out) == ("in loads" not in described.text)


def test_a_recursion_of_a_thousand_frames_is_short() -> None:
    """Python's own limit of lines, and ours of frames."""

    def down(depth: int) -> int:
        return down(depth + 1)

    with pytest.raises(RecursionError) as caught_one:
        down(0)
    described = describe(caught_one.value)
    assert "Previous line repeated" in described.text
    assert described.text.count("return down") < 5


def test_an_exception_that_cannot_be_printed_does_no_harm() -> None:
    """Nor does one that is its own cause."""

    class RudeError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    error = RudeError()
    error.__cause__ = error
    assert "RudeError" in describe(error).text


def test_a_traceback_alone_is_told(cells: Cells) -> None:
    """Without its exception."""
    described = describe(caught(cells, "divide(1)").__traceback__)
    assert described.kind == "traceback"
    assert described.text.endswith("in divide\n    return a / 0")


def test_for_repair_the_failing_cells_are_marked(cells: Cells) -> None:
    """The one that was run, and the one that the error came from."""
    error = caught(cells, "y = 1\ndivide(y)\nz = 2")
    described = describe_for_repair(error, Limits())
    assert "      1 y = 1\n----> 2 divide(y)\n      3 z = 2\n" in described.text
    assert "In [1]:\n      1 def divide(a):\n" in described.text
    assert "----> 3     return a / 0\n" in described.text
    assert described.text.endswith("ZeroDivisionError: division by zero")
    assert described.label().startswith("[ZeroDivisionError, in In [")


def test_for_repair_a_syntax_error_is_marked(cells: Cells) -> None:
    """Its line is known though nothing ran."""
    described = describe_for_repair(caught(cells, "a = 1\nb = = 2"), Limits())
    assert "----> 2 b = = 2" in described.text


def test_for_repair_a_source_that_python_lost_may_be_given() -> None:
    """Without a place it is not marked."""
    described = describe_for_repair(ValueError("no"), Limits(), "broken()")
    assert described.text == "broken()\n\nValueError: no"
    assert failing_places(ValueError("no")) == []


def test_for_repair_the_lines_around_the_mark_are_kept(cells: Cells) -> None:
    """Of a long cell; how many are missing is told."""
    before = "\n".join(f"x{number} = {number}" for number in range(500))
    error = caught(cells, f"{before}\nundefined_name\n{before}")
    described = describe_for_repair(error, Limits(tokens=150))
    assert "----> 501 undefined_name" in described.text
    assert "x499 = 499" in described.text
    assert "lines of In [" in described.left_out
    assert len(described.text) <= 650


@pytest.mark.parametrize("magic", ["%%time", "%%timeit -n1 -r1"])
def test_for_repair_a_cell_under_a_magic_is_as_it_was_typed(
    cells: Cells, magic: str
) -> None:
    """Python has one line of it, a call to the shell; no line of it is marked."""
    source = f"{magic}\nx = 1\nx / 0"
    described = describe_for_repair(caught(cells, source), Limits(), source)
    assert f"]:\n{source}\n\n" in described.text
    assert "---->" not in described.text


def test_for_repair_a_line_magic_is_as_it_was_typed(cells: Cells) -> None:
    """Not as the call to the shell that IPython makes of it."""
    source = "y = 1\n%time divide(y)"
    described = describe_for_repair(caught(cells, source), Limits(), source)
    assert "      1 y = 1\n----> 2 %time divide(y)\n" in described.text


def test_for_repair_code_from_elsewhere_is_not_taken_for_the_cells(
    cells: Cells,
) -> None:
    """A mistake in a text that a cell runs is on no line of the cell."""
    source = "exec('a = = 2')"
    described = describe_for_repair(caught(cells, source), Limits(), source)
    assert described.text.startswith(f"{source}\n\n")
    assert "---->" not in described.text
