"""A prompt, options and history become a request: the same inputs, the same bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routeway_magic.compose import compose, messages_of
from routeway_magic.conversation import Cell, Turn
from routeway_magic.settings import RequestOptions
from routeway_magic.types import ContentBlock, JSONObject

FIELDS = ["model", "max_tokens", "messages", "stream", "system", "temperature"]
FIELDS += ["thinking", "metadata", "tool_choice", "disable_parallel_tool_use"]
PLAIN = RequestOptions(parameters={}, stream=False)


def text(words: str, **more: Any) -> ContentBlock:
    """A text block."""
    return {"type": "text", "text": words, **more}


def turn(asked: str, *answer: ContentBlock, stop: Any = "end_turn") -> Turn:
    """A question and its answer; without blocks, nothing came."""
    return Turn(
        parent=None,
        cell=Cell(),
        content=[text(asked)],
        parameters={},
        message={"content": list(answer), "stop_reason": stop} if answer else None,
        status="complete" if answer else "failed",
    )


def body(stream: bool = False, **parameters: Any) -> JSONObject:
    """The body that a prompt with these settings makes."""
    options = RequestOptions(parameters=parameters, stream=stream)
    return compose("Hi", options=options).body


def answer_of(*blocks: ContentBlock) -> list[ContentBlock]:
    """What of an answer is sent back."""
    messages = messages_of([turn("q", *blocks)])
    return list(messages[1]["content"]) if messages else []  # type: ignore[arg-type]  # ours are blocks


def test_only_what_was_set_is_sent() -> None:
    """Without settings there are model, max_tokens and messages, and nothing else."""
    asked = {"role": "user", "content": [text("Hi")]}
    plain = {"model": "claude-opus-4-5", "max_tokens": 4096, "messages": [asked]}
    assert body() == plain
    assert body(stream=True) == {**plain, "stream": True}


def test_each_setting_becomes_its_field() -> None:
    """A parameter that was set is sent under the name that the API gives it."""
    made = body(
        model="m", temperature=0.0, top_p=0.5, top_k=3, max_tokens=7, stop=["A", "B"]
    )
    del made["messages"]
    assert made == {
        "model": "m",
        "max_tokens": 7,
        "temperature": 0.0,
        "top_p": 0.5,
        "top_k": 3,
        "stop_sequences": ["A", "B"],
    }
    assert body(system="Be brief.")["system"] == "Be brief."


@pytest.mark.parametrize(
    ("set_", "thinking", "max_tokens"),
    [
        ({"thinking": 2000}, {"type": "enabled", "budget_tokens": 2000}, 6096),
        (
            {"thinking": 2000, "max_tokens": 100},
            {"type": "enabled", "budget_tokens": 2000},
            100,
        ),
        ({"thinking": "adaptive"}, {"type": "adaptive"}, 4096),
        ({"thinking": "off"}, {"type": "disabled"}, 4096),
    ],
    ids=str,
)
def test_thinking_budget_comes_on_top(
    set_: JSONObject, thinking: JSONObject, max_tokens: int
) -> None:
    """With a budget N, N + 4096 tokens are allowed, unless the user set max_tokens."""
    made = body(**set_)
    assert (made["thinking"], made["max_tokens"]) == (thinking, max_tokens)


def test_effort_stands_in_output_config() -> None:
    """Effort joins what `param` puts into output_config; `param` wins over it."""
    assert body(effort="low")["output_config"] == {"effort": "low"}
    form = {"output_config": {"format": {"type": "json_schema"}}}
    assert body(effort="low", param=form)["output_config"] == {
        "effort": "low",
        "format": {"type": "json_schema"},
    }
    wins = {"output_config": {"effort": "max"}}
    assert body(effort="low", param=wins)["output_config"] == {"effort": "max"}
    assert body(effort="low", param={"output_config": None})["output_config"] is None


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(FIELDS),
        st.none() | st.booleans() | st.integers() | st.text() | st.just({"a": [1]}),
    )
)
def test_param_passes_anything_and_wins(param: JSONObject) -> None:
    """Every member of `param` is in the body as it is, over whatever else set it."""
    made = body(
        stream=True, model="m", temperature=1.0, system="s", thinking=5, param=param
    )
    assert {key: made[key] for key in param} == param


def test_prompt_is_sent_as_it_is() -> None:
    """Nothing is put before or after the user's text, and blocks are left alone."""
    words = "  {x} \n\n| é \u2028"
    asked = compose(words, options=PLAIN).body["messages"][-1]["content"]
    assert asked == [text(words)]
    blocks = [{"type": "image", "source": {"type": "url", "url": "u"}}, text("what?")]
    assert compose(blocks, options=PLAIN).body["messages"][-1]["content"] == blocks


def test_history_comes_first() -> None:
    """Each turn is a user and an assistant message, oldest first, then the question."""
    history = [turn("1", text("one")), turn("2", text("two"))]
    messages = compose("3", options=PLAIN, history=history).body["messages"]
    assert [(said["role"], said["content"][0]["text"]) for said in messages] == [
        ("user", "1"),
        ("assistant", "one"),
        ("user", "2"),
        ("assistant", "two"),
        ("user", "3"),
    ]


@pytest.mark.parametrize("stop", ["refusal", "content_filter"])
def test_refusals_are_left_out(stop: str) -> None:
    """What the server withheld is not sent back, nor the question (API.md 3)."""
    assert messages_of([turn("bad", text("I wi"), stop=stop)]) == []


