"""Cassettes in kernels, and in notebooks that a program runs: no key, no network."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from kernels import StartKernel
from nbclient import NotebookClient
from servers import KEY, Server, answering, hello_text

CELLS = [
    "%load_ext routeway_magic",
    "%%claude\none",
    "%%claude\ntwo",
    "r = %claude three",
    "print(r.source)",
]


def executed(folder: Path) -> list[nbformat.NotebookNode]:
    """The cells, run by nbclient in that folder."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]  # type: ignore[no-untyped-call]  # nbformat has no types
    notebook = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]  # see above
    client = NotebookClient(
        notebook, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    return list(client.execute().cells)


def test_a_notebook_runs_from_its_cassette(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recorded once with a key; then anywhere, the same, marked in each footer."""
    monkeypatch.setenv("ROUTEWAY_CASSETTE", "lesson.jsonl")
    with Server(answering()) as server, pytest.MonkeyPatch.context() as keyed:
        keyed.setenv("ROUTEWAY_CASSETTE_MODE", "record")
        keyed.setenv("ROUTEWAY_API_KEY", KEY)
        keyed.setenv("ROUTEWAY_BASE_URL", server.base_url)
        before = executed(tmp_path)
    assert KEY not in (tmp_path / "lesson.jsonl").read_text()
    after = executed(tmp_path)
    assert before[4].outputs[0].text == f"127.0.0.1:{server.port}\n"
    assert after[4].outputs[0].text == f"127.0.0.1:{server.port}, replayed\n"
    for one, other in zip(before[1:3], after[1:3], strict=True):
        was, now = one.outputs[0].data, other.outputs[0].data
        assert now["text/plain"] == was["text/plain"] == hello_text()
        assert ", replayed ·" in now["text/html"]
        assert ", replayed" not in was["text/html"]


def test_a_kernel_leaves_what_was_whole(
    start_kernel: StartKernel, tmp_path: Path
) -> None:
    """A cassette is whole after each answer; what is torn behind it does no harm."""
    file = tmp_path / "lesson.jsonl"
    kernel = start_kernel()
    kernel.run(f"%load_ext routeway_magic\n%claude record {file}")
    kernel.run("%%claude\nemulate: echo\none")
    content = file.read_bytes()
    assert content.endswith(b"]}\n")
    file.write_bytes(content + b'{"kind":"said","na')
    second = start_kernel(ROUTEWAY_CASSETTE=str(file))
    second.run("%load_ext routeway_magic")
    shown = second.run("%%claude\nemulate: echo\none").outputs[0]
    assert "emulator, replayed" in shown["data"]["text/html"]


def test_an_interrupt_ends_a_replay(start_kernel: StartKernel, tmp_path: Path) -> None:
    """The stop button works as with a server: what has come is kept."""
    file = tmp_path / "lesson.jsonl"
    kernel = start_kernel()
    kernel.run(f"%load_ext routeway_magic\n%claude record {file}")
    kernel.run(
        "%%claude --no-history\nemulate: echo\nquokkas everywhere, today and tomorrow"
    )
    lines = file.read_text().splitlines()
    ends = lines[-1].replace("]}", "").rpartition(",")[0]
    file.write_text("\n".join([*lines[:-1], f"{ends},600000]}}", ""]))
    kernel.run(f"%claude record stop\n%claude replay {file}")
    kernel.start(
        "%%claude --no-history\nemulate: echo\nquokkas everywhere, today and tomorrow"
    )
    kernel.wait_until(lambda area: "tomorrow" in str(area.outputs))
    kernel.interrupt()
    result = kernel.wait()
    assert result.status == "error"
    assert "quokkas everywhere, today and tomorrow" in str(result.outputs)
    assert "interrupted, what arrived is kept" in str(result.outputs)
