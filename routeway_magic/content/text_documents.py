"""Text files as document blocks, read only where they are sent."""

from __future__ import annotations

import io
import json
from typing import Any, BinaryIO

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.excerpts import (
    Excerpt,
    decoded,
    excerpt,
    size_of,
    window,
)
from routeway_magic.types import ContentBlock

__all__ = ["describe_bytes_of_text", "describe_text", "document_block"]

_NOTEBOOK = ".ipynb"
_MOST_NOTEBOOK = 20_000_000


def document_block(text: str, name: str) -> ContentBlock:
    """The content block of a text with its name.

    Args:
        text: not empty.
        name: what it is called; may be "".
    """
    source = {"type": "text", "media_type": "text/plain", "data": text}
    titled = {"title": name} if name else {}
    return {"type": "document", "source": source, **titled}


def describe_text(
    kept: Excerpt, kind: str, size: str, name: str, left_out: str = ""
) -> Described:
    """A text that is read already, as a document.

    Args:
        kept: the part that is sent.
        kind: what it is.
        size: how large the whole is.
        name: its title.
        left_out: what is missing besides.
    """
    missing = "; ".join(filter(None, (left_out, kept.left_out)))
    block = [document_block(kept.text, name)] if kept.text else []
    return Described(kind=kind, size=size, blocks=block, left_out=missing)


def describe_bytes_of_text(
    stream: BinaryIO, name: str, length: int | None, limits: Limits
) -> Described | None:
    """The text of a binary stream from its position on; None if it is no text.

    Args:
        stream: it can seek; its position is moved.
        name: the file's name; may be "".
        length: bytes from the position to the end; None where finding the end would
            read them all.
        limits: how much of it may be sent.
    """
    if name.endswith(_NOTEBOOK) and length is not None and length <= _MOST_NOTEBOOK:
        found = _notebook(stream, name, length, limits)
        if found is not None:
            return found
    parts = _parts(stream, length, window(limits.characters))
    texts = decoded(parts)
    if texts is None:
        return None
    (head, *rest), encoding = texts
    total = size_of(length) if length is not None else "a longer file"
    tail = rest[0] if rest else None
    if length is None and len(parts[0]) >= window(limits.characters):
        tail = ""
    kept = excerpt(head, tail, limits.characters, total)
    size = total if length is not None else ""
    return describe_text(kept, _kind(name, encoding), size, name)


def _kind(name: str, encoding: str) -> str:
    read_as = "" if encoding == "utf-8" else f" (read as {encoding})"
    return f"text file {name}".strip() + read_as


def _parts(stream: BinaryIO, length: int | None, most: int) -> list[bytes]:
    if length is None:
        return [stream.read(most)]
    if length <= 2 * most:
        return [stream.read(length)]
    head = stream.read(most)
    stream.seek(length - 2 * most, io.SEEK_CUR)
    return [head, stream.read(most)]


def _notebook(
    stream: BinaryIO, name: str, length: int, limits: Limits
) -> Described | None:
    start = stream.tell()
    text = _sources(stream.read(length))
    if text is None:
        stream.seek(start)
        return None
    kept = excerpt(text, None, limits.characters, f"{len(text):,} characters")
    kind = f"notebook {name}"
    return describe_text(kept, kind, size_of(length), name, "outputs of cells")


def _sources(data: bytes) -> str | None:
    """What stands in the cells of a notebook; None if it is none."""
    try:
        cells = json.loads(data)["cells"]
        return "\n\n".join(map(_cell, cells))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _cell(cell: Any) -> str:
    source = cell["source"]
    written = source if isinstance(source, str) else "".join(source)
    kind = cell["cell_type"]
    return f"# %%\n{written}" if kind == "code" else f"# %% [{kind}]\n{written}"
