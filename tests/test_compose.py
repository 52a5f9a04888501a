"""A prompt, options and history become a request: the same inputs, the same bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from said import text, turn

from routeway_magic.compose import compose
from routeway_magic.settings import RequestOptions
from routeway_magic.types import JSONObject

FIELDS = ["model", "max_tokens", "messages", "stream", "system", "temperature"]
FIELDS += ["thinking", "metadata", "tool_choice", "disable_parallel_tool_use"]
PLAIN = RequestOptions(parameters={}, stream=False)


def body(stream: bool = False, **parameters: Any) -> JSONObject:
    """The body that a prompt with these settings makes."""
    options = RequestOptions(parameters=parameters, stream=stream)
    return compose("Hi", options=options).body


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


def test_without_a_prompt_the_model_goes_on() -> None:
    """The last message is then its own, without the blanks that no server takes there."""
    history = [turn("q", text("one"), text("two \n"), stop="max_tokens")]
    before = json.dumps(history[0].message)
    messages = compose([], options=PLAIN, history=history).body["messages"]
    assert messages == [
        {"role": "user", "content": [text("q")]},
        {"role": "assistant", "content": [text("one"), text("two")]},
    ]
    assert json.dumps(history[0].message) == before
    assert compose([], options=PLAIN).body["messages"] == []


MARK = {"type": "ephemeral"}
DOCUMENT = {"type": "document", "source": {"type": "text", "data": "d"}}
CITED = {**DOCUMENT, "citations": {"enabled": True}}


def markers_of(made: JSONObject) -> list[bool]:
    """Which messages hold a marker."""
    return ["cache_control" in said["content"][0] for said in made["messages"]]


@pytest.mark.parametrize(
    ("parameters", "kept"),
    [({}, 3), ({"param": {"system": [text("s", cache_control=MARK)]}}, 2)],
    ids=["none but the prompt's", "one in the system prompt"],
)
def test_no_more_markers_than_a_request_may_have(
    parameters: JSONObject, kept: int
) -> None:
    """Earlier questions give up their `cache_control`, the oldest first (API.md 7)."""
    history = [turn([text("q", cache_control=MARK)], text("a")) for _ in range(5)]
    made = compose(
        [text("q", cache_control=MARK)],
        options=RequestOptions(parameters=parameters, stream=False),
        history=history,
    ).body
    asked = markers_of(made)[::2]
    assert asked == [False] * (5 - kept) + [True] * (kept + 1)


@pytest.mark.parametrize(
    ("said", "asked", "cited"),
    [
        ([DOCUMENT], [CITED], [True, True]),
        ([CITED], [DOCUMENT], [False, False]),
        ([CITED], [text("q")], [True]),
        ([DOCUMENT, CITED], [text("q")], [True, True]),
    ],
    ids=["now cited", "no longer cited", "as it was", "as the last one"],
)
def test_documents_are_all_cited_or_none(
    said: list[JSONObject], asked: list[JSONObject], cited: list[bool]
) -> None:
    """Documents sent before are cited if the last one is (API.md 2.10)."""
    history = [turn([one], text("a")) for one in said]
    messages = compose(asked, options=PLAIN, history=history).body["messages"]
    blocks = [block for message in messages for block in message["content"]]
    documents = [block for block in blocks if block["type"] == "document"]
    found = [block.get("citations", {}).get("enabled", False) for block in documents]
    assert found == cited


def test_an_answer_in_json_ends_citations() -> None:
    """A format excludes citations: earlier documents are sent without (API.md 2.9)."""
    form = {"output_config": {"format": {"type": "json_schema"}}}
    options = RequestOptions(parameters={"param": form}, stream=False)
    made = compose("q", options=options, history=[turn([CITED], text("a"))]).body
    assert made["messages"][0]["content"] == [
        {**DOCUMENT, "citations": {"enabled": False}}
    ]


@settings(deadline=None)
@given(st.text(max_size=10), st.integers(0, 9000))
def test_same_inputs_same_bytes(prompt: str, budget: int) -> None:
    """Composing twice gives the same bytes and leaves the inputs as they were."""
    marked = text("a", cache_control={"type": "ephemeral"}, citations=None)
    turns = [turn([marked], marked) for _ in range(5)]
    options = RequestOptions(
        parameters={"thinking": budget, "effort": "low", "param": {"output_config": {}}}
    )
    before = json.dumps([[turn.message, turn.content] for turn in turns])
    first = compose(prompt, options=options, history=turns)
    second = compose(prompt, options=options, history=turns)
    assert first.encode() == second.encode()
    assert json.dumps([[turn.message, turn.content] for turn in turns]) == before
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
