"""Tools are called in a loop of turns, and whatever they do, the next request is legal."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from looped import Model, Watcher, call, calling, loop, results, saying, session
from scripted import recovered

from routeway_magic.errors import APIConnectionError, ConfigurationError, Interrupted
from routeway_magic.types import Message

DONE = saying("done")


def area(width: float, height: float = 2) -> float:
    """The area."""
    return width * height


def fails() -> None:
    """Raises."""
    raise ValueError("no such thing\nand more")


def test_calls_become_turns_of_the_conversation():
    """Results of all calls, in their order, are the question of the next turn."""
    said = {"type": "text", "text": "I look."}
    model = Model(calling(said, call("area", "a", width=3), call("area", "b", width=1)))
    model._answers += [calling(call("area", "c", width=9)), DONE]
    here = session(model)
    reply = loop(here, area)
    assert [
        (block["tool_use_id"], block["content"]) for block in results(model, 1)
    ] == [
        ("a", [{"type": "text", "text": "6.0"}]),
        ("b", [{"type": "text", "text": "2.0"}]),
    ]
    assert model.bodies[1]["messages"][1]["content"][0] == said
    assert [body["tools"] for body in model.bodies] == [model.bodies[0]["tools"]] * 3
    assert reply.text == "done"
    assert reply.turns == here.conversation().path(here.conversation().head)
    assert [turn.stop_reason for turn in reply.turns] == [*["tool_use"] * 2, "end_turn"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (call("fails"), "ValueError: no such thing"),
        (call("missing"), "There is no tool missing. There are: area, fails."),
        (call("area", height=1), "width: Field required"),
        (call("area", width="wide"), "width: Input should be a valid number"),
        ({**call("area"), "input": '{"width": '}, "were cut off"),
    ],
    ids=["raises", "unknown", "missing", "invalid", "cut"],
)
def test_what_goes_wrong_is_told_to_the_model(asked, told):
    """An error is a result too: short, marked as one, and the loop goes on."""
    model = Model(calling(asked, stop="max_tokens"), DONE)
    assert loop(session(model), area, fails).text == "done"
    (block,) = results(model)
    text = block["content"]
    assert block["is_error"]
    assert told in text
    assert "and more" not in text
    assert isinstance(model.bodies[1]["messages"][1]["content"][0]["input"], dict)


def test_max_turns():
    """The loop ends by itself, says so, and the open calls do not stand in the way."""
    model, shown = Model(calling(call("area", width=1))), Watcher()
    here = session(model, max_turns=3)
    reply = loop(here, area, shown=shown)
    assert (len(model.bodies), reply.stop_reason) == (3, "tool_use")
    assert "`max_turns` allows no more than 3 requests" in shown.footer.text
    model._answers = [DONE]
    loop(here, area)
    *before, last = model.bodies[-1]["messages"]
    assert len(before) == 6
    assert [block["type"] for block in last["content"]] == ["tool_result", "text"]


def test_a_forced_call_is_forced_once():
    """Results come with a free choice: forced again, the loop would never end."""
    model = Model(calling(call("area", width=1)), DONE)
    choice = {"type": "tool", "name": "area", "disable_parallel_tool_use": True}
    loop(session(model), area, param={"tool_choice": choice})
    assert model.bodies[0]["tool_choice"] == choice
    assert model.bodies[1]["tool_choice"] == {
        "type": "auto",
        "disable_parallel_tool_use": True,
    }


def test_a_paused_answer_goes_on_by_itself():
    """It is given back as it came, thinking and the server's open call included."""
    thought = {"type": "thinking", "thinking": "hm", "signature": "s"}
    open_call = {"type": "server_tool_use", "id": "s", "name": "search", "input": {}}
    paused = calling(thought, {"type": "text", "text": "One, "}, open_call)
    paused["stop_reason"] = "pause_turn"
    model = Model(paused, saying("two."))
    here = session(model)
    reply = here.converse(
        "count", options=here.settings.snapshot(), place=here.place(here.conversation())
    )
    assert model.bodies[1]["messages"][-1]["role"] == "assistant"
    assert model.bodies[1]["messages"][-1]["content"] == paused["content"]
    assert [turn.goes_on for turn in reply.turns] == [False, True]
    asked = here.conversation().messages
    assert "server_tool_use" not in str(asked)  # nothing answers it any more
    assert [block["text"] for block in asked[1]["content"]] == ["One, ", "two."]


def test_thinking_goes_back_complete_within_the_loop():
    """All of it, in its place, as long as the loop is under way; never afterwards."""
    thought = {"type": "thinking", "thinking": "", "signature": "s"}
    model = Model(calling(thought, call("area", width=1)), DONE)
    here = session(model)
    loop(here, area)
    assert model.bodies[1]["messages"][1]["content"][0] == thought
    loop(here, area)
    assert "thinking" not in str(model.bodies[-1]["messages"])


