"""Whatever the body is: a message, or a documented envelope that says why not."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from emulation import OPUS, asking, call, connect, document, exchange, result, turns
from hypothesis import given, settings
from hypothesis import strategies as st

from routeway_magic.sources.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

ENABLED = {"type": "enabled", "budget_tokens": 1024}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """One emulator for the whole module."""
    with Emulator() as running:
        yield running


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"[]", "should be a JSON object"),
        (b"3", "should be a JSON object"),
        (b'{"a": NaN}', "NaN is not a number"),
        (b'{"a": 1e999}', "a number is too large"),
        (b'{"a": "\xff"}', "it is not UTF-8 text"),
        (b'{"a": "\\ud800"}', "it is not UTF-8 text"),
        (b"[" * 100_000, "nested too deeply"),
        (b"1" * 5000, "not valid JSON"),
    ],
    ids=str,
)
def test_not_json(emulator, body, reason):
    """A body that is not a JSON object is a 400 that says why."""
    answered = exchange(emulator, body)
    assert answered.status == 400
    assert reason in answered.message


@pytest.mark.parametrize("depth", range(100, 1000, 60))
def test_nesting(emulator, depth):
    """However deep a tool's input is nested, the answer is a message or a 400."""
    value: Any = {}
    for _ in range(depth):
        value = {"a": value}
    body = turns("hi", [{**call(), "input": value}], [result()], thinking=ENABLED)
    encoded = _dumped(body)
    assert exchange(emulator, encoded).status in (200, 400)


def _dumped(body: dict[str, Any]) -> bytes:
    inner = body["messages"][1]["content"][0]
    value, depth = inner.pop("input"), 0
    while value:
        value, depth = value["a"], depth + 1
    inner["input"] = "HERE"
    nested = '{"a":' * depth + "{}" + "}" * depth
    return json.dumps(body).replace('"HERE"', nested).encode()


@pytest.mark.parametrize("model", ["gpt-4", "claude-9", ":free", "claude-opus-4-5:x"])
def test_unknown_model(emulator, model):
    """An unknown model is a 404 that names it."""
    answered = exchange(emulator, asking(model=model))
    assert answered.status == 404
    assert answered.json["error"]["type"] == "not_found_error"
    assert answered.message == f"model: {model}"


@pytest.mark.parametrize(
    ("version", "members", "status"),
    [
        ("2023-06-01", {"temperature": 0.5}, 200),
        ("2026-10-21", {}, 200),
        ("2026-10-21", {"temperature": 1}, 400),
        ("2026-10-21", {"top_p": 1}, 400),
        ("2026-10-21", {"top_k": 0}, 400),
        ("2020-01-01", {}, 400),
    ],
)
def test_versions(emulator, version, members, status):
    """The newer API version knows no sampling parameters, not even at default."""
    body = asking(**members)
    assert exchange(emulator, body, anthropic_version=version).status == status


def test_newer_version_blocks(emulator):
    """The newer API version takes no documents or citations in those places."""
    cited = {"type": "text", "text": "hi", "citations": [{"type": "char_location"}]}
    bodies = [asking([cited]), turns("hi", [document()], "on")]
    older = [exchange(emulator, body).status for body in bodies]
    newer = [
        exchange(emulator, body, anthropic_version="2026-10-21") for body in bodies
    ]
    assert older == [200, 200]
    assert [answered.status for answered in newer] == [400, 400]
    assert newer[0].message.startswith("messages.0.content.0.citations: ")
    assert newer[1].message.startswith("messages.1.content.0: ")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "max_tokens: Extra inputs"),
        ({"max_tokens": None, "messages": []}, "messages: "),
        ({"max_tokens": None, "stream": True}, "stream: Extra inputs"),
    ],
)
def test_count_is_validated(emulator, members, message):
    """Counting refuses what does not belong there, as the real endpoint does."""
    path = "/v1/messages/count_tokens"
    answered = exchange(emulator, asking(**members), path=path)
    assert answered.status == 400
    assert answered.message.startswith(message)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
WORDS = st.sampled_from(
    (
        *("type", "role", "user", "assistant", "text", "content"),
        *("source", "data", "url", "base64", "image", "document"),
        *("tool_use", "tool_result", "thinking", "signature", "id", "name"),
        *("input", "tool_use_id", "title"),
    )
)
BLOCK = st.dictionaries(WORDS, WORDS | JSON, max_size=5)
NEAR = st.fixed_dictionaries(
    {"model": st.just(OPUS), "max_tokens": st.just(64)}
    | {
        "messages": st.lists(
            st.fixed_dictionaries(
                {
                    "role": st.sampled_from(["user", "assistant"]),
                    "content": st.text() | st.lists(BLOCK, max_size=3),
                }
            ),
            min_size=1,
            max_size=3,
        )
    },
    optional=dict.fromkeys(
        (
            *("system", "tools", "tool_choice", "thinking", "metadata"),
            *("output_config", "stop_sequences", "top_p", "cache_control"),
        ),
        JSON | BLOCK,
    ),
)


def _check_envelope(connection: Any, token: str, body: Any) -> None:
    headers = {"x-api-key": token}
    connection.request("POST", "/v1/messages", json.dumps(body), headers)
    response = connection.getresponse()
    answered = json.loads(response.read())
    assert response.status in (200, 400, 404), answered
    assert answered["type"] == ("message" if response.status == 200 else "error")
    if response.status != 200:
        assert set(answered) == {"type", "error", "request_id"}
        assert set(answered["error"]) == {"type", "message"}


@settings(max_examples=200, deadline=None)
@given(body=JSON | NEAR)
def test_any_json(emulator, body):
    """Any JSON gets a message or a documented envelope: no 500, no dropped line."""
    with closing(connect(emulator)) as connection:
        _check_envelope(connection, emulator.token, body)


@settings(max_examples=150, deadline=None)
@given(schema=st.dictionaries(WORDS, JSON, max_size=2), part=JSON)
def test_any_schema(emulator, schema, part):
    """Any input_schema, however odd inside, gives a tool call or a 400."""
    keywords = (
        *("properties", "required", "enum", "anyOf", "allOf", "items", "minItems"),
        *("minimum", "exclusiveMaximum", "minLength", "$ref", "type", "default"),
    )
    inner = [{keyword: part} for keyword in keywords]
    properties = {f"p{index}": value for index, value in enumerate(inner)}
    full = {**schema, "type": "object", "properties": properties, "allOf": inner}
    tools = [{"name": "f", "input_schema": full}]
    body = asking(tools=tools, tool_choice={"type": "any"}, max_tokens=8000)
    with closing(connect(emulator)) as connection:
        _check_envelope(connection, emulator.token, body)
