"""`--dry-run`: the request as it would be sent, weighed, with nothing sent."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator

import pytest
from servers import KEY, Peer, Server
from shells import Ran, Shell

from routeway_magic.errors import InputError
from routeway_magic.run.session import session


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A shell with the extension loaded and no key: the emulator answers."""
    with Shell.opened() as opened:
        yield opened


def shown(ran: Ran) -> dict[str, str]:
    """What the cell displayed, by media type."""
    assert ran.ok, ran.error
    return ran.outputs[-1]


def test_it_shows_the_request_and_sends_nothing(shell):
    """Address, headers, body and tokens of each part; no turn comes of it."""
    text = shown(shell.run("%%claude --dry-run -t 0.2 -s Brief.\nhi"))["text/plain"]
    assert session().turns == []
    assert "nothing was sent" in text
    assert re.search(r"POST http://127\.0\.0\.1:\d+/v1/messages", text)
    body = json.loads(text[text.index("\n{\n") :])
    assert body == {
        "model": "claude-opus-4-5",
        "max_tokens": 4096,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
        "stream": True,
        "temperature": 0.2,
        "system": "Brief.",
    }
    assert re.search(r"^ +\d+  system$", text, re.MULTILINE)
    assert re.search(r"^ +\d+  hi$", text, re.MULTILINE)


def test_the_whole_is_no_less_than_its_parts(shell):
    """Tools are reckoned as they are written; letters with accents as letters."""
    shell.run("def longest(number: int, name: str, other: list[str] = ()): 'Looks.'")
    line = f"p = %claude --tools longest --system '{'é' * 400}' --dry-run hi\np"
    *parts, (_, whole) = shell.run(line).value.parts()
    tokens = dict(parts)
    assert tokens["tools"] > 50
    assert 100 <= tokens["system"] <= 101
    assert whole > sum(tokens.values())


def test_a_line_gives_the_preview_as_a_value(shell):
    """`r = %claude --dry-run …` holds exactly what would be sent."""
    preview = shell.run("r = %claude --dry-run hi\nr").value
    assert preview.body["messages"][-1]["content"] == [{"type": "text", "text": "hi"}]


def test_the_key_is_in_no_header(shell, monkeypatch):
    """Both headers name the key instead of showing it."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    monkeypatch.setenv("ROUTEWAY_BASE_URL", "http://127.0.0.1:9")
    bundle = shown(shell.run("%%claude --dry-run\nhi"))
    for text in bundle.values():
        assert KEY not in text
        assert "authorization: Bearer [API key]" in text
        assert "x-api-key: [API key]" in text


def test_a_request_that_holds_the_key_is_not_even_shown(shell, monkeypatch):
    """A dry run is an output of the notebook, too."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    ran = shell.run(f"%%claude --dry-run\nmy key is {KEY}")
    assert isinstance(ran.error, InputError)
    assert ran.outputs == []


@pytest.mark.parametrize("cell", ["%%claude --dry-run\n{it}", "%%claude\n{it}"])
def test_a_key_that_is_not_in_use_is_not_shown_either(shell, monkeypatch, cell):
    """The emulator shows what it receives: not the environment's key."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    monkeypatch.setenv("ROUTEWAY_SOURCE", "emulator")
    shell.run(f"it = ['{KEY}']")
    ran = shell.run(cell)
    assert isinstance(ran.error, InputError)
    assert KEY not in str(ran.error)
    assert (ran.outputs, session().turns) == ([], [])


def test_values_over_the_budget_are_told(shell):
    """A label cannot be cut: what it takes too much is said."""
    shell.run("%config ClaudeSettings.request_budget = 10\nit = ['x' * 500] * 9")
    text = shown(shell.run("%%claude --dry-run\n{it}"))["text/plain"]
    assert re.search(r"take \d+ tokens more than the 10 of `request_budget`", text)


def test_what_was_said_before_is_weighed_as_one_part(shell):
    """The history is part of the request, and of its price."""
    shell.run("%%claude\nfirst")
    text = shown(shell.run("%%claude --dry-run\nsecond"))["text/plain"]
    assert re.search(r"^ +\d+  2 messages said before$", text, re.MULTILINE)
    assert '"text": "first"' in text


def test_images_are_thumbnails(shell):
    """They are shown as small pictures; the JSON names their bytes."""
    shell.run(
        "from PIL import Image\nimport os\n"
        "noise = Image.frombytes('RGB', (600, 400), os.urandom(720_000))"
    )
    bundle = shown(shell.run("%%claude --dry-run\n{noise}"))
    data = re.search(
        r'<img [^>]*src="data:image/png;base64,([^"]+)"', bundle["text/html"]
    )
    assert data
    assert len(base64.b64decode(data[1])) < 250_000
    assert len(bundle["text/html"]) < 350_000
    assert re.search(r"\([\d,]+ characters of base64\)", bundle["text/plain"])
    assert "600 × 400" in bundle["text/plain"]


def test_an_image_that_cannot_be_read_has_no_thumbnail(shell):
    """A block that an object gave of itself may hold anything."""
    shell.run(
        "import base64, PIL.Image\n"
        "data = base64.b64encode(bytes(100_000)).decode()\n"
        "source = {'type': 'base64', 'media_type': 'image/png', 'data': data}\n"
        "block = {'type': 'image', 'source': source}\n"
        "it = type('It', (), {'_repr_llm_': lambda self: [block]})()"
    )
    bundle = shown(shell.run("%%claude --dry-run\n{it}"))
    assert "[image/png]" in bundle["text/html"]
    assert "<img" not in bundle["text/html"]


def test_what_was_shortened_and_left_is_told(shell):
    """Values that were cut, and braces that stayed, are listed."""
    shell.run("book = 'word ' * 100_000")
    text = shown(shell.run("%%claude --dry-run\n{book} {x.y}"))["text/plain"]
    assert "Shortened: book (left out: " in text
    assert "Left as typed: {x.y}" in text


def test_nothing_of_the_prompt_is_html(shell):
    """What the user pasted cannot run in their browser either."""
    html = shown(shell.run("%%claude --dry-run\n<script>alert(1)</script>"))[
        "text/html"
    ]
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_the_server_counts_when_asked(shell):
    """`--dry-run --count` asks `count_tokens`; the emulator has it."""
    text = shown(shell.run("%%claude --dry-run --count\nhi"))["text/plain"]
    assert re.search(r"The server says: \d+ tokens", text)
    assert session().turns == []


@pytest.mark.parametrize("status", [404, 405, 422])
def test_a_server_that_cannot_count_is_no_error(shell, monkeypatch, status):
    """Routeway's documents do not mention the endpoint (API.md 8)."""

    def refuse(peer: Peer) -> None:
        assert peer.received.line.startswith("POST /v1/messages/count_tokens ")
        assert not {"max_tokens", "stream"} & set(peer.received.json)
        peer.reply(b'{"error": {"message": "no such endpoint"}}', status=status)

    with Server(refuse) as server:
        monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
        monkeypatch.setenv("ROUTEWAY_BASE_URL", server.base_url)
        text = shown(shell.run("%%claude --dry-run --count\nhi"))["text/plain"]
    assert "The server says: no count." in text


def test_counting_is_for_dry_runs(shell):
    """`--count` alone would promise what a sent request does not do."""
    assert isinstance(shell.run("%%claude --count\nhi").error, InputError)
