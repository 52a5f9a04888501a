"""A notebook of this project, run from its first cell to its last."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

__all__ = ["FOLDER", "run_notebook"]

FOLDER = Path(__file__).parent.parent / "notebooks"


def run_notebook(path: Path, directory: Path) -> nbformat.NotebookNode:
    """What it looks like after Run All; a cell that fails without its tag raises.

    Args:
        path: the notebook.
        directory: where its kernel works.
    """
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=300,
        resources={"metadata": {"path": str(directory)}},
    )
    return client.execute()
