"""What the panel looks like: to a screen reader, on a phone, after many turns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from panel_page import PanelPage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

ANSWER = """<div class="rw"><p>It has <code>code</code>, <a href="#x">a link</a></p>
<div class="highlight"><pre><span class="k">def</span> {}</pre></div>
<table><tr><th>a</th><td>{}</td></tr></table>
<details><summary>thinking</summary><p>so</p></details></div>"""
WIDTHS = (360, 1200)


def serious(page: Page) -> list[str]:
    """What axe-core finds in the panels of a page that keeps somebody out."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=".rwp").response["violations"]
    return [
        f"{one['id']}: {node['html']} {node['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def turns(count: int) -> Iterator[dict[str, Any]]:
    """Turns with some of everything in them."""
    for number in range(count):
        yield {
            "id": f"t{number}",
            "question_html": f"<p>question {number}</p>",
            "answer_html": ANSWER.format("f" * 300, "t" * 300),
            "footer_html": '<div class="rw-footer">model · 1,204 tokens</div>',
            "status": "complete",
            "model": "m",
        }


@pytest.mark.parametrize("width", WIDTHS)
def test_everybody_can_use_it(panel_page: PanelPage, width: int) -> None:
    """Nothing serious for axe-core with all open: hints, chips, popup, an error."""
    panel = panel_page
    panel.show(
        width=width,
        temperature=0.3,
        thinking=2000,
        stop=["END"],
        notes={"temperature": "It is known to reject this."},
        hints={"top_k": "At least 1."},
    )
    state = {"id": "r", "question_html": "q", "model": "m", "seq": 1}
    running = {**state, "frozen": "<p>a</p>", "tail": "<p>b</p>", "waiting": "thinking"}
    panel.ready(*turns(3), running=[running])
    error = '<div class="rw-error" role="alert">It was refused.</div>'
    panel.say("begin", id="x", question_html="q", model="m")
    panel.say("failed", id="x", turn="x", status="failed", html=error)
    panel.box.fill("about {df} and {n")
    asked = panel.asked("chips")
    item = {"name": "df", "label": "DataFrame", "size": "9 × 2", "tokens": 9}
    panel.say("chips", id=asked["id"], items=[{**item, "preview_html": "<pre>x</pre>"}])
    panel.root.locator(".rwp-chip").click()
    panel.box.press("End")
    panel.box.press("a")
    last = "model.sent.findLast((one) => one.type === 'complete')"
    panel.page.wait_for_function(f"() => {last}?.text.endsWith('{{na')")
    asked = panel.asked("complete")
    items = [{"text": "name", "kind": "str", "size": "3"}]
    panel.say("completions", id=asked["id"], **{"from": 16}, items=items)
    panel.root.get_by_role("listbox").wait_for()
    assert serious(panel.page) == []
    panel.set("hints", {})
    panel.ready()
    assert serious(panel.page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_its_place(panel_page: PanelPage, width: int) -> None:
    """Only code and tables scroll sideways, and the keyboard reaches them."""
    panel_page.show(width=width)
    panel_page.ready(*turns(2))
    wide = """() => [...document.querySelectorAll('.rwp, .rwp-scroller, .rwp-settings')]
      .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.className)"""
    panel_page.page.wait_for_function(
        "document.querySelectorAll('.rwp-answer pre[tabindex]').length > 0"
    )
    assert panel_page.page.evaluate(wide) == []
    page = "document.documentElement"
    assert panel_page.page.evaluate(f"{page}.scrollWidth <= {page}.clientWidth")


def test_keyboard_reaches_all(panel_page: PanelPage) -> None:
    """Tab goes through the settings, the answer's buttons and the prompt to Send."""
    panel_page.show()
    panel_page.ready(*turns(1))
    seen = []
    for _ in range(60):
        panel_page.page.keyboard.press("Tab")
        told = panel_page.page.evaluate(
            """() => { const e = document.activeElement; return e.closest('.rwp')
              && (e.getAttribute('aria-label') || e.labels?.[0]?.textContent
                  || e.textContent) }"""
        )
        if told is None:
            break
        seen.append(told)
    for name in (
        *("Conversation", "New", "Settings", "Model", "Temperature, slider"),
        *("Tools", "System prompt", "Copy as a %%claude cell", "Prompt", "Sweep"),
    ):
        assert name in seen
    assert seen.index("Ask again") < seen.index("Prompt") < seen.index("Send")


def test_outside_is_left_alone(panel_page: PanelPage) -> None:
    """No rule of the panel's reaches anything that is not in it."""
    panel_page.show()
    outside = panel_page.page.evaluate(
        """() => [...document.styleSheets].filter((sheet) => sheet.href)
          .flatMap(function rules(sheet) { return [...sheet.cssRules].flatMap(
            (rule) => rule.selectorText ? [rule.selectorText]
              : rule.cssRules && !(rule instanceof CSSKeyframesRule) ? rules(rule) : []) })
          .flatMap((selector) => selector.split(/,(?![^(]*\\))/))
          .filter((selector) => !/\\.rwp/.test(selector))"""
    )
    assert outside == []


def test_what_is_out_of_view_costs_nothing(panel_page: PanelPage) -> None:
    """Of forty turns only those in view are laid out."""
    panel_page.show()
    panel_page.ready(*turns(40))
    panel_page.page.wait_for_function(
        """() => {
          const shown = [...document.querySelectorAll('.rwp-turn .rwp-answer')]
            .filter((one) => one.checkVisibility({contentVisibilityAuto: true})).length;
          return 0 < shown && shown < 12; }"""
    )
