"""A hostile answer in real front ends: nothing runs, nothing is loaded or restyled."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import nbformat
import pytest
from front_ends import FrontEnd, Notebook
from payloads import BLOCKS, FORMATTED, PAYLOADS, READS_RIGHT
from playwright.sync_api import expect

LOAD = "%load_ext routeway_magic"
TOOLBAR = """() => { const style = getComputedStyle(document.querySelector('.jp-Toolbar'));
  const body = getComputedStyle(document.body);
  return [style.backgroundColor, style.display, body.display, body.backgroundImage] }"""
# What may stand in an output of ours; the front end's own wrappers have classes only.
STRANGE = """outputs => outputs.flatMap(output => [...output.querySelectorAll('*')]
  .filter(element => !element.closest('mjx-container'))
  .filter(element => [...element.attributes].some(({name, value}) =>
      /^on|^(src|srcset|action|formaction|poster|data|background|id|title)$/i.test(name)
      || /^data-commandlinker/.test(name)
      || (name === 'href' && !/^(https?:\\/\\/|mailto:)/i.test(value))
      || (name === 'style' && /url|fixed/.test(value)))
    || /^(script|link|object|embed|form|input|button|svg|video|audio|img|base|meta|iframe)$/i
      .test(element.tagName))
  .map(element => element.outerHTML.slice(0, 200)))"""


class Canary:
    """A server on another port that should never be asked for anything."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Ask(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            do_POST = do_HEAD = do_GET  # noqa: N815 - the library's names

            def log_message(self, *_: Any) -> None:
                """Nothing is written."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Ask)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Frees the port."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    """One canary for all."""
    bird = Canary()
    yield bird
    bird.close()


def hostile_cells(canary: Canary) -> list[str]:
    """All payloads, whole and streamed, and what comes by other ways than text."""
    filler = "\n\nA paragraph that makes the answer long enough to be frozen. " * 60
    together = "\n\n".join(PAYLOADS)
    streamed = "\n\n".join(payload + filler for payload in PAYLOADS[::8])
    blocks = (
        "from routeway_magic.answer import bundle\n"
        "from IPython.display import display\n"
        f"display(bundle({{'content': {BLOCKS!r}}}, '<img src=x onerror=window.canary=1>'), raw=True)"
    )
    cells = [
        LOAD,
        f"%%claude --quiet --no-history\nemulate: echo\n{together}",
        f"%%claude --quiet --no-history\nemulate: echo, slow 2000\n{streamed}",
        blocks,
    ]
    return [cell.replace("@@", canary.url) for cell in cells]


def nothing_happened(notebook: Notebook, canary: Canary, own: str) -> None:
    """No script ran, and nothing was asked of anybody."""
    assert notebook.page.evaluate("window.canary === undefined")
    # The sandbox reports what it has stopped.
    stopped = ("about:srcdoc", "Content Security Policy")
    assert [e for e in notebook.errors if not any(it in e for it in stopped)] == []
    assert canary.asked == []
    away = [
        url
        for url in notebook.requests
        if not url.startswith((own, "data:", "blob:", "about:")) or "canary" in url
    ]
    assert away == []


def looks_clean(notebook: Notebook, cells: range) -> None:
    """Each output holds our own elements and attributes, nothing of the model's."""
    for index in cells:
        shown = notebook.output(index)
        expect(shown.first).to_be_visible()
        assert shown.evaluate_all(STRANGE) == []


def test_nothing_of_a_hostile_answer_works(front_end: FrontEnd, canary: Canary) -> None:
    """Live, reopened and trusted, reopened and untrusted."""
    cells = hostile_cells(canary)
    notebook = front_end.open(cells)
    before = notebook.page.evaluate(TOOLBAR)
    notebook.run_all()
    assert [notebook.execution_count(i) for i in range(4)] == [1, 2, 3, 4]
    looks_clean(notebook, range(1, 4))
    formulas = notebook.output(1).locator("mjx-container")
    expect(formulas.last).to_be_visible()
    assert "POISON" not in "".join(formulas.all_inner_texts())
    assert notebook.page.evaluate(TOOLBAR) == before
    nothing_happened(notebook, canary, front_end.url)
    notebook.save()

    trusted = front_end.reopen(notebook)
    looks_clean(trusted, range(1, 4))
    nothing_happened(trusted, canary, front_end.url)

    changed = nbformat.read(notebook.file, as_version=4)
    changed.cells[0].source += "  # no longer what was signed"
    nbformat.write(changed, notebook.file)
    untrusted = front_end.reopen(notebook)
    looks_clean(untrusted, range(1, 4))
    nothing_happened(untrusted, canary, front_end.url)
    assert untrusted.page.evaluate(TOOLBAR) == before


def test_formats_stay_in_their_sandbox(front_end: FrontEnd, canary: Canary) -> None:
    """`-f html` and `-f image` show a frame in which nothing runs and nothing loads."""
    cells = [LOAD] + [
        f"%%claude --quiet --no-history -f {name}\nemulate: echo\n{text}"
        for name, text in FORMATTED.items()
    ]
    notebook = front_end.open([cell.replace("@@", canary.url) for cell in cells])
    notebook.run_all()
    frame = notebook.output(1).locator("iframe")
    expect(frame).to_have_attribute("sandbox", "")
    expect(notebook.output(1).frame_locator("iframe").locator("b")).to_have_text("bold")
    notebook.page.wait_for_timeout(500)
    looks_clean(notebook, range(3, len(cells)))
    nothing_happened(notebook, canary, front_end.url)


def test_links_leave_the_page_and_nothing_else(
    front_end: FrontEnd, canary: Canary
) -> None:
    """A link opens a tab that knows nothing of the notebook; no cell runs."""
    answer = f"%%claude --quiet\nemulate: echo\n[away]({canary.url}away) [no](/tree)"
    notebook = front_end.open([LOAD, answer])
    notebook.run_all()
    (link,) = notebook.output(1).locator("a").all()
    # The front end writes its own, shorter one.
    assert "noopener" in str(link.get_attribute("rel"))
    with notebook.page.context.expect_page() as opened:
        link.click()
    assert opened.value.evaluate("window.opener") is None
    assert notebook.execution_count(1) == 2
    canary.asked.clear()


def test_what_is_no_attack_reads_right(front_end: FrontEnd) -> None:
    """Prose, formulas, tables, nested fences and other scripts look as they should."""
    notebook = front_end.open([LOAD, f"%%claude --quiet\nemulate: echo\n{READS_RIGHT}"])
    notebook.run_all()
    shown = notebook.output(1)
    expect(shown.locator("mjx-container")).to_have_count(2)
    text = notebook.text(1)
    for part in (
        "a < b and Vec<T> and List<int>; it costs $5 and $10, or",
        '```python\nnested = "fence"\n```',
        "שלום עולם, مرحبا and 漢字 and 👩‍🚀.",
        "graph TD; A-->B",
    ):
        assert part in text
    assert shown.locator("td").all_inner_texts()[-1] == "12"
    side = "element => getComputedStyle(element).textAlign"
    assert shown.locator("td").last.evaluate(side) == "right"
