"""Cells that a shell runs, so that their code stands where a notebook's does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

__all__ = ["Cells", "running_cells"]


class Cells:
    """A user's shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def run(self, source: str) -> BaseException | None:
        """Runs a cell; gives what it raised."""
        with capture_output():
            result = self._shell.run_cell(source, store_history=True)
        error: BaseException | None = result.error_in_exec or result.error_before_exec
        return error

    def __getitem__(self, name: str) -> Any:
        return self._shell.user_ns[name]


@contextmanager
def running_cells() -> Iterator[Cells]:
    """A shell for the length of a `with` block."""
    shell = InteractiveShell.instance()
    try:
        yield Cells(shell)
    finally:
        shell.run_line_magic("reset", "-f")
        shell.history_manager.end_session()
        InteractiveShell.clear_instance()
