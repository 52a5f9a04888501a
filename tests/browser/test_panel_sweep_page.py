"""The panel's sweeps on a page of their own, with a kernel that the test plays."""

from __future__ import annotations

from typing import Any

import pytest
from panel_page import PanelPage
from playwright.sync_api import Locator, expect
from test_panel_looks import WIDTHS, serious

TOLD = "3 requests, about 30 input tokens and at most 300 output tokens"


@pytest.fixture
def panel(panel_page: PanelPage) -> PanelPage:
    """A panel whose kernel has said that there is nothing yet, with the form open."""
    panel_page.show()
    panel_page.ready()
    state(panel_page, id="", running="", columns=[])
    panel_page.box.fill("why?")
    panel_page.root.get_by_role("button", name="Sweep", exact=True).click()
    return panel_page


def column(index: int, **more: Any) -> dict[str, Any]:
    """A column as the kernel tells of it."""
    return {
        "index": index,
        "label": f"temperature={index / 2:g}",
        "frozen": "",
        "tail": "",
        "status": "waits",
        "note": "",
        "footer_html": "",
        **more,
    }


def state(panel: PanelPage, **more: Any) -> None:
    """The kernel says where the sweep stands."""
    now = {
        "id": "s",
        "running": "s",
        "question_html": '<div class="rw"><pre class="rw-question">why?</pre></div>',
        "rest": 3,
        "pinned": None,
        "error_html": "",
        "seq": 0,
        "columns": [column(0), column(1), column(2)],
        "ended": 0,
        "total": 3,
        "summary": "",
        "waiting": "",
        "seconds": None,
    }
    panel.say("sweep_state", **{**now, **more})


def ended(panel: PanelPage) -> None:
    """A sweep of which two answers are complete and one has failed."""
    complete = {"status": "complete", "frozen": "<p>an answer</p>"}
    columns = [
        column(0, **complete),
        column(1, status="failed", note="It was refused: try later."),
        column(2, **complete),
    ]
    state(panel, running="", columns=columns, ended=3, rest=1, summary="2 of 3 answers")


def columns_of(panel: PanelPage) -> Locator:
    """The columns that are shown."""
    return panel.root.locator(".rwp-column")


def test_form_tells_what_it_would_be(panel: PanelPage) -> None:
    """What is typed is measured, and nothing is sent before Run."""
    values = panel.root.get_by_label("Values, with commas")
    expect(values).to_have_value("0, 0.5, 1")
    panel.root.get_by_label("repeats").fill("2")
    told = "model.sent.findLast((one) => one.type === 'sweep_size')"
    panel.page.wait_for_function(f"() => {told}?.repeat === 2")
    asked = panel.asked("sweep_size")
    assert asked["axes"] == ["temperature=0, 0.5, 1"]
    assert (asked["prompt"], asked["repeat"]) == ("why?", 2)
    more = {"requests": 3, "text": TOLD, "confirm": False, "why": ""}
    panel.say("sweep_size", id=asked["id"], **more)
    expect(panel.root.locator(".rwp-size")).to_have_text(f"{TOLD}.")
    assert panel.sent("sweep") == []


def test_axes_are_settings_names_in_braces_or_fields(panel: PanelPage) -> None:
    """Several are varied together, each can be taken away."""
    panel.box.fill("about {city}")
    panel.root.get_by_role("button", name="Vary another").click()
    second = panel.root.locator(".rwp-axis").nth(1)
    second.get_by_label("Parameter to vary").focus()
    second.get_by_label("Parameter to vary").select_option("city")
    second.get_by_label("Values, with commas").fill("Rome, Oslo")
    panel.root.get_by_role("button", name="Vary another").click()
    third = panel.root.locator(".rwp-axis").nth(2)
    third.get_by_label("Parameter to vary").select_option("another field …")
    third.get_by_label("Name of the field").fill("service_tier")
    third.get_by_label("Values, with commas").fill("auto")
    panel.root.get_by_role("button", name="Do not vary").first.click()
    panel.root.get_by_role("button", name="Run", exact=True).click()
    axes = panel.asked("sweep")["axes"]
    assert axes == ["city=Rome, Oslo", "service_tier=auto"]


def test_many_take_a_second_press(panel: PanelPage) -> None:
    """Where the kernel asks, the button says how many; another form is not meant."""
    panel.root.get_by_role("button", name="Run", exact=True).click()
    asked = panel.asked("sweep")
    assert asked["yes"] == 0
    panel.say("sweep_confirm", id=asked["id"], requests=120, text="120 requests")
    meant = panel.root.get_by_role("button", name="Send all 120")
    expect(panel.root.locator(".rwp-size")).to_contain_text("Nothing was sent")
    panel.root.get_by_label("repeats").fill("3")
    expect(meant).to_have_count(0)
    panel.root.get_by_role("button", name="Run", exact=True).click()
    asked = panel.asked("sweep")
    panel.say("sweep_confirm", id=asked["id"], requests=120, text="120 requests")
    meant.click()
    assert panel.asked("sweep")["yes"] == 120


