"""Questions of the panel: sent, streamed, stopped, failed, asked again."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from panels import Page
from servers import HELLO, KEY, Peer, Server, answering, hello_text, refusing, sse

from routeway_magic.answer import bundle
from routeway_magic.markup import STYLE
from routeway_magic.markup.document import wrapped
from routeway_magic.run.session import session

TOOL = {"name": "f", "description": "a tool", "input_schema": {"type": "object"}}
SEAM = "".join(wrapped("\0").split("\0")[::-1])


@pytest.fixture
def page() -> Iterator[Page]:
    """A panel in a shell of its own."""
    with Page.opened() as opened:
        yield opened


def streamed(page: Page, key: str) -> str:
    """The HTML that a page has put together of an answer's deltas."""
    done, tail, seq = "", "", 0
    for message in page.sent:
        if message.get("id") == key and message["type"] == "delta":
            seq += 1
            assert message["seq"] == seq
            begun = tail.encode("utf-16-le")[: 2 * message["keep"]].decode("utf-16-le")
            done, tail = done + message["frozen"], begun + message["tail"]
    assert tail == ""
    return done


@contextmanager
def scripted(page: Page, *scripts) -> Iterator[Server]:
    """The panel's requests go to these scripts, one after another."""
    with Server(*scripts) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROUTEWAY_API_KEY", KEY)
        page.shell.ip.run_line_magic(
            "config", f"ClaudeSettings.base_url = {server.base_url!r}"
        )
        yield server


def test_an_answer_streams_and_is_kept(page):
    """Begin, deltas, end; joined they are the answer's own HTML, and the turn is kept."""
    end = page.ask(prompt="emulate: long 6, slow 300")
    kinds = [message["type"] for message in page.sent]
    assert kinds[0] == "begin"
    assert kinds[-2:] == ["end", "usage"]
    assert kinds.count("delta") > 1
    [turn] = session().turns
    assert (end["turn"], end["status"]) == (turn.id, "complete")
    whole = bundle(turn.message)["text/html"].removeprefix(STYLE)
    assert streamed(page, end["id"]).replace(SEAM, "") == whole.replace(SEAM, "")
    assert "answer_html" not in end
    assert "tokens" in end["footer_html"]


def test_links_defined_late_are_sent_once_more(page):
    """Where the whole is otherwise than its parts, the end brings the whole."""
    text = "See [this] first.\n\n" + "More words. " * 60 + "\n\n[this]: https://a.org\n"
    frames = [dict(frame) for frame in HELLO]
    pieces = [text[at : at + 200] for at in range(0, len(text), 200)]
    deltas = [
        {**frames[2], "delta": {"type": "text_delta", "text": piece}}
        for piece in pieces
    ]

    def slowly(peer: Peer) -> None:
        peer.head()
        for frame in [*frames[:2], *deltas, *frames[3:]]:
            peer.chunk(sse([frame]))
            time.sleep(0.2)
        peer.chunk(b"")

    with scripted(page, slowly):
        end = page.ask(prompt="go")
    assert '<a href="https://a.org"' in end["answer_html"]


def test_thinking_and_tools_are_shown(page):
    """Thinking is a closed `<details>`; calls are visible."""
    page.panel.thinking = 2000
    page.panel.param = {"tools": [TOOL]}
    end = page.ask(prompt="emulate: thinking, tools")
    html = streamed(page, end["id"])
    assert "<details>" in html
    assert "tool_use" in html


def test_stop_ends_one_and_keeps_what_came(page):
    """The other question, and a cell's, go on; what had arrived is a turn."""
    slow = page.begin("emulate: long 4, slow 20")
    other = page.begin("emulate: long 1, slow 20")
    assert page.panel.control._stop(slow) == [slow]
    ended = page.wait(lambda m: m.get("id") == slow and m["type"] == "end")
    assert ended["status"] == "interrupted"
    assert streamed(page, slow)
    kept = session().conversation()[ended["turn"]]
    assert (kept.status, kept.has_content) == ("interrupted", True)
    assert [one["id"] for one in page.state()["running"]] == [other]
    assert page.panel.control._stop(None) == [other]


