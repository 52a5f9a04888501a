"""One notebook in a real front end, in headless Chromium."""

from __future__ import annotations

import json
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jupyter_servers import Server
    from playwright.sync_api import (
        Browser,
        ConsoleMessage,
        Error,
        Locator,
        Page,
        Request,
    )

__all__ = ["FrontEnd", "Notebook"]

_READY = """() => {
  const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
  return document.querySelector('.jp-Notebook .jp-Cell') !== null
    && context?.session?.kernel?.status === 'idle';
}"""
# A command's promise ends with the cell: kept, not returned, so that we do not block.
_START = """([command, index]) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  if (index !== null) { notebook.activeCellIndex = index; notebook.deselectAll(); }
  window.underWay = true;
  window.jupyterapp.commands.execute(command).finally(() => { window.underWay = false; });
}"""
_COMMAND = "command => window.jupyterapp.commands.execute(command).then(() => null)"
_CELL = "window.jupyterapp.shell.currentWidget.content.widgets[index]"
_SCROLL = """async index => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = index;
  await notebook.scrollToItem(index);
}"""

_SET_THEME = """name => {
  jupyterapp.commands.execute('apputils:change-theme', {theme: `JupyterLab ${name}`});
}"""
# The page is covered meanwhile; JupyterLab fails if it is to do so twice at once.
_HAS_THEME = """name => document.body.dataset.jpThemeName === `JupyterLab ${name}`
  && document.getElementById('jupyterlab-splash') === null"""

# Chromium tells of a request before it has looked whether the frame may make it: these
# say that it may not, by its policy or for its origin, and that nobody was asked.
_STOPPED = frozenset({"csp", "origin"})

# Notebook 7.6 raises this by itself while it starts, whatever it opens.
_OWN_ERRORS = frozenset({"Cannot read properties of undefined (reading 'schema')"})


