"""A hostile answer in real front ends: nothing runs, nothing is loaded or restyled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from canary import Canary, nothing_happened, untrust
from front_ends import FrontEnd, Notebook
from payloads import BLOCKS, FORMATTED, PAYLOADS, READS_RIGHT
from playwright.sync_api import expect

LOAD = "%load_ext routeway_magic"
STREAMED = 2
TOOLBAR = """() => { const style = getComputedStyle(document.querySelector('.jp-Toolbar'));
  const body = getComputedStyle(document.body);
  return [style.backgroundColor, style.display, body.display, body.backgroundImage] }"""
# What may stand in an output of ours; the front end's own wrappers have classes only.
STRANGE = """outputs => outputs.flatMap(output => [...output.querySelectorAll('*')]
  .filter(element => [...element.attributes].some(({name, value}) =>
      /^on|^(src|srcset|action|formaction|poster|data|background|id|title)$/i.test(name)
      || /^data-commandlinker/.test(name)
      || (name === 'href' && !/^(https?:\\/\\/|mailto:)/i.test(value))
      || (name === 'style' && /url|fixed/.test(value)))
    || /^(script|link|object|embed|form|input|button|svg|video|audio|img|base|meta|iframe)$/i
      .test(element.tagName))
  .map(element => element.outerHTML.slice(0, 200)))"""


# Looks at all outputs again and again while they change.
WATCH = f"""() => {{
  const strange = {STRANGE};
  window.strange = []; window.lengths = [];
  setInterval(() => {{
    const outputs = [...document.querySelectorAll('.jp-OutputArea-output')];
    window.strange.push(...strange(outputs));
    window.lengths.push(outputs.reduce((sum, one) => sum + one.innerHTML.length, 0));
  }}, 30);
}}"""
TRUSTED = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .map(cell => cell.model.trusted)"""


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    """One canary for all."""
    bird = Canary()
    yield bird
    bird.close()


def hostile_cells(canary: Canary) -> list[str]:
    """All payloads, whole and streamed, and what comes by other ways than text."""
    filler = "\n\n" + "A paragraph that makes the answer long enough to be frozen. " * 4
    together = "\n\n".join(PAYLOADS)
    streamed = "\n\n".join(payload + filler for payload in PAYLOADS)
    blocks = (
        "from routeway_magic.answer import bundle\n"
        "from IPython.display import display\n"
        f"display(bundle({{'content': {BLOCKS!r}}}, '<img src=x onerror=window.canary=1>'), raw=True)"
    )
    cells = [
        LOAD,
        f"%%claude --quiet --no-history\nemulate: echo\n{together}",
        f"%%claude --quiet --no-history\nemulate: echo, slow 1000\n{streamed}",
        blocks,
    ]
    return [cell.replace("@@", canary.url) for cell in cells]


def click_every_link(notebook: Notebook, cells: range, own: str) -> int:
    """Follows all links to an empty page; says how many there were."""
    notebook.page.context.route(
        lambda url: not url.startswith(own),
        lambda route: route.fulfill(body="", content_type="text/html"),
    )
    followed = 0
    for index in cells:
        for link in notebook.output(index).locator("a").all():
            with notebook.page.context.expect_page() as opened:
                link.click()
            opened.value.wait_for_load_state()
            assert opened.value.evaluate("window.opener") is None
            opened.value.close()
            followed += 1
    return followed


def looks_clean(notebook: Notebook, cells: Iterable[int]) -> None:
    """Each output holds our own elements and attributes, nothing of the model's."""
    for index in cells:
        shown = notebook.output(index)
        expect(shown.first).to_be_visible()
        assert shown.evaluate_all(STRANGE) == []


