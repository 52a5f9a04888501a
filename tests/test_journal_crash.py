"""What is left when the kernel is killed in the middle of an answer."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from routeway_magic.accumulate import text_of
from routeway_magic.conversation import Turn
from routeway_magic.journal import default_folder
from routeway_magic.run.archive import read_file

PAUSING = """
import time
from scripted import ask, saying, session_of
words = [f"word{number} " for number in range(200)]
def pause():
    time.sleep(600)
ask(session_of(saying(*words, pause, "never")))
"""

FLOWING = """
import time
from scripted import ask, saying, session_of
def pause():
    time.sleep(0.001)
words = [piece for number in range(100_000) for piece in (f"number{number} ", pause)]
session = session_of(saying("first"))
ask(session)
session.sources.client()[0].answer = saying(*words)
ask(session)
"""


@contextmanager
def killed(code: str) -> Iterator[None]:
    """A process that runs this code; ended by SIGKILL when the block is left."""
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    process = subprocess.Popen([sys.executable, "-c", code], env=here)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def turns() -> list[Turn]:
    """The turns of the one journal that there is."""
    (path,) = default_folder().glob("*.jsonl")
    found = read_file(path)
    assert not found.skipped
    assert not found.notes
    return found.conversations["main"].turns


def wait_for(text: str) -> None:
    """Until the journal has this text."""
    end = time.monotonic() + 60
    while not any(
        text.encode() in path.read_bytes() for path in default_folder().glob("*.jsonl")
    ):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_killed_in_a_pause_nothing_is_lost():
    """What had come before the stream paused is an interrupted turn."""
    with killed(PAUSING):
        wait_for("word199 ")
    (turn,) = turns()
    assert turn.status == "interrupted"
    expected = "".join(f"word{number} " for number in range(200))
    assert text_of(turn.message or {}) == expected
    assert turn.content[0]["text"] == "hi"


def test_killed_in_mid_stream_only_the_end_is_lost():
    """What is read is a beginning of what was sent, and no line is torn."""
    with killed(FLOWING):
        wait_for("number350 ")
    first, second = turns()
    assert (first.status, second.status) == ("complete", "interrupted")
    assert second.parent == first.id
    kept = text_of(second.message or {}).split()
    assert kept == [f"number{number}" for number in range(len(kept))]
    assert len(kept) > 350


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_killed_kernel_is_taken_up_by_the_next(start_kernel, tmp_path):
    """After the crash `%claude load` offers this notebook's conversation."""
    user = {
        "JUPYTER_DATA_DIR": str(tmp_path),
        "JPY_SESSION_NAME": "/home/user/talk.ipynb",
    }
    first = start_kernel(**user)
    first.run("%load_ext routeway_magic\n%claude -- remember the word teapot")
    first.run("import os, threading\nstop = lambda: os.kill(os.getpid(), 9)")
    first.start("threading.Timer(1.5, stop).start()\n%claude emulate: slow 20, long 50")
    with pytest.raises(RuntimeError, match="kernel died"):
        first.wait()
    second = start_kernel(**user)
    second.run("%load_ext routeway_magic")
    offered = second.run("%claude load").stdout
    assert "1  main" in offered
    assert "2 turns" in offered
    assert "goes on from" in second.run("%claude load 1").stdout
    again = second.run(
        "from routeway_magic import session\n"
        "print([turn.status for turn in session().turns])\n"
        "%claude -- what was the word?"
    )
    assert "['complete', 'interrupted']" in again.stdout
    path = second.run(
        "kept = session().conversation()\nprint(len(kept.path(kept.head)))"
    )
    assert path.stdout == "3\n"
    other = start_kernel(**(user | {"JPY_SESSION_NAME": "/home/user/other.ipynb"}))
    other.run("%load_ext routeway_magic")
    assert "have left no conversation" in other.run("%claude load").stdout
