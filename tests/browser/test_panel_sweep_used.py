"""The panel's sweeps in a real JupyterLab: run, compare, pin, stop, go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Locator, expect
from test_panel_used import BUSY, CELLS, PANEL, READ, panel

if TYPE_CHECKING:
    from front_ends import FrontEnd, Notebook


def run_sweep(notebook: Notebook, prompt: str, values: str) -> Locator:
    """Run a sweep of the temperature; its columns, once each has some of its answer."""
    shown = panel(notebook)
    shown.get_by_label("Prompt", exact=True).fill(prompt)
    if shown.locator(".rwp-sweep").is_hidden():
        shown.get_by_role("button", name="Sweep", exact=True).click()
    shown.get_by_label("Values, with commas").fill(values)
    shown.get_by_role("button", name="Run", exact=True).click()
    columns = shown.locator(".rwp-column")
    expect(columns).to_have_count(len(values.split(",")))
    for column in columns.all():
        expect(column).to_contain_text("Section 1", timeout=10_000)
    return columns


def ends(columns: Locator, status: str) -> None:
    """Wait until all have ended like this."""
    for column in columns.all():
        expect(column).to_have_attribute("data-status", status, timeout=10_000)


def test_run_pin_stop_resume(lab: FrontEnd) -> None:
    """A pinned answer sets the slider and is gone on from; Stop works in a busy cell."""
    notebook = lab.open(CELLS)
    notebook.run(0)
    notebook.run(PANEL)
    columns = run_sweep(notebook, "emulate: long 2, slow 100", "0, 0.5, 1")
    ends(columns, "complete")
    shown = panel(notebook)
    shown.get_by_role("button", name="Pin temperature=0.5").click()
    expect(shown.get_by_label("temperature, slider")).to_have_value("0.5")
    expect(shown.locator(".rwp-turn")).to_have_count(1)
    notebook.run(READ)
    assert notebook.text(READ).strip().endswith("0.5")

    notebook.run(BUSY, wait=False)
    columns = run_sweep(notebook, "emulate: long 60, slow 20", "0.1, 0.9")
    shown.get_by_role("button", name="Stop sweep").click()
    ends(columns, "interrupted")
    assert notebook.page.evaluate("window.underWay")  # the cell runs on
    notebook.interrupt()
    notebook.wait()

    shown.get_by_role("button", name="Ask the missing 2").click()
    ends(columns, "running")
    notebook.save()
    notebook.reload()
    notebook.output(PANEL)
    columns = panel(notebook).locator(".rwp-column")
    expect(columns.nth(1)).to_contain_text("Section 1")
    panel(notebook).get_by_role("button", name="Stop sweep").click()
    ends(columns, "interrupted")
    assert notebook.errors == []
