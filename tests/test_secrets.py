"""The key reaches the request's two headers and nothing else."""

from __future__ import annotations

import base64
import copy
import json
import logging
import pickle
import traceback
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers import (
    ASK,
    HELLO,
    KEY,
    Peer,
    Script,
    answering,
    connected,
    dropping,
    serving,
    sse,
)

from routeway_magic.client import Client
from routeway_magic.endpoint import Endpoint
from routeway_magic.errors import ClaudeError, ConfigurationError, InputError
from routeway_magic.secret import ApiKey
from routeway_magic.types import Request

ESCAPED = "".join(f"\\u{ord(letter):04x}" for letter in KEY)


def everything(error: ClaudeError) -> str:
    """All that any display of an error could show: chain, members, locals."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    kept = [repr(vars(error)), repr(error.args), str(error), repr(error)]
    return "\n".join([*told.format(), *kept, *error._render_traceback_()])


def failure(client: Client, request: Request = ASK) -> ClaudeError:
    """The error that a request ends with."""
    with pytest.raises(ClaudeError) as raised:
        for _ in client.stream(request):
            pass
    return raised.value


def echoing(status: int, body: str, **headers: str) -> Script:
    """A script that refuses, with the key in what it says."""
    return lambda peer: peer.reply(body.encode(), status=status, headers=headers)


def told(words: str) -> str:
    """An envelope with these words in every member, as they stand."""
    names = ("message", "type", "tip", "trace_id", "id")
    members = ", ".join(f'"{name}": "{words}"' for name in names)
    return f'{{"error": {{{members}}}, "request_id": "{words}"}}'


@pytest.mark.parametrize(
    "body",
    [
        told(KEY),
        told(ESCAPED),
        told(f"no such key: {KEY}!"),
        told(f"{KEY[:5]}\u200b{KEY[5:]}"),
        told("x" * 290 + KEY),
        told("x" * 290 + ESCAPED),
        json.dumps({"error": KEY}),
        json.dumps({"error": "x" * 295 + KEY}),
        KEY,
        "x" * 290 + KEY,
        f"<title>{KEY}</title>",
        f"<title>{'x' * 290}{KEY}</title>",
    ],
)
@pytest.mark.parametrize("status", [401, 500])
def test_refusal_that_echoes_the_key(status: int, body: str) -> None:
    """A refusal that repeats the key, whole, escaped or cut, is shown without it."""
    script = echoing(status, body, **{"request-id": KEY})
    with serving(script, max_retries=0) as (_, client):
        shown = everything(failure(client))
    assert KEY[:9] not in shown
    assert ESCAPED[:20] not in shown


@pytest.mark.parametrize(
    "frame",
    [
        f'data: {{"error": {{"message": "{KEY}", "type": "{KEY}"}}}}',
        f'data: {{"error": {{"message": "{ESCAPED}"}}}}',
        f'data: {{"error": {{"message": "{"x" * 290}{KEY}"}}}}',
        f'data: {{"error": {{"message": "{"x" * 290}{ESCAPED}"}}}}',
        f"data: no JSON {KEY}",
        f"data: {'x' * 190}{KEY}",
        f"event: error\ndata: {{}}\nid: {KEY}",
    ],
)
@pytest.mark.parametrize("before", [0, 3], ids=["first", "mid"])
def test_stream_that_echoes_the_key(frame: str, before: int) -> None:
    """A stream that breaks off with the key in it is shown without it."""

    def echo(peer: Peer) -> None:
        peer.head()
        peer.chunk(sse(HELLO[:before]) + frame.encode() + b"\n\n")
        peer.chunk(b"")

    with serving(echo) as (_, client):
        shown = everything(failure(client))
    assert KEY[:9] not in shown


def broken(peer: Peer) -> None:
    """A script that breaks off in mid-answer."""
    peer.head()
    peer.chunk(sse(HELLO[:2]))
    peer.hang_up()


def silent(peer: Peer) -> None:
    """A script that says nothing."""
    peer.sees_hangup()


def garbage(peer: Peer) -> None:
    """A script that answers what is no HTTP, with the key."""
    peer.sock.sendall(f"{KEY} {KEY}\r\n\r\n".encode())


@pytest.mark.parametrize("script", [dropping, broken, silent, garbage])
def test_network_errors(script: Script) -> None:
    """No error of the network keeps the request, and with it the key."""
    with serving(script, max_retries=0, read_timeout=0.1) as (_, client):
        error = failure(client)
    assert KEY not in everything(error)
    assert error.__context__ is None
    assert error.__cause__ is None


def test_models_errors() -> None:
    """Nor do the errors of the list of models."""
    for script in (dropping, silent, garbage, echoing(401, told(KEY))):
        with (
            serving(script, max_retries=0, read_timeout=0.1) as (_, client),
            pytest.raises(ClaudeError) as raised,
        ):
            client.models()
        assert KEY not in everything(raised.value)
        assert raised.value.__context__ is None


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO])
@pytest.mark.parametrize("script", [answering(), broken, echoing(401, told(KEY))])
def test_logs(level: int, script: Script, caplog: pytest.LogCaptureFixture) -> None:
    """Logging of everything, the HTTP library's too, does not show the key."""
    caplog.set_level(level)
    with serving(script, max_retries=0) as (_, client):
        try:
            list(client.stream(ASK))
        except ClaudeError:
            logging.getLogger("notebook").exception("failed")
    records = "".join(
        f"{record.getMessage()}{vars(record)}" for record in caplog.records
    )
    assert "127.0.0.1" in records
    assert KEY not in records + caplog.text


