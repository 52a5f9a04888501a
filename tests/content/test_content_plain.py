"""Single values: the bare text that `str` gives."""

from __future__ import annotations

import enum
import mmap
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routeway_magic.content import Limits, describe, to_blocks

SMALL = Limits(tokens=50)


class Colour(enum.Enum):
    """An enumeration."""

    RED = 1


class Level(enum.IntEnum):
    """One whose members are numbers."""

    LOW = 1


class Shout(str):
    """A string whose own methods would change it."""

    __slots__ = ()

    def __str__(self) -> str:
        return "shouted"

    def __len__(self) -> int:
        return 10**12


@pytest.mark.parametrize(
    "value",
    [
        "text",
        "two\nlines",
        0,
        -1.5,
        1e300,
        float("nan"),
        2 + 3j,
        True,
        None,
        Decimal("1.50"),
        Fraction(1, 3),
        date(2026, 11, 24),
        datetime(2026, 11, 24, 12, tzinfo=UTC),
        timedelta(hours=5),
        UUID(int=1),
        Colour.RED,
        Level.LOW,
        range(3),
        ...,
    ],
    ids=repr,
)
def test_a_word_is_what_str_gives(value: Any) -> None:
    """It stands in a sentence without a label."""
    described = describe(value)
    assert described.is_bare
    assert described.text == str(value)
    assert to_blocks(value) == [{"type": "text", "text": str(value)}]


@settings(deadline=None)
@given(st.text(), st.integers(0, 100))
def test_a_string_is_kept_exactly_or_told_to_be_cut(text: str, tokens: int) -> None:
    """As it is, if it fits; else beginning and end, and how much is missing."""
    described = describe(text, Limits(tokens=tokens))
    fits = len(text) <= 4 * tokens
    assert (described.text == text) == (described.left_out == "") == fits


def test_an_empty_string_is_no_block() -> None:
    """A server refuses empty text."""
    assert to_blocks("") == []


def test_a_long_string_keeps_both_ends_and_says_so() -> None:
    """The label has its length and what is missing."""
    text = "begin " + "x" * 10_000 + " end"
    described = describe(text, SMALL)
    assert described.text.startswith("begin x")
    assert described.text.endswith("x end")
    assert "10,010 characters" in described.label()
    assert len(described.text) <= SMALL.characters
    assert not described.is_bare


def test_a_huge_string_costs_no_more_than_what_is_kept() -> None:
    """100 MB are cut without a copy."""
    text = "x" * 100_000_000
    describe("warm", SMALL)
    tracemalloc.start()
    describe(text, SMALL)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_string_of_a_derived_class_is_the_text_it_holds() -> None:
    """What the class makes of `str` and `len` does not count."""
    assert describe(Shout("quiet")).text == "quiet"


@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_that_python_does_not_write_is_told_by_its_size(sign: int) -> None:
    """`str` refuses so many digits: the first, the last and how many there are."""
    described = describe(sign * (12345 * 10**99_990 + 67))
    assert described.text.removeprefix("-").startswith("1.23450e+99994")
    assert described.text.endswith("0000000067")
    assert described.text.startswith("-") == (sign < 0)
    assert "about 99,995 digits" in described.label()
    assert "left out" in described.label()


def test_a_number_longer_than_the_limits_is_told_by_its_size() -> None:
    """500 digits are written out; with few tokens they are not."""
    assert describe(10**499).text == str(10**499)
    assert describe(10**499, SMALL).text.startswith("1.00000e+499")


def test_a_fraction_that_cannot_be_written_does_no_harm() -> None:
    """Its numerator has too many digits for Python."""
    described = describe(Fraction(10**9999, 7))
    assert described.kind == "Fraction"
    assert "4300 digits" in described.left_out


def test_short_text_in_bytes_is_text() -> None:
    """With its length; a character that is cut in two does not matter."""
    described = describe("naïve".encode())
    assert described.text == "naïve"
    assert described.label() == "[bytes, as UTF-8 text, 6 bytes]"


@settings(deadline=None)
@given(st.text(alphabet="aé日🎉", min_size=1000), st.integers(1, 50))
def test_long_text_in_bytes_keeps_both_ends(text: str, tokens: int) -> None:
    """Wherever the bytes are cut, the text is whole characters."""
    described = describe(text.encode(), Limits(tokens=tokens))
    assert "UTF-8" in described.kind
    head = described.text.partition("\n[…")[0]
    tail = described.text.rpartition("…]\n")[2]
    assert text.startswith(head)
    assert text.endswith(tail)
    assert described.left_out


@pytest.mark.parametrize(
    "value", [bytes(1000), bytearray(1000), memoryview(bytes(1000))], ids=type
)
def test_other_bytes_are_shown_in_hex(value: Any) -> None:
    """The first ones, with the length of all."""
    described = describe(value, SMALL)
    assert described.text.startswith("00 00 00")
    assert "in hex, 1,000 bytes" in described.label()
    assert described.left_out.startswith("all but the first")
    assert len(described.text) <= SMALL.characters


def test_a_view_with_gaps_is_told_by_its_size() -> None:
    """It is not copied to be read."""
    described = describe(memoryview(bytes(100))[::2])
    assert described.size == "50 bytes"
    assert described.left_out


def test_mapped_memory_is_read_at_its_ends_alone(tmp_path: Path) -> None:
    """A file of 200 MB, most of it a hole, costs nothing."""
    path = tmp_path / "large"
    with path.open("wb+") as file:
        file.truncate(200_000_000)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            tracemalloc.start()
            described = describe(mapped, SMALL)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    assert "200,000,000 bytes" in described.label()
    assert peak < 1_000_000


@pytest.mark.parametrize("begin", [b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"])
def test_a_broken_picture_in_bytes_is_shown_as_bytes(begin: bytes) -> None:
    """It begins like one and is none: the label says why it is not shown."""
    described = describe(begin + bytes(100))
    assert described.text.startswith(begin.hex(" "))
    assert "picture" in described.left_out
    assert described.blocks == ()
