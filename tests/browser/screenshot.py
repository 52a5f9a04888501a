"""Makes the README's picture: a real JupyterLab, the quickstart, the emulator.

python tests/browser/screenshot.py [NOTEBOOK [PICTURE [APPLICATION [CELL]]]] [--dark]
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from chromium import FLAGS, chromium  # noqa: E402 - from this folder
from environment import clean_environment  # noqa: E402 - from the tests' own folder
from front_ends import FrontEnd  # noqa: E402 - from this folder
from jupyter_servers import APPLICATIONS, serve  # noqa: E402 - from this folder
from playwright.sync_api import sync_playwright  # noqa: E402 - after the paths

NOTEBOOKS = HERE.parents[1] / "notebooks"


_CONTENT = "jupyterapp.shell.currentWidget.content"


def picture(
    source: Path, target: Path, application: str, *, cell: int, dark: bool
) -> None:
    """Runs all of a notebook and photographs the page from one of its cells.

    Args:
        source: the notebook.
        target: the PNG to write.
        application: "lab" or "notebook7".
        cell: the index of the cell at the top.
        dark: whether to use the dark theme.
    """
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        root = Path(home) / "notebooks"
        root.mkdir()
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=list(FLAGS)
        )
        with serve(
            APPLICATIONS[application], clean_environment(Path(home)), root
        ) as server:
            front_end = FrontEnd(server, browser)
            file = Path(shutil.copy(source, root))
            notebook = front_end.show(file)
            notebook.page.set_viewport_size({"width": 1000, "height": 1060})
            with notebook.in_the_dark() if dark else nullcontext():
                notebook.run_all()
                notebook.page.evaluate(f"{_CONTENT}.activeCellIndex = {cell}")
                notebook.page.evaluate(f"{_CONTENT}.scrollToItem({cell}, 'start')")
                notebook.page.wait_for_timeout(2000)  # formulas are typeset
                notebook.screenshot(target)
            front_end.close_pages()
        browser.close()


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--dark"]
    given = dict(enumerate(words))
    picture(
        Path(given.get(0, NOTEBOOKS / "quickstart.ipynb")),
        Path(given.get(1, NOTEBOOKS / "quickstart.png")),
        given.get(2, "lab"),
        cell=int(given.get(3, 14)),
        dark="--dark" in sys.argv,
    )
