"""Every notebook in notebooks/ runs offline, without a key."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def _execute(path: Path, directory: Path) -> nbformat.NotebookNode:
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=60,
        resources={"metadata": {"path": str(directory)}},
    )
    return client.execute()


def _entries(cell: nbformat.NotebookNode) -> list[str]:
    """The kinds of a cell's outputs, without notes on standard error."""
    return [
        output.output_type for output in cell.outputs if output.get("name") != "stderr"
    ]


def test_the_quickstart_is_there() -> None:
    """The folder holds the notebook that the README begins with."""
    assert "quickstart.ipynb" in [path.name for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, tmp_path: Path) -> None:
    """No cell fails, and each `%%claude` cell holds one entry: its answer."""
    executed = _execute(path, tmp_path)
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


def test_the_tuning_notebook_reads_well_without_being_run() -> None:
    """Its outputs are kept: answers side by side, with images that load nothing."""
    notebook = nbformat.read(FOLDER / "tuning.ipynb", as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    shown = [
        output["data"]["text/html"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]
    assert sum("side by side" in html for html in shown) >= 4
    sources = [src for html in shown for src in re.findall(r'src="(.{15})', html)]
    assert set(sources) == {"data:image/svg+"}
    assert not any("<script" in html for html in shown)
