"""An answer as a Python object: asked for in the way that the model takes, and tested."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field
from shells import Shell
from typing_extensions import TypedDict

from routeway_magic import ask
from routeway_magic.errors import InputError, InvalidAnswerError
from routeway_magic.run.session import session
from routeway_magic.sources.emulator.validate import validate_request

FORCED, FREE = "claude-opus-4-5", "claude-opus-5-5"
AGE = 'emulate: tools answer_object {"name": "Ada", "age": "old"}\nWho?'


@dataclass
class Person:
    """Somebody."""

    name: str
    age: int


class Model(BaseModel):
    """With a bound that no format takes."""

    name: str
    score: float = Field(ge=0)


class Tree(BaseModel):
    """Without end."""

    label: str
    branches: list[Tree] = []


class Record(TypedDict):
    """A dict with known keys."""

    name: str


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A shell that knows `Person`; the emulator answers."""
    with Shell.opened() as opened:
        opened.ip.user_ns["Person"] = Person
        yield opened


@pytest.fixture
def fresh(shell: Shell) -> Iterator[None]:
    """A session that ends with the test."""
    return


def sent(index: int = -1) -> dict[str, Any]:
    """A turn's request, but its messages."""
    return session().turns[index].parameters


@pytest.mark.parametrize("model", [FORCED, FREE, "claude-haiku-4-5", "claude-opus-5"])
@pytest.mark.parametrize(
    "wanted",
    [
        *(Person, Model, Record, list[int], list[Person], Literal["a", 2], int, bool),
        *(int | None, dict[str, int], Tree, tuple[int, str]),
    ],
    ids=str,
)
def test_every_type_from_every_model(fresh, wanted, model):
    """Whatever way a model takes, the value that comes is one of the type."""
    from pydantic import TypeAdapter

    reply = ask("Who?", as_=wanted, model=model)
    assert TypeAdapter(wanted).validate_python(reply.value) == reply.value
    assert len(session().turns) == 1
    json.loads(reply.text)


def test_forced_through_a_tool(fresh):
    """Where a model can be made to call a tool, it is; nothing else is chosen for it."""
    assert ask("Who?", as_=Person).value == Person("text", 1)
    (tool,) = sent()["tools"]
    assert sent()["tool_choice"] == {"type": "tool", "name": tool["name"]}
    assert tool["input_schema"]["required"] == ["name", "age"]
    assert "output_config" not in sent()


@pytest.mark.parametrize(
    "options", [{"model": FREE}, {"thinking": 2000}, {"param": {"tools": []}}], ids=str
)
def test_held_to_a_format(fresh, options):
    """Models that cannot be forced, or think or have other tools, get a format."""
    assert ask("Who?", as_=Person, **options).value == Person("text", 1)
    assert sent()["output_config"]["format"]["type"] == "json_schema"
    assert "tool_choice" not in sent()


def test_effort_stays_beside_the_format(fresh):
    """A format takes nothing else of `output_config` away."""
    ask("Who?", as_=int, model=FREE, effort="low")
    assert sent()["output_config"]["effort"] == "low"
    assert "format" in sent()["output_config"]


@pytest.mark.parametrize("wanted", [Tree, dict[str, int], Any], ids=str)
def test_offered_as_a_tool(fresh, wanted):
    """What no format can say is asked for through a tool that is offered."""
    ask("Who?", as_=wanted, model=FREE)
    assert len(sent()["tools"]) == 1
    assert not {"tool_choice", "output_config"} & sent().keys()


def test_no_format_beside_citations(fresh):
    """A document that is to be cited goes with no format: a tool is offered."""
    from routeway_magic.answer_types import answer_type
    from routeway_magic.wanted import TypeWanted

    wanted = TypeWanted(answer_type(int))
    options = session().settings.snapshot(model=FREE)
    document = {"type": "document", "citations": {"enabled": True}}
    param = wanted.options(options, [document]).parameters["param"]
    assert [*param] == ["tools"]


def test_json_schema(fresh):
    """A JSON Schema serves as a type; the value is what JSON says."""
    schema = {"type": "array", "items": {"type": "integer"}, "minItems": 2}
    assert ask("Which?", as_=schema).value == [1, 1]


@pytest.mark.parametrize("model", [FORCED, FREE])
def test_asked_once_more(fresh, model):
    """An answer that does not fit is asked for again, with what is wrong with it."""
    wrong = {"name": "Ada", "age": "old"}
    prompt = AGE if model == FORCED else f"emulate: echo\n{json.dumps(wrong)}"
    reply = ask(prompt, as_=Person, model=model, conversation="main")
    assert reply.value == Person("text", 1)
    assert "age: Input should be a valid integer" in reply.turn.question
    first, second = session().turns
    assert second.parent == first.id


def test_clear_failure_keeps_the_text(fresh, monkeypatch):
    """A second answer that does not fit either is an error that has it."""
    monkeypatch.setattr(
        "routeway_magic.sources.emulator.answer.example_object",
        lambda _: {"name": "Ada", "age": "older"},
    )
    with pytest.raises(InvalidAnswerError, match="age: Input should be") as caught:
        ask("Who?", as_=Person)
    assert json.loads(caught.value.reply.text) == {"name": "Ada", "age": "older"}
    assert len(session().turns) == 2


