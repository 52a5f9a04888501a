"""The emulator's HTTP: connections, keys, endpoints, streams as bytes."""

from __future__ import annotations

import json
import socket
import time
from contextlib import closing
from http.client import IncompleteRead
from typing import TYPE_CHECKING

import pytest
from emulation import asking, connect, emulator_threads, exchange

from routeway_magic.sources.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """One emulator for the whole module."""
    with Emulator() as running:
        yield running


def _said(emulator: Emulator, raw: bytes) -> bytes:
    """What comes back for raw bytes, up to the server's close."""
    port = int(emulator.base_url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_bearer_key(emulator, scheme):
    """The token is accepted as a Bearer token alone."""
    headers = {"x-api-key": "", "authorization": f"{scheme} {emulator.token}"}
    assert exchange(emulator, asking(), **headers).status == 200


@pytest.mark.parametrize("key", ["", "wrong", "sk-ant-1"])
def test_wrong_key(emulator, key):
    """Any other key is a 401 in the documented envelope, with a request id."""
    answered = exchange(emulator, asking(), **{"x-api-key": key})
    assert answered.status == 401
    assert answered.json["type"] == "error"
    assert answered.json["error"]["type"] == "authentication_error"
    assert answered.json["request_id"] == answered.headers["request-id"]


def test_any_key():
    """With any_key every key is accepted that is not empty."""
    with Emulator(any_key=True) as emulator:
        assert exchange(emulator, asking(), **{"x-api-key": "anything"}).status == 200
        assert exchange(emulator, asking(), **{"x-api-key": ""}).status == 401


def test_tokens_are_random():
    """Two emulators have different tokens, and a given one is kept."""
    assert Emulator().token != Emulator().token
    assert Emulator(token="mine").token == "mine"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/nothing", 404),
        ("POST", "/v1/v1/messages", 404),
        ("GET", "/v1/messages", 405),
        ("POST", "/v1/models", 405),
        ("POST", "/v1/messages?beta=true", 200),
    ],
)
def test_routes(emulator, method, path, status):
    """Unknown paths are 404, wrong methods 405, and a query is ignored."""
    answered = exchange(emulator, asking(), method=method, path=path)
    assert answered.status == status


def test_models(emulator):
    """The catalogue names its models and bills for none."""
    answered = exchange(emulator, None, method="GET", path="/v1/models")
    models = {model["id"]: model for model in answered.json["data"]}
    assert models["claude-opus-4-5"]["name"] == "Claude Opus 4.5"
    assert models["claude-opus-4-5"]["context_length"] == 200_000
    assert not any("pricing" in model for model in models.values())


def test_count_tokens(emulator):
    """Counting takes a body without max_tokens; longer text counts more."""
    path = "/v1/messages/count_tokens"
    counts = [
        exchange(emulator, asking("x" * size, max_tokens=None), path=path).json
        for size in (40, 4000)
    ]
    assert counts[1]["input_tokens"] - counts[0]["input_tokens"] == 990


def test_keep_alive(emulator):
    """One connection serves a whole answer, a stream, an error and another answer."""
    bodies = [asking(), asking(stream=True), {"model": 3}, asking()]
    statuses = []
    with closing(connect(emulator)) as connection:
        for body in bodies:
            headers = {"x-api-key": emulator.token}
            connection.request("POST", "/v1/messages", json.dumps(body), headers)
            port = connection.sock.getsockname()[1]
            response = connection.getresponse()
            response.read()
            statuses.append((response.status, port))
    assert [status for status, _ in statuses] == [200, 200, 400, 200]
    assert len({port for _, port in statuses}) == 1


def test_http_1_0(emulator):
    """An HTTP/1.0 client gets its stream without chunks, ended by the close."""
    body = json.dumps(asking(stream=True)).encode()
    head = f"POST /v1/messages HTTP/1.0\r\nx-api-key: {emulator.token}\r\n"
    raw = f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
    said = _said(emulator, raw)
    assert b"transfer-encoding" not in said
    assert said.endswith(b'data: {"type":"message_stop"}\n\n')


