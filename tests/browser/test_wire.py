"""The wire view in a real browser: drawn, saved, opened again without trust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canary import untrust
from playwright.sync_api import expect

if TYPE_CHECKING:
    from front_ends import FrontEnd, Notebook

CELLS = [
    "%load_ext routeway_magic",
    "%%claude\nemulate: thinking\nhello",
    "%claude inspect",
    "%claude code curl",
]


def _reads_well(notebook: Notebook) -> None:
    """The drawing is drawn, the facts are there, and the tree unfolds."""
    shown = notebook.output(2)
    drawing = shown.locator("img")
    expect(drawing).to_be_visible()
    assert drawing.evaluate("image => image.naturalWidth") > 500
    assert "first token" in (drawing.get_attribute("alt") or "")
    expect(shown.locator("table").first).to_contain_text("first token")
    expect(shown.get_by_text("Byte for byte what was sent")).to_be_hidden()
    shown.locator("summary", has_text="request: POST").click()
    expect(shown.get_by_text("Byte for byte what was sent")).to_be_visible()
    expect(shown.locator("summary", has_text="messages").first).to_be_visible()


def test_inspect(front_end: FrontEnd) -> None:
    """The same is seen live and in a notebook that nobody trusts; code has its cell."""
    notebook = front_end.open(CELLS)
    notebook.run_all()
    _reads_well(notebook)
    notebook.save()
    below = notebook.saved().cells[len(CELLS)]
    assert below.source.startswith("%%bash\n")
    assert "\ncurl " in below.source
    untrust(notebook)
    again = front_end.reopen(notebook)
    assert not again.page.evaluate(
        "jupyterapp.shell.currentWidget.content.widgets[2].model.trusted"
    )
    _reads_well(again)
    assert notebook.errors + again.errors == []
