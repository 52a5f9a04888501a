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
from markdown_stream import LAST
from markdown_tables import spread, table
from stream_server import Sent, model_name

if TYPE_CHECKING:
    from front_ends import FrontEnd, Notebook

__all__ = ["Task", "main_thread", "main_thread_tasks"]

_BROWSER_TESTS = Path(__file__).parent.parent / "browser"
_OURS, _WHOLE = "`%%claude`", "by hand: the whole Markdown, ten times a second"
_MODEL = model_name(6250, 2)  # 100 kB

# What Chromium's scheduler calls one task, and the thread of the page that runs it.
_TASK, _MAIN_THREAD = "ThreadControllerImpl::RunTask", "CrRendererMain"


@dataclass(frozen=True, slots=True)
class Task:
    """One task of the page's main thread.

    Args:
        at: when it began, by `time.monotonic_ns`.
        milliseconds: how long it ran, by the thread's own clock: what else the
            machine does meanwhile is not the page's work.
    """

    at: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class _Watched:
    """One answer in the page.

    Args:
        tasks: from the first delta on.
        sent: what the server did.
        ended: when all was shown, by `time.monotonic_ns`.
    """

    tasks: list[Task]
    sent: Sent
    ended: int

    @property
    def busy(self) -> float:
        """Percent of the time that the thread worked, until all was shown."""
        worked = sum(task.milliseconds for task in self.tasks)
        return 100 * worked * 1e6 / (self.ended - self.sent.first)

    def longest(self, *, at_the_end: bool) -> float:
        """Milliseconds of the longest task while text came, or after the last of it."""
        last = self.sent.last
        chosen = [it for it in self.tasks if (it.at >= last) == at_the_end]
        return max((task.milliseconds for task in chosen), default=0.0)


def main_thread(bench: Bench, repeats: int) -> str:
    """100 kB in 6,250 deltas at 2 ms: how busy the main thread is.

    Args:
        bench: where it runs.
        repeats: three times as many as answers of each kind.
    """
    from playwright.sync_api import sync_playwright

    sys.path.append(str(_BROWSER_TESTS))
    from chromium import FLAGS, chromium
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
        spread([one.longest(at_the_end=False) for one in watched]),
        "100" if ours else "",
        spread([one.longest(at_the_end=True) for one in watched]),
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
    browser = notebook.page.context.browser
    if browser is None:
        raise AssertionError
    browser.start_tracing(page=notebook.page, categories=["toplevel"])
    notebook.run(2, wait=False)
    sent = bench.server.sent()  # nothing is asked of the page while it streams
    while notebook.page.evaluate("window.underWay"):
        time.sleep(0.1)
    ended = time.monotonic_ns()
    tasks = main_thread_tasks(json.loads(browser.stop_tracing())["traceEvents"])
    if LAST not in json.dumps(notebook.outputs(2)):
        raise LookupError(f"{LAST} is not shown: {notebook.text(2)[-2000:]}")
    return _Watched([it for it in tasks if sent.first <= it.at < ended], sent, ended)


def main_thread_tasks(events: list[dict[str, Any]]) -> list[Task]:
    """Those of the busiest page: the others are empty."""
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == _MAIN_THREAD
    }
    tasks: dict[int, list[Task]] = {pid: [] for pid, _ in threads}
    for event in events:
        if event["name"] == _TASK and (event["pid"], event["tid"]) in threads:
            ran = event.get("tdur", 0) / 1000
            tasks[event["pid"]].append(Task(int(event["ts"] * 1000), ran))
    return max(tasks.values(), key=lambda its: sum(it.milliseconds for it in its))
