"""`%claude continue`: going on with an answer that broke off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from conversations import SAID, said, turn
from shells import Shell

from routeway_magic.client import Client
from routeway_magic.compose import compose
from routeway_magic.errors import ClaudeError, InputError
from routeway_magic.events import Event, from_message
from routeway_magic.run.going_on import ASK_TO_GO_ON
from routeway_magic.run.session import Session, session
from routeway_magic.settings import ClaudeSettings
from routeway_magic.types import Message, Request

CUT = said("One, two, ", stop="max_tokens")
OPUS_45 = {"model": "claude-opus-4-5", "max_tokens": 7, "stream": True}
OPUS_5 = {**OPUS_45, "model": "claude-opus-5"}
THINKING = {"thinking": {"type": "enabled", "budget_tokens": 2000}}
FORMAT = {"output_config": {"format": {"type": "json_schema"}}}
THOUGHT = {"type": "thinking", "thinking": "hm"}
CALL = {"type": "tool_use", "id": "t", "name": "f", "input": '{"a'}


class Model:
    """In place of a client: keeps the request and says "three."."""

    def __init__(self) -> None:
        self.body: dict[str, Any] = {}

    def stream(self, request: Request, **_: Any) -> Iterator[Event]:
        """Answers at once."""
        self.body = json.loads(request.encode())
        yield from from_message(said("three."))


class Screen:
    """In place of a renderer: what is shown, as events."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def handle(self, event: Event) -> None:
        """Takes one event."""
        self.events.append(event)

    def close(self, footer: object) -> None:
        """Nothing more comes."""

    @property
    def text(self) -> str:
        """All texts in the order they came."""
        blocks = [getattr(one, "content_block", {}) for one in self.events]
        return "".join(block.get("text", "") for block in blocks)


@pytest.fixture
def model() -> Model:
    """Who is asked."""
    return Model()


