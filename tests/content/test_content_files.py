"""Paths and open files: text as documents, read only where it is sent."""

from __future__ import annotations

import gzip
import io
import json
import os
from pathlib import Path

import pytest
from emulation import png
from hypothesis import given, settings
from hypothesis import strategies as st
from sent_media import accepted, sent_bytes, sent_text

from routeway_magic.content.described import Limits
from routeway_magic.content.dispatch import describe
from routeway_magic.content.excerpts import decoded, excerpt, size_of
from routeway_magic.errors import InputError

LINES = "".join(f"line {number}\n" for number in range(20_000))


def file_of(folder: Path, data: bytes, name: str = "a.txt") -> Path:
    """A file that holds these bytes."""
    path = folder / name
    path.write_bytes(data)
    return path


def test_text(tmp_path: Path) -> None:
    """A text file is a document whose title is its name."""
    described = accepted(describe(file_of(tmp_path, b"a,b\r\n1,2\r\n", "data.csv")))
    assert described.label("p") == "[p: text file data.csv, 10 bytes]"
    assert described.blocks[0]["title"] == "data.csv"
    assert sent_text(described) == "a,b\n1,2\n"


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-16", "utf-16-le"),
        ("utf-32", "utf-32-le"),
        ("cp1252", "cp1252"),
    ],
)
@pytest.mark.parametrize("times", [1, 20_000])
def test_encodings(tmp_path: Path, encoding: str, told: str, times: int) -> None:
    """UTF-8, marked UTF-16 and Windows text are read; the label tells any other."""
    text = "Größe – ñ\n" * times
    described = accepted(describe(file_of(tmp_path, text.encode(encoding))))
    sent = sent_text(described)
    assert sent.startswith("Größe – ñ\n")
    assert sent.endswith("Größe – ñ\n")
    assert "\ufffd" not in sent
    assert (f"(read as {told})" in described.label()) == bool(told)


def test_latin(tmp_path: Path) -> None:
    """Bytes that Windows does not know are read as Latin-1."""
    described = describe(file_of(tmp_path, b"caf\xe9 \x81" + b"." * 100))
    assert "(read as latin-1)" in described.label()


def test_head_and_tail(tmp_path: Path) -> None:
    """Of a long text the first and last lines are kept; text and label say so."""
    limits = Limits(tokens=100)
    described = accepted(describe(file_of(tmp_path, LINES.encode()), limits))
    text = sent_text(described)
    assert len(text) <= limits.characters
    assert text.startswith("line 0\nline 1\n")
    assert text.endswith("\nline 19999\n")
    assert "\n[… some of 208.9 kB left out …]\nline " in text
    assert described.left_out.endswith("characters of 208.9 kB")


def test_huge_file(tmp_path: Path) -> None:
    """Of a file of ten gigabytes only its ends are read."""
    path = file_of(tmp_path, b"first\n" * 50_000)
    with path.open("r+b") as file:
        file.seek(10_000_000_000)
        file.write(b"\nlast line\n" * 10_000)
    described = accepted(describe(path, Limits(tokens=50)))
    assert described.size == "10.0 GB"
    text = sent_text(described)
    assert text.startswith("first\n")
    assert text.endswith("last line\n")


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8")), st.integers(0, 300))
def test_excerpt(text: str, characters: int) -> None:
    """An excerpt is within its characters, and whole where it can be."""
    kept = excerpt(text, None, characters, "all")
    assert len(kept.text) <= characters
    assert (kept.text == text) == (not kept.left_out)


@settings(deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r\ufeff")), st.data()
)
def test_cut_anywhere(text: str, data: st.DataObject) -> None:
    """UTF-8 that is cut within a character loses that character only."""
    written = text.encode()
    first = data.draw(st.integers(0, len(written)))
    last = data.draw(st.integers(first, len(written)))
    found = decoded([written[:first], written[last:]])
    assert found is not None
    (head, tail), encoding = found
    assert encoding == "utf-8"
    assert text.startswith(head)
    assert text.endswith(tail)
    assert len(head.encode()) > first - 4
    assert len(tail.encode()) > len(written) - last - 4


@settings(deadline=None)
@given(st.lists(st.binary(), min_size=1, max_size=2))
def test_any_bytes(parts: list[bytes]) -> None:
    """Whatever bytes a file holds, they are text or they are not."""
    found = decoded(parts)
    assert found is None or len(found[0]) == len(parts)


def test_empty(tmp_path: Path) -> None:
    """An empty file is told of; there is no empty document."""
    described = accepted(describe(file_of(tmp_path, b"")))
    assert described.label() == "[file a.txt, empty]"
    assert not described.blocks
    assert describe(io.StringIO()).size == "empty"


