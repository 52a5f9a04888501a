"""The quickstart as a page of its own: readable, and no script of an answer in it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbconvert = pytest.importorskip("nbconvert")

QUICKSTART = Path(__file__).parents[1] / "notebooks" / "quickstart.ipynb"


@pytest.fixture
def page(kernel):
    """The quickstart, executed in a kernel and converted to HTML."""
    notebook = nbformat.read(QUICKSTART, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            result = kernel.run(cell.source, cell_id=cell.id)
            cell.outputs = [
                nbformat.from_dict({**output, "metadata": output.get("metadata", {})})
                for output in json.loads(json.dumps(result.outputs))
            ]
    body, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    return body


def test_converted_page_stands_alone(page):
    """Answers, their colours and their formulas' source are in the page itself."""
    answers = re.findall(r'<div class="rw .*?rw-footer">[^<]*</div>', page, re.DOTALL)
    assert len(answers) >= 4
    echo = answers[-1]
    assert re.search('<span class="?k"?>def</span>', echo)
    assert ".rw .highlight [class^=k]" in page
    assert r"\frac{1}{n-1}" in echo
    assert "&lt;script&gt;alert(" in echo
    for answer in answers:
        assert not re.search(r"<(?:script|img|iframe|link|object)\b|\ssrc=", answer)
