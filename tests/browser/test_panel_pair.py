"""Two panels side by side in JupyterLab: one session, both themes, tools, keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Locator, expect
from test_panel_looks import serious

if TYPE_CHECKING:
    from front_ends import FrontEnd, Notebook

CELLS = [
    "%load_ext routeway_magic",
    """def weather(city: str) -> str:
    '''The weather of a city now.'''
    return f"{city}: 21 degrees"
""",
    """import ipywidgets
from routeway_magic import Panel
ipywidgets.HBox([Panel(), Panel()])""",
]
PANELS = 2
CALL = """emulate: thinking, tools weather {"city": "Lyon"}
What is the weather in Lyon?"""


def pair(notebook: Notebook) -> list[Locator]:
    """Both panels, once they can be used."""
    shown = notebook.page.locator(".rwp[data-state=ready]")
    expect(shown).to_have_count(2, timeout=10_000)
    return shown.all()


def test_two_panels_side_by_side(lab: FrontEnd) -> None:
    """They share the room, the settings and the conversation, in light and in dark."""
    notebook = lab.open(CELLS)
    for index in range(len(CELLS)):
        notebook.run(index)
    notebook.output(PANELS)
    one, other = pair(notebook)
    widths = [shown.bounding_box()["width"] for shown in (one, other)]  # type: ignore[index]  # both are shown
    assert abs(widths[0] - widths[1]) < 2
    assert min(widths) > 400

    for shown in (one, other):
        if shown.locator(".rwp-settings").is_hidden():
            shown.get_by_role("button", name="Settings").press("Enter")
    one.get_by_label("temperature, slider").fill("0.3")
    expect(other.get_by_label("temperature", exact=True)).to_have_value("0.3")

    tools = one.get_by_label("tools", exact=True)
    tools.fill("weather")
    tools.press("Enter")
    box = one.get_by_label("Prompt", exact=True)
    box.fill(CALL)
    box.press("Control+Enter")
    for shown in (one, other):
        turn = shown.locator(".rwp-turn[data-status=complete]")
        expect(turn).to_have_count(1, timeout=10_000)
        expect(turn.locator("summary").first).to_contain_text("thinking")
        expect(turn).to_contain_text("weather returned")
    assert serious(notebook.page) == []
    with notebook.in_the_dark():
        body = notebook.page.locator("body")
        expect(body).to_have_attribute("data-jp-theme-light", "false")
        assert serious(notebook.page) == []
    assert notebook.errors == []