def test_image(tmp_path: Path) -> None:
    """An image file is an image by its bytes, whatever its name."""
    described = accepted(describe(file_of(tmp_path, png(9, 5), "logo.dat")))
    assert described.label() == "[PNG image logo.dat, 9 × 5 pixels]"
    assert sent_bytes(described) == png(9, 5)
    with pytest.raises(InputError, match=r"image broken\.png cannot be"):
        describe(file_of(tmp_path, b"no picture", "broken.png"))


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"PAR1\0", "a Parquet file"), (b"\x1f\x8b\0", "a gzip"), (b"\1\0", "a binary")],
)
def test_binary(tmp_path: Path, head: bytes, kind: str) -> None:
    """A binary file is refused: what it is, and what to do."""
    with pytest.raises(InputError, match=f"x.bin is {kind}") as refused:
        describe(file_of(tmp_path, head * 9, "x.bin"))
    assert "Read it in Python" in refused.value.hint


def test_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing file is told with its neighbours of like names; so are other faults."""
    file_of(tmp_path, b"x", "sales_2024.csv")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"no file sales2024\.csv") as refused:
        describe(Path("sales2024.csv"))
    assert refused.value.hint.startswith("Did you mean sales_2024.csv?")
    with pytest.raises(InputError, match="Nor is there a folder"):
        describe(tmp_path / "no" / "such")
    with pytest.raises(InputError, match=r"is a folder[^.]*\.\nIt holds sales_2024"):
        describe(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        describe(Path("a\0b"))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="a device or a pipe"):
        describe(tmp_path / "pipe")


def test_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`~` in a path is the user's home."""
    file_of(tmp_path, b"here")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert sent_text(describe(Path("~/a.txt"))) == "here"


def test_notebook(tmp_path: Path) -> None:
    """Of a notebook the cells' sources are sent, without their outputs."""
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 5000}
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# Title"},
        {"cell_type": "code", "source": ["a = 1\n", "a"], "outputs": [output]},
    ]
    data = json.dumps({"cells": cells, "nbformat": 4}).encode()
    described = accepted(describe(file_of(tmp_path, data, "n.ipynb")))
    assert sent_text(described) == "# %% [markdown]\n# Title\n\n# %%\na = 1\na"
    assert described.left_out == "outputs of cells"
    broken = describe(file_of(tmp_path, b'{"cells": 3}', "broken.ipynb"))
    assert sent_text(broken) == '{"cells": 3}'


@pytest.mark.parametrize("mode", ["r", "rb", "r+", "r+b"])
@pytest.mark.parametrize("tokens", [50, 100_000])
def test_open_file(tmp_path: Path, mode: str, tokens: int) -> None:
    """An open file is sent from its position on, which is kept."""
    path = file_of(tmp_path, b"\xc3\xa9\n" + LINES.encode())
    with path.open(mode, **({} if "b" in mode else {"encoding": "utf-8"})) as file:
        file.readline()
        file.read(len("line 0\nli"))
        described = accepted(describe(file, Limits(tokens=tokens)))
        rest = file.readline()
    assert rest in ("ne 1\n", b"ne 1\n")
    assert described.kind == "text file a.txt"
    assert sent_text(described).startswith("ne 1\nline 2\n")
    assert sent_text(described).endswith("\nline 19999\n")


def test_buffers() -> None:
    """Buffers in memory are sent as files are."""
    words = io.StringIO(LINES)
    words.seek(7)
    described = accepted(describe(words, Limits(tokens=50)))
    assert words.tell() == 7
    assert sent_text(described).startswith("line 1\n")
    assert sent_text(described).endswith("line 19999\n")
    data = io.BytesIO(png(4, 4))
    assert sent_bytes(accepted(describe(data))) == png(4, 4)
    assert data.tell() == 0


def test_packed_file(tmp_path: Path) -> None:
    """A file that is unpacked as it is read is read no further than is sent."""
    path = tmp_path / "log.gz"
    path.write_bytes(gzip.compress(LINES.encode()))
    for mode in ("rt", "rb"):
        with gzip.open(path, mode) as file:
            described = accepted(describe(file, Limits(tokens=50)))
            assert file.tell() == 0
        assert sent_text(described).startswith("line 0\n")
        assert described.left_out.endswith("characters of a longer file")


def test_not_readable(tmp_path: Path) -> None:
    """A file that is closed, at its end, for writing, or a pipe is refused."""
    path = file_of(tmp_path, b"text")
    with path.open() as file:
        file.read()
        with pytest.raises(InputError, match="is at its end"):
            describe(file)
    with pytest.raises(InputError, match="is closed"):
        describe(file)
    with path.open("a") as file, pytest.raises(InputError, match="for writing only"):
        describe(file)
    reading, writing = os.pipe()
    os.close(writing)
    refused = pytest.raises(InputError, match="without using it up")
    with os.fdopen(reading) as pipe, refused:
        describe(pipe)
    with path.open() as file:
        next(file)
        with pytest.raises(InputError, match="cannot be read"):
            describe(file)


@pytest.mark.parametrize(
    ("length", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2 * 10**13, "20.0 TB")],
)
def test_size(length: int, said: str) -> None:
    """Sizes are said as people write them."""
    assert size_of(length) == said
