"""Recorded streams give the message that the official SDK makes of them.

The recordings are test data of other projects and no part of this one: the tests
skip where the folder is absent (`ROUTEWAY_TEST_STREAMS` names another).
"""

from __future__ import annotations

import inspect
import json
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from looped import Model, loop, saying, session

from routeway_magic.accumulate import MessageAccumulator, text_of
from routeway_magic.client import Client
from routeway_magic.endpoint import Endpoint
from routeway_magic.errors import APIStreamError
from routeway_magic.events import (
    ContentBlockDelta,
    Event,
    MessageDelta,
    MessageStart,
    Waiting,
)
from routeway_magic.secret import ApiKey
from routeway_magic.tools.calling import Call, calls_in
from routeway_magic.transcript import Transcript
from routeway_magic.types import ContentBlock, Message, Request

FOLDER = Path(
    os.environ.get("ROUTEWAY_TEST_STREAMS")
    or Path(__file__).parents[2] / "shared" / "streams"
)
NAMES = sorted(path.stem for path in FOLDER.glob("*.sse"))
CUT_CALL = "sdk-incomplete_partial_json_response"
MOST_PIECES = 20_000  # more would only cost time

pytestmark = pytest.mark.skipif(not NAMES, reason=f"there are no streams in {FOLDER}")
each_stream = pytest.mark.parametrize("name", NAMES)


def _calls_ours(name: str) -> bool:
    """Whether the recorded answer ends with calls of the asker's own tools."""
    expected = json.loads((FOLDER / f"{name}.expected.json").read_text("utf-8"))
    return expected.get("message", {}).get("stop_reason") == "tool_use"


class Pieces(httpx.SyncByteStream):
    """A body that arrives in these pieces."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces


def receive(pieces: Iterable[bytes]) -> Iterator[Event]:
    """The events that the real client makes of a body in these pieces."""
    headers = {"content-type": "text/event-stream"}
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, headers=headers, stream=Pieces(pieces))
    )
    endpoint = Endpoint(base_url="http://127.0.0.1:9")
    client = Client(endpoint, ApiKey("no-key"), transport=transport)
    try:
        yield from client.stream(Request({"model": "m", "stream": True}))
    finally:
        client.close()


def feed(accumulator: MessageAccumulator, pieces: Iterable[bytes]) -> None:
    """Feeds the accumulator what the client makes of these pieces."""
    for event in receive(pieces):
        accumulator.feed(event)


def message_of(pieces: Iterable[bytes]) -> Message:
    """The message that these pieces add up to, finished."""
    accumulator = MessageAccumulator()
    feed(accumulator, pieces)
    assert accumulator.finished
    return accumulator.message


@cache
def sent(name: str) -> bytes:
    """The bytes that the server sent."""
    return (FOLDER / f"{name}.sse").read_bytes()


@cache
def raw_inputs(name: str) -> dict[int, str]:
    """The text of each tool's input as it came, by the block's index."""
    found: dict[int, str] = {}
    for event in receive([sent(name)]):
        if isinstance(event, ContentBlockDelta) and "partial_json" in event.delta:
            text = found.get(event.index, "") + event.delta["partial_json"]
            found[event.index] = text
    return found


@cache
def recorded(name: str) -> dict[str, Any]:
    """What the SDK made of a stream."""
    return json.loads((FOLDER / f"{name}.expected.json").read_text("utf-8"))


def expected(name: str) -> dict[str, Any]:
    """The message that the SDK made, right where the SDK is wrong.

    API.md 4.3: the SDK parses a tool's input leniently and drops a value that is
    cut, without a word, so that half a call looks like a whole one. Ours is then
    the text that did come, a string, which nobody runs by mistake (`types`).
    """
    message = json.loads(json.dumps(recorded(name)["message"]))
    for index, text in raw_inputs(name).items():
        try:
            json.loads(text or "{}")
        except ValueError:
            message["content"][index]["input"] = text
    return message


def pieces_of(content: bytes, cuts: Iterable[int]) -> list[bytes]:
    """The bytes, cut at these positions."""
    bounds = [0, *sorted({cut % len(content) for cut in cuts} - {0}), len(content)]
    return [content[a:b] for a, b in pairwise(bounds)]


def in_the_sdks_words(message: Message) -> dict[str, Any]:
    """The message with the one member that the SDK's types add when none was sent."""
    return {"stop_details": None, **message}


def assert_begins(whole: Message, part: Message, inputs: dict[int, str]) -> None:
    """What had arrived is the beginning of the whole, block by block."""
    fixed = {"id", "type", "role", "model"}
    assert {key: part[key] for key in fixed & {*part}} == {
        key: whole[key] for key in fixed & {*part}
    }
    blocks = part["content"]
    assert len(blocks) <= len(whole["content"])
    assert blocks[:-1] == whole["content"][: len(blocks)][:-1]
    for block in blocks[-1:]:
        last = len(blocks) - 1
        assert_block_begins(whole["content"][last], block, inputs.get(last, ""))


def assert_block_begins(whole: ContentBlock, part: ContentBlock, text: str) -> None:
    """What had arrived of a block is its beginning; a cut input stays text."""
    for key, value in part.items():
        if key in ("text", "thinking"):
            assert whole[key].startswith(value)
        elif key == "signature":
            assert value in ("", whole[key])
        elif key == "citations":
            assert (whole[key] or [])[: len(value or [])] == (value or [])
        elif key == "input" and value != whole[key]:
            assert value == {} or (isinstance(value, str) and text.startswith(value))
        else:
            assert whole[key] == value


