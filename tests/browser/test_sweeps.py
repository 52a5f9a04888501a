"""A sweep in real front ends: seen while it comes, compared, and opened again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canary import asked_away, untrust
from playwright.sync_api import expect

if TYPE_CHECKING:
    from front_ends import FrontEnd, Notebook
    from playwright.sync_api import Locator

HOSTILE = "<img src=x onerror=window.canary=1>"
CELLS = [
    "%load_ext routeway_magic",
    '%%claude --sweep how=["echo","echo, thinking","error 400"] --sweep temperature=0,1\n'
    f"emulate: {{how}}, slow 16\nIt is **said** {HOSTILE} " + "and so on, " * 4,
]
# Looked for at each frame, as it goes by: two have begun to think, two are at their text.
LIVE = """() => {
  const live = document.querySelector("[role=region][aria-label*='answers under way']");
  return live !== null && live.textContent.includes("thinking … ")
    && live.querySelectorAll("strong").length === 2
    && live.querySelectorAll("th").length === 6;
}"""
SCROLLS = "box => [box.scrollWidth > box.clientWidth, getComputedStyle(box).overflowX]"
COLOURS = """head => [getComputedStyle(head).color, getComputedStyle(head).backgroundColor,
  getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor]"""


def _region(notebook: Notebook, cell: int, name: str) -> Locator:
    return notebook.output(cell).get_by_role("region", name=name)


def _reads_well(notebook: Notebook, cell: int) -> None:
    """Columns under heads, a failure in its own, what differs, figures and plots."""
    side, differ, figures = notebook.output(cell).locator(".rw-side").all()
    expect(side.locator("th")).to_have_count(6)
    expect(side.locator("th").first).to_have_text("how=echo · temperature=0 #0")
    columns = side.locator("td")
    expect(columns.first.locator("strong")).to_have_text("said")
    expect(columns.first).to_contain_text(HOSTILE)
    expect(columns.nth(2).locator("summary")).to_contain_text("thinking")
    expect(columns.nth(4)).to_contain_text("400")
    expect(differ).to_contain_text("the same, word for word")
    expect(figures.locator("tbody tr")).to_have_count(6)
    expect(figures).to_contain_text("end_turn")
    plot = notebook.output(cell).locator("img").first
    assert plot.evaluate("image => image.naturalWidth") >= 300
    assert "on average" in (plot.get_attribute("alt") or "")
    expect(notebook.output(cell)).to_contain_text("4 of 6 answers")


def _heads_are_legible_in_the_dark(notebook: Notebook) -> None:
    """They cover what scrolls below them, in the theme's own colours."""
    head = _region(notebook, 1, "6 answers side by side").locator("th").first
    ink, paper, page = head.evaluate(COLOURS)
    assert paper == page
    with notebook.in_the_dark():
        dark_ink, dark_paper, dark_page = head.evaluate(COLOURS)
    assert dark_paper == dark_page != page
    assert dark_ink != ink


def _nothing_ran(notebook: Notebook, own: str) -> None:
    assert notebook.page.evaluate("window.canary === undefined")
    assert asked_away(notebook, own) == []


def test_a_sweep_is_seen_compared_and_opened_again(front_end: FrontEnd) -> None:
    """All columns while they come, one entry at the end, and the same without trust."""
    notebook = front_end.open(CELLS)
    notebook.run(0)
    notebook.run(1, wait=False)
    notebook.page.wait_for_function(LIVE)
    expect(notebook.output(1).locator("progress")).to_have_attribute("max", "6")
    notebook.wait()
    _region(notebook, 1, "6 answers side by side").wait_for()
    assert len(notebook.outputs(1)) == 1
    _reads_well(notebook, 1)
    side = _region(notebook, 1, "6 answers side by side")
    notebook.page.set_viewport_size({"width": 700, "height": 900})
    assert side.evaluate(SCROLLS) == [True, "auto"]
    _heads_are_legible_in_the_dark(notebook)
    _nothing_ran(notebook, front_end.url)
    notebook.save()
    untrust(notebook)

    again = front_end.reopen(notebook)
    assert not again.page.evaluate(
        "jupyterapp.shell.currentWidget.content.widgets[1].model.trusted"
    )
    again.output(1).locator(".rw-side").first.wait_for()
    _reads_well(again, 1)
    _nothing_ran(again, front_end.url)
    assert notebook.errors + again.errors == []