class Notebook:
    """A notebook that is open in a front end.

    Args:
        page: its browser page.
        file: the notebook on disk.
    """

    def __init__(self, page: Page, file: Path) -> None:
        self.page = page
        self.file = file
        self.errors: list[str] = []
        self._requests: list[Request] = []
        page.on("pageerror", self._note_error)
        page.on("console", self._note_console)
        page.on("request", self._note_request)
        page.on("dialog", lambda dialog: dialog.accept())

    @property
    def requests(self) -> list[str]:
        """The addresses asked for, without what a sandboxed frame was kept from."""
        return [one.url for one in self._requests if not _was_stopped(one)]

    def wait_until_ready(self) -> None:
        """Wait for the cells and for an idle kernel."""
        self.page.wait_for_function(_READY, timeout=60_000)

    def run(self, index: int, *, wait: bool = True, timeout: float = 60) -> None:
        """Run one cell.

        Args:
            index: which, counted from 0 over all cells.
            wait: until it ended.
            timeout: seconds after which the test fails.
        """
        self.page.evaluate(_START, ["notebook:run-cell", index])
        if wait:
            self.wait(timeout=timeout)

    def run_all(self, *, wait: bool = True, timeout: float = 60) -> None:
        """Run all cells; the front end stops at the first failure.

        Args:
            wait: until they ended.
            timeout: seconds after which the test fails.
        """
        self.page.evaluate(_START, ["notebook:run-all-cells", None])
        if wait:
            self.wait(timeout=timeout)

    def wait(self, *, timeout: float = 60) -> None:
        """Wait for the end of what was run.

        Args:
            timeout: seconds after which the test fails.
        """
        self.page.wait_for_function(
            "() => window.underWay === false", timeout=timeout * 1000
        )

    def interrupt(self) -> None:
        """Press the stop button."""
        self.page.evaluate(_COMMAND, "notebook:interrupt-kernel")

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """The nbformat outputs that the front end holds for a cell.

        Args:
            index: the cell.
        """
        held: list[dict[str, Any]] = self.page.evaluate(
            f"index => {_CELL}.model.outputs.toJSON()", index
        )
        return held

    def execution_count(self, index: int) -> int | None:
        """The number in the cell's prompt; None if it did not run.

        Args:
            index: the cell.
        """
        count: int | None = self.page.evaluate(
            f"index => {_CELL}.model.executionCount", index
        )
        return count

    def output(self, index: int) -> Locator:
        """The cell's outputs on the page, scrolled into view.

        Args:
            index: the cell; the page only holds those near the view.
        """
        self.page.evaluate(_SCROLL, index)
        cell = f".jp-Cell[data-windowed-list-index='{index}']"
        return self.page.locator(f"{cell} .jp-OutputArea-output")

    def html(self, index: int) -> str:
        """The HTML of the cell's outputs as they are on the page.

        Args:
            index: the cell.
        """
        parts = "outputs => outputs.map(output => output.innerHTML)"
        return "\n".join(self.output(index).evaluate_all(parts))

    def text(self, index: int) -> str:
        """What a reader sees of the cell's outputs.

        Args:
            index: the cell.
        """
        return "\n".join(self.output(index).all_inner_texts())

    def save(self) -> None:
        """Write the notebook to disk."""
        self.page.evaluate(_COMMAND, "docmanager:save")

    def saved(self) -> Any:
        """The notebook as it is on disk, an nbformat node."""
        return nbformat.read(self.file, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types

    def reload(self) -> None:
        """Load the page anew, as it was last saved."""
        self.page.reload()
        self.wait_until_ready()

    @contextmanager
    def in_the_dark(self) -> Iterator[None]:
        """The dark theme, until the block is left: the server keeps what is chosen."""
        self._set_theme("Dark")
        try:
            yield
        finally:
            self._set_theme("Light")

    def _set_theme(self, name: str) -> None:
        self.page.evaluate(_SET_THEME, name)
        self.page.wait_for_function(_HAS_THEME, arg=name)

    def screenshot(self, path: Path) -> None:
        """Keep a picture of the page.

        Args:
            path: a .png file.
        """
        self.page.screenshot(path=path)

    def _note_error(self, error: Error) -> None:
        if error.message not in _OWN_ERRORS:
            self.errors.append(str(error))

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url')})")

    def _note_request(self, request: Request) -> None:
        self._requests.append(request)


def _was_stopped(request: Request) -> bool:
    """Whether the browser itself kept a sandbox of ours from making this request."""
    return request.failure in _STOPPED and request.frame.url == "about:srcdoc"


class FrontEnd:
    """A served front end and the browser to look at it.

    Args:
        server: a running application.
        browser: a running Chromium.
    """

    def __init__(self, server: Server, browser: Browser) -> None:
        self.url = server.url
        self._server = server
        self._browser = browser
        self._pages: list[Page] = []

    def open(self, cells: Sequence[str] | Path) -> Notebook:
        """Open a notebook and wait until it can run cells.

        Args:
            cells: the code cells of a new notebook, or an .ipynb to copy.
        """
        name = f"{uuid.uuid4().hex}.ipynb"
        file = self._server.root / name
        if isinstance(cells, Path):
            file.write_bytes(cells.read_bytes())
        else:
            file.write_text(json.dumps(_notebook(cells)), encoding="utf-8")
        return self.show(file)

    def reopen(self, notebook: Notebook) -> Notebook:
        """Open a saved notebook in a new page, with a new kernel.

        Args:
            notebook: what was saved.
        """
        self.close_pages()
        return self.show(notebook.file)

    def close_pages(self) -> None:
        """Close all pages and end their kernels."""
        for page in self._pages:
            page.context.close()
        self._pages.clear()
        self._server.end_kernels()

    def show(self, file: Path) -> Notebook:
        """Open a notebook that the server has, and wait until it can run cells.

        Args:
            file: below the server's root.
        """
        context = self._browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        self._pages.append(page)
        notebook = Notebook(page, file)
        page.goto(self._server.page(file.name))
        notebook.wait_until_ready()
        return notebook


def _notebook(cells: Sequence[str]) -> dict[str, Any]:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel},
        "cells": [_code_cell(str(index), text) for index, text in enumerate(cells)],
    }


def _code_cell(cell_id: str, source: str) -> dict[str, Any]:
    return {
        "id": f"cell-{cell_id}",
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "execution_count": None,
        "outputs": [],
    }