def test_tools_stay_known_while_their_calls_are_in_the_history():
    """They are sent again where a later question offers none, but not to be called."""
    model = Model(calling(call("area", width=1)), DONE)
    here = session(model)
    loop(here, area)
    place = here.place(here.conversation())
    here.converse("and?", options=here.settings.snapshot(), place=place)
    assert model.bodies[-1]["tools"] == model.bodies[0]["tools"]
    assert model.bodies[-1]["tool_choice"] == {"type": "none"}
    fresh = here.place(here.conversation(), fresh=True)
    here.converse("else?", options=here.settings.snapshot(), place=fresh)
    assert "tools" not in model.bodies[-1]


def test_somebody_elses_call_ends_the_loop():
    """A call of a definition without a function is left to whoever asked."""
    given = {"name": "theirs", "input_schema": {"type": "object"}}
    model = Model(calling(call("area", width=1), call("theirs")))
    reply = loop(session(model), area, given)
    assert len(model.bodies) == 1
    assert [block["name"] for block in reply.message["content"]] == ["area", "theirs"]


def test_an_interrupt_stops_the_tool_and_is_recorded():
    """What was done before is kept, the rest says that it was stopped; all is legal."""

    def stops() -> None:
        raise KeyboardInterrupt

    asked = [call("area", width=1), call("stops"), call("area", "later", width=1)]
    model, shown = Model(calling(*asked)), Watcher()
    here = session(model)
    with pytest.raises(Interrupted):
        loop(here, area, stops, shown=shown)
    assert [one.state for one in shown.results] == ["returned", "stopped", "stopped"]
    kept = here.turns[-1]
    assert (kept.status, kept.message, kept.parent) == (
        "interrupted",
        None,
        here.turns[0].id,
    )
    assert [block.get("is_error", False) for block in kept.content] == [
        False,
        True,
        True,
    ]
    assert kept in recovered(here).conversations["main"].turns
    assert here.conversation().head == kept.id
    assert recovered(here).conversations["main"].head == kept.id
    model._answers = [DONE]
    reply = loop(here, area)
    assert [one["content"] for one in model.bodies[-1]["messages"][1:]] == [
        asked,
        [*kept.content, {"type": "text", "text": "do it"}],
    ]
    assert reply.turn.question == "do it"
    assert here.conversation().messages[-2:] == [
        {"role": "user", "content": [*kept.content, *reply.turn.content]},
        {"role": "assistant", "content": DONE["content"]},
    ]


def test_results_that_cannot_be_told_are_kept():
    """A request that fails in the midst of a loop loses no result, nor one held back."""
    here = session(Model(calling(call("area", width=4)), APIConnectionError("gone")))
    with pytest.raises(APIConnectionError):
        loop(here, area)
    assert here.turns[-1].content[0]["content"][0]["text"] == "8.0"
    here = session(Model(calling(call("spends"))))

    def spends() -> str:
        here.settings.max_session_tokens = 1
        return "spent"

    with pytest.raises(ConfigurationError):
        loop(here, spends)
    kept = here.turns[-1]
    assert (kept.status, kept.content[0]["content"][0]["text"]) == ("failed", "spent")


def test_calls_at_the_same_time():
    """With `concurrent_calls` they wait for each other; results keep their order."""
    both = threading.Barrier(2, timeout=5)

    def meets(number: int) -> int:
        both.wait()
        return number

    model = Model(calling(*(call("meets", str(n), number=n) for n in (1, 2))), DONE)
    loop(session(model, concurrent_calls=True), meets)
    assert [block["content"][0]["text"] for block in results(model)] == ["1", "2"]


def test_values_are_results():
    """DataFrames are described, images sent as images, in a tuple each by itself."""
    pandas = pytest.importorskip("pandas")
    image = pytest.importorskip("PIL.Image")

    def table() -> Any:
        return pandas.DataFrame({"a": [1, 2]})

    def both() -> Any:
        return "a square", image.new("RGB", (40, 40))

    model = Model(calling(call("table"), call("both")), DONE)
    loop(session(model), table, both)
    described, pair = results(model)
    assert "pandas DataFrame, 2 rows × 1 column" in described["content"][0]["text"]
    assert [block["type"] for block in pair["content"]] == ["text", "text", "image"]


def test_the_line_under_the_answer_counts_all_requests():
    """Tokens, seconds and cost are of the loop together."""
    shown = Watcher()
    model = Model(calling(call("area", width=1)), DONE)
    reply = loop(session(model), area, shown=shown)
    assert "20 → 10 tokens" in shown.footer.text
    assert "2 requests" in shown.footer.text
    assert "area returned" in reply._repr_mimebundle_()["text/html"]


def test_a_refusal_ends_the_loop():
    """Nothing is called for an answer that was withheld."""
    refused: Message = calling(call("area", width=1), stop="refusal")
    model = Model(refused)
    loop(session(model), area)
    assert len(model.bodies) == 1