@pytest.fixture
def here(model: Model, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session in which that model answers."""
    own = Session(ClaudeSettings())
    monkeypatch.setattr(own.sources, "client", lambda: (model, "stub"))
    yield own
    own.close()


def go_on(here: Session, screen: Screen | None = None, **more: Any) -> str:
    """Goes on after a turn like this; gives what came."""
    told: dict[str, Any] = {"message": CUT, "parameters": OPUS_45, "source": "stub"}
    here.conversation().append(turn(**(told | more)))
    place = here.place(here.conversation())
    options = here.settings.snapshot()
    return here.converse([], options=options, place=place, shown=screen).text


def test_a_model_that_takes_prefill_goes_on_by_itself(here, model):
    """Its partial answer is the last message, without the blank at its end."""
    assert go_on(here) == "three."
    assert model.body == {
        **OPUS_45,
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "asked"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "One, two,"}]},
        ],
    }
    last = here.turns[-1]
    assert (last.goes_on, last.content) == (True, [])


def test_a_model_without_prefill_is_asked_to_go_on(here, model):
    """A new user message says so; the turn belongs to the conversation as any other."""
    assert go_on(here, parameters=OPUS_5) == "three."
    *_, cut, asked = model.body["messages"]
    assert cut["content"] == [{"type": "text", "text": "One, two, "}]
    assert asked["content"] == [{"type": "text", "text": ASK_TO_GO_ON}]
    assert not here.turns[-1].goes_on


@pytest.mark.parametrize("more", [THINKING, FORMAT, {"model": "unheard-of"}], ids=str)
def test_no_prefill_where_it_would_be_refused(here, model, more):
    """Not with thinking, not with a format, not to a model that nobody knows."""
    go_on(here, parameters={**OPUS_45, **more})
    assert model.body["messages"][-1]["role"] == "user"


def test_the_settings_are_those_of_the_request(here, model):
    """Whatever was set since, the same model goes on with the same parameters."""
    here.settings.model, here.settings.temperature = "claude-opus-5", 0.9
    sent = {**OPUS_45, "temperature": 0.1, "system": "Be brief.", "top_k": 3}
    go_on(here, parameters=sent)
    assert {key: model.body[key] for key in sent} == sent
    assert set(model.body) == {*sent, "messages"}


def test_both_parts_are_one_answer_afterwards(here, model):
    """The next question is sent after the whole, in one message and one text."""
    go_on(here)
    request = compose(
        "next",
        options=here.settings.snapshot(),
        history=here.place(here.conversation()).history,
    )
    assert [one["content"] for one in request.body["messages"]] == [
        [{"type": "text", "text": "asked"}],
        [{"type": "text", "text": "One, two,three."}],
        [{"type": "text", "text": "next"}],
    ]


def test_the_whole_answer_is_shown(here):
    """The cell shows the beginning again, so that a fence goes on as a fence."""
    screen = Screen()
    go_on(here, screen)
    assert screen.text == "One, two, three."


def test_an_answer_of_its_own_is_shown_alone(here):
    """A model that was asked to go on gives a new message."""
    screen = Screen()
    go_on(here, screen, parameters=OPUS_5)
    assert screen.text == "three."


def test_it_can_be_gone_on_with_again(here, model):
    """Three parts are still one answer."""
    go_on(here)
    here.conversation().append(
        turn(
            here.conversation().head,
            content=[],
            message=CUT,
            parameters=OPUS_45,
            source="stub",
        )
    )
    place = here.place(here.conversation())
    here.converse([], options=here.settings.snapshot(), place=place)
    [_, answer] = model.body["messages"]
    assert answer["content"] == [{"type": "text", "text": "One, two,three.One, two,"}]


def test_cut_calls_and_thinking_are_left_out(here, model):
    """Only text can be gone on with."""
    message = Message(content=[THOUGHT, SAID, CALL], stop_reason="max_tokens")
    go_on(here, message=message)
    assert model.body["messages"][-1]["content"] == [SAID]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"message": said("All.")}, "is complete"),
        ({"message": said("I wi", stop="refusal")}, "was withheld"),
        (
            {"message": Message(content=[THOUGHT], stop_reason="max_tokens")},
            "nothing came",
        ),
        ({"message": Message(content=[CALL]), "status": "interrupted"}, "nothing came"),
        ({"source": "emulator"}, "came from the emulator"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_gone_on_with_is_said(here, model, more, words):
    """Before anything is sent, with what to do instead."""
    with pytest.raises(InputError, match=words) as raised:
        go_on(here, **more)
    assert raised.value.hint
    assert model.body == {}
    assert len(here.turns) == 1


def test_there_must_be_an_answer(here, model):
    """At the very beginning there is none."""
    place = here.place(here.conversation())
    with pytest.raises(InputError, match="no answer"):
        here.converse([], options=here.settings.snapshot(), place=place)
    assert model.body == {}


@pytest.mark.parametrize("status", ["failed", "interrupted"])
def test_what_broke_off_is_gone_on_with(here, model, status):
    """A broken stream and a stopped cell, not only max_tokens."""
    assert go_on(here, status=status, message=said("One,", stop=None)) == "three."


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A shell with the extension loaded and no key: the emulator answers."""
    with Shell.opened() as opened:
        yield opened


@pytest.mark.parametrize("name", ["claude-opus-4-5", "claude-opus-5"])
def test_the_emulator_accepts_either_way(shell, name):
    """Its rules are those of API.md: what it takes is legal."""
    shell.run(f"%%claude -m {name}\nemulate: stop max_tokens\nhello")
    ran = shell.run("%claude continue")
    assert ran.ok
    first, second = session().turns
    assert second.parent == first.id == session().conversation().path(second.id)[0].id
    assert second.parameters == first.parameters


def test_a_stopped_cell_can_be_gone_on_with(shell, monkeypatch):
    """What had arrived is the beginning; nothing is asked twice."""
    stream = Client.stream

    def stopped(self: Client, request: Request, **_: Any) -> Iterator[Event]:
        for number, event in enumerate(stream(self, request)):
            if number == 12:
                raise KeyboardInterrupt
            yield event

    with monkeypatch.context() as patch:
        patch.setattr(Client, "stream", stopped)
        assert not shell.run("%%claude\nhello").ok
    first = session().turns[0]
    assert (first.status, first.has_content) == ("interrupted", True)
    assert shell.run("%claude continue").ok
    messages = session().conversation().messages
    assert [one["role"] for one in messages] == ["user", "assistant"]


def test_a_reply_holds_what_came_now(shell):
    """`r = %claude continue` keeps the continuation; `show` has the whole."""
    shell.run("%%claude\nemulate: stop max_tokens\nhello")
    shell.run("r = %claude continue")
    reply, first = shell.ip.user_ns["r"], session().turns[0]
    assert reply.turn is session().turns[-1]
    shown = shell.run(f"%claude show {reply.turn.id}").outputs[0]["text/plain"]
    assert shown.index(first.message["content"][0]["text"]) < shown.index(reply.text)


def test_a_failing_continuation_keeps_what_was_there(shell, monkeypatch):
    """An error leaves the broken answer at the head, to be tried again."""
    shell.run("%%claude\nemulate: stop max_tokens\nhello")
    head = session().conversation().head

    def refuse(*_: object) -> Iterator[Event]:
        raise ClaudeError("no")
        yield

    monkeypatch.setattr(Client, "stream", refuse)
    assert not shell.run("%claude continue").ok
    assert session().conversation().head == head


@pytest.mark.parametrize("ran", [True, False], ids=["a result", "no result"])
def test_results_that_were_not_told_are_what_goes_on(here, model, ran):
    """After a loop that was stopped, the model is told what came of its calls."""
    call = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    told = {"type": "tool_result", "tool_use_id": "t", "content": "6"}
    kept, fields = here.conversation(), {**OPUS_5, "tools": [{"name": "f"}]}
    called = Message(content=[call], stop_reason="tool_use")
    asked = turn(message=called, parameters=fields, source="stub")
    kept.append(asked)
    if ran:
        more = {"parent": asked.id, "content": [told], "message": None}
        kept.append(turn(parameters=fields, source="stub", **more))
    options = here.settings.snapshot()
    reply = here.converse([], options=options, place=here.place(kept))
    (last,) = model.body["messages"][2:]
    assert last["content"][0]["tool_use_id"] == "t"
    assert (last["content"] == [told]) is ran
    assert model.body["tools"] == fields["tools"]
    assert reply.turn.content == last["content"]
    assert not reply.turn.goes_on
