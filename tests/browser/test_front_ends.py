"""The harness itself: what a front end does with plain cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from front_ends import FrontEnd

PLAIN = [
    "print('hello')",
    "from IPython.display import HTML\ndisplay(HTML('<b class=mine>bold</b>'))",
    "import time\nprint('begun', flush=True)\ntime.sleep(60)",
    "print('never')",
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


def test_interrupt_stops_run_all(front_end: FrontEnd) -> None:
    """The stop button ends the running cell, and no later cell runs."""
    notebook = front_end.open(PLAIN)
    notebook.run_all(wait=False)
    notebook.output(2).get_by_text("begun").wait_for()
    notebook.interrupt()
    notebook.wait(timeout=10)
    assert notebook.outputs(2)[-1]["ename"] == "KeyboardInterrupt"
    assert notebook.execution_count(3) is None
