"""Whatever happens in a conversation, the next request is one that a server accepts.

The emulator's validator is the judge: it knows the rules of API.md 2, and by their
seals whether thinking stands where it was thought.
"""

from __future__ import annotations

import itertools
from typing import Any

from emulation import PDF, image, png, tool
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from said import text

from routeway_magic.answer_tool import OBJECT, VALUE, is_answer
from routeway_magic.compose import compose
from routeway_magic.conversation import Cell, Conversation, Turn
from routeway_magic.models import model_named
from routeway_magic.settings import RequestOptions
from routeway_magic.sources.emulator.answer import UNKNOWN_BLOCK
from routeway_magic.sources.emulator.seal import seal
from routeway_magic.sources.emulator.validate import validate_request
from routeway_magic.sources.emulator.validate_model import VERSIONS
from routeway_magic.types import ContentBlock, JSONObject

THINKING = {"claude-opus-4-5": 2000, "claude-opus-5-5": "adaptive"}
MARK = {"cache_control": {"type": "ephemeral"}}
PICTURE = image(png(1, 1))
PAPER = {"type": "document", "source": {"type": "text", "media_type": "text/plain"}}
PAPER["source"]["data"] = "plain"
FILE = {"type": "base64", "media_type": "application/pdf", "data": PDF}
CITED = {"type": "document", "source": FILE, "citations": {"enabled": True}}
CITATION = {"type": "char_location", "cited_text": "x", "document_index": 0}

QUESTIONS = st.sampled_from(
    [
        [text("q")],
        [PICTURE, text("q")],
        [PAPER, text("q")],
        [CITED, text("q")],
        [text("q", **MARK), text(""), text("q", **MARK)],
    ]
)
IDS = st.sampled_from(["t1", "t2", "t3"])
SPOKEN = st.one_of(
    st.builds(text, st.sampled_from(["", " \n", "said", "said "])),
    st.just(text("said", cache_control={})),
    st.just(text("said", **MARK)),
    st.just(text("said", citations=None)),
    st.just(text("said", citations=[CITATION])),
)
CALLS = st.builds(
    lambda key, value: {"type": "tool_use", "id": key, "name": "f", "input": value},
    IDS,
    st.sampled_from([{}, {"a": 1}, '{"a": 1, "b', None]),
)
VALUES = st.builds(
    lambda key, name, value: {"type": "tool_use", "id": key, "name": name, **value},
    IDS,
    st.sampled_from([OBJECT, VALUE]),
    st.sampled_from([{"input": {"value": 1}}, {"input": '{"val'}, {"input": {}}, {}]),
)
SERVERS = st.builds(
    lambda key, kind: {"type": kind, "id": key, "name": "web_search", "input": {}},
    IDS,
    st.just("server_tool_use"),
) | st.builds(
    lambda key: {"type": "web_search_tool_result", "tool_use_id": key, "content": []},
    IDS,
)
SIGNED = st.sampled_from(
    [
        {"type": "thinking", "thinking": "hm", "signature": "to be sealed"},
        {"type": "thinking", "thinking": "", "signature": "to be sealed"},
        {"type": "redacted_thinking", "data": "opaque"},
    ]
)
THOUGHTS = SIGNED | st.sampled_from(
    [
        {"type": "thinking", "thinking": "cut"},
        {"type": "thinking", "thinking": "cut", "signature": ""},
    ]
)
ODD = st.sampled_from(
    [
        {"type": UNKNOWN_BLOCK, "note": "new", "more": None},
        {"type": "fallback", "from": {"model": "m"}},
        PICTURE,
        PAPER,
        {"type": "tool_result", "tool_use_id": "t1"},
        {"type": "search_result", "source": "s", "title": "t", "content": []},
    ]
)
ANSWERS = st.lists(st.one_of(SPOKEN, CALLS, VALUES, SERVERS, THOUGHTS, ODD), max_size=5)
CALLING = st.builds(
    lambda *parts: list(itertools.chain(*parts)),
    st.lists(SIGNED, max_size=2) | st.lists(THOUGHTS, max_size=2),
    st.lists(SPOKEN, max_size=1),
    st.lists(CALLS, min_size=1, max_size=3),
)
STOPS = st.sampled_from(
    ["end_turn", "max_tokens", "refusal", "content_filter", "pause_turn", "new", None]
)
CHANGES = st.sampled_from(["model", "system", "thinking", "tools", "format", "source"])
ENDS = st.sampled_from(["complete", "complete", "interrupted", "failed"])