def test_chunked_request(emulator):
    """A request body may come in chunks, after an Expect: 100-continue."""
    body = json.dumps(asking()).encode()
    head = f"POST /v1/messages HTTP/1.1\r\nx-api-key: {emulator.token}\r\n"
    head += "transfer-encoding: chunked\r\nexpect: 100-continue\r\n\r\n"
    chunks = b"5\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (body[:5], len(body) - 5, body[5:])
    said = _said(emulator, head.encode() + chunks)
    assert said.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"GET /v1/models HTTP/3.0\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\ncontent-length: many\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 300 + b"\r\n",
    ],
    ids=["words", "version", "header", "length", "chunk", "long line", "many headers"],
)
def test_malformed(emulator, raw):
    """What is not HTTP gets a 400 in the envelope, and the connection is closed."""
    said = _said(emulator, raw)
    assert said.startswith(b"HTTP/1.1 400 ")
    assert b'"type":"invalid_request_error"' in said
    assert b"connection: close" in said


@pytest.mark.parametrize("raw", [b"", b"POST /v1/messages HTTP/1.1\r\na: b\r\n"])
def test_half_request(emulator, raw):
    """A client that leaves before its request is complete is answered nothing."""
    assert _said(emulator, raw) == b""


def test_too_large(emulator):
    """A body over 32 MB is a 413 that the client gets to see."""
    answered = exchange(emulator, b" " * (32 * 1024 * 1024 + 1))
    assert answered.status == 413
    assert answered.json["error"]["type"] == "request_too_large"


def test_too_large_in_chunks(emulator):
    """A chunked body over 32 MB is a 413 as well, trailers or not."""
    size = 17 * 1024 * 1024
    chunk = b"%x\r\n%b\r\n" % (size, b" " * size)
    head = b"POST /v1/messages HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"
    said = _said(emulator, head + chunk * 2 + b"0\r\na: b\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 413 ")


def test_stream_order(emulator):
    """A stream has the documented events in the documented order, by name."""
    frames = exchange(emulator, asking(stream=True)).frames
    names = [name for name, _ in frames]
    assert names == [data["type"] for _, data in frames]
    assert names[:3] == ["message_start", "ping", "content_block_start"]
    assert names[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert set(names[3:-3]) == {"content_block_delta"}
    assert len(names) > 15


def test_stream_equals_message(emulator):
    """The deltas of a stream add up to the text of the non-streaming answer."""
    prompt = "emulate: long 5"
    whole = exchange(emulator, asking(prompt))
    streamed = exchange(emulator, asking(prompt, stream=True))
    deltas = [d for _, d in streamed.frames if d["type"] == "content_block_delta"]
    assert "".join(d["delta"]["text"] for d in deltas) == whole.text
    end = next(d for _, d in streamed.frames if d["type"] == "message_delta")
    assert end["usage"] == whole.json["usage"]
    assert end["delta"]["stop_reason"] == whole.json["stop_reason"]


def test_each_event_is_flushed(emulator):
    """Events arrive one by one, at the pace that was asked for."""
    body = asking("emulate: echo, slow 20\none two three four five six", stream=True)
    arrivals = []
    with closing(connect(emulator)) as connection:
        headers = {"x-api-key": emulator.token}
        connection.request("POST", "/v1/messages", json.dumps(body), headers)
        response = connection.getresponse()
        while line := response.readline():
            if b"text_delta" in line and line.startswith(b"data"):
                arrivals.append(time.monotonic())
    assert len(arrivals) == 2
    assert arrivals[1] - arrivals[0] > 0.03


@pytest.mark.parametrize("stream", [True, False])
def test_cut(emulator, stream):
    """A cut answer breaks off: the client sees that its body is incomplete."""
    with pytest.raises(IncompleteRead) as caught:
        exchange(emulator, asking("emulate: cut", stream=stream))
    assert b"message_stop" not in caught.value.partial


def test_client_leaves(emulator, capfd):
    """A client that leaves in mid-stream ends its thread, quietly."""
    body = asking("emulate: long 5, slow 500", stream=True)
    before = len(emulator_threads())
    with closing(connect(emulator)) as connection:
        headers = {"x-api-key": emulator.token}
        connection.request("POST", "/v1/messages", json.dumps(body), headers)
        with connection.getresponse() as response:
            response.readline()
    deadline = time.monotonic() + 5
    while len(emulator_threads()) > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(emulator_threads()) <= before
    assert capfd.readouterr() == ("", "")


def test_fault_is_500(emulator, monkeypatch):
    """A fault of the emulator's own is a 500 in the envelope, not a dead connection."""
    from routeway_magic.sources.emulator import endpoints

    def fail(*_):
        raise KeyError("broken")

    monkeypatch.setattr(endpoints, "answer", fail)
    answered = exchange(emulator, asking())
    assert answered.status == 500
    assert answered.json["error"]["type"] == "api_error"
    assert "KeyError" in answered.message
