"""The harness itself: what a front end does with plain cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from front_ends import FrontEnd

PLAIN = [
    "print('hello')",
    "from IPython.display import HTML\ndisplay(HTML('<b class=mine>bold</b>'))",
]


def test_plain_cells_are_shown_and_saved(front_end: FrontEnd) -> None:
    """What a cell prints and displays is on the page, and on disk once saved."""
    notebook = front_end.open(PLAIN)
    notebook.run(0)
    notebook.run(1)
    assert notebook.text(0) == "hello\n"
    assert notebook.output(1).locator("b.mine").inner_text() == "bold"
    notebook.save()
    assert notebook.saved().cells[0].outputs[0]["text"] == "hello\n"
    notebook.reload()
    assert notebook.output(1).locator("b.mine").inner_text() == "bold"
    assert notebook.errors == []
    assert [url for url in notebook.requests if not url.startswith(front_end.url)] == []
