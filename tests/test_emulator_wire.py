"""The emulator's HTTP: connections, keys, endpoints, streams as bytes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from http.client import IncompleteRead

import pytest
from emulation import asking, connect, exchange

from routeway_magic.sources.emulator import Emulator


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


def _emulator_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("emulator")]


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
    before = len(_emulator_threads())
    with closing(connect(emulator)) as connection:
        headers = {"x-api-key": emulator.token}
        connection.request("POST", "/v1/messages", json.dumps(body), headers)
        with connection.getresponse() as response:
            response.readline()
    deadline = time.monotonic() + 5
    while len(_emulator_threads()) > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(_emulator_threads()) <= before
    assert capfd.readouterr() == ("", "")


def test_fault_is_500(emulator, monkeypatch):
    """A fault of the emulator's own is a 500 in the envelope, not a dead connection."""
    import routeway_magic.sources.emulator.endpoints as endpoints

    def fail(*_):
        raise KeyError("broken")

    monkeypatch.setattr(endpoints, "answer", fail)
    answered = exchange(emulator, asking())
    assert answered.status == 500
    assert answered.json["error"]["type"] == "api_error"
    assert "KeyError" in answered.message


def test_start_and_close_repeat():
    """Starting and closing twice is the same as once; it can be started again."""
    emulator = Emulator()
    emulator.close()
    emulator.start()
    first = emulator.base_url
    emulator.start()
    assert emulator.base_url == first
    emulator.close()
    emulator.close()
    with pytest.raises(RuntimeError, match="start"):
        _ = emulator.base_url
    with emulator:
        assert exchange(emulator, asking()).status == 200


def test_close_frees_everything():
    """Closing ends idle connections and slow streams at once, and frees the port."""
    before = set(_emulator_threads())
    emulator = Emulator()
    emulator.start()
    port = int(emulator.base_url.rpartition(":")[2])
    body = asking("emulate: slow 0.01", stream=True)
    with closing(connect(emulator)) as idle, closing(connect(emulator)) as busy:
        idle.connect()
        headers = {"x-api-key": emulator.token}
        busy.request("POST", "/v1/messages", json.dumps(body), headers)
        with busy.getresponse() as response:
            response.readline()
            began = time.monotonic()
            emulator.close()
            assert time.monotonic() - began < 1
    assert set(_emulator_threads()) <= before
    with Emulator(port) as again:
        assert exchange(again, asking()).status == 200


def test_port_in_use():
    """A port that is taken is an OSError, and nothing is left open."""
    with Emulator() as first:
        port = int(first.base_url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use|once"):
            Emulator(port).start()


def test_loopback_only(emulator):
    """It listens on 127.0.0.1 and nowhere else."""
    assert emulator.base_url.startswith("http://127.0.0.1:")
    assert emulator._listener.getsockname()[0] == "127.0.0.1"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are POSIX")
def test_forked_child():
    """A forked child's close leaves the parent's emulator running."""
    code = (
        "import os, urllib.request\n"
        "from routeway_magic.sources.emulator import Emulator\n"
        "emulator = Emulator(); emulator.start(); parent = emulator.base_url\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    emulator.start(); own = emulator.base_url != parent\n"
        "    emulator.close(); os._exit(0 if own else 1)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "request = urllib.request.Request(parent + '/v1/models')\n"
        "request.add_header('x-api-key', emulator.token)\n"
        "assert urllib.request.urlopen(request, timeout=5).status == 200\n"
        "emulator.close()\n"
    )
    # The warning of newer versions about forking with threads is the very case.
    python = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code]
    done = subprocess.run(python, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
def test_command():
    """The command prints one line that says how to use it, and ends on Ctrl-C."""
    command = [sys.executable, "-m", "routeway_magic.sources.emulator", "--any-key"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        line = process.stdout.readline()
        settings = dict(word.split("=") for word in line.split() if "=" in word)
        request = urllib.request.Request(settings["ROUTEWAY_BASE_URL"] + "/v1/models")
        request.add_header("x-api-key", "any")
        with urllib.request.urlopen(request, timeout=5) as response:
            assert response.status == 200
        assert settings["ROUTEWAY_API_KEY"].startswith("emulator-")
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=10) == ("", "")
    assert process.returncode == 0


def test_command_refuses_port():
    """The command says in one sentence that a port cannot be used."""
    with Emulator() as taken:
        port = taken.base_url.rpartition(":")[2]
        command = [sys.executable, "-m", "routeway_magic.sources.emulator"]
        done = subprocess.run(
            [*command, "--port", port], capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} cannot be used")
    assert done.stderr.count("\n") == 1
