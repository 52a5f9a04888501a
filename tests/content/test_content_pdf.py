"""PDF files: their pages are counted, and broken or protected ones refused."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from sent_media import accepted, sent_bytes

from routeway_magic.content import pdf
from routeway_magic.content.described import Limits
from routeway_magic.content.dispatch import describe
from routeway_magic.errors import InputError
from routeway_magic.tokens import block_tokens


def written(pages: int, password: str = "") -> bytes:
    """A PDF file of so many pages, each one point wider."""
    writer, file = PdfWriter(), BytesIO()
    for page in range(pages):
        writer.add_blank_page(100 + page, 100)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(file)
    return file.getvalue()


def test_document(tmp_path: Path) -> None:
    """A PDF is sent as it is, its name the title and its pages in the label."""
    path = tmp_path / "report.pdf"
    path.write_bytes(written(3))
    described = accepted(describe(path))
    assert described.label("p") == "[p: PDF report.pdf, 3 pages]"
    assert described.blocks[0]["title"] == "report.pdf"
    assert sent_bytes(described) == path.read_bytes()
    with path.open("rb") as file:
        assert describe(file) == described


def test_bytes() -> None:
    """Bytes that are a PDF are a document without a title."""
    described = accepted(describe(written(1)))
    assert described.label() == "[PDF, 1 page]"
    assert "title" not in described.blocks[0]


def test_many_pages() -> None:
    """Of more pages than a model reads the first are sent; the label says so."""
    described = accepted(describe(written(8), Limits(pdf_pages=5)))
    assert described.left_out == "pages 6 to 8"
    widths = [
        page.mediabox.width for page in PdfReader(BytesIO(sent_bytes(described))).pages
    ]
    assert widths == [100, 101, 102, 103, 104]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (written(1, "secret"), "protected by a password"),
        (written(0), "has no pages"),
        (b"%PDF-1.7 nothing more", "cannot be read"),
        (written(2)[:300], "cannot be read|has no pages"),
    ],
    ids=["protected", "no pages", "no PDF", "cut short"],
)
def test_refused(
    data: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What no model can read is refused with what to do; nothing else is printed."""
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    with pytest.raises(InputError, match=said) as refused:
        describe(path)
    assert "a.pdf" in refused.value.what
    assert refused.value.hint
    assert capsys.readouterr() == ("", "")


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PDF that no request can hold is refused before it is read whole."""
    path = tmp_path / "atlas.pdf"
    with path.open("wb") as file:
        file.write(written(1))
        file.truncate(3_000_000_000)
    with pytest.raises(InputError, match="too large"):
        describe(path)
    monkeypatch.setattr(pdf, "MOST_PDF_BYTES", 500)
    with pytest.raises(InputError, match="too large"):
        pdf.describe_pdf(written(9), Limits())


@pytest.mark.parametrize("data", [written(1, "secret"), written(0)])
def test_whole_files_in_bytes_are_refused_likewise(data: bytes) -> None:
    """Their bytes in hex would tell nobody anything."""
    with pytest.raises(InputError, match=r"protected|no pages"):
        describe(data)


def test_each_page_has_its_price() -> None:
    """A document of nine pages costs nine times one of a single page."""
    one, nine = (
        block_tokens(describe(written(pages)).blocks[0], "") for pages in (1, 9)
    )
    assert nine == 9 * one
    assert 1500 < one < 3000 + 1568


def test_pages_that_cannot_be_counted_are_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A user's own block may hold anything; nothing is printed about it."""
    source = {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}
    block = {"type": "document", "source": source}
    assert block_tokens(block, "") == block_tokens(describe(written(1)).blocks[0], "")
    assert capsys.readouterr() == ("", "")