def test_stop_wakes_who_waits_for_an_answer(page):
    """Also before the first byte, and only the one that is meant."""
    seen: list[bool] = []
    with scripted(page, lambda peer: seen.append(peer.sees_hangup())):
        key = page.begin("hi", until="waiting")
        time.sleep(0.1)
        before = time.monotonic()
        page.panel.control._stop(key)
        end = page.wait(lambda m: m.get("id") == key and m["type"] == "end")
        assert time.monotonic() - before < 5
    assert end["status"] == "interrupted"
    assert seen == [True]


def test_a_refusal_is_told_and_the_control_hinted(page):
    """The sentence stands where the answer would; the server's 400 beside the control."""
    failed = page.ask(prompt="emulate: error 400")
    assert failed["type"] == "failed"
    assert "BadRequestError" in failed["html"]
    page.panel.set_state({"temperature": 7})
    failed = page.ask(prompt="hi")
    assert failed["status"] == "failed"
    page.wait(lambda _: "temperature" in page.panel.hints)
    assert "from 0 to 1" in page.panel.hints["temperature"]
    assert "\n" not in page.panel.hints["temperature"]
    page.panel.set_state({"temperature": 1})
    assert page.panel.hints == {}


def test_an_error_says_what_it_says_and_no_more(page):
    """What a server writes into its error is text."""
    with scripted(page, refusing(400, body=b'{"error":{"message":"<img src=x>"}}')):
        failed = page.ask(prompt="hi")
    assert "<img" not in failed["html"]
    assert "&lt;img" in failed["html"]


def test_a_failure_in_mid_stream_keeps_what_came(page):
    """A reloaded page has the part, the error and the question."""

    def breaks(peer: Peer) -> None:
        peer.head()
        peer.chunk(sse(HELLO[:3]))
        peer.hang_up()

    with scripted(page, breaks):
        failed = page.ask(prompt="<b>hi</b>")
    [shown] = page.state()["turns"]
    assert hello_text().split()[0] in shown["answer_html"]
    assert failed["html"] == shown["footer_html"]
    assert "APIStreamError" in shown["footer_html"]
    assert "&lt;b&gt;hi" in shown["question_html"]
    assert shown["status"] == "failed"


def test_no_key_and_a_blank_prompt_are_told(page, monkeypatch):
    """Nothing is sent, no turn is kept, and the page is told why."""
    assert "no prompt" in page.ask(prompt=" \n")["html"]
    monkeypatch.setenv("ROUTEWAY_SOURCE", "live")
    assert "ROUTEWAY_API_KEY" in page.ask(prompt="hi")["html"]
    assert session().turns == []
    assert len(page.state()["turns"]) == 2


def test_a_conversation_goes_on(page):
    """What was said before is sent; cells and panel share it."""
    page.ask(prompt="one")
    page.shell.run("%claude two")
    page.ask(prompt="three")
    path = session().conversation().path(session().conversation().head)
    assert [turn.question for turn in path] == ["one", "two", "three"]
    shown = page.state()["turns"]
    assert [turn.id for turn in path] == [one["id"] for one in shown]


def test_a_page_that_is_seen_hears_of_cells(page):
    """What a cell asks in the panel's conversation appears; else nothing is sent."""
    page.state()
    page.sent.clear()
    page.shell.run("1 + 1")
    assert page.sent == []
    page.shell.run("%claude from a cell")
    [state] = page.sent
    assert "from a cell" in state["turns"][0]["question_html"]


def test_what_the_page_has_is_not_sent_again(page):
    """At forty turns a cell's question costs what it says, and the page has all."""
    for number in range(40):
        page.shell.run(f"%%claude\nemulate: long 4\n{number}")
    first = page.state()
    page.sent.clear()
    page.shell.run("%%claude\none more")
    page.panel._after_cell(None)
    [state] = page.sent
    assert [one["id"] for one in state["turns"][:-1]] == [
        one["id"] for one in first["turns"]
    ]
    assert "one more" in state["turns"][-1]["question_html"]
    assert len(json.dumps(first)) > 200_000
    assert len(json.dumps(state)) < 5000


def test_of_a_long_conversation_the_end_is_shown(page):
    """A page that is loaded gets forty turns, and those before when it asks for them."""
    for number in range(90):
        page.shell.run(f"%%claude\nemulate: echo\nquestion {number}")
    state = page.state()
    assert (len(state["turns"]), state["earlier"]) == (40, 50)
    assert "question 50" in state["turns"][0]["question_html"]
    for earlier, shown in ((10, 80), (0, 90)):
        page.sent.clear()
        page.say("earlier")
        [state] = page.sent
        told = [one for one in state["turns"] if "answer_html" in one]
        assert (len(state["turns"]), state["earlier"]) == (shown, earlier)
        assert len(told) == (40 if earlier else 10)
    assert page.state()["earlier"] == 50


