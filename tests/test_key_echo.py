"""A server that says the key in other forms, looked for in all that a user keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from panels import Page
from servers import HELLO, KEY, Script, Server, answering, refusing
from shells import Shell
from test_key_forms import WAYS

from routeway_magic import session
from routeway_magic.panel.panel import Panel
from routeway_magic.secret import ApiKey

SIZE = 7  # letters of a delta


TEXT = "\n".join(f"<{way}: {write(KEY)}>" for way, write in WAYS.items())
ERROR = {"error": {"type": "invalid_request_error", "message": TEXT}}


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Shell]:
    """A shell in an empty folder, with a key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    with Shell.opened() as opened:
        yield opened


def echoed(text: str) -> list[dict[str, object]]:
    """The frames of an answer that thinks and says this, in pieces."""
    kinds = (("thinking", "thinking_delta"), ("text", "text_delta"))
    frames = [dict(HELLO[0])]
    for index, (member, kind) in enumerate(kinds):
        block = {"type": member, member: ""}
        frames.append(
            {"type": "content_block_start", "index": index, "content_block": block}
        )
        for at in range(0, len(text), SIZE):
            delta = {"type": kind, member: text[at : at + SIZE]}
            frames.append(
                {"type": "content_block_delta", "index": index, "delta": delta}
            )
        frames.append({"type": "content_block_stop", "index": index})
    return [*frames, dict(HELLO[4]), dict(HELLO[5])]


def refusal() -> Script:
    """A refusal that says it, in the body and in a header."""
    return refusing(400, json.dumps(ERROR).encode(), x_echo=KEY.encode().hex())


def test_it_is_kept_nowhere(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in outputs, the wire view, the journal, a cassette, a reply or an error."""
    with Server(answering(echoed(TEXT)), refusal()) as server:
        monkeypatch.setenv("ROUTEWAY_BASE_URL", server.base_url)
        lines = ["record lesson.jsonl", "-o reply Hi", "inspect", "inspect events"]
        lines += ["show", "Hi again", "inspect", "history", "save talk.jsonl"]
        ran = [shell.run(f"%claude {line}") for line in lines]
    said = [
        one.stdout + one.stderr + repr(one.outputs) + repr(one.error) for one in ran
    ]
    reply = shell.ip.user_ns["reply"]
    journal = session().recorder.journal.path
    assert journal is not None
    said += [repr(reply.message), reply.text, json.dumps(reply.message)]
    files = (journal, Path("lesson.jsonl"), Path("talk.jsonl"))
    said += [file.read_text(encoding="utf-8") for file in files]
    assert reply.text.count("[API key]") == len(WAYS)
    for place in said:
        assert not ApiKey(KEY).is_in(place.encode())


def test_the_panel_does_not_have_it(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in a message as it streams or later, nor in its state, twin or copies."""
    monkeypatch.setattr(Panel, "_list_models", lambda _: None)
    page = Page(shell)
    with Server(answering(echoed(TEXT)), refusal()) as server:
        monkeypatch.setenv("ROUTEWAY_BASE_URL", server.base_url)
        turn = page.ask(prompt="Hi")["turn"]
        failed = page.ask(prompt="Hi again")
        page.ask("copy", turn=turn, **{"as": "httpx"})
        page.ask("preview", prompt="Hi")
    assert failed["type"] == "failed"
    streamed = [*page.sent]
    state = page.state()
    said = [json.dumps(one) for one in [*streamed, *page.sent, *page.states]]
    said.append("".join(one.get("tail", "") for one in streamed))
    said.append("".join(one.get("frozen", "") for one in streamed))
    said += [str(page.panel.get_state()), str(page.panel._repr_mimebundle_())]
    page.panel.close()
    assert "[API key]" in failed["html"]
    assert state["turns"][0]["answer_html"].count("[API key]") == 2 * len(WAYS)
    for place in said:
        for text in (place, re.sub("<[^>]*>", "", place)):
            assert not ApiKey(KEY).is_in(text.encode())
