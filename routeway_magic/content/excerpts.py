"""The text of a file of any length: its beginning and its end, decoded."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Excerpt", "decoded", "excerpt", "size_of", "window"]

_BEGINNING = 0.7  # a file's beginning tells more than its end
_WIDEST = 4  # bytes of a character, at most
_LINE_SHARE = 0.2  # a cut moves to the next line break if that costs no more
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    # Named with their order, as what is read further on has no mark; the longer first.
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_WRITTEN = frozenset(b"\t\n\r\f\b\x1b")
_MOST_CONTROLS = 0.02


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is kept of a text.

    Args:
        text: as much as there is room for.
        left_out: what is missing; "" if nothing.
    """

    text: str
    left_out: str = ""


def excerpt(head: str, tail: str | None, characters: int, total: str) -> Excerpt:
    """The beginning and the end of a text, cut where lines end if that costs little.

    Args:
        head: how it begins; all of it where there is no tail.
        tail: how it ends, "" if that was not read; None if the head is all there is.
        characters: how many may be kept.
        total: the size of the whole, in words.
    """
    if tail is None and len(head) <= characters:
        return Excerpt(head)
    mark = f"\n[… some of {total} left out …]\n"
    room = max(characters - len(mark), 0)
    ending = head if tail is None else tail
    beginning = int(room * _BEGINNING) if ending else room
    first = _whole_lines(head[:beginning])
    last = _from_a_line(ending[max(len(ending) - room + beginning, 0) :])
    kept = f"the first {len(first):,}" + (f" and last {len(last):,}" if last else "")
    left_out = f"all but {kept} characters of {total}"
    return Excerpt(f"{first}{mark}{last}"[:characters], left_out)


def _whole_lines(text: str) -> str:
    end = text.rfind("\n") + 1
    return text[:end] if len(text) - end <= len(text) * _LINE_SHARE else text


def _from_a_line(text: str) -> str:
    start = text.find("\n") + 1
    return text[start:] if start <= len(text) * _LINE_SHARE else text


def window(characters: int) -> int:
    """How many bytes are read so that they hold so many characters; even."""
    return characters * _WIDEST + 4 * _WIDEST


def size_of(length: int) -> str:
    """So many bytes, in words."""
    size, unit = float(length), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:  # noqa: PLR2004 - each unit is so many of the one before
            break
        size, unit = size / 1000, larger
    return f"{size:,.1f} {unit}" if unit != "bytes" else f"{length:,} bytes"


def decoded(parts: Sequence[bytes]) -> tuple[list[str], str] | None:
    """The parts of a file as text, and its encoding; None if it is no text.

    Args:
        parts: how it begins, and what was read further on; characters that a part's
            edge cuts are dropped.
    """
    encoding = _encoding(parts)
    if encoding is None:
        return None
    texts = [_decoded(part, encoding, first=not at) for at, part in enumerate(parts)]
    return [_newlines(text) for text in texts], encoding.removesuffix("-sig")


def _encoding(parts: Sequence[bytes]) -> str | None:
    for mark, name in _BOMS.items():
        if parts[0].startswith(mark):
            return name
    if any(b"\0" in part for part in parts):
        return None
    if all(_is(part, "utf-8", first=not at) for at, part in enumerate(parts)):
        return "utf-8"
    if any(_controls(part) > len(part) * _MOST_CONTROLS for part in parts):
        return None
    return "cp1252" if all(_is(part, "cp1252") for part in parts) else "latin-1"


def _is(part: bytes, encoding: str, *, first: bool = True) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(_from_edge(part, first=first))
    except UnicodeDecodeError:
        return False
    return True


def _decoded(part: bytes, encoding: str, *, first: bool) -> str:
    if encoding in ("utf-8", "utf-8-sig"):
        part = _from_edge(part, first=first)
    reader = codecs.getincrementaldecoder(encoding)("replace")
    return reader.decode(part).removeprefix("\ufeff")


def _from_edge(part: bytes, *, first: bool) -> bytes:
    start = 0
    while not first and start < min(_WIDEST - 1, len(part)) and _continues(part[start]):
        start += 1
    return part[start:]


def _continues(byte: int) -> bool:
    return byte & 0xC0 == 0x80  # noqa: PLR2004 - UTF-8's bytes that go on


def _controls(part: bytes) -> int:
    return sum(byte < 32 and byte not in _WRITTEN for byte in part)  # noqa: PLR2004 - a space


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
