"""The panel's page side, with a kernel that the test plays."""

from __future__ import annotations

from typing import Any

import pytest
from panel_page import PanelPage
from playwright.sync_api import expect


@pytest.fixture
def panel(panel_page: PanelPage) -> PanelPage:
    """A panel whose kernel has said that there is nothing yet."""
    panel_page.show()
    panel_page.ready()
    return panel_page


def turn(name: str, **more: Any) -> dict[str, Any]:
    """A turn that has ended."""
    return {
        "id": name,
        "question_html": f"<p>question {name}</p>",
        "answer_html": f"<p>answer {name}</p>",
        "footer_html": "<small>a footer</small>",
        "status": "complete",
        "model": "m",
        **more,
    }


def begin(panel: PanelPage, prompt: str = "why?") -> str:
    """Send a prompt, and let the kernel take it; the request's id."""
    panel.box.fill(prompt)
    panel.box.press("Shift+Enter")
    name: str = panel.asked("send")["id"]
    panel.say("begin", id=name, question_html=f"<p>{prompt}</p>", model="m")
    return name


def delta(panel: PanelPage, name: str, seq: int, **more: Any) -> None:
    """One update of an answer."""
    panel.say(
        "delta", id=name, seq=seq, **{"frozen": "", "keep": 0, "tail": "", **more}
    )


@pytest.mark.parametrize("keys", ["Shift+Enter", "Control+Enter", "Meta+Enter"])
def test_a_key_sends(panel: PanelPage, keys: str) -> None:
    """Enter begins a line; with Shift, Ctrl or Cmd it sends, once the kernel took it."""
    panel.box.fill("two")
    panel.box.press("Enter")
    panel.box.press_sequentially("lines")
    assert panel.sent("send") == []
    panel.box.press(keys)
    sent = panel.asked("send")
    assert sent["prompt"] == "two\nlines"
    expect(panel.box).to_have_value("two\nlines")
    panel.say("begin", id=sent["id"], question_html="<p>two lines</p>", model="m")
    expect(panel.box).to_have_value("")
    expect(panel.root.locator(".rwp-question")).to_contain_text("two lines")


def test_nothing_is_sent_unasked(panel_page: PanelPage) -> None:
    """Showing a panel says hello, to the kernel and to Stop, and not a word more."""
    shown = panel_page
    shown.show()
    expect(shown.root.get_by_role("status")).to_contain_text("Waiting for the kernel")
    assert {one["type"] for one in shown.page.evaluate("model.sent")} == {"hello"}
    heard = shown.page.evaluate("stops.stop.sent")
    assert {one["type"] for one in heard} == {"hello"}


def test_blank_prompt_is_not_sent(panel: PanelPage) -> None:
    """White space is no question."""
    panel.box.fill(" \n ")
    panel.box.press("Shift+Enter")
    panel.root.get_by_role("button", name="Send").click()
    assert panel.sent("send") == []


def test_answer_grows_by_patches(panel: PanelPage) -> None:
    """What is frozen stays, the tail becomes its kept beginning and what is new."""
    name = begin(panel)
    panel.say("waiting", id=name, reason="connecting")
    expect(panel.root.locator(".rwp-waiting")).to_have_text("connecting")
    delta(panel, name, 1, tail="<p>one 🎈</p>")
    expect(panel.root.locator(".rwp-waiting")).to_be_hidden()
    # "<p>one 🎈" is nine UTF-16 units long.
    delta(
        panel, name, 2, keep=9, tail=" two</p><details><summary>s</summary>t</details>"
    )
    answer = panel.root.locator(".rwp-answer")
    expect(answer.locator("p")).to_have_text("one 🎈 two")
    delta(panel, name, 3, frozen="<p>one 🎈 two</p>", tail="<p>three</p>")
    expect(answer.locator("p")).to_have_text(["one 🎈 two", "three"])
    panel.say("end", id=name, turn="t1", footer_html="<i>foot</i>", status="complete")
    expect(answer.locator("p")).to_have_text(["one 🎈 two", "three"])
    expect(panel.root.locator(".rwp-footer i")).to_have_text("foot")


def test_opened_thought_and_selection_stay(panel: PanelPage) -> None:
    """An update touches only what it changes, also when the thought is finished."""
    name = begin(panel)
    thought = "<details><summary>thinking</summary><p>a</p></details>"
    delta(panel, name, 1, tail=thought)
    panel.root.locator("summary").click()
    panel.page.evaluate("window.before = document.querySelector('details')")
    delta(panel, name, 2, tail=thought.replace(">a<", ">ab<"))
    assert panel.page.evaluate("before === document.querySelector('details')")
    expect(panel.root.locator("details p")).to_be_visible()
    delta(panel, name, 3, frozen=thought, tail="<p>so</p>")
    expect(panel.root.locator("details p")).to_be_visible()


