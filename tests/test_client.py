"""A request on the wire, and what stands between here and the server."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replies import WHOLE
from servers import (
    ASK,
    KEY,
    Peer,
    Server,
    answering,
    connected,
    refusing,
    serving,
)

from routeway_magic.client import Client
from routeway_magic.endpoint import Endpoint, is_loopback
from routeway_magic.errors import (
    APIError,
    APIStatusError,
    AuthenticationError,
    ConfigurationError,
    InputError,
)
from routeway_magic.events import Event, Waiting
from routeway_magic.types import Request


def ask(client: Client, request: Request = ASK) -> list[Event]:
    """The answer's events, without `Waiting`."""
    first, *events = client.stream(request)
    assert first == Waiting("connecting")
    return events


def test_request_on_the_wire() -> None:
    """POST to /v1/messages, both key headers, the version, JSON as it was composed."""
    with serving(answering()) as (server, client):
        assert ask(client) == WHOLE
    [received] = server.requests
    assert received.line == "POST /v1/messages HTTP/1.1"
    assert received.body == ASK.encode()
    expected = {
        "authorization": f"Bearer {KEY}",
        "x-api-key": KEY,
        "anthropic-version": "2023-06-01",
        "content-type": "application/json",
        "host": f"127.0.0.1:{server.port}",
    }
    assert expected.items() <= received.headers.items()
    assert "application/json" in received.headers["accept"]
    assert "text/event-stream" in received.headers["accept"]
    assert received.headers["user-agent"].startswith("routeway_magic/")


def test_version_is_a_setting() -> None:
    """The anthropic-version that is set is the one that is sent."""
    with serving(answering(), anthropic_version="2026-10-21") as (server, client):
        ask(client)
    assert server.requests[0].headers["anthropic-version"] == "2026-10-21"


def test_timeouts_reach_the_network() -> None:
    """Connect and read timeout are set separately."""
    server = "http://127.0.0.1:9"
    with connected(server, connect_timeout=1.5, read_timeout=70) as client:
        timeout = client._http.timeout
    assert (timeout.connect, timeout.read) == (1.5, 70)


@pytest.mark.parametrize("end", ["", "/", "/v1", "/v1/", "//", " "])
@pytest.mark.parametrize("path", ["", "/gateway"])
def test_base_url_is_forgiving(path: str, end: str) -> None:
    """A trailing slash and /v1 are forgiven, and a path before them is kept."""
    with (
        Server(answering()) as server,
        connected(f"{server.base_url}{path}{end}") as client,
    ):
        assert ask(client) == WHOLE
    assert server.requests[0].line == f"POST {path}/v1/messages HTTP/1.1"


@pytest.mark.parametrize(
    "text", ["日本語 \u2028 🌍", "\\ud83d", "\ud83d alone", "a\x00b", '{"x": "\\n"}']
)
def test_any_text_arrives(text: str) -> None:
    """Any text arrives as it was typed, also what is no legal Unicode."""
    request = Request({"model": "m", "messages": [{"role": "user", "content": text}]})
    with serving(answering()) as (server, client):
        ask(client, request)
    assert server.requests[0].json["messages"][0]["content"] == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1}, b"bytes"])
def test_what_is_no_json_is_not_sent(value: Any) -> None:
    """A value that JSON does not know is refused here, with a hint."""
    with serving(answering()) as (server, client):
        with pytest.raises(InputError, match="cannot be written as JSON") as raised:
            ask(client, Request({"model": "m", "x": value}))
        assert server.requests == []
    assert len(raised.value._render_traceback_()) == 2


