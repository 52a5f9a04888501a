"""The terminal `ipython` under a pseudo-terminal, driven by keys."""

from __future__ import annotations

import re
import sys
import time
from typing import TYPE_CHECKING, Self

import pexpect  # type: ignore[import-untyped]  # has no types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType

__all__ = ["Terminal"]

_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC: titles, links
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[ -/]*[0-~]"  # the two- and three-character ones
)
# prompt_toolkit asks a terminal where its cursor is; pexpect would not answer.
_COLOUR = {
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "PROMPT_TOOLKIT_NO_CPR": "1",
}


class Terminal:
    """One `ipython` process and its screen.

    Args:
        environment: the whole environment of the process.
        directory: where it runs.
        colour: a true-colour terminal with prompt_toolkit; else the simple prompt.
    """

    def __init__(
        self, environment: Mapping[str, str], *, directory: Path, colour: bool
    ) -> None:
        options = ["--no-banner", "--no-confirm-exit"]
        if not colour:
            options.append("--simple-prompt")
        self._child = pexpect.spawn(
            sys.executable,
            ["-m", "IPython", *options],
            env={**environment, **(_COLOUR if colour else {"TERM": "dumb"})},
            cwd=str(directory),
            dimensions=(50, 120),
            encoding="utf-8",
            timeout=30,
        )
        self.raw = ""
        self._count = 0

    def __enter__(self) -> Self:
        self._wait_for_prompt(0)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.close(force=True)

    @property
    def text(self) -> str:
        """All that was shown so far, without escape sequences."""
        return _plain(self.raw)

    def run(self, cell: str) -> str:
        """Type a cell and say what was shown until the next prompt.

        Args:
            cell: one line, or the lines of a cell that ends with a blank line.
        """
        start = self.start(cell)
        return self.wait(start)

    def start(self, cell: str) -> int:
        """Type a cell and do not wait; tells where its output will begin.

        Args:
            cell: one line, or the lines of a cell that ends with a blank line.
        """
        before = len(self.raw)
        lines = cell.split("\n")
        # IPython runs a cell magic at the second blank line.
        ending = ["", ""] if len(lines) > 1 else []
        for line in [*lines, *ending]:
            self._child.send(line + "\r")
        self._count += 1
        return before

    def wait(self, start: int) -> str:
        """What was shown from a place on until the next prompt.

        Args:
            start: what `start` returned.
        """
        self._wait_for_prompt(start)
        return _plain(self.raw[start:])

    def wait_until(self, start: int, reached: Callable[[str], bool]) -> None:
        """Read the screen until the text from a place on is as wished.

        Args:
            start: what `start` returned.
            reached: looks at the text.
        """
        end = time.monotonic() + 30
        while not reached(_plain(self.raw[start:])):
            if time.monotonic() > end:
                raise TimeoutError(f"the terminal shows:\n{self.text}")
            self._read()

    def press(self, keys: str) -> int:
        r"""Press keys and do not wait; tells where what they show will begin.

        Args:
            keys: characters, with "\t" for Tab and "\r" for Enter.
        """
        before = len(self.raw)
        self._child.send(keys)
        return before

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._child.sendintr()

    def leave(self) -> int | None:
        """Type `exit` and tell the exit status; None if a signal ended it."""
        self._child.send("exit\r")
        self._child.expect(pexpect.EOF)
        self.raw += self._child.before or ""
        self._child.close()
        status: int | None = self._child.exitstatus
        return status

    def _wait_for_prompt(self, start: int) -> None:
        prompt = f"In [{self._count + 1}]: "
        self.wait_until(start, lambda text: prompt in text)

    def _read(self) -> None:
        try:
            self.raw += self._child.read_nonblocking(65536, timeout=0.2)
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF:
            raise RuntimeError(f"ipython ended:\n{self.text}") from None


def _plain(raw: str) -> str:
    return re.sub(r"\r+\n", "\n", _ESCAPES.sub("", raw))
