"""`%claude inspect`: an exchange as it went over the wire."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest
from journaled import HELLO, asked
from scripted import ask, saying, session_of
from servers import KEY, Peer, Server, answering, sse
from shells import Shell

from routeway_magic import records
from routeway_magic.commands import run
from routeway_magic.grammar import OPTIONS
from routeway_magic.run.session import session


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A shell with the extension loaded."""
    with Shell.opened() as opened:
        yield opened


def inspected(shell: Shell, line: str = "") -> dict[str, str]:
    """What `%claude inspect` shows."""
    ran = shell.run(f"%claude inspect {line}")
    assert ran.ok, ran.error
    (output,) = ran.outputs
    return output


def test_nothing_asked(shell):
    """Before anything is asked it says what to do."""
    ran = shell.run("%claude inspect")
    assert not ran.ok
    assert "Nothing has been asked" in str(ran.error)


def test_last(shell):
    """The latest exchange: its request to the byte, its headers, its events."""
    shell.run("%%claude\nfirst")
    shell.run("%%claude -s brief\nemulate: thinking\nsecond")
    text = inspected(shell)["text/plain"]
    for said in (
        "[API key]",
        "Byte for byte what was sent",
        '"text": "first"',
        "x-api-key",
        "response: HTTP 200",
        "text/event-stream",
        "thinking |",
        "first token",
    ):
        assert said in text
    assert session().sources.client()[0]._key.reveal() not in text


def test_by_id(shell):
    """An earlier turn is found by the beginning of its id."""
    shell.run("%%claude\nfirst")
    first = session().turns[0]
    shell.run("%%claude\nsecond")
    assert '"second"' not in inspected(shell, first.short)["text/plain"]
    told = shell.run(f"%claude inspect {first.short} events").stdout
    assert "message_start" in told
    assert "message_stop" in told


def test_a_prompt(shell):
    """What names no turn is not taken for an id."""
    ran = shell.run("%claude inspect this function")
    assert not ran.ok
    assert "%claude -- inspect this function" in str(ran.error)


def test_refused(shell):
    """A refusal shows its status, and why."""
    shell.run("%%claude\nemulate: error 400\nhello")
    text = inspected(shell)["text/plain"]
    assert "HTTP 400" in text
    assert "failed" in text


def test_journal_off(shell):
    """Without a journal the request is shown, and what is not known is said."""
    shell.run("%config ClaudeSettings.journal = False")
    shell.run("%%claude\nhello")
    text = inspected(shell)["text/plain"]
    assert "The journal is off" in text
    assert '"hello"' in text
    assert "is not known" in text


def test_loaded(shell, tmp_path):
    """What was loaded has no times, and says so."""
    shell.run("%%claude\nhello")
    shell.run(f"%claude save {tmp_path}/a.jsonl")
    shell.run("%claude journal delete")
    session().conversations.clear()
    shell.run(f"%claude load {tmp_path}/a.jsonl")
    assert "When they came is not known" in inspected(shell)["text/plain"]


def test_earlier_kernel(shell):
    """What an earlier kernel's journal has is read there."""
    shell.run("%%claude\nhello")
    session().recorder._journal = None
    assert "first token" in inspected(shell)["text/plain"]


def test_continued(shell):
    """A turn that goes on with an answer is put together as it was sent."""
    shell.run("%%claude\nemulate: cut\nhello")
    shell.run("%claude continue")
    assert "Byte for byte" in inspected(shell)["text/plain"]


def test_under_way():
    """What another thread has under way is shown as far as it is written down."""
    go_on, begun = threading.Event(), threading.Event()

    def pause() -> None:
        begun.set()
        go_on.wait(10)

    kept = session_of(saying("some", pause, "thing"))
    thread = threading.Thread(target=ask, args=[kept])
    thread.start()
    begun.wait(10)
    try:
        for _ in range(50):
            if kept.recorder.journal.path and b"some" in _bytes(kept):
                break
            threading.Event().wait(0.05)
        output = run("inspect", kept, OPTIONS)
    finally:
        go_on.set()
        thread.join()
    assert "under way" in output.text
    assert "so far" in output.text
    after = run("inspect", kept, OPTIONS)
    assert "complete" in after.text
    kept.close()


def test_large_journal(shell, monkeypatch):
    """Of a large journal only the questions, and what is looked at, are parsed."""
    shell.run("%%claude\nhello")
    head, journal = session().conversation().head, session().recorder.journal
    lines = 0
    for number in range(30):
        text = f"question {number} " + "long " * 300
        turn = asked(text, parent=head, started=9e9 + number)
        journal.append(records.request(turn, conversation="main", aside=True))
        came = records.EventRun(turn.id)
        for ms in range(20):
            lines += 1
            journal.append(came.record([(ms, event) for event in HELLO[:-1]]))
        if number % 10:
            journal.append(records.end(turn))
    parsed, loads = [], json.loads
    monkeypatch.setattr(json, "loads", lambda line: parsed.append(1) or loads(line))
    text = inspected(shell)["text/plain"]
    monkeypatch.undo()
    assert "question 20 long" in text
    assert '"text": "hello"' in text
    assert "under way" in text
    assert len(parsed) < lines / 3


def _bytes(kept) -> bytes:
    return kept.recorder.journal.path.read_bytes()


def test_headers(shell, monkeypatch):
    """Headers are kept, but none that opens or names an account; nor the key."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)

    def answer(peer: Peer) -> None:
        headers = {
            "set-cookie": "private=1",
            "anthropic-organization-id": "private-org",
            "x-echo": f"got {KEY}",
            "anthropic-ratelimit-tokens-remaining": "1234",
            "request-id": "req_1",
        }
        peer.head(headers=headers)
        peer.chunk(sse())
        peer.chunk(b"")

    with Server(answer) as server:
        monkeypatch.setenv("ROUTEWAY_BASE_URL", server.base_url)
        assert shell.run("%%claude\nhello").ok
        text = inspected(shell)["text/plain"]
    assert "request-id: req_1" in text
    assert "anthropic-ratelimit-tokens-remaining: 1234" in text
    assert "set-cookie: [not kept]" in text
    assert "x-echo: got [API key]" in text
    written = session().recorder.journal.path.read_text()
    for secret in ("private", KEY):
        assert secret not in text
        assert secret not in written


def test_retried(shell, monkeypatch):
    """Each try has its status; the wait between them is told."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)

    def busy(peer: Peer) -> None:
        headers = {"retry-after": "0"}
        peer.reply(json.dumps({}).encode(), status=529, headers=headers)

    with Server(busy, answering()) as server:
        monkeypatch.setenv("ROUTEWAY_BASE_URL", server.base_url)
        assert shell.run("%%claude\nhello").ok
        text = inspected(shell)["text/plain"]
    assert "HTTP 529" in text
    assert "HTTP 200" in text
    assert "retry in" in text
