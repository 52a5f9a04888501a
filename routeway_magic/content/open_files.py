"""Open files, from their position on; it is where it was afterwards."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import register
from routeway_magic.content.excerpts import excerpt, size_of, window
from routeway_magic.content.images import describe_bytes_as_media, may_be_media
from routeway_magic.content.pdf import MOST_PDF_BYTES, too_large
from routeway_magic.content.text_documents import describe_bytes_of_text, describe_text
from routeway_magic.errors import InputError

__all__ = ["describe_binary", "describe_open_file"]

_HEAD = 32
_GIVE = "Give its path, as in {Path('data.csv')}, or the text that you have read."
_FORMATS = {
    b"PK\x03\x04": "a zip file (as are xlsx, docx, npz)",
    b"\x1f\x8b": "a gzip file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"(\xb5/\xfd": "a zstd file",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"\x93NUMPY": "a NumPy file",
    b"\x89HDF": "an HDF5 file",
    b"SQLite": "an SQLite database",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"\x80\x04": "a pickle",
    b"\x80\x05": "a pickle",
    b"\x7fELF": "a program",
}


@register(io.IOBase)
def describe_open_file(file: Any, limits: Limits) -> Described:
    """An open file or a buffer, from its position on; the position is not moved.

    Args:
        file: text or binary, a file or a buffer in memory.
        limits: how much of it may be sent.

    Raises:
        InputError: if it is closed, is at its end or cannot go back, or holds what no
            model reads.
    """
    name = _name(file)
    called = name or f"of type {type(file).__name__}"
    with _said(called):
        if file.closed:
            what = f"The file {called} is closed."
            raise InputError(what, "Open it again, or give its path.")
        if not file.readable():
            raise InputError(f"The file {called} is open for writing only.", _GIVE)
        if not file.seekable():
            what = f"The file {called} cannot be read without using it up."
            raise InputError(what, _GIVE)
        with _put_back(file):
            if isinstance(file, io.TextIOBase):
                return _describe_words(cast("TextIO", file), name, limits)
            return describe_binary(cast("BinaryIO", file), name, limits)


def describe_binary(stream: BinaryIO, name: str, limits: Limits) -> Described:
    """What is in a binary stream from its position on; the position is moved.

    Args:
        stream: it can seek.
        name: the file's name; may be "".
        limits: how much of it may be sent.

    Raises:
        InputError: if it is at its end, or is no text, image or PDF.
    """
    start = stream.tell()
    head = stream.read(_HEAD)
    stream.seek(start)
    if not head:
        return _nothing(start, name)
    if may_be_media(head):
        return _media(stream, name, limits)
    length = _length(stream, start)
    found = describe_bytes_of_text(stream, name, length, limits)
    if found is None:
        raise InputError(*_binary(head, name))
    return found


@contextmanager
def _said(called: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, EOFError) as error:
        raise InputError(
            f"The file {called} cannot be read: {error}.", _GIVE
        ) from error


@contextmanager
def _put_back(file: Any) -> Iterator[None]:
    position = file.tell()
    try:
        yield
    finally:
        file.seek(position)


def _name(file: Any) -> str:
    name = getattr(file, "name", "")
    return Path(name).name if isinstance(name, str) else ""


def _nothing(start: int, name: str) -> Described:
    if start:
        what = f"The file {name} is at its end: nothing is left to read."
        raise InputError(
            what.replace("  ", " "), "`seek(0)` goes back to its beginning."
        )
    return Described(kind=f"file {name}".strip(), size="empty")


def _media(stream: BinaryIO, name: str, limits: Limits) -> Described:
    length = _length(stream, stream.tell())
    most = MOST_PDF_BYTES + 1  # read() makes room for all that it is asked for
    data = stream.read(most if length is None else min(length, most))
    if len(data) > MOST_PDF_BYTES:
        raise InputError(*too_large(name or "file", len(data)))
    found = describe_bytes_as_media(data, limits, name)
    if found is None:
        raise InputError(*_binary(data, name))
    return found


def _length(stream: BinaryIO, start: int) -> int | None:
    """Bytes to the end; None for what would have to be unpacked to find it."""
    if not isinstance(getattr(stream, "raw", stream), (io.FileIO, io.BytesIO)):
        return None
    end = stream.seek(0, io.SEEK_END)
    stream.seek(start)
    return end - start


def _binary(head: bytes, name: str) -> tuple[str, str]:
    known = (what for mark, what in _FORMATS.items() if head.startswith(mark))
    kind = next(known, "a binary file")
    what = f"The file {name} is {kind}, which no model reads.".replace("  ", " ")
    return what, "Read it in Python and give what it holds, such as a DataFrame."


def _describe_words(file: TextIO, name: str, limits: Limits) -> Described:
    start = file.tell()
    head = file.read(limits.characters + 1)
    if not head:
        return _nothing(start, name)
    kind = f"text file {name}" if name else "text buffer"
    if len(head) <= limits.characters:
        size = f"{len(head):,} characters"
        return describe_text(
            excerpt(head, None, limits.characters, ""), kind, size, name
        )
    tail, size = _end_of(file, limits.characters)
    kept = excerpt(head, tail, limits.characters, size or "a longer file")
    return describe_text(kept, kind, size, name)


def _end_of(file: TextIO, characters: int) -> tuple[str, str]:
    """How a text ends, and how large it is; nothing where that would read it all."""
    buffer: Any = getattr(file, "buffer", None)
    if isinstance(file, io.StringIO):
        end = file.seek(0, io.SEEK_END)
        file.seek(max(end - characters, 0))
        return file.read(), f"{end:,} characters"
    if not isinstance(getattr(buffer, "raw", buffer), (io.FileIO, io.BytesIO)):
        return "", ""
    end = buffer.seek(0, io.SEEK_END)
    start = max(end - window(characters), 0)
    buffer.seek(start - start % 4)  # whole characters of UTF-16 and UTF-32
    text = buffer.read().decode(file.encoding, errors="replace").lstrip("\ufffd")
    return text.replace("\r\n", "\n"), size_of(end)
