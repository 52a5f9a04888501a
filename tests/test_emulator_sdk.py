"""The official SDK works against the emulator as it does against the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from emulation import tool

from routeway_magic.sources.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

anthropic = pytest.importorskip("anthropic")

# Neither deprecated in the SDK, nor thinking where nothing was said about it.
MODEL = "claude-opus-4-8"


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """The SDK's client, connected to an emulator; it does not retry."""
    with Emulator() as emulator:
        where = {"api_key": emulator.token, "base_url": emulator.base_url}
        connected = anthropic.Anthropic(**where, max_retries=0)
        yield connected
        connected.close()


def asking(prompt: str, **members: Any) -> dict[str, Any]:
    """The arguments of a call."""
    messages = [{"role": "user", "content": prompt}]
    return {"model": MODEL, "max_tokens": 2000, "messages": messages, **members}


def test_message(client):
    """A message is created and typed."""
    message = client.messages.create(**asking("hello"))
    assert message.content[0].text.startswith("**Emulator**")
    assert message.stop_reason == "end_turn"
    assert message.usage.output_tokens > 10


def test_stream(client):
    """A stream's text adds up to the message that is not streamed."""
    whole = client.messages.create(**asking("emulate: long 4"))
    with client.messages.stream(**asking("emulate: long 4")) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == whole.content[0].text == final.content[0].text
    assert final.stop_reason == "end_turn"
    assert final.usage.output_tokens == whole.usage.output_tokens


def test_tool_loop(client):
    """A streamed tool call has its input; its result is taken and described."""
    tools = [tool("get_df", name={"type": "string"}, rows={"type": "integer"})]
    prompt = 'emulate: tools get_df {"name": "df\\u00e9", "rows": 3}'
    with client.messages.stream(**asking(prompt, tools=tools)) as stream:
        first = stream.get_final_message()
    call = first.content[-1]
    assert (first.stop_reason, call.type) == ("tool_use", "tool_use")
    assert call.input == {"name": "dfé", "rows": 3}
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "3 rows"}
    messages = [
        {"role": "user", "content": prompt},
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": [result]},
    ]
    body = {**asking(""), "messages": messages, "tools": tools}
    second = client.messages.create(**body)
    assert "of `get_df`" in second.content[0].text


def test_thinking(client):
    """Thinking arrives before the text, signed, and can be sent back."""
    members = {"thinking": {"type": "adaptive", "display": "summarized"}}
    with client.messages.stream(**asking("hello", **members)) as stream:
        message = stream.get_final_message()
    assert [block.type for block in message.content] == ["thinking", "text"]
    assert message.content[0].thinking
    assert message.content[0].signature
    messages = [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": message.content},
        {"role": "user", "content": "go on"},
    ]
    assert client.messages.create(**{**asking(""), "messages": messages}).content


def test_citations(client):
    """Citations are gathered on their text block."""
    with client.messages.stream(**asking("emulate: citations")) as stream:
        message = stream.get_final_message()
    assert message.content[-1].citations[0].type == "char_location"


def test_unknown_types(client):
    """What the SDK cannot know does it no harm."""
    with client.messages.stream(**asking("emulate: unknown")) as stream:
        message = stream.get_final_message()
    assert [block.type for block in message.content] == ["text", "emulator_block"]


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (400, "BadRequestError"),
        (401, "AuthenticationError"),
        (403, "PermissionDeniedError"),
        (404, "NotFoundError"),
        (409, "ConflictError"),
        (422, "UnprocessableEntityError"),
        (429, "RateLimitError"),
        (500, "InternalServerError"),
        (529, "InternalServerError"),
    ],
)
def test_errors(client, status, name):
    """Each status raises the SDK's class for it, with the request id."""
    with pytest.raises(getattr(anthropic, name)) as caught:
        client.messages.create(**asking(f"emulate: error {status}"))
    assert caught.value.status_code == status
    assert caught.value.request_id.startswith("req_emulator_")


def test_wrong_key(client):
    """A wrong key raises AuthenticationError."""
    stranger = client.with_options(api_key="wrong")
    with pytest.raises(anthropic.AuthenticationError):
        stranger.messages.create(**asking("hello"))


def test_unknown_model(client):
    """An unknown model raises NotFoundError."""
    with pytest.raises(anthropic.NotFoundError, match="model: gpt-4"):
        client.messages.create(**{**asking("hello"), "model": "gpt-4"})


def test_mid_error(client):
    """An error event in mid-stream raises, with its type."""
    with (
        client.messages.stream(**asking("emulate: mid-error")) as stream,
        pytest.raises(anthropic.APIStatusError) as caught,
    ):
        stream.until_done()
    assert caught.value.body["error"]["type"] == "overloaded_error"


def test_cut(client):
    """A cut stream is a broken connection."""
    with (
        client.messages.stream(**asking("emulate: cut")) as stream,
        pytest.raises(Exception, match=r"incomplete|closed|peer"),
    ):
        stream.until_done()


def test_count_tokens(client):
    """Tokens can be counted."""
    messages = [{"role": "user", "content": "hello"}]
    count = client.messages.count_tokens(model=MODEL, messages=messages)
    assert count.input_tokens == 5