class Talk(RuleBasedStateMachine):
    """A user at a notebook, a model that answers anything, and a judge."""

    def __init__(self) -> None:
        super().__init__()
        self.conversation = Conversation()
        self.parameters: dict[str, Any] = {"model": "claude-opus-4-5"}
        self.source = "live"
        self.execution = 0

    @rule(
        cell=st.sampled_from("abc"),
        again=st.booleans(),
        asked=QUESTIONS,
        answer=ANSWERS | CALLING,
        stop=STOPS,
        status=ENDS,
    )
    def run_a_cell(
        self,
        *,
        cell: str,
        again: bool,
        asked: list[ContentBlock],
        answer: list[ContentBlock],
        stop: str | None,
        status: str,
    ) -> None:
        """For the first time, once more, edited, or twice in one execution."""
        self.execution += not again
        place = Cell(cell, str(self.execution))
        parent = self.conversation.parent_for(place)
        self.ask(asked, parent, answer, stop, status=status, cell=place)

    @precondition(lambda self: self.calls())
    @rule(
        data=st.data(),
        changed=st.none() | CHANGES,
        answer=ANSWERS | CALLING,
        stop=STOPS,
        status=ENDS,
        more=st.booleans(),
    )
    def bring_results(
        self,
        *,
        data: st.DataObject,
        changed: str | None,
        answer: list[ContentBlock],
        stop: str | None,
        status: str,
        more: bool,
    ) -> None:
        """For all calls of the last answer, or for some; perhaps to another model."""
        if changed:
            self.change(changed)
        calls = self.calls()
        if not calls:  # they were called for in what a model is not told
            return
        some = data.draw(st.lists(st.sampled_from(calls), min_size=1, unique=True))
        asked = [{"type": "tool_result", "tool_use_id": key} for key in some]
        asked += [text("here you are")] * more
        self.ask(asked, self.conversation.head, answer, stop, status=status)

    @precondition(lambda self: self.may_go_on())
    @rule(answer=ANSWERS, stop=STOPS, status=ENDS)
    def go_on(self, answer: list[ContentBlock], stop: str | None, status: str) -> None:
        """Has the model go on with its last answer, where it takes that."""
        self.ask([], self.conversation.head, answer, stop, status=status)

    @rule(key=CHANGES)
    def change_a_setting(self, key: str) -> None:
        """Another model, or something that is set or taken back."""
        self.change(key)

    def change(self, key: str) -> None:
        """Changes what the next request will have, or who answers it."""
        if key == "source":
            self.source = "emulator" if self.source == "live" else "live"
        elif key == "model":
            other = [one for one in THINKING if one != self.parameters["model"]]
            self.parameters = {"model": other[0]}
        elif key in ("tools", "format"):
            schema = {"format": {"type": "json_schema", "schema": {"type": "string"}}}
            fields = {"tools": [tool("f")]} if key == "tools" else None
            param = fields or {"output_config": schema}
            self.parameters["param"] = {} if self.parameters.get("param") else param
        elif self.parameters.pop(key, None) is None:
            values = {"system": "brief", "thinking": THINKING[self.parameters["model"]]}
            self.parameters[key] = values[key]

    @precondition(lambda self: self.conversation.turns)
    @rule(data=st.data())
    def go_back(self, data: st.DataObject) -> None:
        """To any turn there was: undo, or the use of an old branch."""
        ids = [None, *(turn.id for turn in self.conversation.turns)]
        self.conversation.head = data.draw(st.sampled_from(ids))

    @invariant()
    def next_request_is_legal(self) -> None:
        """At any moment a question can be sent, with text and with a document."""
        self.judge([text("next")], self.conversation.head)
        self.judge([CITED, text("next", **MARK)], self.conversation.head)

    def may_go_on(self) -> bool:
        """Whether the last message sent would be an answer that ends in text."""
        chosen = {"thinking", "param"} & set(
            filter(self.parameters.get, self.parameters)
        )
        if chosen or self.parameters["model"] != "claude-opus-4-5":
            return False
        history = self.history(self.conversation.head)
        said = compose([], options=RequestOptions(parameters={}), history=history)
        ends = [message["content"][-1] for message in said.body["messages"][-1:]]
        mine = bool(history) and history[-1].id == self.conversation.head
        return mine and any(end["type"] == "text" for end in ends)

    def calls(self) -> list[str]:
        """What a client may answer now: the whole calls of the head's answer."""
        path = self.history(self.conversation.head)
        if not path or path[-1].id != self.conversation.head:
            return []
        content = (path[-1].message or {}).get("content") or []
        whole = [
            block["id"]
            for block in ([] if is_withheld(path[-1]) else content)
            if block["type"] == "tool_use"
            and not is_answer(block)
            and isinstance(block["input"], dict)
        ]
        return list(dict.fromkeys(whole))

    def history(self, parent: str | None) -> list[Turn]:
        """What is sent: nothing that was said to the emulator, if a model answers."""
        path = self.conversation.path(parent)
        return [one for one in path if self.source in ("emulator", one.source)]

    def ask(
        self,
        asked: list[ContentBlock],
        parent: str | None,
        answer: list[ContentBlock],
        stop: str | None,
        *,
        status: Any,
        cell: Cell = Cell(),  # noqa: B008 - immutable
    ) -> None:
        """Sends a question, and has it answered so."""
        body = self.judge(asked, parent)
        content = [self.sealed(block, body) for block in answer]
        self.conversation.append(
            Turn(
                parent=parent,
                cell=cell,
                content=body["messages"][-1]["content"] if asked else [],
                parameters={key: body[key] for key in body if key != "messages"},
                message={"content": content, "stop_reason": stop} if answer else None,
                status=status,
                source=self.source,
            )
        )

    def sealed(self, block: ContentBlock, body: JSONObject) -> ContentBlock:
        """The block, with the seal that only this request can have."""
        if block.get("signature"):
            return {**block, "signature": seal(body, block["thinking"])}
        return dict(block)

    def judge(self, asked: list[ContentBlock], parent: str | None) -> JSONObject:
        """The request, after the validator has seen it."""
        options = RequestOptions(parameters=dict(self.parameters))
        asked = [block for block in asked if block.get("text") != ""]
        if "output_config" in (self.parameters.get("param") or {}):
            asked = [PAPER if block is CITED else block for block in asked]
        history = self.history(parent)
        body = compose(asked, options=options, history=history).body
        for version in VERSIONS:
            validate_request(body, version)
        sent = list(itertools.chain(*(m["content"] for m in body["messages"])))
        for turn in history:
            content = (turn.message or {}).get("content") or []
            if is_withheld(turn):
                assert not any(block is one for block in content for one in sent)
            elif content == [text("said")] and not is_followed(turn, history):
                assert any(block is content[0] for block in sent)
        return body


def is_followed(turn: Turn, history: list[Turn]) -> bool:
    """Whether it brings results, goes on, or is gone on with: its text may be joined."""
    brings = turn.content and turn.content[0]["type"] == "tool_result"
    gone_on = any(one.parent == turn.id and not one.content for one in history)
    return brings or not turn.content or gone_on


def is_withheld(turn: Turn) -> bool:
    """Whether the server took the answer back."""
    return (turn.message or {}).get("stop_reason") in ("refusal", "content_filter")


assert all(model_named(name) for name in THINKING)
Talk.TestCase.settings = settings(
    deadline=None,
    max_examples=100,
    stateful_step_count=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestHistoryIsLegal = Talk.TestCase