def test_cut_and_refused(fresh):
    """An answer that was cut or refused is not asked for again: it would not help."""
    with pytest.raises(InvalidAnswerError, match="cut") as caught:
        ask("Who?", as_=Person, max_tokens=2)
    assert "--max-tokens" in caught.value.hint
    with pytest.raises(InvalidAnswerError, match="refused"):
        ask("emulate: stop refusal\nWho?", as_=Person)
    assert len(session().turns) == 2


@pytest.mark.parametrize("later", [{}, {"as_": int}, {"model": FREE}])
def test_the_conversation_stays_legal(fresh, later):
    """What follows is accepted, knows the answer, and needs no tool for it."""
    ask(AGE, as_=Person, conversation="main")
    ask("And now?", conversation="main", **later)
    turns = session().conversation().path(session().conversation().head)
    asked = session().compose(
        "Next?",
        options=session().settings.snapshot(),
        place=session().place(session().conversation()),
    )
    validate_request(asked.body, "")
    assert len(turns) == 3
    answers = [m["content"] for m in asked.body["messages"] if m["role"] == "assistant"]
    assert {block["type"] for content in answers for block in content} == {"text"}
    assert json.loads(answers[1][0]["text"]) == {"name": "text", "age": 1}
    assert "tools" not in asked.body


@pytest.mark.parametrize(
    "param", [{"tool_choice": {"type": "any"}}, {"output_config": {"format": {}}}]
)
def test_two_forms_are_refused(fresh, param):
    """Another form in the request is told of before anything is sent."""
    with pytest.raises(InputError, match="another way"):
        ask("Who?", as_=int, param=param)
    assert session().turns == []


def test_the_reply_tells_its_value(fresh):
    """It is pickled with its value, and its footer calls it no tool."""
    reply = ask("Which?", as_=list[int])
    kept = pickle.loads(pickle.dumps(reply))
    assert kept.value == reply.value == [1]
    assert reply.text == "[1]"
    assert "tool_use" not in repr(reply)


def test_after_tools(fresh):
    """Tools of the user's are called first; the answer is then an object."""

    def area(width: int) -> int:
        """An area."""
        return width * width

    prompt = "emulate: tools area\nHow large?"
    reply = ask(prompt, tools=[area], allow=["area"], as_=Person)
    assert reply.value == Person("text", 1)
    assert len(reply.turns) == 2


def test_no_stream_gives_the_same(fresh):
    """An answer that comes whole is read in the same way."""
    assert ask("Who?", as_=list[Person], stream=False).value == [Person("text", 1)]


def test_a_cell_binds_the_object(shell):
    """`--as TYPE -o NAME` binds the object and shows it as JSON."""
    ran = shell.run("%%claude --as Person -o ada\nWho?")
    assert ran.ok
    assert shell.ip.user_ns["ada"] == Person("text", 1)
    assert json.loads(ran.stdout.splitlines()[0]) == {"name": "text", "age": 1}


def test_a_line_has_the_value(shell):
    """`r = %claude --as … ` gives a reply with the value."""
    shell.run('r = %claude --as \'Literal["yes", "no"]\' Is it?')
    assert shell.ip.user_ns["r"].value == "yes"


def test_a_kept_reply_shows_pretty_json(shell):
    """Shown later, the object is coloured JSON, whatever way it came."""
    for model in (FORCED, FREE):
        shell.run(f"r = %claude -m {model} --as Person Who?")
        (output,) = shell.run("r").outputs
        assert "{\n" in output["text/html"].replace("<span></span>", "")
        assert json.loads(output["text/plain"]) == {"name": "text", "age": 1}


def test_the_second_question_is_told(shell):
    """What is wrong with the first answer stands above the second."""
    ran = shell.run(f"%%claude --as Person -o ada\n{AGE}")
    assert ran.ok
    assert "age: Input should be a valid integer" in ran.stdout
    assert shell.ip.user_ns["ada"] == Person("text", 1)


def test_any_json_without_a_type(shell):
    """`-f json -o NAME` binds what JSON the text holds, once more asked for."""
    ran = shell.run(
        '%%claude -f json -o found\nemulate: echo\n```json\n{"a": [1]}\n```'
    )
    assert ran.ok
    assert shell.ip.user_ns["found"] == {"a": [1]}
    ran = shell.run("%%claude -f json -o other\nemulate: echo\nprose")
    assert isinstance(ran.error, InvalidAnswerError)
    assert "other" not in shell.ip.user_ns
    assert len(session().turns) == 3


def test_dry_run_shows_the_form(shell):
    """The preview has the request as it would be sent."""
    ran = shell.run("%%claude --dry-run --as Person\nWho?")
    assert "answer_object" in str(ran.outputs) + ran.stdout
    assert session().turns == []


@pytest.mark.parametrize(
    "line", ["--as Nobody", "--as Person -f html", "--as {", "--as f()", "--next-cell"]
)
def test_refused_before_it_is_sent(shell, line):
    """What is no type, or cannot be shown, costs no request."""
    ran = shell.run(f"%%claude {line}\nWho?")
    assert isinstance(ran.error, InputError)
    assert session().turns == []


def test_code_into_a_name_and_a_cell(shell):
    """`-f code --next-cell` leaves the fence out, and runs nothing."""
    code = "emulate: echo\nHere:\n```python\nboom = 1\n```\nDone."
    ran = shell.run(f"%%claude -f code --next-cell -o code\n{code}")
    assert shell.ip.user_ns["code"] == "boom = 1\n"
    assert "boom" not in shell.ip.user_ns
    assert ran.stdout.endswith("boom = 1\n")