def test_the_canary_would_sing(lab: FrontEnd, canary: Canary) -> None:
    """Shown raw, the same payloads run, load and stand out: the tests below can fail."""
    raw = "\n".join(it for it in PAYLOADS if "<meta" not in it and "<form" not in it)
    shown = f"from IPython.display import HTML\nHTML({raw.replace('@@', canary.url)!r})"
    notebook = lab.open([shown])
    notebook.run_all()
    notebook.page.wait_for_function("window.canary === 1")
    assert len(notebook.output(0).evaluate_all(STRANGE)) > 20
    assert {"/img.png", "/frame", "/import.css", "/v.mp4"} <= set(canary.asked)
    assert [url for url in notebook.requests if "canary" in url or canary.url in url]
    lab.close_pages()
    canary.asked.clear()


def hostile_formats(canary: Canary) -> list[str]:
    """Answers in each format; the first two are shown in a sandbox."""
    cells = (
        f"%%claude --quiet --no-history -f {name}\nemulate: echo\n{text}"
        for name, text in FORMATTED.items()
    )
    return [cell.replace("@@", canary.url) for cell in cells]


def stays_in_its_sandbox(notebook: Notebook, html: int) -> None:
    """`-f html` and `-f image` show a frame in which nothing runs and nothing loads."""
    for index in (html, html + 1):
        frame = notebook.output(index).locator("iframe")
        expect(frame).to_have_attribute("sandbox", "")
    inside = notebook.output(html).frame_locator("iframe")
    expect(inside.locator("b")).to_have_text("bold")
    notebook.page.wait_for_timeout(500)
    expect(inside.locator(".ran")).to_have_count(0)
    assert {frame.url for frame in notebook.page.frames[1:]} == {"about:srcdoc"}


def test_nothing_of_a_hostile_answer_works(front_end: FrontEnd, canary: Canary) -> None:
    """Live at every moment, and opened again, trusted and untrusted."""
    answers, formats = hostile_cells(canary), hostile_formats(canary)
    framed = len(answers)
    outside = [*range(1, framed), *range(framed + 2, framed + len(formats))]
    notebook = front_end.open([*answers, *formats])
    before = notebook.page.evaluate(TOOLBAR)
    notebook.page.evaluate(WATCH)
    for index in range(framed):
        notebook.run(index, wait=index != STREAMED)
        if index == STREAMED:
            expect(notebook.output(index).first).to_contain_text("enough to be frozen")
            notebook.wait()
    lengths = notebook.page.evaluate("window.lengths")
    assert len(set(lengths)) > 8
    assert notebook.page.evaluate("window.strange") == []
    formulas = notebook.output(1).locator("mjx-container")
    expect(formulas.last).to_be_visible()
    assert "POISON" not in "".join(formulas.all_inner_texts())
    for index in range(framed, framed + len(formats)):
        notebook.run(index)
    stays_in_its_sandbox(notebook, framed)
    looks_clean(notebook, outside)
    assert notebook.page.evaluate(TOOLBAR) == before
    # The sandbox reports what it has stopped.
    stopped = ("about:srcdoc", "Content Security Policy")
    nothing_happened(notebook, canary.asked, front_end.url, stopped=stopped)
    notebook.save()

    trusted = front_end.reopen(notebook)
    assert all(trusted.page.evaluate(TRUSTED))
    looks_clean(trusted, outside)
    stays_in_its_sandbox(trusted, framed)
    nothing_happened(trusted, canary.asked, front_end.url, stopped=stopped)
    links_leave_the_page_and_nothing_else(trusted, range(1, framed), front_end.url)
    canary.asked.clear()

    untrust(notebook)
    untrusted = front_end.reopen(notebook)
    assert not any(untrusted.page.evaluate(TRUSTED))
    looks_clean(untrusted, range(1, framed + len(formats)))
    nothing_happened(untrusted, canary.asked, front_end.url)
    assert untrusted.page.evaluate(TOOLBAR) == before


def links_leave_the_page_and_nothing_else(
    notebook: Notebook, cells: range, own: str
) -> None:
    """Each link opens a tab that knows nothing of the notebook; no cell runs."""
    address = notebook.page.url
    counts = [notebook.execution_count(index) for index in cells]
    assert click_every_link(notebook, cells, own) > 5
    assert [notebook.execution_count(index) for index in cells] == counts
    assert notebook.page.url == address
    assert notebook.page.evaluate("window.canary === undefined")


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