def test_a_cell_that_asks_meanwhile_goes_first(page):
    """The head stays with the cell; the panel's answer is shown, and told to be beside."""
    key = page.begin("emulate: slow 40")
    page.shell.run("%claude meanwhile")
    end = page.wait(lambda m: m.get("id") == key and m["type"] == "end")
    conversation = session().conversation()
    assert conversation[conversation.head].question == "meanwhile"
    assert "beside" in end["footer_html"]
    assert end["turn"] in [one["id"] for one in page.state()["turns"]]


def test_again_answers_from_the_same_point(page):
    """With what is set now; the turns that followed leave the path and the page."""
    first = page.ask(prompt="one")
    second = page.ask(prompt="two")
    page.panel.temperature = 0.5
    anew = page.ask("again", turn=first["turn"])
    conversation = session().conversation()
    assert [turn.id for turn in conversation.path(conversation.head)] == [anew["turn"]]
    turn = conversation[anew["turn"]]
    assert (turn.question, turn.parameters["temperature"]) == ("one", 0.5)
    assert second["turn"] in {turn.id for turn in conversation.turns}
    assert [one["id"] for one in page.state()["turns"]] == [anew["turn"]]


def test_a_cells_question_can_be_asked_again(page):
    """As if the cell had run again."""
    page.shell.run("a = 'x'")
    page.shell.run("%%claude\nWhat is {a}?")
    [turn] = session().turns
    page.state()
    anew = page.ask("again", turn=turn.id)
    assert session().conversation()[anew["turn"]].content == turn.content


def test_new_and_another_conversation(page):
    """A page is told of what there is then; turns are kept."""
    page.ask(prompt="one")
    page.sent.clear()
    page.say("new")
    assert page.sent[-1]["turns"] == []
    assert session().conversation().head is None
    page.panel.set_state({"conversation": "poems"})
    page.ask(prompt="two")
    assert [t.question for t in session().conversation("poems").turns] == ["two"]
    assert len(session().conversation("main").turns) == 1
    assert session().current == "main"
    assert {"main", "poems"} <= set(page.panel.conversations)


def test_a_reloaded_page_goes_on_in_mid_stream(page):
    """It has what there is, and the deltas that follow fit."""
    key = page.begin("emulate: long 3, slow 100")
    time.sleep(0.5)
    state = page.state()
    [running] = state["running"]
    assert running["id"] == key
    page.wait(lambda m: m.get("id") == key and m["type"] == "end")
    done, tail, seq = running["frozen"], running["tail"], running["seq"]
    for message in page.sent:
        if message["type"] == "delta" and message["seq"] > seq:
            assert message["seq"] == seq + 1
            seq = message["seq"]
            tail = tail[: message["keep"]] + message["tail"]
            done += message["frozen"]
    message = session().turns[-1].message
    whole = bundle(message)["text/html"].removeprefix(STYLE)
    assert done.replace(SEAM, "") == whole.replace(SEAM, "")


def test_ids_are_used_once(page):
    """A question that is sent twice is asked once."""
    page.say("send", id="a", prompt="hi")
    page.say("send", id="a", prompt="hi")
    page.wait(lambda m: m["type"] == "end")
    assert [m["why"] for m in page.sent if m["type"] == "refused"]
    assert len(session().turns) == 1


def test_no_thread_is_left(page):
    """Each question's thread ends with it."""
    page.ask(prompt="hi")
    page.panel._answering.join(5)
    names = [thread.name for thread in threading.enumerate()]
    assert "routeway-panel" not in names


def test_the_key_is_in_nothing_that_is_sent(page, monkeypatch):
    """Neither in what a server says nor in what is typed."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    leaking = [dict(frame) for frame in HELLO]
    leaking[2] = {**leaking[2], "delta": {"type": "text_delta", "text": f"is {KEY}!"}}
    with scripted(page, answering(leaking)):
        page.ask(prompt="hi")
        page.ask(prompt=f"my key is {KEY}")
    page.state()
    told = [m for m in page.sent if m["type"] in ("delta", "failed")]
    assert KEY not in str(told)