@pytest.mark.parametrize(
    "empty",
    [
        turn("q"),
        turn("q", text("")),
        turn("q", text(" \n")),
        turn("q", {"type": "thinking", "thinking": "hm", "signature": "E"}),
        turn("q", {"type": "tool_use", "id": "a", "name": "f", "input": {}}),
        turn(" \n", text("a")),
    ],
    ids=["nothing", "empty", "blank", "thinking only", "call only", "blank question"],
)
def test_turn_without_both_halves_is_left_out(empty: Turn) -> None:
    """A turn whose question or answer would be empty goes with its other half."""
    kept = turn("before", text("said"))
    assert messages_of([kept, empty, kept]) == messages_of([kept, kept])


def test_empty_text_thinking_and_empty_members_are_dropped() -> None:
    """Empty text is dropped, thinking of finished turns, and members that are falsy.

    Routeway's sample answer carries `"cache_control": {}`, which no server takes back.
    """
    sent = answer_of(
        {"type": "thinking", "thinking": "hm", "signature": "E"},
        {"type": "redacted_thinking", "data": "opaque"},
        text(""),
        text("a", cache_control={}, citations=None),
        text("b", cache_control={"type": "ephemeral"}, citations=[{"cited_text": "x"}]),
    )
    assert sent == [
        text("a"),
        text("b", cache_control={"type": "ephemeral"}, citations=[{"cited_text": "x"}]),
    ]


def test_unknown_blocks_go_back_unchanged() -> None:
    """A block of a type that is not known goes back as it was received."""
    block = {"type": "fallback", "from": {"model": "a"}, "more": None}
    assert answer_of(block, text("a")) == [block, text("a")]


def test_unfinished_calls_are_left_out() -> None:
    """A call goes back only if it came whole and its result stands beside it.

    A server's own tools answer within the message; a cut call, a call of ours that
    nobody ran, and a result without its call are refused by the server (API.md 2.6).
    """
    call: ContentBlock = {"type": "server_tool_use", "id": "s1", "input": {"q": "x"}}
    found: ContentBlock = {
        "type": "web_search_tool_result",
        "tool_use_id": "s1",
        "content": [],
    }
    client: ContentBlock = {"type": "tool_use", "id": "t1", "name": "f", "input": {}}
    said = text("said")
    assert answer_of(call, found, said) == [call, found, said]
    assert answer_of(call, said) == [said]
    assert answer_of(found, said) == [said]
    assert answer_of({**call, "input": '{"q": "x'}, found, said) == [said]
    assert answer_of(said, client) == [said]


IDS = st.sampled_from(["x", "y"])
ODD_BLOCKS = st.one_of(
    st.builds(text, st.sampled_from(["", " ", "a"])),
    st.builds(text, st.just("a"), cache_control=st.sampled_from([None, {}, {"a": 1}])),
    st.sampled_from(["thinking", "redacted_thinking", "new"]).map(
        lambda kind: {"type": kind}
    ),
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["tool_use", "server_tool_use"]),
            "input": st.sampled_from([{}, {"a": 1}, '{"a"']),
        },
        optional={"id": IDS},
    ),
    st.fixed_dictionaries(
        {"type": st.just("web_search_tool_result"), "tool_use_id": IDS}
    ),
)
TURNS = st.builds(
    lambda asked, blocks, stop: turn(asked, *blocks, stop=stop),
    st.sampled_from(["", "\n", "q"]),
    st.lists(ODD_BLOCKS, max_size=5),
    st.sampled_from(["end_turn", "refusal", "content_filter", None, "new", ["odd"]]),
)


@settings(deadline=None)
@given(st.lists(TURNS, max_size=6))
def test_history_is_always_legal(turns: list[Turn]) -> None:
    """Whatever was answered: user first, strictly by turns, no block that is refused."""
    messages = compose("Hi", options=PLAIN, history=turns).body["messages"]
    roles = [message["role"] for message in messages]
    assert roles == ["user", "assistant"] * (len(roles) // 2) + ["user"]
    for message in messages:
        assert message["content"]
        content = message["content"]
        calls = {block["id"] for block in content if "input" in block}
        assert calls == {b["tool_use_id"] for b in content if "tool_use_id" in b}
        for block in message["content"]:
            assert block.get("cache_control", True)
            assert block["type"] not in ("thinking", "redacted_thinking")
            if block["type"] == "text":
                assert block["text"].strip()
            assert isinstance(block.get("input", {}), dict)


@settings(deadline=None)
@given(st.lists(TURNS, max_size=3), st.text(max_size=10), st.integers(0, 9000))
def test_same_inputs_same_bytes(turns: list[Turn], prompt: str, budget: int) -> None:
    """Composing twice gives the same bytes and leaves the inputs as they were."""
    options = RequestOptions(
        parameters={"thinking": budget, "effort": "low", "param": {"output_config": {}}}
    )
    before = json.dumps([turn.message for turn in turns])
    first = compose(prompt, options=options, history=turns)
    second = compose(prompt, options=options, history=turns)
    assert first.encode() == second.encode()
    assert json.dumps([turn.message for turn in turns]) == before
    assert options.parameters["param"] == {"output_config": {}}


def test_environment_does_not_reach_composed_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Options hold what was read when the request started; the environment is past."""
    before = compose("Hi", options=PLAIN).encode()
    monkeypatch.setenv("ROUTEWAY_MODEL", "another")
    assert compose("Hi", options=PLAIN).encode() == before


def test_request_is_compact_utf8_json() -> None:
    """The bytes are JSON without blanks, text as UTF-8; NaN is refused."""
    request = compose("é\u2028", options=PLAIN)
    assert "é\u2028".encode() in request.encode()
    assert json.loads(request.encode()) == request.body
    assert (request.model, request.stream) == ("claude-opus-4-5", False)
    assert json.loads(compose("\udcff", options=PLAIN).encode())["messages"]
    options = RequestOptions(parameters={"temperature": float("nan")})
    with pytest.raises(ValueError, match="JSON"):
        compose("Hi", options=options).encode()
