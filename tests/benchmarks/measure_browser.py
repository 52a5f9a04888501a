"""What a streamed answer costs the page's main thread, in JupyterLab in Chromium."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import Bench, in_turn
from cells import claude, whole_markdown_loop
from markdown_tables import spread, table
from stream_server import Sent, model_name

if TYPE_CHECKING:
    from front_ends import FrontEnd, Notebook
    from playwright.sync_api import CDPSession

__all__ = ["main_thread"]

_BROWSER_TESTS = Path(__file__).parent.parent / "browser"
_OURS, _WHOLE = "`%%claude`", "by hand: the whole Markdown, ten times a second"
_MODEL = model_name(6250, 2)  # 100 kB
_LATE = 1.0  # seconds in which the page may still be at the last update

# Tasks of 50 ms or more; the times are the wall clock's, in milliseconds.
_OBSERVE = """() => {
  window.longTasks = [];
  new PerformanceObserver(list => list.getEntries().forEach(({startTime, duration}) =>
    window.longTasks.push([performance.timeOrigin + startTime, duration])))
    .observe({type: 'longtask'});
}"""


@dataclass(frozen=True, slots=True)
class _Watched:
    """One answer in the page.

    Args:
        busy: percent of the time that the main thread worked, until all was shown.
        streaming: milliseconds of its longest task while text came.
        final: milliseconds of the longest one after that.
    """

    busy: float
    streaming: float
    final: float


def main_thread(bench: Bench, repeats: int) -> str:
    """100 kB in 6,250 deltas at 2 ms: how busy the main thread is.

    Args:
        bench: where it runs.
        repeats: three times as many as answers of each kind.
    """
    from playwright.sync_api import sync_playwright

    sys.path.append(str(_BROWSER_TESTS))
    from conftest import FLAGS, chromium
    from front_ends import FrontEnd
    from jupyter_servers import APPLICATIONS, serve

    root = bench.home / "notebooks"
    root.mkdir()
    with (
        sync_playwright() as playwright,
        serve(APPLICATIONS["lab"], bench.environment, root) as server,
    ):
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=list(FLAGS)
        )
        watched = _watch(bench, FrontEnd(server, browser), max(repeats // 3, 1))
        browser.close()
    header = [
        "cell",
        "main thread busy %",
        "bound",
        "longest task while streaming ms",
        "bound",
        "longest task at the end ms",
    ]
    return table(header, [[name, *_row(name, all_)] for name, all_ in watched.items()])


def _row(name: str, watched: list[_Watched]) -> list[str]:
    ours = name == _OURS
    return [
        spread([one.busy for one in watched]),
        "35" if ours else "",
        spread([one.streaming for one in watched]),
        "100" if ours else "",
        spread([one.final for one in watched]),
    ]


def _watch(
    bench: Bench, front_end: FrontEnd, repeats: int
) -> dict[str, list[_Watched]]:
    cells = {
        _OURS: claude(_MODEL),
        _WHOLE: whole_markdown_loop(_MODEL, bench.server.url),
    }
    watched: dict[str, list[_Watched]] = {name: [] for name in cells}
    for repeat in range(repeats):
        for name in in_turn(list(cells), repeat):
            warm = cells[name].replace(_MODEL, model_name(100))
            notebook = front_end.open(["%load_ext routeway_magic", warm, cells[name]])
            watched[name].append(_one(bench, notebook))
            front_end.close_pages()
    return watched


def _one(bench: Bench, notebook: Notebook) -> _Watched:
    for index in (0, 1):
        notebook.run(index)
    bench.server.sent()
    notebook.output(2)
    notebook.page.evaluate(_OBSERVE)
    session = notebook.page.context.new_cdp_session(notebook.page)
    session.send("Performance.enable")
    before = _metrics(session)
    notebook.run(2, wait=False)
    sent = bench.server.sent()  # nothing is asked of the page while it streams
    time.sleep(_LATE)
    after = _metrics(session)
    assert "Omegaword" in json.dumps(notebook.outputs(2))
    return _watched(sent, before, after, notebook.page.evaluate("window.longTasks"))


def _watched(
    sent: Sent, before: dict[str, float], after: dict[str, float], tasks: list[Any]
) -> _Watched:
    since_epoch = time.time() - time.monotonic()
    last = (sent.last / 1e9 + since_epoch) * 1e3
    worked = after["TaskDuration"] - before["TaskDuration"]
    lasted = after["Timestamp"] - before["Timestamp"] - _LATE
    return _Watched(
        busy=100 * worked / lasted,
        streaming=max((took for at, took in tasks if at < last), default=0.0),
        final=max((took for at, took in tasks if at >= last), default=0.0),
    )


def _metrics(session: CDPSession) -> dict[str, float]:
    answered = session.send("Performance.getMetrics")["metrics"]
    return {one["name"]: one["value"] for one in answered}
