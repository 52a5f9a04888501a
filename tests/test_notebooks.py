"""Every notebook in notebooks/ runs offline, without a key."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from notebook_runs import FOLDER, run_notebook

NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
# The others need no more than the README installs; this one is run in tests/local.
OFFLINE = [path for path in NOTEBOOKS if path.stem != "sampling"]


def _entries(cell: nbformat.NotebookNode) -> list[str]:
    """The kinds of a cell's outputs, without notes on standard error."""
    return [
        output.output_type for output in cell.outputs if output.get("name") != "stderr"
    ]


def test_the_quickstart_is_there() -> None:
    """The folder holds the notebook that the README begins with."""
    assert "quickstart.ipynb" in [path.name for path in NOTEBOOKS]


@pytest.mark.parametrize("path", OFFLINE, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, tmp_path: Path) -> None:
    """No cell fails, and each `%%claude` cell holds one entry: its answer."""
    executed = run_notebook(path, tmp_path)
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    # A cell that is meant to fail says so with the tag; all others must not.
    failed = [
        cell.source
        for cell in code
        if "error" in _entries(cell)
        and "raises-exception" not in cell.metadata.get("tags", [])
    ]
    assert failed == []
    answers = {
        cell.source: _entries(cell)
        for cell in code
        if cell.source.startswith("%%claude")
        and "--next-cell" not in cell.source  # printed besides: nobody makes cells here
        and "error" not in _entries(cell)
    }
    assert [found for found in answers.values() if found != ["display_data"]] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_reads_well_without_being_run(path: Path) -> None:
    """It says first what one learns, and its answers are kept: no script, no load."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    assert re.match(r"# .+\n\nWhat you learn here: ", notebook.cells[0].source)
    asking = [cell for cell in notebook.cells if cell.source.startswith("%%claude")]
    assert [cell.source for cell in asking if not cell.outputs] == []
    html = "".join(
        output.get("data", {}).get("text/html", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    )
    assert "<script" not in html
    assert set(re.findall(r' src="(.{11})', html)) <= {"data:image/"}
    assert "widgets" not in notebook.metadata
