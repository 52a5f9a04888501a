"""`%claude code`: the last request as a program in the cell below."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from emulation import asking, image
from shells import Shell

from routeway_magic.export import WAYS
from routeway_magic.run.again import request_of
from routeway_magic.run.session import session
from routeway_magic.sources.local import LocalModel
from routeway_magic.types import Request


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path) -> Iterator[Shell]:
    """A shell in an empty folder."""
    monkeypatch.chdir(tmp_path)
    with Shell.opened() as opened:
        yield opened


def test_before_anything(shell):
    """Without a request there is nothing to write, and it says what to do."""
    ran = shell.run("%claude code")
    assert not ran.ok
    assert "--dry-run" in str(ran.error)


@pytest.mark.parametrize("way", ["", *WAYS])
def test_last_exchange(shell, way):
    """The last exchange becomes a program, without a key, for the real address."""
    shell.run("%%claude -t 0.25\nwhy so blue?")
    ran = shell.run(f"%claude code {way}")
    assert ran.ok
    assert "why so blue?" in ran.stdout
    assert "0.25" in ran.stdout
    assert "https://api.routeway.ai" in ran.stdout
    assert "127.0.0.1" not in ran.stdout
    assert "which is not set here" in ran.stdout
    assert ran.stdout.startswith("%%bash\n") == (way == "curl")


def test_dry_run(shell):
    """After a dry run it is what would have been sent."""
    shell.run("%%claude\nfirst")
    shell.run("%%claude --dry-run\nsecond")
    ran = shell.run("%claude code curl")
    assert "second" in ran.stdout
    assert "first" in ran.stdout


def test_a_local_model(shell):
    """Its port ends with the kernel: the code asks Routeway, and says so."""
    shell.run("%%claude\nwhy?")
    model = LocalModel(Path("weights.gguf"))
    model.base_url = "http://127.0.0.1:9"
    model.check = str  # it runs
    session().sources.use_local(model)
    ran = shell.run("%claude code")
    session().sources.local = None
    assert "127.0.0.1" not in ran.stdout
    assert "A local model answers here; the code asks https://api.route" in ran.stdout


def test_a_prompt(shell):
    """A prompt that begins like the subcommand is not taken for it."""
    ran = shell.run("%claude code a game of snake")
    assert not ran.ok
    assert "%claude -- code a game of snake" in str(ran.error)


def test_files(shell, tmp_path):
    """Long base64 is written beside the notebook, and said to be."""
    content = bytes(range(256)) * 20
    session().last_request = Request(asking([image(content)]))
    ran = shell.run("%claude code")
    (file,) = tmp_path.glob("claude-*.png")
    assert file.name in ran.stdout
    assert file.read_bytes() == content


def test_cannot_write(shell, tmp_path):
    """Where the file cannot be written, it says so and gives no program."""
    test_files(shell, tmp_path)
    (file,) = tmp_path.glob("claude-*.png")
    file.unlink()
    file.mkdir()
    ran = shell.run("%claude code")
    assert not ran.ok
    assert file.name in str(ran.error)


@pytest.mark.parametrize(
    "line", ["-t 0.5 -s brief --stop X", "--thinking 2000 --no-stream", "--param x=[1]"]
)
def test_after_a_restart(shell, line):
    """Without the request in memory it is put together again, to the byte."""
    shell.run("%%claude\nfirst")
    shell.run(f"%%claude {line}\nsecond")
    kept = session()
    conversation = kept.conversation()
    turn = conversation.turns[-1]
    sent = kept.last_request
    assert request_of(turn, conversation).encode() == sent.encode()
    kept.last_request = None
    if turn.has_content:
        assert "second" in shell.run("%claude code curl").stdout
