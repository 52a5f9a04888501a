"""A request as a program sends what the session sent (see also test_export_text)."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Iterator
from contextlib import chdir, closing, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch
from warnings import catch_warnings

import pytest
from emulation import asking, connect, document, image, png, tool
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from servers import Peer, Received, Server

from routeway_magic.endpoint import Endpoint
from routeway_magic.errors import InputError
from routeway_magic.export import WAYS, Code, to_code
from routeway_magic.sources.emulator import Emulator
from routeway_magic.types import Request

pytest.importorskip("anthropic")

MODEL = "claude-opus-4-5"
LARGE = base64.b64encode(bytes(range(256)) * 30).decode()
REQUESTS = {
    "plain": asking("hello", stream=True),
    "whole": asking("hello"),
    "said no": asking("hello", stream=False),
    "long": asking("hello", max_tokens=60_000),
    "sampling": asking("hi", stream=True, temperature=0.0, top_k=5),
    "open": asking(
        "hi",
        stream=True,
        system=[{"type": "text", "text": "Be\nbrief."}],
        stop_sequences=["\n.\n", "'\""],
        metadata={"user_id": None},
        tools=[tool("f", x={"type": "string"})],
        tool_choice={"type": "auto"},
        output_config={"effort": "low"},
    ),
    "thinking": asking(
        "emulate: thinking",
        stream=True,
        thinking={"type": "enabled", "budget_tokens": 2000},
    ),
    "pictures": asking(
        [
            image(png(2, 2)),
            {
                "type": "document",
                "source": {
                    "type": "base64",
                    "media_type": "application/pdf",
                    "data": base64.b64encode(b"%PDF-1.7 " * 200).decode(),
                },
            },
            document("text"),
            {"type": "text", "text": "what\nis\nthis?" * 9},
        ],
        stream=True,
    ),
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """The emulator that answers."""
    with Emulator() as running:
        yield running


@pytest.fixture(scope="module")
def server(emulator: Emulator) -> Iterator[Server]:
    """What stands before the emulator and keeps what it is sent."""

    def pass_on(peer: Peer) -> None:
        received = peer.received
        with closing(connect(emulator)) as connection:
            headers = {
                name: value
                for name, value in received.headers.items()
                if name not in ("host", "connection", "content-length")
            }
            method, path, _ = received.line.split()
            connection.request(method, path, received.body, headers)
            answer = connection.getresponse()
            kind = answer.getheader("content-type", "")
            peer.reply(answer.read(), status=answer.status, content_type=kind)

    with Server(pass_on) as running:
        yield running


@dataclass(frozen=True)
class Ended:
    """How a program ended."""

    returncode: int
    stdout: str
    stderr: str


def ran(code: Code, way: str, folder: Path, key: str) -> Ended:
    """The program, run with the key in its environment; Python runs in this process."""
    for name, content in code.files.items():
        (folder / name).write_bytes(content)
    environment = {"ROUTEWAY_API_KEY": key} if key else {}
    if way != "curl":
        return _ran_here(code.text, folder, environment)
    ended = subprocess.run(
        ["bash", "-e"],
        input=code.text,
        capture_output=True,
        cwd=folder,
        env={**os.environ, **environment},
        encoding="utf-8",
        timeout=60,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def _ran_here(text: str, folder: Path, environment: dict[str, str]) -> Ended:
    said = StringIO()
    with (
        redirect_stdout(said),
        patch.dict(os.environ, environment),
        chdir(folder),
        catch_warnings(action="ignore"),  # the SDK's, of models that retire
    ):
        try:
            exec(compile(text, "the program", "exec"), {})
        except Exception as error:  # noqa: BLE001 - how it ends is what is asked
            return Ended(1, said.getvalue(), repr(error))
        return Ended(0, said.getvalue(), "")


def sent(server: Server) -> Received:
    """The request that came last."""
    return server.requests[-1]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", REQUESTS)
def test_same_request(server, emulator, tmp_path, way, name):
    """The emulator gets the same body, version and key from the program."""
    body = REQUESTS[name]
    code = to_code(Request(body), way, Endpoint(base_url=server.base_url))
    before = len(server.requests)
    result = ran(code, way, tmp_path, emulator.token)
    assert result.returncode == 0, result.stderr
    assert "Emulator" in result.stdout
    assert len(server.requests) == before + 1
    received = sent(server)
    assert received.line == "POST /v1/messages HTTP/1.1"
    assert received.json == body
    assert received.headers["anthropic-version"] == "2023-06-01"
    named = ("authorization", "x-api-key")
    assert emulator.token in "".join(received.headers.get(one, "") for one in named)
    assert emulator.token not in code.text


@pytest.mark.parametrize("way", WAYS)
def test_refused(server, emulator, tmp_path, way):
    """A refusal's words are shown, and Python's programs fail."""
    body = asking("hello", stream=True, temperature=7)
    code = to_code(Request(body), way, Endpoint(base_url=server.base_url))
    result = ran(code, way, tmp_path, emulator.token)
    assert "temperature" in result.stdout + result.stderr
    assert way == "curl" or result.returncode


@pytest.mark.parametrize("way", WAYS)
def test_no_key(server, tmp_path, way):
    """Without a key the program stops before it sends anything, and names it."""
    code = to_code(Request(asking()), way, Endpoint(base_url=server.base_url))
    before = len(server.requests)
    ended = ran(code, way, tmp_path, "")
    assert ended.returncode
    assert "ROUTEWAY_API_KEY" in ended.stderr
    assert len(server.requests) == before


def test_no_key_in_arguments(tmp_path):
    """Whoever lists the processes of the machine does not see the key."""
    code = to_code(Request(asking()), "curl", Endpoint(base_url="http://127.0.0.1"))
    curl = tmp_path / "curl"
    curl.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\ncat "${5#@}"\n')
    curl.chmod(0o700)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with patch.dict(os.environ, environment):
        said = ran(code, "curl", tmp_path, "sk-test").stdout
    arguments, _, headers = said.partition("authorization: ")
    assert "sk-test" not in arguments
    assert "application/json" in arguments
    assert headers == "Bearer sk-test\nx-api-key: sk-test\n"


# Characters that quoting may trip over are frequent; any other comes as well.
HARD = st.sampled_from(
    list("'\"\\\n\r\t{}$`%#!() \0\x7f\x85\u2028\u202e\ud800\U0001f30d")
)
TEXTS = st.text(st.one_of(HARD, st.characters()), max_size=60) | st.sampled_from(
    ["BODY\n", "'''\"\"\"", "$(id) `id` ${HOME}", "a\nBODY\nb" * 9, "\\N{DIGIT ONE}"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
    ),
    max_leaves=12,
).filter(lambda value: "inf" not in repr(value))


@pytest.fixture(scope="module")
def plain_server() -> Iterator[Server]:
    """A server that answers anything with the same message."""
    message = b'{"content": [], "model": "m", "usage": {}}'
    with Server(lambda peer: peer.reply(message)) as running:
        yield running


@pytest.mark.parametrize("way", WAYS)
@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=TEXTS, value=VALUES)
def test_any_text(plain_server, tmp_path, way, text, value):
    """Whatever the prompt and the parameters hold, the program sends just that."""
    request = Request(asking(text, x=value, system=text + "\n" + text))
    code = to_code(request, way, Endpoint(base_url=plain_server.base_url))
    code.text.encode()
    assert ran(code, way, tmp_path, "sk-test").returncode == 0
    assert sent(plain_server).json == _read(request)


def _read(request: Request) -> Any:
    """The body as a server reads it."""
    return Received("", {}, request.encode()).json


def test_not_json():
    """What cannot be sent has no program."""
    body = asking("hi", x=float("nan"))
    with pytest.raises(InputError, match="JSON"):
        to_code(Request(body), "curl", Endpoint(base_url="http://127.0.0.1"))
