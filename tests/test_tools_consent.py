"""No call runs without the user's word, and no denial breaks a conversation."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from looped import Model, Watcher, call, calling, loop, results, saying, session
from shells import Shell

from routeway_magic import ask
from routeway_magic.call_text import call_text
from routeway_magic.tools.consent import ask_by_input

DONE = saying("done")


def area(width: float) -> float:
    """The area."""
    return width * 2


@dataclass
class Side:
    """Refuses some numbers in its own way."""

    length: int

    def __post_init__(self) -> None:
        """Only what is there has a length."""
        if self.length < 0:
            raise RuntimeError("no such side")


def square(side: Side) -> int:
    """The area."""
    return side.length**2


class Answers:
    """In place of a user: gives these answers, and keeps what was asked."""

    def __init__(self, *verdicts: str) -> None:
        self.asked: list[tuple[str, Any]] = []
        self._verdicts = list(verdicts)

    def __call__(self, name: str, arguments: Any) -> Any:
        """One question."""
        self.asked.append((name, arguments))
        return self._verdicts.pop(0)


def test_each_call_is_asked_about_once_always_or_never():
    """`always` holds for the function as it is, until it is defined anew."""
    user = Answers("once", "denied", "always", "denied")
    asked = [call("area", str(n), width=n) for n in range(5)]
    model = Model(calling(*asked), DONE)
    here = session(model)
    loop(here, area, ask=user)
    assert user.asked == [("area", {"width": n}) for n in range(3)]
    failed = [block.get("is_error", False) for block in results(model)]
    assert failed == [False, True, False, False, False]
    assert results(model)[1]["content"] == "The user did not allow this call."

    def area_again(width: float) -> float:
        return width

    area_again.__name__ = "area"
    model._answers = [calling(call("area", width=1)), DONE]
    loop(here, area_again, ask=user)
    assert len(user.asked) == 4


def test_nothing_runs_where_nobody_can_be_asked():
    """Such a call is denied and the model told; what is allowed by name runs."""
    model, shown = Model(calling(call("area", width=1)), DONE), Watcher()
    loop(session(model), area, allow=[], shown=shown)
    assert [one.state for one in shown.results] == ["denied"]
    assert "`--allow area` lets it run" in shown.results[0].details
    model._answers = [calling(call("area", width=1)), DONE]
    loop(session(model), area, allow=["area"], shown=shown)
    assert shown.results[-1].state == "returned"


def test_arguments_that_do_not_fit_never_run():
    """They are refused whatever the user has said: data is bound, never evaluated."""
    ran: list[Any] = []

    def runs(n: int) -> None:
        ran.append(n)

    model = Model(calling(call("runs", n="__import__('os')")), DONE)
    loop(session(model), runs)
    assert ran == []
    assert results(model)[0]["is_error"]


def test_nobody_is_asked_about_a_call_that_cannot_run():
    """Arguments that do not fit are refused first, and the output shows why."""
    user, shown = Answers("once"), Watcher()
    asked = [
        call("square", "1", side="wide"),
        call("square", "2", side={"length": -1}),
        {**call("square", "3"), "input": '{"side": '},
        call("square", "4", side={"length": 3}),
    ]
    model = Model(calling(*asked), DONE)
    loop(session(model), square, ask=user, shown=shown)
    assert user.asked == [("square", {"side": {"length": 3}})]
    told = [str(block["content"]) for block in results(model)]
    assert "The arguments do not fit: side: Input should be" in told[0]
    assert "no such side. The function was not called." in told[1]
    assert "were cut off" in told[2]
    assert [one.block["content"] for one in shown.results][:3] == told[:3]
    assert [one.apart for one in shown.results] == [False, False, False, True]


def test_a_question_stands_below_what_it_asks_about():
    """What comes after it is told to stand below it as well."""
    shown = Watcher()
    asked = calling(call("area", "1", width=1), call("area", "2", width=1))
    loop(session(Model(asked, DONE)), area, ask=Answers("once", "always"), shown=shown)
    assert [one.apart for one in shown.results] == [True, True]


@pytest.mark.parametrize(
    ("typed", "verdict"),
    [("y", "once"), (" Always ", "always"), ("n", "denied"), ("", "denied")],
)
def test_what_is_typed(typed, verdict, monkeypatch):
    """Yes once, always, or no; Enter alone is no, anything else is asked again."""
    questions: list[str] = []
    typing = ["maybe", typed]

    def answer(question: str) -> str:
        questions.append(question)
        return typing.pop(0)

    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert ask_by_input("area", {"width": 3, "unit": "cm"}) == verdict
    assert (
        questions == ['Run area(width=3, unit="cm")? [y]es, [a]lways area, [n]o: '] * 2
    )


def test_threads_and_pipes_are_not_asked(monkeypatch):
    """What comes through a pipe is no answer, nor is anything in another thread."""
    monkeypatch.setattr("builtins.input", lambda _: "y")
    assert ask_by_input("area", {}) == "unasked"
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(ask_by_input("area", {})))
    thread.start()
    thread.join()
    assert found == ["unasked"]


@given(st.dictionaries(st.text(), st.text() | st.integers(), max_size=3))
def test_a_question_is_one_line(arguments):
    """No argument can end the question's line, or turn the direction of its text."""
    shown = call_text("area", arguments, 200)
    assert shown.splitlines() == [shown]
    assert not {"\x1b", "\u202e", "\u2066"} & set(shown)
    assert len(shown) <= 207


def test_hidden_characters_are_spelled_out():
    """What has no width, or turns the text around, is seen as its number."""
    assert call_text("f", {"a": "x\u202ey\u200b"}, 99) == 'f(a="x\\u202ey\\u200b")'


def test_the_magic_and_ask_offer_tools(monkeypatch):
    """`--tools` and `--allow` name functions; `ask` takes them as they are."""
    with Shell.opened() as shell:
        shell.run("def area(width: float) -> float: return width * 2")
        prompt = 'emulate: tools area {"width": 3}'
        ran = shell.run(f"%%claude --tools area --allow area\n{prompt}")
        assert ran.ok
        assert "[area returned" in ran.stdout
        denied = shell.run(f"%%claude --tools area\n{prompt}")
        assert "[area denied]" in denied.stdout
        wrong = shell.run("%%claude --tools aera\nhi")
        assert "Did you mean `area`" in str(wrong.error)
        dry = shell.run("%claude --tools area --dry-run hi")
        assert dry.value.body["tools"][0]["name"] == "area"
        reply = ask(prompt, tools=[area], allow=[area])
        assert reply.turns[1].content[0]["content"][0]["text"] == "6.0"


@pytest.mark.parametrize(
    "param",
    [
        'tool_choice={"type": "auto", "disable_parallel_tool_use": true}',
        "disable_parallel_tool_use=true",
    ],
    ids=["nested", "at the top"],
)
def test_one_call_at_a_time(param):
    """Both places of `disable_parallel_tool_use` reach the server, and it heeds them."""
    with Shell.opened() as shell:
        shell.run("def area(width: float) -> float: return width * 2")
        options = f"--tools area --allow area --param {param}"
        calls = 'tools area {"width": 3}, tools area {"width": 4}'
        ran = shell.run(f"%%claude {options}\nemulate: {calls}")
        assert ran.ok
        assert ran.stdout.count("[area returned") == 1