@each_stream
def test_whole_stream_gives_the_sdks_message(name: str) -> None:
    """The whole stream gives the message, its text and its thinking as the SDK does."""
    message = message_of([sent(name)])
    assert in_the_sdks_words(message) == expected(name)
    assert text_of(message) == recorded(name)["text"]
    thinking = [block.get("thinking") or "" for block in message["content"]]
    assert "".join(thinking) == recorded(name)["thinking"]


@each_stream
def test_each_wire_event_becomes_one_event(name: str) -> None:
    """No frame is lost or invented; a last one without its blank line counts."""
    kinds = [type(event).__name__ for event in receive([sent(name)])]
    words = [re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower() for kind in kinds]
    assert words[0] == "waiting"
    assert words[1:] == recorded(name)["wire_event_types"]


def test_only_a_cut_call_differs_from_the_sdk() -> None:
    """The SDK's message is ours but for the one call that was cut (API.md 4.3)."""
    differing = [name for name in NAMES if expected(name) != recorded(name)["message"]]
    assert differing == [name for name in NAMES if name == CUT_CALL]
    if CUT_CALL in NAMES:
        call = message_of([sent(CUT_CALL)])["content"][1]
        assert call["input"].endswith('\n"Filing taxes')
        assert "Filing" not in str(recorded(CUT_CALL)["message"]["content"][1])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1024])
@each_stream
def test_pieces_of_one_size(name: str, size: int) -> None:
    """Pieces of any size, also single bytes, give the same message."""
    content = sent(name)
    step = max(size, len(content) // MOST_PIECES)
    pieces = [content[at : at + step] for at in range(0, len(content), step)]
    assert in_the_sdks_words(message_of(pieces)) == expected(name)


@each_stream
@settings(max_examples=12, deadline=None)
@given(cuts=st.lists(st.integers(0, 1 << 20), max_size=40))
def test_cut_at_random_bytes(name: str, cuts: list[int]) -> None:
    """However the bytes are cut into pieces, the message is the same."""
    message = message_of(pieces_of(sent(name), cuts))
    assert in_the_sdks_words(message) == expected(name)


@each_stream
@settings(max_examples=25, deadline=None)
@given(end=st.integers(0, 1 << 20), cuts=st.lists(st.integers(0, 1 << 20), max_size=3))
def test_broken_off_anywhere(name: str, end: int, cuts: list[int]) -> None:
    """A stream that breaks off raises, and what had come begins the whole message.

    It does not raise once a `message_delta` has told the stop_reason and the stream
    then ends cleanly: then the answer is there.
    """
    content = sent(name)[: end % len(sent(name))]
    whole = message_of([sent(name)])
    accumulator, stopped = MessageAccumulator(), False
    try:
        for event in receive(pieces_of(content, cuts) if content else []):
            accumulator.feed(event)
            stopped = stopped or (
                isinstance(event, MessageDelta) and bool(event.delta["stop_reason"])
            )
    except APIStreamError as error:
        assert error.hint  # noqa: PT017 - without an error the other rule holds
    else:
        assert stopped
    assert_begins(whole, accumulator.message, raw_inputs(name))
    if stopped:
        assert accumulator.message == whole


def test_broken_off_at_every_byte() -> None:
    """No position in the shortest stream is an exception to the rule."""
    name = min(NAMES, key=lambda name: len(sent(name)))
    content, whole = sent(name), message_of([sent(name)])
    told = content.index(b"event: message_delta")
    for end in range(told):
        accumulator = MessageAccumulator()
        with pytest.raises(APIStreamError):
            feed(accumulator, [content[:end]])
        assert not accumulator.finished
        assert_begins(whole, accumulator.message, raw_inputs(name))


@each_stream
def test_what_is_shown_is_what_was_said(name: str) -> None:
    """The transcript's text is the message's, followed live or read from the whole."""
    live = Transcript()
    for event in receive([sent(name)]):
        live.handle(event)
    message = message_of([sent(name)])
    assert live.markdown == text_of(message) == Transcript.of(message).markdown
    kinds = [section.kind for section in live.sections]
    assert kinds == [block["type"] for block in message["content"]]


def test_nothing_comes_before_the_answer() -> None:
    """`Waiting` is ours and comes first; the wire's first event is message_start."""
    first, second, *_ = receive([sent(NAMES[0])])
    assert isinstance(first, Waiting)
    assert isinstance(second, MessageStart)


def tool_for(call: Call) -> Any:
    """A function that takes what was recorded, and gives it back."""

    def given_back(**arguments: Any) -> str:
        return json.dumps(arguments)

    kind = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter(key, kind) for key in call.input]
    given_back.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    given_back.__name__ = call.name
    return given_back


@pytest.mark.parametrize("name", [name for name in NAMES if _calls_ours(name)])
def test_recorded_calls_are_answered(name):
    """Each call gets one result, in one message, and what was said goes back before it."""
    message = message_of([sent(name)])
    calls = calls_in(message)
    model = Model(message, saying("done"))
    tools = {call.name: tool_for(call) for call in calls}
    assert loop(session(model), *tools.values()).text == "done"
    *_, answer, question = model.bodies[1]["messages"]
    assert [block["tool_use_id"] for block in question["content"]] == [
        block["id"] for block in answer["content"] if block["type"] == "tool_use"
    ]
    assert [
        json.loads(block["content"][0]["text"]) for block in question["content"]
    ] == [call.input for call in calls]
