"""A server that says the key in other forms, looked for in all that a user keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import HELLO, KEY, Server, answering, refusing
from shells import Shell
from test_key_forms import WAYS

from routeway_magic import session
from routeway_magic.secret import ApiKey

SIZE = 7  # letters of a delta


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


def test_it_is_kept_nowhere(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in outputs, the wire view, the journal, a cassette, a reply or an error."""
    text = "\n".join(f"<{way}: {write(KEY)}>" for way, write in WAYS.items())
    error = {"error": {"type": "invalid_request_error", "message": text}}
    refusal = refusing(400, json.dumps(error).encode(), x_echo=KEY.encode().hex())
    with Server(answering(echoed(text)), refusal) as server:
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
