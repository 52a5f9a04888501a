"""Tab in a real front end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from front_ends import FrontEnd

CELLS = ["%load_ext routeway_magic\nquestion = 'why'", "%%claude --tempe"]


def test_tab_lists_options_and_variables(lab: FrontEnd) -> None:
    """The popup has the option with its help; Enter puts it where it was begun."""
    notebook = lab.open(CELLS)
    notebook.run(0)
    page = notebook.page
    editor = page.locator(".jp-Cell[data-windowed-list-index='1'] .cm-content")
    popup = page.locator(".jp-Completer-item")
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Tab")
    popup.first.wait_for()
    assert "randomness" in popup.first.inner_text().lower()
    page.keyboard.press("Enter")
    page.keyboard.type(" 0\nWhy {ques")
    page.keyboard.press("Tab")
    popup.first.wait_for()
    assert [line.split("\n")[1] for line in popup.all_inner_texts()] == ["question"]
    page.keyboard.press("Enter")
    assert editor.inner_text() == "%%claude --temperature 0\nWhy {question"
    assert notebook.errors == []
