"""A sweep from the panel: measured, asked, streamed, stopped, finished, pinned."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from panels import Page

from routeway_magic.panel.patches import units
from routeway_magic.run.session import session

ECHO = "emulate: echo\n"
LONG = "emulate: long 40, slow 30\n"


@pytest.fixture
def page() -> Iterator[Page]:
    """A panel in a shell of its own."""
    with Page.opened() as opened:
        yield opened
        opened.panel._sweeping.stop(None)
        opened.panel._sweeping.join(10)


def begin(page, prompt, *axes, repeat=1, yes=0, name="s1"):
    """Run a sweep; gives its id."""
    page.say("sweep", id=name, prompt=prompt, axes=list(axes), repeat=repeat, yes=yes)
    return name


def over(page, name="s1"):
    """The state in which the sweep is over."""
    page.panel._sweeping.join(20)
    return page.wait(lambda one: is_over(one, name))


def is_over(one, name):
    """Whether a message is that state."""
    return one["type"] == "sweep_state" and not one["running"] and one["id"] == name


def shown(page, name="s1"):
    """What a page has that takes the messages as they come: HTML by column."""
    html: dict[int, tuple[str, str]] = {}
    for one in page.sent:
        if one["type"] == "sweep_state" and one["id"] == name:
            html = {col["index"]: had(html, col) for col in one["columns"]}
        for col in one["columns"] if one["type"] == "sweep_delta" else []:
            frozen, tail = html[col["index"]]
            if "answer_html" in col:
                frozen, tail = col["answer_html"], ""
            elif "keep" in col:
                frozen, tail = frozen + col["frozen"], tail[: col["keep"]] + col["tail"]
            html[col["index"]] = (frozen, tail)
    return {index: "".join(parts) for index, parts in html.items()}


def had(html, column):
    """What it has of a column that is told, or said to be known."""
    if "frozen" in column:
        return column["frozen"], column["tail"]
    known = html.get(column["index"], ("", "")) if column["length"] else ("", "")
    assert sum(map(units, known)) == column["length"]
    return known


def test_what_the_page_has_is_not_sent_again(page):
    """The state at the end and after Pin is small, however long the answers are."""
    begin(page, "emulate: long 30\n", "temperature=0,1")
    over(page)
    page.sent.clear()
    page.say("sweep_pin", id="s1", index=0)
    assert len(json.dumps(page.wait(lambda one: one["type"] == "sweep_state"))) < 2000
    page.say("hello")
    whole = page.wait(lambda one: "frozen" in json.dumps(one))
    assert len(json.dumps(whole)) > 50_000


def test_a_sweep_calls_no_functions(page):
    """Those that the panel may call are not sent; the form says so."""
    page.shell.run("def look() -> str:\n    'Looks.'\n    return 'seen'")
    page.panel.tools = ["look"]
    page.say("sweep_size", id="n", prompt="hi", axes=["temperature=0,1"], repeat=1)
    size = page.wait(lambda one: one["type"] == "sweep_size")
    assert "calls no functions" in size["text"]
    begin(page, "emulate: tools\n", "temperature=0,1")
    over(page)
    assert all("tools" not in turn.parameters for turn in session().turns)


def test_each_answer_streams_in_its_column(page):
    """What the deltas add up to is what a page is told that was loaded afterwards."""
    begin(page, "emulate: long 3, slow 300\n", "temperature=0,0.5,1", repeat=2)
    over(page)
    streamed = shown(page)
    page.sent.clear()
    page.say("hello")
    state = page.wait(lambda one: one["type"] == "sweep_state")
    columns = state["columns"]
    assert [one["label"] for one in columns][:2] == [
        "temperature=0 · repeat 1",
        "temperature=0 · repeat 2",
    ]
    assert {one["status"] for one in columns} == {"complete"}
    assert {one["index"]: one["frozen"] + one["tail"] for one in columns} == streamed
    assert all("Section 3" in html for html in streamed.values())
    assert all("tokens" in one["footer_html"] for one in columns)
    assert (state["ended"], state["total"], state["rest"]) == (6, 6, 0)
    assert session().conversation().head is None
    sent = [turn.parameters["temperature"] for turn in session().turns]
    assert sorted(sent) == [0, 0, 0.5, 0.5, 1, 1]


def test_messages_do_not_grow_with_the_columns(page):
    """All columns share one message; its bytes are few for each byte of the answers."""
    numbers = ",".join(map(str, range(8)))
    begin(page, "emulate: long 2, slow 60\n", f"top_k={numbers}")
    over(page)
    deltas = [one for one in page.sent if one["type"] == "sweep_delta"]
    sent = sum(len(json.dumps(one)) + 650 for one in deltas)
    text = sum(len(result.text) for result in session().last_sweep)
    assert len(deltas) <= session().last_sweep.seconds * 4 + 2
    assert sent <= 6 * text


def test_size_is_told_before_anything_is_sent(page):
    """Requests and the most tokens; a value that makes no sense says so instead."""
    size = {"prompt": "hi", "repeat": 2}
    page.say("sweep_size", id="a", axes=["temperature=0,1", "max_tokens=10"], **size)
    told = page.wait(lambda one: one.get("id") == "a")
    assert told["requests"] == 4
    assert told["text"].endswith("at most 40 output tokens")
    assert (told["confirm"], told["why"]) == (False, "")
    for axis, why in [("temperature=", "missing"), ("temperature=warm", "temperature")]:
        page.say("sweep_size", id=axis, axes=[axis], **size)
        assert why in page.wait(lambda one, name=axis: one.get("id") == name)["why"]
    assert session().turns == []


def test_a_key_among_the_values_is_told_to_nobody(page, monkeypatch):
    """Neither whole nor in the words of what is wrong with them."""
    key = "sk-this-is-a-secret-of-mine"
    monkeypatch.setenv("ROUTEWAY_API_KEY", key)
    monkeypatch.setenv("ROUTEWAY_SOURCE", "emulator")
    for name, axis in [("twice", f"who={key},{key}"), ("once", f"who={key},b")]:
        page.say("sweep_size", id=name, axes=[axis], prompt="hi {who}", repeat=1)
        assert page.wait(lambda one, name=name: one.get("id") == name)["why"]
    assert key not in json.dumps(page.sent)
    assert session().turns == []


def test_many_are_asked_only_when_they_are_meant(page):
    """Above `sweep_confirm_above` the same has to be said again, with the number."""
    session().settings.sweep_confirm_above = 2
    begin(page, ECHO, "top_k=1,2,3", name="a")
    asked = page.wait(lambda one: one["type"] == "sweep_confirm")
    assert (asked["id"], asked["requests"]) == ("a", 3)
    page.panel._sweeping.join(10)
    assert session().turns == []
    begin(page, ECHO, "top_k=1,2,3,4", yes=3, name="b")
    page.wait(lambda one: one["type"] == "sweep_confirm" and one["id"] == "b")
    page.panel._sweeping.join(10)
    begin(page, ECHO, "top_k=1,2,3", yes=3, name="c")
    assert over(page, "c")["total"] == 3


def test_prompts_name_values_of_axes_and_notebook(page):
    """An axis goes before a variable; a call is refused, and nothing is sent."""
    page.shell.run("town, city = 'Ulm', 'Bonn'")
    begin(page, ECHO + "{city} {town}", 'city=["Rome", "Oslo"]')
    over(page)
    texts = [result.text for result in session().last_sweep]
    assert [("Rome" in texts[0]), ("Oslo" in texts[1])] == [True, True]
    assert all("Ulm" in text and "Bonn" not in text for text in texts)
    before = len(session().turns)
    begin(page, "{city.upper()}", 'city=["Rome"]', name="s2")
    failed = page.wait(lambda one: one.get("error_html") and not one["running"])
    assert "calls something" in failed["error_html"]
    assert failed["id"] == "s1"  # the answers that are there stay
    assert len(session().turns) == before


def test_failure_stays_in_its_column_and_is_asked_again(page):
    """The others go on; Retry asks that one alone."""
    begin(page, "emulate: {how}\nhi", 'how=["echo", "error 400"]')
    state = over(page)
    good, bad = state["columns"]
    assert (good["status"], bad["status"]) == ("complete", "failed")
    assert bad["note"]
    assert state["rest"] == 1
    before = len(session().turns)
    page.sent.clear()
    page.say("sweep_retry", id="s1", index=1)
    again = over(page)
    assert again["columns"][1]["status"] == "failed"
    assert again["columns"][0] == good
    assert len(session().turns) == before + 1


def test_stop_keeps_what_came_and_resume_asks_the_rest(page):
    """What is complete is not asked again."""
    session().settings.sweep_concurrency = 2
    page.shell.run("n = 1")
    begin(page, "emulate: {how}\nhi", 'how=["echo", "long 200, slow 20"]')
    page.wait(lambda one: any("Section 1" in html for html in shown(page).values()))
    assert page.panel._stop("s1") == ["s1"]
    state = over(page)
    assert [one["status"] for one in state["columns"]] == ["complete", "interrupted"]
    assert "Section 1" in shown(page)[1]
    assert state["rest"] == 1
    first = session().last_sweep[0].turn
    page.sent.clear()
    page.say("sweep_resume", id="s1")
    page.wait(lambda one: one["type"] == "sweep_delta")
    assert page.panel._stop("s1") == []  # said again, of the run before
    [run] = {one["running"] for one in page.sent if one["type"] == "sweep_state"}
    assert page.panel._stop(run) == [run]
    over(page)
    assert session().last_sweep[0].turn is first
    assert len(session().turns) == 3


def test_pin_sets_what_was_asked_with_and_goes_on_from_there(page):
    """The slider, `%config` and the next question have it; the head is that turn."""
    session().settings.top_k = 7
    axes = ["temperature=0,0.5", 'stop=[["END"]]', 'metadata={"user_id":"a"}']
    begin(page, ECHO + "why?", *axes, "top_k=unset")
    over(page)
    page.say("sweep_pin", id="s1", index=1)
    assert page.panel.temperature == 0.5
    assert page.shell.run("%config ClaudeSettings.temperature").value == 0.5
    assert page.panel.stop == ["END"]
    assert page.panel.top_k is None
    assert page.panel.param == {"metadata": {"user_id": "a"}}
    winner = session().last_sweep[1].turn
    assert session().conversation().head == winner.id
    turns = [one for one in page.sent if one["type"] == "state"][-1]["turns"]
    assert [one["id"] for one in turns] == [winner.id]
    pinned = [one for one in page.sent if one["type"] == "sweep_state"][-1]
    assert pinned["pinned"] == 1
    assert page.ask(prompt="And then?")["status"] == "complete"
    assert session().turns[-1].parent == winner.id


@pytest.mark.parametrize("index", [0, 9])
def test_only_a_complete_answer_is_pinned(page, index):
    """Nothing is set for one that failed, or that is not there."""
    begin(page, "emulate: error 400\nhi", "temperature=1")
    over(page)
    page.say("sweep_pin", id="s1", index=index)
    assert "complete" in page.sent[-1]["why"]
    assert page.panel.temperature is None


def test_one_at_a_time(page):
    """A second one is refused while the first is under way."""
    begin(page, LONG, "top_k=1,2")
    begin(page, LONG, "top_k=1,2", name="s2")
    assert page.wait(lambda one: one["type"] == "refused")["id"] == "s2"
    assert page.panel._stop("s2") == []
    assert page.panel._stop("s1") == ["s1"]


def test_nothing_of_it_is_in_the_widgets_state(page):
    """Prompt and answers go by messages, which no notebook keeps."""
    begin(page, ECHO + "a secret question", "temperature=0.25")
    over(page)
    assert "secret question" not in str(page.panel.get_state())