@pytest.mark.parametrize("place", ["prompt", "system", "model", "nested", "name"])
def test_request_that_holds_the_key(place: str) -> None:
    """A request with the key in it is not sent, and the refusal does not repeat it."""
    extra: dict[str, Any] = {
        "prompt": {"messages": [{"role": "user", "content": f"my key is {KEY}."}]},
        "system": {"system": KEY},
        "model": {"model": KEY},
        "nested": {"metadata": {"a": [{"b": f"x{KEY}"}]}},
        "name": {KEY: 1},
    }[place]
    with serving(answering()) as (server, client):
        error = failure(client, Request({**ASK.body, **extra}))
        assert server.accepted == 0
    assert isinstance(error, InputError)
    assert KEY not in "\n".join([str(error), *error._render_traceback_()])


@pytest.mark.parametrize(
    "url",
    [
        f"https://{KEY}@routeway.test",
        f"https://x:{KEY}@routeway.test",
        f"https://routeway.test?key={KEY}",
        f"https://routeway.test#{KEY}",
    ],
)
def test_base_url_that_holds_a_key(url: str) -> None:
    """A base URL with a user, password, query or fragment is refused, unrepeated."""
    with pytest.raises(ConfigurationError, match="more than an address") as raised:
        Endpoint(base_url=url).checked()
    assert KEY not in str(raised.value)


def test_key_is_in_no_url() -> None:
    """What is asked for by URL has no key in it."""
    with serving(answering()) as (server, client):
        list(client.stream(ASK))
    [received] = server.requests
    assert KEY not in received.line
    assert KEY not in received.body.decode()
    holders = [name for name, value in received.headers.items() if KEY in value]
    assert sorted(holders) == ["authorization", "x-api-key"]


def test_client_shows_no_key() -> None:
    """A client, its endpoint and its members have no key in their representation."""
    with connected("https://routeway.test") as client:
        shown = f"{client!r}{client.endpoint!r}{vars(client)!r}{vars(client._http)!r}"
    assert KEY not in shown


def test_key_hides_itself() -> None:
    """A key is shown by no conversion to text."""
    key = ApiKey(KEY)
    for shown in (repr(key), str(key), f"{key}", f"{key!r:>40}", "%s" % key):  # noqa: UP031 - one more way to show it
        assert KEY not in shown
        assert "hidden" in shown
    assert not hasattr(key, "__dict__")


@pytest.mark.parametrize("copies", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps])
def test_key_is_not_copied(copies: Any) -> None:
    """A key cannot be pickled, copied or written as JSON."""
    with pytest.raises(TypeError):
        copies(ApiKey(KEY))


def test_key_equality() -> None:
    """Keys are equal by their text: a client is kept while the key stays the same."""
    assert ApiKey(f" {KEY}\n") == ApiKey(KEY)
    assert hash(ApiKey(KEY)) == hash(ApiKey(KEY))
    assert ApiKey(KEY) != ApiKey("other")
    assert ApiKey(KEY) != KEY


@pytest.mark.parametrize("prefix", ["sk-", "clsk-", "rw-", ""])
def test_any_prefix(prefix: str) -> None:
    """No prefix is asked for: Routeway's documents disagree about it."""
    assert ApiKey(f"{prefix}x").reveal() == f"{prefix}x"


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_key(text: str) -> None:
    """A key is printable ASCII without blanks; anything else is refused unshown."""
    bare = text.strip()
    if bare and all("!" <= letter <= "~" for letter in bare):
        assert ApiKey(text).reveal() == bare
        shown = "[API key]" if len(bare) >= 8 else bare  # a dummy is no secret
        assert ApiKey(text).redact(f"é{bare}é") == f"é{shown}é"
        assert ApiKey(text).is_in(json.dumps(bare).encode()) == (len(bare) >= 8)
        return
    with pytest.raises(ConfigurationError, match="no key has") as raised:
        ApiKey(text)
    assert len(raised.value._render_traceback_()) == 2
    assert len(bare) < 3 or bare not in str(raised.value)


@pytest.mark.parametrize("kind", ["text/event-stream", "application/json"])
def test_a_key_that_the_server_says_is_not_heard(kind: str) -> None:
    """A gateway that echoes the key in its answer puts it into no output."""
    key = "sk-echoed-in-an-answer"
    block = {"type": "text", "text": f"your key is {key}"}
    message = {"id": "m", "role": "assistant", "content": [block]}
    start = {"type": "message_start", "message": message}
    frames = [start, {"type": "message_stop"}]
    body = "".join(f"data: {json.dumps(frame)}\n\n" for frame in frames)
    text = json.dumps(message) if "json" in kind else body
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, text=text, headers={"content-type": kind})
    )
    endpoint = Endpoint(base_url="http://127.0.0.1")
    client = Client(endpoint, ApiKey(key), transport=transport)
    said = list(client.stream(Request({"model": "m", "messages": []})))
    client.close()
    assert "your key is [API key]" in repr(said)
    assert key not in repr(said)


@settings(deadline=None)
@given(st.binary(max_size=20), st.binary(max_size=20))
def test_a_key_is_known_in_base64_and_hex(before: bytes, behind: bytes) -> None:
    """Files and bytes are sent so, wherever in them the key stands."""
    data = before + KEY.encode() + behind
    for sent in (base64.b64encode(data), data.hex().encode(), data.hex(" ").encode()):
        assert ApiKey(KEY).is_in(b"{" + sent + b"}")
