"""Consent in JupyterLab: a question below the call, answered by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from front_ends import FrontEnd, Notebook

_TOOL = """%load_ext routeway_magic
def area(width: float) -> float:
    "The area of a strip that is 2 wide."
    print("measured")
    return width * 2"""
_ASKS = """%%claude --tools area
emulate: tools area {"width": 3}, tools area {"width": 4}
emulate: echo
Six, and eight."""


def answer(notebook: Notebook, text: str, asked: str) -> None:
    """Types into the question's field, once it asks this."""
    field = notebook.page.locator(".jp-Stdin-input").last
    expect(notebook.page.locator(".jp-Stdin-prompt").last).to_contain_text(asked)
    field.fill(text)
    field.press("Enter")


def test_the_user_is_asked(lab: FrontEnd) -> None:
    """No: the call is denied. Always: it runs, and its next call is not asked about."""
    notebook = lab.open([_TOOL, _ASKS])
    notebook.run(0)
    notebook.run(1, wait=False)
    expect(notebook.output(1).first.locator("details[open]").last).to_contain_text(
        '"width": 4'
    )
    answer(notebook, "n", "Run area(width=3)?")
    answer(notebook, "a", "Run area(width=4)?")
    notebook.wait()
    expect(notebook.output(1).last).to_contain_text("Six, and eight.")
    shown = notebook.text(1)
    parts = ["area denied", "measured", "area returned", "Six, and eight."]
    places = [shown.index(part) for part in parts]
    assert places == sorted(places)
    notebook.run(1)
    assert notebook.text(1).count("area returned") == 2
    assert notebook.errors == []
