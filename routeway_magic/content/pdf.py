"""PDF files as document blocks: their pages are counted before they are sent."""

from __future__ import annotations

import base64
from io import BytesIO

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.guarded import BrokenFileError
from routeway_magic.errors import InputError
from routeway_magic.pdf_pages import quietly
from routeway_magic.types import ContentBlock

__all__ = ["MOST_PDF_BYTES", "describe_pdf", "too_large"]

MOST_PDF_BYTES = 22_000_000
"""Bytes of a PDF, so that a request with its base64 stays below 32 MB (API.md 2.4)."""


def describe_pdf(data: bytes, limits: Limits, name: str = "") -> Described:
    """A PDF file; of more pages than a model reads, the first of them.

    Args:
        data: the whole file.
        limits: how many pages may be sent. They are not cut to the tokens: a part
            of a page cannot be sent, and a PDF is asked for whole.
        name: the file's name, if it has one.

    Raises:
        InputError: if it cannot be read, is protected or is too large.
    """
    kind = f"PDF {name}".strip()
    with quietly():
        pages = _pages(data, kind)
        sent = data if pages <= limits.pdf_pages else _first(data, limits.pdf_pages)
    if len(sent) > MOST_PDF_BYTES:
        raise InputError(*too_large(kind, len(sent)))
    rest = f"pages {limits.pdf_pages + 1:,} to {pages:,}" if sent is not data else ""
    return Described(
        kind=kind,
        size=f"{pages:,} page{'s' if pages != 1 else ''}",
        blocks=[_document(sent, name)],
        left_out=rest,
    )


def too_large(kind: str, length: int) -> tuple[str, str]:
    """What is said of a PDF that no request can hold, and what to do."""
    what = f"The {kind} is too large to be sent: {length:,} bytes"
    hint = "Send some of its pages, or its text (`pypdf` takes both out)."
    return f"{what}, of {MOST_PDF_BYTES:,} at most.", hint


def _pages(data: bytes, kind: str) -> int:
    from pypdf import PdfReader

    try:
        reader = PdfReader(BytesIO(data))
        protected = reader.is_encrypted
        pages = 0 if protected else len(reader.pages)
    except Exception as error:
        what = f"The {kind} cannot be read: {error}."
        raise BrokenFileError(what, "See whether it opens.") from error
    if protected:
        what = f"The {kind} is protected by a password, so no model can read it."
        raise InputError(what, "Save a copy without a password and send that.")
    if not pages:
        raise InputError(f"The {kind} has no pages.", "See whether it opens.")
    return pages


def _first(data: bytes, pages: int) -> bytes:
    from pypdf import PdfWriter

    writer, file = PdfWriter(), BytesIO()
    writer.append(BytesIO(data), pages=(0, pages), import_outline=False)
    writer.write(file)
    return file.getvalue()


def _document(data: bytes, name: str) -> ContentBlock:
    encoded = base64.b64encode(data).decode()
    source = {"type": "base64", "media_type": "application/pdf", "data": encoded}
    titled = {"title": name} if name else {}
    return {"type": "document", "source": source, **titled}