def test_columns_grow_by_patches(panel: PanelPage) -> None:
    """Each answer in its own; what the page has it keeps, what it misses it asks for."""
    state(panel)
    grown = {"status": "running", "note": "", "footer_html": ""}
    first = {"index": 0, "frozen": "", "keep": 0, "tail": "<p>one</p>", **grown}
    panel.say("sweep_delta", id="s", seq=1, columns=[first], ended=0)
    panel.page.evaluate("window.p = document.querySelector('.rwp-column p')")
    more = {"index": 0, "frozen": "", "keep": 6, "tail": " two</p>", **grown}
    other = {"index": 2, "frozen": "<p>b</p>", "keep": 0, "tail": "", **grown}
    other |= {"status": "complete", "footer_html": "<i>foot</i>"}
    panel.say("sweep_delta", id="s", seq=2, columns=[more, other], ended=1)
    expect(columns_of(panel).nth(0).locator(".rwp-answer p")).to_have_text("one two")
    expect(columns_of(panel).nth(2).locator("i")).to_have_text("foot")
    expect(panel.root.locator(".rwp-line")).to_contain_text("1 of 3 answers")
    hellos = len(panel.sent("hello"))
    panel.say("sweep_delta", id="s", seq=4, columns=[other], ended=1)
    assert len(panel.sent("hello")) == hellos + 1
    expect(columns_of(panel).nth(2).locator(".rwp-answer p")).to_have_text("b")
    state(panel, columns=[column(0, frozen="", tail="<p>one two</p>"), column(1)])
    assert panel.page.evaluate("document.querySelector('.rwp-column p') === p")


def test_waiting_is_counted_down(panel: PanelPage) -> None:
    """What all wait for is told once by the kernel; the seconds pass on the page."""
    state(panel)
    panel.say("sweep_waiting", id="s", waiting="5 requests a minute", seconds=40)
    line = panel.root.locator(".rwp-line")
    expect(line).to_contain_text("5 requests a minute, 40 s left")
    expect(line).to_contain_text("39 s left")
    panel.say("sweep_waiting", id="s", waiting="", seconds=None)
    expect(line).to_have_text("0 of 3 answers")


def test_stop_retry_resume_pin(panel: PanelPage) -> None:
    """Each says what is meant; what cannot be done now is not offered."""
    state(panel)
    retry = panel.root.get_by_role("button", name="Retry temperature=0.5")
    expect(retry).to_be_hidden()
    panel.root.get_by_role("button", name="Stop sweep").click()
    told = "stops.stop.sent.find((one) => one.type === 'stop')?.id"
    panel.page.wait_for_function(f"() => {told} === 's'")
    ended(panel)
    expect(columns_of(panel).nth(1)).to_contain_text("It was refused: try later.")
    retry.click()
    assert panel.asked("sweep_retry")["index"] == 1
    panel.root.get_by_role("button", name="Ask the missing 1").click()
    assert panel.asked("sweep_resume")["id"] == "s"
    panel.root.get_by_role("button", name="Pin temperature=1").click()
    assert panel.asked("sweep_pin")["index"] == 2
    state(panel, running="", pinned=2, columns=[column(2, status="complete")])
    pinned = panel.root.get_by_role("button", name="Pin temperature=1")
    expect(pinned).to_have_attribute("aria-pressed", "true")


def test_text_of_the_kernel_is_no_html(panel: PanelPage) -> None:
    """Labels and notes go in as text."""
    bad = "<img src=x onerror=alert(1)>"
    state(panel, columns=[column(0, label=bad, note=bad, status="failed")])
    expect(columns_of(panel)).to_contain_text(bad)
    assert panel.root.locator(".rwp-column img").count() == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_everybody_can_use_it(panel: PanelPage, width: int) -> None:
    """Nothing serious for axe-core, running and ended; nothing wider than its place."""
    panel.page.set_viewport_size({"width": width, "height": 900})
    state(panel, waiting="a limit", seconds=9)
    assert serious(panel.page) == []
    ended(panel)
    error = '<div class="rw"><div class="rw-error" role="alert">No.</div></div>'
    state(panel, running="", pinned=0, error_html=error)
    assert serious(panel.page) == []
    page = "document.documentElement"
    assert panel.page.evaluate(f"{page}.scrollWidth <= {page}.clientWidth")
