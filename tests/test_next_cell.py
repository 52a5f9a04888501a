"""Code for a new cell: put below, printed where nobody takes it, never run."""

from __future__ import annotations

import json

import pytest

from routeway_magic.next_cell import NextCell


class _Notebook:
    """A kernel's shell: it has no prompt of its own."""

    def __init__(self) -> None:
        self.put: list[str] = []

    def set_next_input(self, text: str, /) -> None:
        self.put.append(text)


class _Terminal(_Notebook):
    simple_prompt = False


@pytest.fixture
def notebook() -> _Notebook:
    """A notebook that takes cells."""
    return _Notebook()


def test_a_notebook_gets_a_cell(notebook):
    """A front end that names its cells is asked for a new one; nothing is printed."""
    assert NextCell(notebook).put("x = 1\n", cell_id="a") == ""
    assert notebook.put == ["x = 1"]


def test_no_second_copy(notebook):
    """The same code from the same cell is put once, and said to be there already."""
    cells = NextCell(notebook)
    cells.put("x = 1", cell_id="a")
    told = cells.put("x = 1\n", cell_id="a")
    assert notebook.put == ["x = 1"]
    assert "in a cell below" in told


@pytest.mark.parametrize("source", ["x = 1\ny", ["x = 1\n", "y"]])
def test_no_second_copy_after_a_restart(notebook, monkeypatch, tmp_path, source):
    """A new kernel sees in the notebook's file what stands below the cell."""
    file = tmp_path / "a.ipynb"
    cells = [{"id": "a", "source": "ask"}, {"id": "b", "source": source}]
    file.write_text(json.dumps({"cells": cells}))
    monkeypatch.setenv("JPY_SESSION_NAME", str(file))
    told = NextCell(notebook).put("x = 1\ny\n", cell_id="a")
    assert "in a cell below" in told
    assert NextCell(notebook).put("x = 1\ny", cell_id="b") == ""
    assert notebook.put == ["x = 1\ny"]


@pytest.mark.parametrize("content", [None, "", "[]", '{"cells": [1, 2]}', "{}"])
def test_no_file_to_look_into(notebook, monkeypatch, tmp_path, content):
    """Where no notebook's file can be read, the cell is asked for."""
    file = tmp_path / "a.ipynb"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("JPY_SESSION_NAME", str(file))
    assert NextCell(notebook).put("x = 1", cell_id="a") == ""
    assert notebook.put == ["x = 1"]


def test_other_code_and_other_cells(notebook):
    """A cell that comes to other code, or another cell, gets a cell again."""
    cells = NextCell(notebook)
    cells.put("x = 1", cell_id="a")
    cells.put("x = 2", cell_id="a")
    cells.put("x = 2", cell_id="b")
    assert notebook.put == ["x = 1", "x = 2", "x = 2"]


def test_printed_where_nobody_takes_it(notebook):
    """Without a cell's id a program runs the notebook: the code is to be printed."""
    told = NextCell(notebook).put("x = 1\n\x1b[31m", cell_id=None)
    assert told == "x = 1\n␛[31m"
    assert notebook.put == []


def test_a_terminal_offers_it():
    """A terminal has no cells: each time, the code is offered as the next input."""
    terminal = _Terminal()
    cells = NextCell(terminal)
    assert cells.put("x = 1", cell_id=None) == cells.put("x = 1", cell_id=None) == ""
    assert terminal.put == ["x = 1", "x = 1"]


def test_no_code(notebook):
    """No empty cell is put anywhere."""
    assert "no code" in NextCell(notebook).put("\n", cell_id="a")
    assert notebook.put == []
