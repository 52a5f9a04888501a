"""Runs notebooks of this project and writes their outputs, so that they can be read.

python tests/write_outputs.py [NAME ...]

What differs from run to run without meaning (notes on standard error, times of
execution, the state of widgets) is left out.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from environment import clean_environment
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def write_outputs(path: Path) -> None:
    """Run one notebook as a new user without a key, and keep what its cells show.

    Args:
        path: the notebook; it is written only if no cell failed that should not.
    """
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    with tempfile.TemporaryDirectory() as home:
        environment = clean_environment(Path(home), XDG_CACHE_HOME=_cache())
        NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=300,
            record_timing=False,
            resources={"metadata": {"path": home}},
        ).execute(env=environment)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [out for out in cell.outputs if out.get("name") != "stderr"]
    notebook.metadata.pop("widgets", None)
    notebook.metadata.language_info = {"name": "python"}
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]


def _cache() -> str:
    """Where the local model's weights are, if they are there."""
    from platformdirs import user_cache_path

    return os.environ.get("XDG_CACHE_HOME") or str(user_cache_path())


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")):
        write_outputs(NOTEBOOKS / f"{name}.ipynb")
        print(name)
