"""What every measure needs: the server, fresh kernels, and fair order."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from environment import clean_environment
from markdown_stream import LAST
from measured_kernel import MeasuredCell, MeasuredKernel
from stream_server import Sent, StreamServer

__all__ = ["Bench", "Call", "in_turn"]


@dataclass(frozen=True, slots=True)
class Call:
    """One streamed answer in a kernel, seen from both ends.

    Args:
        cell: what the kernel did.
        sent: what the server did.
    """

    cell: MeasuredCell
    sent: Sent

    def lag(self, text: str, since: int) -> float:
        """Milliseconds from a moment at the server until a text was on screen.

        Args:
            text: what stands in the delta.
            since: `time.monotonic_ns` of its sending.
        """
        return (self.cell.first_with(text) - since) / 1e6


@dataclass(frozen=True, slots=True)
class Bench:
    """The place where everything runs: one server, one new user.

    Args:
        server: streams the answers.
        home: the user's home directory.
    """

    server: StreamServer
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of kernels and processes: nothing but the server is set.

        Modules are compiled once, as an installation does it, whatever is set here.
        """
        return clean_environment(
            self.home,
            PYTHONDONTWRITEBYTECODE="",
            PYTHONPYCACHEPREFIX=str(self.home / "bytecode"),
            ROUTEWAY_BASE_URL=self.server.url,
            ROUTEWAY_API_KEY="sk-fake-key-for-benchmarks",
        )

    @contextmanager
    def kernel(self) -> Iterator[MeasuredKernel]:
        """A fresh kernel."""
        with MeasuredKernel(self.environment, directory=self.home) as kernel:
            yield kernel

    def call(self, kernel: MeasuredKernel, code: str) -> Call:
        """Runs a cell that asks the server once.

        Args:
            kernel: where.
            code: the cell's text.

        Raises:
            LookupError: if the answer's end was not shown: that would be no figure.
        """
        call = Call(kernel.run(code), self.server.sent())
        call.cell.first_with(LAST)
        return call

    def cpu_told_by_process(self, code: str) -> float:
        """Runs code in a fresh interpreter; the seconds of CPU that it says it took.

        Args:
            code: ends by printing `CPU` and the seconds.
        """
        ended = subprocess.run(
            [sys.executable, "-c", code],
            env=self.environment,
            cwd=self.home,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return _told(ended.stdout)

    def cpu_told_by_kernel(self, code: str) -> float:
        """The same in a fresh kernel.

        Args:
            code: ends by printing `CPU` and the seconds.
        """
        with self.kernel() as kernel:
            written = kernel.run(code).entries
        return _told("".join(one["text"] for one in written if "text" in one))


def in_turn(names: Sequence[str], repeat: int) -> list[str]:
    """The names in an order that is turned round each time: neighbours even out.

    Args:
        names: what is measured side by side.
        repeat: the number of the repeat.
    """
    return list(names) if repeat % 2 == 0 else list(reversed(names))


def _told(written: str) -> float:
    return float(json.loads(written.rpartition("CPU")[2]))
