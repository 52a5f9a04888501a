"""Code from an answer in a new cell of the notebook, as a user of JupyterLab sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from front_ends import FrontEnd

ASK = (
    "%%claude -f code --next-cell\nemulate: echo\nHere:\n```python\nboom = 1\n```\nBye."
)
CODE = "boom = 1"


def test_a_new_cell_once(lab: FrontEnd) -> None:
    """The code comes into one cell below, is not run, and comes no second time.

    Not when the cell runs again, and not after a restart, once the notebook is saved.
    """
    notebook = lab.open(["%load_ext routeway_magic", ASK, "'boom' in dir()"])
    notebook.run(0)
    for _ in range(2):
        notebook.run(1)
        notebook.save()
        assert [cell.source for cell in notebook.saved().cells][1:3] == [ASK, CODE]
        assert len(notebook.saved().cells) == 4
    assert "an earlier run" in notebook.text(1)
    assert notebook.execution_count(2) is None
    notebook.run(3)
    assert "False" in notebook.text(3)
    again = lab.reopen(notebook)
    again.run(0)
    again.run(1)
    again.save()
    assert len(again.saved().cells) == 4
    assert notebook.errors == again.errors == []
