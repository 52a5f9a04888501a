"""An answer that is an object, as it is shown: the value alone, two answers as one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from environment import clean_environment
from kernels import Kernel
from shells import Shell

from routeway_magic import ask
from routeway_magic.answer_tool import bare
from routeway_magic.errors import InputError, InvalidAnswerError
from routeway_magic.run.session import session
from routeway_magic.usage import counts_of

FORCED, FREE = "claude-opus-4-5", "claude-opus-5-5"
WRONG = {
    FORCED: 'emulate: tools answer_object {"name": "Ada", "age": "old"}\nWho?',
    FREE: 'emulate: echo\n{"name": "Ada", "age": "old"}',
}


@dataclass
class Person:
    """Somebody."""

    name: str
    age: int


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A terminal's shell that knows `Person`; the emulator answers."""
    with Shell.opened() as opened:
        opened.ip.user_ns["Person"] = Person
        yield opened


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel that knows a class."""
    home = tmp_path_factory.mktemp("kernel")
    with ExitStack() as running:
        started = running.enter_context(Kernel(clean_environment(home), directory=home))
        begin = (
            "%load_ext routeway_magic\nfrom dataclasses import dataclass\n"
            "@dataclass\nclass Person:\n    name: str\n    age: int"
        )
        assert started.run(begin).status == "ok"
        yield started


@pytest.mark.parametrize("model", [FORCED, FREE])
def test_two_answers_are_one_output(kernel, model):
    """Both answers, and what was said between, stand in one entry with one footer."""
    ran = kernel.run(f"%%claude -m {model} --as Person -o ada\n{WRONG[model]}")
    assert ran.status == "ok"
    (output,) = ran.outputs
    html, text = output["data"]["text/html"], output["data"]["text/plain"]
    assert html.count("rw-footer") - html.count(".rw-footer") == 1
    assert "2 requests" in html
    first, told, second = text.split("\n\n")
    assert json.loads(first) == {"name": "Ada", "age": "old"}
    assert "age: Input should be a valid integer" in told
    assert json.loads(second) == {"name": "text", "age": 1}


@pytest.mark.parametrize("model", [FORCED, FREE])
def test_the_value_alone_is_shown(kernel, shell, model):
    """What holds a value that is no object is not seen, in a notebook or a terminal."""
    line = f"%%claude -m {model} --as list[int] -o found\nWhich?"
    (output,) = kernel.run(line).outputs
    assert output["data"]["text/plain"] == "[1]"
    assert "[1]" in shell.run(line).stdout.splitlines()
    assert session().turns[-1].message["content"][0] != {"type": "text", "text": "[1]"}


@pytest.mark.parametrize("model", [FORCED, FREE])
def test_two_answers_are_one_reply(shell, model):
    """Its turns, usage and shown form are of both, as the conversation's are."""
    reply = ask(WRONG[model], as_=Person, model=model)
    turns = session().turns
    assert reply.turns == turns
    assert reply.value == Person("text", 1)
    both = [counts_of(turn.usage) for turn in turns]
    assert reply.usage["output_tokens"] == sum(one.output for one in both)
    assert reply.usage["input_tokens"] == sum(one.all_input for one in both)
    assert "2 requests" in repr(reply)
    first, told, _second = reply._repr_mimebundle_()["text/plain"].split("\n\n")
    assert json.loads(first)["age"] == "old"
    assert told == turns[1].question


def test_two_answers_that_both_fail(shell, monkeypatch):
    """One footer stands under both, and the error has both."""
    monkeypatch.setattr(
        "routeway_magic.sources.emulator.answer.example_object",
        lambda _: {"name": "Ada", "age": "older"},
    )
    ran = shell.run("%%claude --as Person\nWho?")
    assert isinstance(ran.error, InvalidAnswerError)
    assert len(ran.error.reply.turns) == 2
    assert ran.stdout.count("2 requests") == 1


@pytest.mark.parametrize("error", [InputError("It is over."), KeyboardInterrupt()])
def test_nothing_follows(shell, monkeypatch, error):
    """Where no second question is asked, what has come stands with its footer."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("routeway_magic.run.answering._after", fail)
    ran = shell.run(f"%%claude -m {FREE} --as Person\n{WRONG[FREE]}")
    assert ran.error is not None
    assert '"age": "old"' in ran.stdout
    assert ran.stdout.count(f"{FREE} · emulator") == 1
    assert len(session().turns) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"answer_value": [1]}', "[1]"),
        (' { "answer_value" : "é"}\n', '"é"'),
        ('{"answer_value": [1', '{"answer_value": [1'),
        ('{"answer_value": 1, "b": 2}', '{"answer_value": 1, "b": 2}'),
        ('{"value": 1}', '{"value": 1}'),
        ("prose", "prose"),
    ],
)
def test_what_a_text_holds(text, value):
    """Only a whole object of that one member is taken for what holds a value."""
    assert bare(text) == value
