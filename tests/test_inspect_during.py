"""`%claude inspect` of what is under way in a sweep, and of what was replayed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernels import StartKernel
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


# In one step: once the file is there, it is whole.
LOOK = """import os
import time
from IPython.utils.capture import capture_output
from routeway_magic.run.session import session
from routeway_magic.run.wire import under_way
while not under_way(session()):
    time.sleep(0.05)
with capture_output() as seen:
    get_ipython().run_line_magic("claude", "inspect")
told = seen.outputs[-1].data["text/plain"] if seen.outputs else seen.stdout
with open("looking.txt", "w", encoding="utf-8") as file:
    file.write(told)
os.rename("looking.txt", os.environ["LOOKED"])
"""


def inspected(shell: Shell, which: str = "") -> str:
    """The wire view as text."""
    ran = shell.run(f"%claude inspect {which}")
    return ran.outputs[-1]["text/plain"]


def test_during_a_sweep(shell: Shell) -> None:
    """While another thread sweeps, each answer can be looked at, and Tab names it."""
    shell.run("%claude emulate: echo")
    asking = threading.Thread(
        target=sweep,
        args=["emulate: echo, slow 3\n{n} " + 12 * "words ", {"n": [1, 2]}],
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
    assert not any("tokens per second" in told for told in looked)
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


def test_while_a_cell_sweeps(start_kernel: StartKernel, tmp_path: Path) -> None:
    """The kernel is busy with the cell; a console on a subshell can look meanwhile."""
    looked = tmp_path / "looked.txt"
    kernel = start_kernel(LOOKED=str(looked))
    kernel.run("%load_ext routeway_magic")
    client = kernel._client
    client.control_channel.send(client.session.msg("create_subshell_request", {}))
    subshell = client.get_control_msg(timeout=10)["content"].get("subshell_id")
    if subshell is None:
        pytest.skip("this ipykernel has no subshells")
    kernel.start("%%claude --sweep n=1,2\nemulate: echo, slow 3\n{n}" + 12 * " words")
    kernel.wait_until(lambda area: "rw" in str(area.outputs))
    looks = client.session.msg("execute_request", {"code": LOOK, "silent": False})
    looks["header"]["subshell_id"] = subshell
    client.shell_channel.send(looks)
    wait_until(looked.exists)
    assert kernel.wait().status == "ok"
    assert "under way" in looked.read_text(encoding="utf-8")
