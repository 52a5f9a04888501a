"""An IPython shell in this process, and what it displays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from routeway_magic.run.session import session
from routeway_magic.settings import ClaudeSettings

__all__ = ["Ran", "Shell"]


@dataclass(frozen=True)
class Ran:
    """What running a cell came to.

    Args:
        ok: whether it succeeded.
        error: what it raised, or None.
        stdout: what it printed.
        stderr: what it complained of.
        outputs: mime bundles, with the number of updates that led to each.
        value: the last expression's value.
    """

    ok: bool
    error: BaseException | None
    stdout: str
    stderr: str
    outputs: list[dict[str, str]]
    value: Any


class Shell:
    """A fresh shell with the extension loaded; everything is gone when it closes."""

    def __init__(self) -> None:
        self.ip = InteractiveShell.instance()
        self.ip.extension_manager.load_extension("routeway_magic")

    def run(self, code: str) -> Ran:
        """Runs a cell and collects what it shows."""
        with capture_output() as captured:
            result = self.ip.run_cell(code, store_history=True)
        return Ran(
            ok=result.success,
            error=result.error_in_exec or result.error_before_exec,
            stdout=captured.stdout,
            stderr=captured.stderr,
            outputs=[dict(output.data) for output in captured.outputs],
            value=result.result,
        )

    def close(self) -> None:
        """Unloads the extension and forgets shell, session and settings."""
        self.ip.extension_manager.unload_extension("routeway_magic")
        if session.cache_info().currsize:
            session().close()
        session.cache_clear()
        ClaudeSettings.clear_instance()
        self.ip.history_manager.end_session()
        InteractiveShell.clear_instance()

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Shell]:
        """A shell for the length of a `with` block."""
        shell = cls()
        try:
            yield shell
        finally:
            shell.close()