def test_lost_or_repeated_update(panel: PanelPage) -> None:
    """What was shown is not shown again; after a gap the page asks for all of it."""
    name = begin(panel)
    delta(panel, name, 1, frozen="<p>one</p>")
    delta(panel, name, 1, frozen="<p>one</p>")
    hellos = len(panel.sent("hello"))
    delta(panel, name, 3, frozen="<p>three</p>")
    expect(panel.root.locator(".rwp-answer p")).to_have_text(["one"])
    assert len(panel.sent("hello")) == hellos + 1
    state = {"id": name, "question_html": "q", "model": "m", "seq": 3}
    panel.ready(running=[{**state, "frozen": "<p>one two three</p>", "tail": ""}])
    expect(panel.root.locator(".rwp-answer p")).to_have_text(["one two three"])
    delta(panel, name, 4, tail="<p>four</p>")
    expect(panel.root.locator(".rwp-answer p")).to_have_text(["one two three", "four"])


def test_final_answer_replaces_what_streamed(panel: PanelPage) -> None:
    """Where the kernel says the answer again, that is what stays."""
    name = begin(panel)
    delta(panel, name, 1, frozen="<p>a</p>", tail="<p>b</p>")
    whole = {"footer_html": "", "status": "complete", "answer_html": "<p>whole</p>"}
    panel.say("end", id=name, turn="t1", **whole)
    expect(panel.root.locator(".rwp-answer p")).to_have_text(["whole"])


def test_failure_gives_the_prompt_back(panel: PanelPage) -> None:
    """What was not answered is in the box again, under what the kernel says of it."""
    name = begin(panel, "why {not}?")
    expect(panel.box).to_have_value("")
    html = '<p role="alert">There is no <code>not</code>.</p>'
    panel.say("failed", id=name, turn=name, status="failed", html=html)
    expect(panel.root.get_by_role("alert")).to_contain_text("There is no not.")
    expect(panel.box).to_have_value("why {not}?")
    panel.box.fill("other")
    panel.box.press("Shift+Enter")
    panel.say("refused", id=panel.asked("send")["id"], why="Too long.")
    expect(panel.root.get_by_role("status")).to_have_text("Too long.")
    expect(panel.box).to_have_value("other")


def test_stop(panel: PanelPage) -> None:
    """It goes to the Stop widget, again until the answer ends, and nowhere else."""
    stop = panel.root.get_by_role("button", name="Stop")
    expect(stop).to_be_hidden()
    name = begin(panel)
    stop.click()
    said = "() => stops.stop.sent.filter((one) => one.type === 'stop').length > 1"
    panel.page.wait_for_function(said)
    said = panel.page.evaluate(
        "stops.stop.sent.filter((one) => one.type === 'stop').map((one) => one.id)"
    )
    assert set(said) == {name}
    assert panel.sent("stop") == []
    panel.say("end", id=name, turn="t1", footer_html="", status="interrupted")
    expect(stop).to_be_hidden()
    expect(panel.root.get_by_role("button", name="Send")).to_be_enabled()


def test_stop_is_found_late(panel: PanelPage) -> None:
    """A page that is loaded anew may have the Stop widget after the panel."""
    panel.page.evaluate("show(model.state, {})")
    panel.ready()
    name = begin(panel)
    panel.root.get_by_role("button", name="Stop").click()
    panel.page.evaluate("stops.stop = new model.constructor({})")
    said = "id => stops.stop.sent.some((one) => one.type === 'stop' && one.id === id)"
    panel.page.wait_for_function(said, arg=name)


def test_greetings_end_when_stop_is_heard(panel: PanelPage) -> None:
    """Stop is greeted until it answers from beside the main thread."""
    panel.page.evaluate("stops.stop.hear({type: 'ack', thread: 'MainThread'})")
    count = "stops.stop.sent.length"
    panel.page.wait_for_function(f"{count} > 1")
    panel.page.evaluate("stops.stop.hear({type: 'ack', thread: 'subshell-1'})")
    before = panel.page.evaluate(count)
    panel.page.wait_for_timeout(600)
    assert panel.page.evaluate(count) == before


def test_stop_note_of_an_old_kernel(panel_page: PanelPage) -> None:
    """Where Stop acts late, the panel says so."""
    old = panel_page
    old.show(stop_note="Stop acts when the cell ends.")
    old.ready()
    begin(old)
    old.root.get_by_role("button", name="Stop").click()
    expect(old.root.get_by_role("status")).to_have_text("Stop acts when the cell ends.")


def test_state_shows_all_and_moves_nothing(panel: PanelPage) -> None:
    """Turns that are there stay the same elements; what is gone goes."""
    panel.ready(turn("a"), turn("b"))
    panel.page.evaluate("window.b = document.querySelectorAll('.rwp-turn')[1]")
    panel.ready(turn("b"), turn("c"))
    questions = panel.root.locator(".rwp-question p")
    expect(questions).to_have_text(["question b", "question c"])
    assert panel.page.evaluate("b === document.querySelector('.rwp-turn')")
    panel.ready()
    expect(questions).to_have_count(0)
    expect(panel.root.locator(".rwp-empty")).to_be_visible()


