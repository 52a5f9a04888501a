"""Functions of the notebook that a panel's questions may call."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest
from panels import Page
from traitlets import TraitError

from routeway_magic.errors import InputError
from routeway_magic.panel.panel import Panel
from routeway_magic.run.session import session

ASKS = "emulate: tools"


def area(width: float) -> float:
    """The area of a strip that is 2 wide."""
    return width * 2


async def late() -> None:
    """Waits."""


@pytest.fixture
def page() -> Iterator[Page]:
    """A panel in a shell of its own, which has a function, a class and a number."""
    with Page.opened() as opened:
        opened.shell.ip.user_ns.update(area=area, late=late, number=3)
        yield opened


def choose(page: Page, *names: str) -> None:
    """The page sets the names."""
    page.panel.set_state({"tools": list(names) or None})


def test_a_chosen_function_is_called_and_shown(page):
    """Chosen by name it runs without a question; call and result are in the answer."""
    choose(page, "area")
    end = page.ask(prompt=ASKS)
    assert end["status"] == "complete"
    called, answered = session().turns
    assert called.stop_reason == "tool_use"
    [result] = answered.content
    assert result["type"] == "tool_result"
    assert "is_error" not in result
    [entry] = page.state()["turns"]
    assert "tool_use area(" in entry["answer_html"]
    assert "returned" in entry["answer_html"] or "area" in entry["answer_html"]


def test_nothing_is_offered_unless_chosen(page):
    """No tool goes with a question, and none is on after it was taken back."""
    choose(page, "area")
    choose(page)
    page.ask(prompt="hello")
    assert "tools" not in session().turns[-1].parameters


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("aera", "Did you mean `area`?"),
        ("number", "cannot be called"),
        ("late", "asynchronous"),
        ("nothing.at", "no variable"),
        ("a b", "no variable"),
    ],
)
def test_what_is_no_function_is_refused(page, name, says):
    """The page is told why beside the control, and the old names stay."""
    choose(page, "area")
    choose(page, "area", name)
    assert says in page.panel.hints["tools"]
    assert page.panel.tools == ["area"]
    with pytest.raises(TraitError, match=r"tool|variable"):
        page.panel.tools = [name]
    choose(page, "area", "area.__call__")
    assert "tools" not in page.panel.hints


def test_a_definition_without_a_function_is_refused(page):
    """A panel could not answer the call."""
    page.shell.ip.user_ns["plain"] = {"name": "f", "input_schema": {"type": "object"}}
    choose(page, "plain")
    assert "no function" in page.panel.hints["tools"]


def test_functions_are_given_as_such(page):
    """By name, by themselves, or in a variable; one that cannot be a tool is refused."""

    def hidden(word: str) -> str:
        """No variable has it."""
        return word

    panel = Panel(tools=[area, "area", hidden])
    assert panel.tools == ["area", "area", "hidden"]
    assert set(panel._offered.toolbox(["area", "hidden"]).tools) == {"area", "hidden"}
    panel.close()
    with pytest.raises(InputError, match="asynchronous"):
        Panel(tools=[late])


def test_the_notebooks_present_function_is_called(page):
    """A function that was defined anew is the one that is called; one gone is told of."""
    choose(page, "area")
    page.shell.run("def area(width: float) -> str:\n    'New.'\n    return 'new'")
    page.ask(prompt=ASKS)
    assert "new" in json.dumps(session().turns[-1].content)
    page.shell.run("del area")
    failed = page.ask(prompt=ASKS)
    assert "no variable" in failed["html"]
    assert len(session().turns) == 2


def test_what_it_prints_is_told_to_the_user_alone(page):
    """There is no cell for it: it stands with the call, and is not sent."""
    page.shell.run(
        "def area(width: float) -> int:\n    'A.'\n    print('aside')\n    return 1"
    )
    choose(page, "area")
    page.ask(prompt=ASKS)
    [entry] = page.state()["turns"]
    assert "aside" in entry["answer_html"]
    assert "aside" not in json.dumps(session().turns[-1].content)


def test_cell_and_preview_name_the_tools(page):
    """What is copied runs the same functions; the preview shows their definitions."""
    choose(page, "area")
    text = page.ask("copy", turn=None, prompt="x", **{"as": "cell"})["text"]
    assert text == "%%claude --tools area --allow area\nx"
    assert "area of a strip" in page.ask("preview", prompt="x")["html"]
    turn = page.ask(prompt=ASKS)["turn"]
    choose(page)
    text = page.ask("copy", turn=turn, **{"as": "cell"})["text"]
    assert text.startswith("%%claude --tools area --allow area\n")


def test_stop_in_a_call_keeps_the_conversation_legal(page):
    """The call's result is kept beside, and the next question can be asked."""
    release = threading.Event()
    page.shell.ip.user_ns["wait"] = release.wait

    def slow(word: str) -> str:
        """Takes until it is let go."""
        release.wait(10)
        return word

    page.shell.ip.user_ns["slow"] = slow
    choose(page, "slow")
    key = page.begin(ASKS, until="waiting")
    page.wait(lambda one: one.get("reason") == "running slow")
    page.panel.control._stop(key)
    release.set()
    end = page.wait(lambda one: one.get("id") == key and one["type"] == "end")
    assert end["status"] == "interrupted"
    assert page.ask(prompt="And now?")["status"] == "complete"
