"""`%claude local`: a real model in a process of its own, asked like any other."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import psutil
import pytest
from shells import Shell

from routeway_magic import ask, session
from routeway_magic.errors import APIError, BadRequestError, Interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from kernels import StartKernel

    from routeway_magic.run.exchange import Exchange

COUNT = "Count: one two three four five six seven"


@pytest.fixture
def shell(weights: Path) -> Iterator[Shell]:
    """A shell in which the local model answers."""
    shell = Shell()
    ran = shell.run("%claude local")
    assert ran.ok, ran.stderr
    yield shell
    shell.close()


def _process() -> psutil.Process:
    model = session().sources.local
    assert model is not None
    assert model._process is not None
    return psutil.Process(model._process.pid)


def test_it_answers_and_says_so(shell: Shell) -> None:
    """A reply says that a tiny model gave it, under an answer that was streamed."""
    ran = shell.run("r = %claude --max-tokens 8 -t 0 Say hello.\nr")
    reply = ran.value
    assert reply.source == "local, a tiny model, often wrong"
    assert reply.message["model"] == "SmolLM2-135M-Instruct"
    assert reply.text
    assert "a tiny model, often wrong" in ran.stdout
    assert "SmolLM2-135M-Instruct on this machine" in shell.run("%claude status").stdout
    assert "answers already" in shell.run("%claude local").stdout


def test_parameters_have_their_meaning(shell: Shell) -> None:
    """What is sent is what llama.cpp does: length, stops, temperature."""
    short = ask(COUNT, max_tokens=3)
    assert (short.stop_reason, short.usage["output_tokens"]) == ("max_tokens", 3)
    whole = ask(COUNT, max_tokens=30, temperature=0)
    stop = whole.text.split()[2]
    cut = ask(COUNT, max_tokens=30, temperature=0, stop=[stop])
    assert cut.text == whole.text[: whole.text.index(stop)]
    assert ask(COUNT, max_tokens=30, temperature=0).text == whole.text
    hot = {ask(COUNT, max_tokens=12, temperature=2).text for _ in range(4)}
    assert len(hot) > 1


def _stop_after(events: int, sending: AbstractContextManager[Exchange]) -> None:
    with sending as exchange:
        for count, _ in enumerate(exchange):
            if count == events:
                raise KeyboardInterrupt


def test_it_can_be_stopped(shell: Shell) -> None:
    """Leaving an answer ends it in the model's process, too."""
    here = session()
    place = here.place()
    options = here.settings.snapshot(max_tokens=4000, temperature=0.9)
    request = here.compose("Tell a long story.", options=options, place=place)
    with pytest.raises(Interrupted):
        _stop_after(10, here.send(request, conversation=place.conversation, aside=True))
    process = _process()
    process.cpu_percent()
    deadline = time.monotonic() + 10
    while process.cpu_percent(0.2) > 20:
        assert time.monotonic() < deadline
    assert here.turns[-1].status == "interrupted"


def test_errors_are_sentences(shell: Shell) -> None:
    """What does not fit is refused by the server, in its words."""
    with pytest.raises(BadRequestError, match="context size"):
        ask("word " * 9000, max_tokens=5)
    ran = shell.run("%claude local --port 70000")
    assert "`70000` is no port" in str(ran.error)
    missing = shell.run("%claude local --model-file missing.gguf")
    assert "no file" in str(missing.error)


def test_a_file_that_is_no_model(shell: Shell, tmp_path: Path) -> None:
    """It is told what llama.cpp says, and the model before goes on answering."""
    file = tmp_path / "none.gguf"
    file.write_text("no model")
    ran = shell.run(f"%claude local --model-file {file}")
    assert "expected 'GGUF'" in str(ran.error)
    assert ask("Hi", max_tokens=2).source.startswith("local")


def test_a_busy_port(shell: Shell) -> None:
    """A port that something else has is named as a likely reason."""
    model = session().sources.local
    assert model is not None
    port = model.base_url.rpartition(":")[2]
    ran = shell.run(f"%claude local --port {port}")
    assert "did not start" in str(ran.error)
    assert "Is the port free" in str(ran.error)


def test_it_stops_when_told(shell: Shell) -> None:
    """Afterwards the settings choose again who answers."""
    process = _process()
    assert "has been stopped" in shell.run("%claude local stop").stdout
    assert not psutil.pid_exists(process.pid)
    assert ask("Hi").source == "emulator"
    assert "No local model is running" in shell.run("%claude local stop").stdout


def test_a_process_that_died_is_named(shell: Shell) -> None:
    """What to do is said, and starting it again works."""
    process = _process()
    process.kill()
    process.wait()
    ran = shell.run("%claude Hello")
    assert "process has ended" in str(ran.error)
    assert shell.run("%claude local").ok
    assert ask("Hi", max_tokens=2).source.startswith("local")


def test_the_key_is_needed_and_kept(shell: Shell) -> None:
    """Nobody else on this machine can ask it, and the key is in no argument."""
    model = session().sources.local
    assert model is not None
    arguments = " ".join(_process().cmdline())
    assert model.key.reveal() not in arguments
    model.key = type(model.key)("another-key")
    with pytest.raises(APIError, match="key"):
        ask("Hi", max_tokens=2)


def test_it_ends_with_its_kernel(weights: Path, start_kernel: StartKernel) -> None:
    """Also when the kernel is killed, and not when a cell is interrupted."""
    kernel = start_kernel(XDG_CACHE_HOME=str(weights.parents[1]))
    kernel.run("%load_ext routeway_magic")
    started = kernel.run("%claude local")
    assert started.status == "ok", started
    kernel.start("%claude --max-tokens 4000 -t 1 Tell a long story.")
    kernel.wait_until(lambda area: "rw" in str(area.outputs))
    kernel.interrupt()
    kernel.wait()
    told = kernel.run(
        "from routeway_magic import session\nimport os\n"
        "print(session().sources.local._process.pid, os.getpid())"
    )
    model, own = map(int, told.stdout.split())
    assert psutil.pid_exists(model)
    os.kill(own, signal.SIGKILL)
    psutil.Process(model).wait(10)
