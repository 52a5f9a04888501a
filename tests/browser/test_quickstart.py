"""What a user of JupyterLab and Notebook 7 sees, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from front_ends import FrontEnd, Notebook

QUICKSTART = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"
LOAD = "%load_ext routeway_magic"


def _outside(notebook: Notebook, front_end: FrontEnd) -> list[str]:
    """The addresses asked for beyond the front end's own server."""
    own = (front_end.url, "data:", "blob:")
    return [url for url in notebook.requests if not url.startswith(own)]


def _is_typeset(notebook: Notebook, index: int) -> None:
    """The page shows the cell's formulas as formulas and its code in colours."""
    shown = notebook.output(index)
    expect(shown.locator("mjx-container")).to_have_count(2)
    text = notebook.text(index)
    assert "costs $5 and $10 less" in text
    assert "<script>" in text
    keyword = shown.locator(".highlight .k", has_text="def").first
    colour = "element => getComputedStyle(element).color"
    code = shown.locator(".highlight pre").first
    assert keyword.evaluate(colour) != code.evaluate(colour)
    assert shown.locator("table td strong").inner_text() == "yes"
    expect(shown.locator(".rw-footer")).to_have_count(1)


def test_quickstart(front_end: FrontEnd) -> None:
    """Run All leaves one safe, typeset entry per answer, also when opened again."""
    notebook = front_end.open(QUICKSTART)
    notebook.run_all()
    notebook.save()
    cells = notebook.saved().cells
    asking = [cell for cell in cells if cell.source.startswith("%%claude")]
    assert len(asking) > 2
    assert [problem for cell in asking for problem in _problems(cell)] == []
    [echo] = [i for i, cell in enumerate(cells) if "emulate: echo\n" in cell.source]
    said = cells[echo].source.split("emulate: echo\n", 1)[1]
    assert cells[echo].outputs[0].data["text/plain"] == said
    _is_typeset(notebook, echo)
    again = front_end.reopen(notebook)
    _is_typeset(again, echo)
    assert notebook.errors + again.errors == []
    assert _outside(notebook, front_end) + _outside(again, front_end) == []


def _problems(cell: Any) -> Iterator[str]:
    """What a saved `%%claude` cell holds that it should not, or lacks."""
    kinds = [output.output_type for output in cell.outputs]
    if kinds != ["display_data"]:
        yield f"{cell.source}: {kinds}"
        return
    data = cell.outputs[0].data
    if (
        set(data) != {"text/html", "text/plain"}
        or not data["text/plain"].strip()
        or 'class="rw' not in data["text/html"]
        or "<div" in data["text/plain"]
    ):
        yield f"{cell.source}: {data}"


def test_what_fails_stops_the_run(front_end: FrontEnd) -> None:
    """A refused request is two or three lines; a stopped stream is kept and marked."""
    notebook = front_end.open(
        [
            LOAD,
            "%%claude\nemulate: error 429 retry-after 120",
            "print('never')",
            "%%claude\nemulate: long 40, slow 20",
        ]
    )
    notebook.run_all()
    refused = notebook.text(1).strip()
    assert 2 <= len(refused.splitlines()) <= 3
    notebook.run(3, wait=False)
    expect(notebook.output(3).first).to_contain_text(
        re.compile(r"\w{2}.{150}", re.DOTALL)
    )
    notebook.interrupt()
    notebook.wait(timeout=30)  # the answer would go on for minutes
    answer = notebook.outputs(3)[0]
    assert len(answer["data"]["text/plain"]) > 100
    expect(notebook.output(3).first.locator(".rw-footer")).to_contain_text(
        re.compile("interrupted", re.IGNORECASE)
    )
    assert [notebook.execution_count(index) for index in range(4)] == [1, 2, None, 3]
    assert "Traceback" not in refused + notebook.text(3)
