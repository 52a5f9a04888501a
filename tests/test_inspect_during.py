"""`%claude inspect` of what is under way in a sweep, and of what was replayed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from shells import Shell
from waiting import wait_until

from routeway_magic import sweep
from routeway_magic.known import Known
from routeway_magic.run.session import session
from routeway_magic.run.wire import under_way


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Shell]:
    """A shell in an empty folder."""
    monkeypatch.chdir(tmp_path)
    with Shell.opened() as opened:
        yield opened


def inspected(shell: Shell, which: str = "") -> str:
    """The wire view as text."""
    ran = shell.run(f"%claude inspect {which}")
    return ran.outputs[-1]["text/plain"]


def test_during_a_sweep(shell: Shell) -> None:
    """While another thread sweeps, each answer can be looked at, and Tab names it."""
    shell.run("%claude emulate: echo")
    asking = threading.Thread(
        target=sweep, args=["emulate: slow 2\n{n} of many words", {"n": [1, 2]}]
    )
    asking.start()
    try:
        wait_until(lambda: len(under_way(session())) == 2)
        ids = [turn.id for _, turn in under_way(session())]
        looked = [inspected(shell, one) for one in ids]
        offered = {name for name, _ in Known(shell.ip).turns()}
    finally:
        asking.join()
    assert all("under way" in told for told in looked)
    assert set(ids) <= offered


def test_a_replay(shell: Shell) -> None:
    """It says that nothing was sent, and what has answered; no address stands there."""
    shell.run("%claude record lesson.jsonl")
    shell.run("%%claude\nemulate: echo\nhi")
    shell.run("%claude record stop")
    sent = inspected(shell)
    assert "Byte for byte what was sent" in sent
    shell.run("%claude replay lesson.jsonl --speed max")
    shell.run("%%claude --new\nemulate: echo\nhi")
    told = inspected(shell)
    assert "Nothing was sent: this is replayed from lesson.jsonl" in told
    assert "Byte for byte what would have been sent" in told
    assert "request: not sent, replayed from lesson.jsonl" in told
    assert "http" not in told.replace("HTTP 200", "")
