"""The notebook on sampling, with the real model."""

from __future__ import annotations

from pathlib import Path

import pytest
from notebook_runs import FOLDER, run_notebook


def test_the_notebook_on_sampling(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every cell runs; at temperature 0 the answers are the same."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(weights.parents[1]))
    notebook = run_notebook(FOLDER / "sampling.ipynb", tmp_path)
    told = "".join(
        output.text
        for cell in notebook.cells
        if cell.cell_type == "code"
        and "temperature=temperature, max_tokens" in cell.source
        for output in cell.outputs
        if output.output_type == "stream"
    )
    cold = [line for line in told.splitlines() if line.startswith("0 ")]
    assert len(cold) == 2
    assert len(set(cold)) == 1
