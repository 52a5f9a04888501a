"""A notebook's conversation in JupyterLab: edited, run again, stopped, compared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from front_ends import FrontEnd, Notebook

CELLS = [
    "%load_ext routeway_magic",
    "%%claude\nemulate: echo\nWhat is a mean?",
    "%%claude\nemulate: echo\nAnd a median?",
    "%%claude\nemulate: echo\nAnd a mode?",
    "%claude branches",
    "",
    "%%claude\nemulate: slow 4, long 2\nMuch, please.",
    "%claude continue",
]
FIRST, BRANCHES, DIFF, SLOW, CONTINUE = 1, 4, 5, 6, 7
_WRITE = """([index, text]) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.widgets[index].model.sharedModel.setSource(text);
}"""


def branches(notebook: Notebook) -> list[str]:
    """The lines of the tree as a reader sees them."""
    notebook.run(BRANCHES)
    return [line for line in notebook.text(BRANCHES).splitlines() if line.strip()]


def marked(notebook: Notebook) -> tuple[list[str], list[str]]:
    """What is shown as gone and what as new."""
    shown = notebook.output(DIFF)
    shown.locator("ins").wait_for()
    gone, new = (shown.locator(tag).all_inner_texts() for tag in ("del", "ins"))
    return gone, new


def test_a_conversation_follows_its_notebook(lab: FrontEnd) -> None:
    """Run All twice gives each question once; an edit takes its place; all is kept."""
    notebook = lab.open(CELLS[: BRANCHES + 1])
    notebook.run_all()
    notebook.page.evaluate(_WRITE, [FIRST, CELLS[FIRST] + " Briefly."])
    notebook.run(FIRST)
    assert "the answers of [3], [4] left the conversation" in notebook.text(FIRST)
    title, *lines = branches(notebook)
    assert title == "main: 4 turns, 1 on the path (●)"
    assert [line[0] for line in lines] == ["○", "○", "○", "●"]
    notebook.run_all()
    assert branches(notebook)[0] == "main: 7 turns, 3 on the path (●)"
    assert notebook.errors == []


def test_two_answers_compared_stay_readable(lab: FrontEnd, tmp_path: Path) -> None:
    """What is new and what is gone is marked, also in a notebook that is not trusted."""
    notebook = lab.open(CELLS[: DIFF + 1])
    for index in (0, FIRST):
        notebook.run(index)
    notebook.page.evaluate(_WRITE, [FIRST, "%%claude\nemulate: echo\nWhat is a mode?"])
    notebook.run(FIRST)
    ids = [line.split()[1] for line in branches(notebook)[1:]]
    notebook.page.evaluate(_WRITE, [DIFF, f"%claude diff {' '.join(ids)}"])
    notebook.run(DIFF)
    assert marked(notebook) == (["mean"], ["mode"])
    notebook.save()
    saved, foreign = notebook.saved(), tmp_path / "foreign.ipynb"
    saved.metadata["changed"] = "so that its signature is not ours"
    foreign.write_text(json.dumps(saved), encoding="utf-8")
    assert marked(lab.open(foreign)) == (["mean"], ["mode"])


def test_a_stopped_answer_is_gone_on_with(lab: FrontEnd) -> None:
    """The second cell shows the whole answer: its beginning, and what came after."""
    notebook = lab.open(CELLS)
    notebook.run(0)
    notebook.run(SLOW, wait=False)
    words = notebook.output(SLOW).get_by_text("Section 1")
    words.wait_for()
    notebook.interrupt()
    notebook.wait()
    assert "interrupted, what arrived is kept" in notebook.text(SLOW)
    notebook.run(CONTINUE, wait=False)
    again = notebook.output(CONTINUE).get_by_text("(no model has read this)")
    again.nth(1).wait_for()
    notebook.interrupt()
    notebook.wait()
    assert "Section 1" in notebook.text(CONTINUE)
    assert branches(notebook)[0] == "main: 2 turns, 2 on the path (●)"
