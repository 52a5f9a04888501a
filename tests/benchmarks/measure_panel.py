"""What the panel costs the page and the wire, and how soon it acts, in JupyterLab."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench import Bench
from markdown_stream import LAST
from markdown_tables import spread, table
from measure_browser import main_thread_tasks
from stream_server import model_name

if TYPE_CHECKING:
    from front_ends import FrontEnd, Notebook
    from playwright.sync_api import Browser

__all__ = ["report"]

_BROWSER_TESTS = Path(__file__).parent.parent / "browser"
_LONG = (6250, 16)  # 100 kB, sixty deltas a second
_ENDLESS = (6000, 10)
_CELLS = [
    "%load_ext routeway_magic",
    "from routeway_magic import Panel\nPanel()",
    "other = Panel()\nother",
    "other.close()",
    "import time\ntime.sleep(20)",
]
_CLOSE, _BUSY = 3, 4
_USABLE = """([index, count]) => new Promise((resolve) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = index; notebook.deselectAll();
  const begun = performance.now();
  window.jupyterapp.commands.execute('notebook:run-cell');
  const look = () => document.querySelectorAll('.rwp[data-state=ready]').length < count
    ? requestAnimationFrame(look) : resolve(performance.now() - begun);
  look();
})"""
_STOP = """() => new Promise((resolve) => {
  const panel = document.querySelector('.rwp');
  const turn = [...panel.querySelectorAll('.rwp-turn')].at(-1);
  const begun = performance.now();
  new MutationObserver((_, observer) => {
    if (turn.dataset.status === 'running') return;
    observer.disconnect();
    resolve(performance.now() - begun);
  }).observe(turn, {attributes: true});
  panel.querySelector('.rwp-go .rwp-stop').click();
})"""


class _Wire:
    """The messages of widgets that a page receives."""

    def __init__(self, notebook: Notebook) -> None:
        self.frames: list[tuple[int, bytes]] = []
        notebook.page.on("websocket", lambda socket: socket.on("framereceived", self))
        notebook.reload()

    def __call__(self, frame: str | bytes) -> None:
        data = frame.encode() if isinstance(frame, str) else frame
        if b"comm_msg" in data:
            self.frames.append((time.monotonic_ns(), data))

    def deltas(self, since: int, until: int) -> int:
        """How many updates of an answer came between two moments."""
        return sum(since <= at < until and b'"delta"' in it for at, it in self.frames)

    @property
    def size(self) -> int:
        """Bytes of all that came."""
        return sum(len(data) for _, data in self.frames)


def report(bench: Bench, repeats: int) -> str:
    """The panel's figures.

    Args:
        bench: where it runs.
        repeats: nine times as many as are made of each.
    """
    figures: dict[str, list[float]] = {}
    with _lab(bench) as (front_end, browser):
        for _ in range(max(repeats // 9, 1)):
            for name, value in _figures(bench, front_end, browser):
                figures.setdefault(name, []).append(value)
            front_end.close_pages()
    rows = [
        [name, spread(values, digits=1), _BOUNDS.get(name, "")]
        for name, values in figures.items()
    ]
    return table(["figure", "measured", "bound"], rows)


_UPDATE = "main thread ms for an update, the last fifth of 100 kB"
_BYTES = "bytes on the wire for a byte of answer, 60 deltas a second"
_IDLE, _BUSY_STOP = "Stop, kernel idle, ms", "Stop, a cell runs, ms"
_BOUNDS = {_UPDATE: "8", _BYTES: "6", _IDLE: "500", _BUSY_STOP: "500"}


def _figures(
    bench: Bench, front_end: FrontEnd, browser: Browser
) -> Iterator[tuple[str, float]]:
    notebook = front_end.open(_CELLS)
    wire = _Wire(notebook)
    notebook.run(0)
    page = notebook.page
    first = page.evaluate(_USABLE, [1, 1])
    yield "the first `Panel()` of a kernel usable, ms", first
    yield "the next `Panel()` usable, ms", page.evaluate(_USABLE, [2, 2])
    notebook.run(_CLOSE)  # what one panel costs is meant
    notebook.output(1)
    _ask(notebook, model_name(100))
    _ended(notebook, 1)
    bench.server.sent()
    work, size = _long(bench, notebook, browser, wire)
    yield _UPDATE, work
    yield _BYTES, size
    _ask(notebook, model_name(*_ENDLESS))
    yield _IDLE, _stop(notebook)
    notebook.run(_BUSY, wait=False)
    notebook.output(1)
    _ask(notebook, model_name(*_ENDLESS))
    yield _BUSY_STOP, _stop(notebook)
    if not page.evaluate("window.underWay"):
        raise AssertionError
    notebook.interrupt()
    notebook.wait()


def _ask(notebook: Notebook, model: str) -> None:
    panel = notebook.page.locator(".rwp").first
    panel.get_by_label("model", exact=True).fill(model)
    panel.get_by_label("model", exact=True).press("Enter")
    box = panel.get_by_label("Prompt", exact=True)
    box.fill("write something long")
    box.press("Shift+Enter")


def _ended(notebook: Notebook, count: int) -> None:
    """Waits for the turns, without asking the page more than needed."""
    ended = ".rwp >> nth=0 >> .rwp-turn[data-status=complete]"
    while notebook.page.locator(ended).count() < count:
        notebook.page.wait_for_timeout(200)


def _long(
    bench: Bench, notebook: Notebook, browser: Browser, wire: _Wire
) -> tuple[float, float]:
    """The work for one update at the end of a long answer, and the whole one's size."""
    page, (number, delay) = notebook.page, _LONG
    _ask(notebook, model_name(number, delay))
    wire.frames.clear()
    page.wait_for_timeout(0.8 * number * delay)
    browser.start_tracing(page=page, categories=["toplevel"])
    since = time.monotonic_ns()
    page.wait_for_timeout(0.2 * number * delay)
    _ended(notebook, 2)
    tasks = main_thread_tasks(json.loads(browser.stop_tracing())["traceEvents"])
    sent = bench.server.sent()
    # What is out of sight is not rendered, and then is no inner text either.
    shown = page.locator(".rwp >> nth=0 >> .rwp-turn").last.text_content()
    if LAST not in (shown or ""):
        raise LookupError(LAST)
    worked = sum(it.milliseconds for it in tasks if since <= it.at < sent.last)
    return worked / wire.deltas(since, sent.last), wire.size / sent.text_bytes


def _stop(notebook: Notebook) -> float:
    last = notebook.page.locator(".rwp >> nth=0 >> .rwp-turn").last
    last.locator(".rwp-answer h2").first.wait_for()
    waited: float = notebook.page.evaluate(_STOP)
    return waited


@contextmanager
def _lab(bench: Bench) -> Iterator[tuple[FrontEnd, Browser]]:
    from playwright.sync_api import sync_playwright

    sys.path.append(str(_BROWSER_TESTS))
    from chromium import FLAGS, chromium
    from front_ends import FrontEnd
    from jupyter_servers import APPLICATIONS, serve

    root = bench.home / "panels"
    root.mkdir()
    with (
        sync_playwright() as playwright,
        serve(APPLICATIONS["lab"], bench.environment, root) as server,
    ):
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=list(FLAGS)
        )
        yield FrontEnd(server, browser), browser
        browser.close()