def test_what_is_known_is_not_told_again(panel: PanelPage) -> None:
    """It stays as it is; a page that lacks it asks for all."""
    panel.ready(turn("a"))
    panel.ready({"id": "a", "status": "complete"}, turn("b"))
    expect(panel.root.locator(".rwp-turn")).to_have_count(2)
    hellos = len(panel.sent("hello"))
    panel.ready({"id": "a", "status": "complete"}, {"id": "c", "status": "complete"})
    expect(panel.root.locator(".rwp-turn")).to_have_count(2)
    assert len(panel.sent("hello")) == hellos + 1
    name = begin(panel)
    delta(panel, name, 1, tail="<p>x</p>")
    running = {"id": name, "seq": 1}
    panel.ready(*[{"id": key, "status": "complete"} for key in "ab"], running=[running])
    assert len(panel.sent("hello")) == hellos + 1


def test_earlier_turns_come_above(panel: PanelPage) -> None:
    """What is being read stays in its place."""
    late = [turn(f"t{number}") for number in range(40)]
    panel.say("state", turns=late, earlier=20, running=[], usage="")
    more = panel.root.get_by_role("button", name="↑ Earlier: 20")
    more.scroll_into_view_if_needed()
    place = (
        "() => document.querySelectorAll('.rwp-turn')[{}].getBoundingClientRect().top"
    )
    panel.page.wait_for_timeout(100)
    before = panel.page.evaluate(place.format(0))
    more.click()
    assert panel.sent("earlier")
    known = [{"id": one["id"], "status": "complete"} for one in late]
    early = [turn(f"e{number}") for number in range(20)]
    panel.say("state", turns=[*early, *known], earlier=0, running=[], usage="")
    expect(more).to_be_hidden()
    there = f"before => Math.abs(({place.format(20)})() - before) < 40"
    panel.page.wait_for_function(there, arg=before)


def test_scroll_follows_unless_the_user_scrolled(panel: PanelPage) -> None:
    """At the end it goes along; scrolled up it stays, and offers the way back."""
    panel.ready(*(turn(str(n), answer_html="<p>line</p>" * 20) for n in range(5)))
    name = begin(panel)
    end = """() => { const s = document.querySelector('.rwp-scroller');
      return s.scrollHeight - s.scrollTop - s.clientHeight < 5; }"""
    delta(panel, name, 1, frozen="<p>more</p>" * 30)
    panel.page.wait_for_function(end)
    panel.root.locator(".rwp-scroller").hover()
    panel.page.mouse.wheel(0, -400)
    jump = panel.root.get_by_role("button", name="Latest")
    expect(jump).to_be_visible()
    top = "document.querySelector('.rwp-scroller').scrollTop"
    before = panel.page.evaluate(top)
    delta(panel, name, 2, frozen="<p>more</p>" * 30)
    panel.page.wait_for_timeout(100)
    assert panel.page.evaluate(top) == before
    jump.click()
    panel.page.wait_for_function(end)
    delta(panel, name, 3, frozen="<p>more</p>" * 30)
    panel.page.wait_for_function(end)


def test_a_new_width_does_not_end_following(panel: PanelPage) -> None:
    """However the lines break anew, the end stays in view until the user scrolls."""
    panel.ready(*(turn(str(n), answer_html="<p>a line</p>" * 9) for n in range(9)))
    name = begin(panel)
    for seq in range(1, 40):
        delta(panel, name, seq, frozen="<p>" + "word " * 60 + "</p>")
    end = """() => { const s = document.querySelector('.rwp-scroller');
      return s.scrollHeight - s.scrollTop - s.clientHeight < 5; }"""
    for width in (360, 1280, 500, 1900):
        panel.page.set_viewport_size({"width": width, "height": 900})
        panel.page.wait_for_timeout(150)
        panel.page.wait_for_function(end)
        expect(panel.root.get_by_role("button", name="Latest")).to_be_hidden()


def test_kernel_that_has_ended(panel: PanelPage) -> None:
    """What was said stays to be read, and the panel says how to go on."""
    panel.ready(turn("a"))
    panel.page.evaluate("""() => { stops.stop.comm_live = false;
      model.heard.filter(([n]) => n === 'comm_live_update').forEach(([, f]) => f()) }""")
    expect(panel.root.get_by_role("status")).to_contain_text("kernel has ended")
    expect(panel.root.locator(".rwp-question")).to_contain_text("question a")
    expect(panel.root.get_by_role("button", name="Send")).to_be_disabled()


def test_closing_leaves_nothing_behind(panel: PanelPage) -> None:
    """A view that is closed hears nothing any more."""
    panel.page.evaluate("closeView()")
    assert panel.page.evaluate("model.heard.length") == 0


def test_draft_outlives_a_reload(panel: PanelPage) -> None:
    """What was typed and not sent is there again, without any message about it."""
    panel.box.fill("half a thought")
    panel.load()
    panel.show(forgets=False)
    expect(panel.box).to_have_value("half a thought")
    assert {one["type"] for one in panel.page.evaluate("model.sent")} == {"hello"}