def test_without_streaming() -> None:
    """A whole message gives events too: one loop serves both ways."""
    message = {"id": "1", "content": [{"type": "text", "text": "hi"}], "usage": {}}

    def whole(peer: Peer) -> None:
        assert not peer.received.json["stream"]
        peer.reply(json.dumps(message).encode())

    with serving(whole) as (_, client):
        events = ask(client, Request({**ASK.body, "stream": False}))
    kinds = [type(event).__name__ for event in events]
    assert kinds[0] == "MessageStart"
    assert kinds[-2:] == ["MessageDelta", "MessageStop"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    """The key goes to the address that was set and to no other."""
    with Server(answering()) as other:
        with serving(refusing(status, location=other.base_url)) as (_, client):
            with pytest.raises(APIStatusError, match="elsewhere") as raised:
                ask(client)
            with pytest.raises(APIStatusError):
                client.models()
        assert other.accepted == 0
    assert "ROUTEWAY_BASE_URL" in raised.value.hint


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        (b'{"data": [{"id": "a", "x": 1}, {"id": "b"}]}', ["a", "b"]),
        (b'{"data": [{"id": ""}, {}, 3, null, {"id": "c"}]}', ["c"]),
        (b'[{"id": "a"}]', ["a"]),
    ],
)
def test_models(body: bytes, ids: list[str]) -> None:
    """The models are listed with whatever members they have; odd ones are left out."""

    def models(peer: Peer) -> None:
        peer.reply(body)

    with serving(models) as (server, client):
        assert [model["id"] for model in client.models()] == ids
    assert server.requests[0].line == "GET /v1/models HTTP/1.1"
    assert server.requests[0].headers["x-api-key"] == KEY


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"data": 1}', b"[" * 99999])
def test_no_models(body: bytes) -> None:
    """An answer that is no list of models is an error with a hint."""
    with (
        serving(lambda peer: peer.reply(body)) as (_, client),
        pytest.raises(APIError, match="no list of models") as raised,
    ):
        client.models()
    assert len(raised.value._render_traceback_()) == 2


def test_models_refused() -> None:
    """A refusal of the list is told like any other."""
    with serving(refusing(401)) as (_, client), pytest.raises(AuthenticationError):
        client.models()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.routeway.ai",
        "ftp://api.routeway.ai",
        "https://",
        "https:///v1",
        "http://[::1",
        "https://host:port",
        "https://host:99999",
        "https://a..b",
        "https://ho\x00st",
        "https://ho\u2028st",
    ],
)
def test_no_address(url: str) -> None:
    """What is no http(s) address is refused before anything is sent, with a hint."""
    with pytest.raises(ConfigurationError, match="not an http") as raised:
        Endpoint(base_url=url).checked()
    assert "ROUTEWAY_BASE_URL" in raised.value.hint


@settings(deadline=None)
@given(st.text(max_size=40).map("https://{}".format) | st.text(max_size=40))
def test_any_address(url: str) -> None:
    """Any text is an address that can be used, or is refused in a sentence."""
    try:
        endpoint = Endpoint(base_url=url).checked()
    except ConfigurationError:
        return
    assert endpoint.checked() == endpoint


@pytest.mark.parametrize("version", ["2023\n06", "2023-06-01\r\nx: y", "é"])
def test_version_that_is_no_header(version: str) -> None:
    """A version that cannot be a header is refused in a sentence."""
    with pytest.raises(ConfigurationError, match="anthropic-version"):
        Endpoint(base_url="https://x", anthropic_version=version).checked()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_plain_http_to_this_machine(host: str) -> None:
    """Plain http to this machine needs no leave."""
    url = f"http://{host}:8000"
    assert Endpoint(base_url=url).checked().base_url == url


@pytest.mark.parametrize(
    "host", ["routeway.test", "10.0.0.1", "127.0.0.1.routeway.test", "localhost.test"]
)
def test_plain_http_to_others(host: str) -> None:
    """Plain http to others is refused unless it was allowed."""
    with pytest.raises(ConfigurationError, match="unencrypted") as raised:
        Endpoint(base_url=f"http://{host}").checked()
    assert "allow_http" in raised.value.hint
    assert Endpoint(base_url=f"http://{host}", allow_http=True).checked()


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("127.8.9.1", True), ("::1", True), ("localhost", True)]
    + [(host, False) for host in ("10.0.0.1", "x.localhost", "0.0.0.0", "", None)],
)
def test_loopback(host: str | None, own: bool) -> None:
    """Loopback is 127/8, ::1 and the name localhost, and nothing else."""
    assert is_loopback(host) == own
