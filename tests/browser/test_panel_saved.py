"""What of a panel is in the saved notebook, and what stays of it without its kernel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import nbformat
from nbconvert import HTMLExporter
from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from front_ends import FrontEnd, Notebook

KEY = "sk-test-fedcba9876543210"
_LOAD = f"""
import os
os.environ["ROUTEWAY_SOURCE"] = "emulator"
os.environ["ROUTEWAY_API_KEY"] = "{KEY[:8]}" + "{KEY[8:]}"
%load_ext routeway_magic
"""
CELLS = [
    _LOAD,
    "from routeway_magic import Panel\nPanel()",
    "remark = 'an ' + 'okapi'\nPanel()",
    "%config ClaudeSettings.system = os.environ['ROUTEWAY_API_KEY']",
]
LOAD, FIRST, SECOND, AMISS = range(4)
_SETTING = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"
_TOGGLE = f"jupyterapp.commands.execute('{_SETTING}').then(() => null)"
_IS_SAVED = f"jupyterapp.commands.isToggled('{_SETTING}')"


_ROOM = "node => node.closest('.jp-OutputArea-child').offsetHeight"
PANELS = 2


@contextmanager
def saving_state(notebook: Notebook) -> Iterator[None]:
    """JupyterLab saves the state of widgets, which it does not by itself."""
    notebook.page.evaluate(_TOGGLE)
    notebook.page.wait_for_function(_IS_SAVED)
    try:
        yield
    finally:
        notebook.page.evaluate(_TOGGLE)
        notebook.page.wait_for_function(f"!{_IS_SAVED}")


def test_saved_and_opened_without_its_kernel(lab: FrontEnd) -> None:
    """No key, prompt or value is in the widgets' state; what was kept is an output.

    Two panels are side by side: what is asked in one is seen in the other.
    """
    notebook = lab.open(CELLS)
    for index in (LOAD, FIRST, SECOND):
        notebook.run(index)
    first, second = notebook.page.locator(".rwp").all()
    ask(first, "about {remark}")
    for shown in (first, second):
        turn = shown.locator(".rwp-turn")
        expect(turn).to_have_attribute("data-status", "complete", timeout=10_000)
        expect(turn).to_contain_text("about an okapi")
    ask(second, "a draft", key="End")
    first.get_by_role("button", name="Keep").click()
    expect(notebook.output(FIRST).last).to_contain_text("about an okapi")
    notebook.run(AMISS)
    expect(first).to_contain_text("it holds the API key")
    twins = notebook.page.locator("[class^=rw-twin-]")
    expect(twins).to_have_count(PANELS)
    for twin in twins.all():
        expect(twin).to_contain_text("about an okapi")
        expect(twin).to_be_hidden()
        assert twin.evaluate(_ROOM) == 0

    with saving_state(notebook):
        notebook.save()
    saved = notebook.saved()
    state = str(saved.metadata.widgets)
    assert "temperature" in state
    for word in ("{remark}", "okapi", "a draft", KEY):
        assert word not in state
    assert KEY not in nbformat.writes(saved)  # type: ignore[no-untyped-call]  # no types
    del saved.metadata["widgets"]
    page, _ = HTMLExporter().from_notebook_node(saved)  # type: ignore[no-untyped-call]
    assert page.count("Panel of routeway_magic, conversation main") == PANELS
    assert "a draft" not in page

    again = lab.reopen(notebook)
    kept = again.output(FIRST).last
    expect(kept).to_contain_text("about an okapi")
    shown = again.page.locator(".rwp").first
    expect(shown.get_by_role("button", name="Send")).to_be_disabled(timeout=20_000)
    expect(again.page.locator("[class^=rw-twin-]").first).to_be_visible()
    assert KEY not in again.page.content()
    assert again.errors == []


def ask(shown: Locator, prompt: str, *, key: str = "Shift+Enter") -> None:
    """Type a prompt into one of the panels, then a key."""
    box = shown.get_by_label("Prompt", exact=True)
    box.fill(prompt)
    box.press(key)
