"""Tab as a kernel's front end and a terminal see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from environment import clean_environment
from terminals import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from kernels import Kernel


def test_a_kernel_completes(kernel: Kernel) -> None:
    """Words, place and help are in the reply; unloaded, it is IPython's again."""
    kernel.run("%load_ext routeway_magic\nquestion = 'why'")
    flag = kernel.complete("%%claude --tempe\nbody", position=16)
    assert flag["matches"] == ["--temperature"]
    assert (flag["cursor_start"], flag["cursor_end"]) == (9, 16)
    name = kernel.complete("%%claude\n\té😀 {que} why", position=17)
    assert name["matches"] == ["question"]
    assert (name["cursor_start"], name["cursor_end"]) == (14, 17)
    [described] = name["metadata"]["_jupyter_types_experimental"]
    assert described["type"] == "str"
    assert kernel.complete("%%claude\nque", position=12)["matches"] == []
    kernel.run("%unload_ext routeway_magic\n%config IPCompleter.use_jedi = False")
    assert "question" in kernel.complete("%%claude\nque", position=12)["matches"]


# pexpect forks, and execs at once: the threads that nbclient left do no harm.
@pytest.mark.filterwarnings(
    "ignore:This process .* is multi-threaded:DeprecationWarning"
)
def test_a_terminal_completes(tmp_path: Path) -> None:
    """Tab writes the word that is left to choose, in a line and below `%%claude`."""
    environment = clean_environment(tmp_path)
    with Terminal(environment, directory=tmp_path, colour=True) as terminal:
        terminal.run("%load_ext routeway_magic")
        terminal.run("question = 'why'")
        start = terminal.press("%claude --no-hist\t")
        terminal.wait_until(start, lambda text: "--no-history" in text)
        start = terminal.press(" is {quest\t")
        terminal.wait_until(start, lambda text: "{question" in text)
        shown = terminal.wait(terminal.start("}?"))
        assert "Your text:" in shown
