"""A real kernel of this interpreter, driven as JupyterLab drives one."""

from __future__ import annotations

import time
import uuid
from queue import Empty
from typing import TYPE_CHECKING, Any, Protocol, Self

from jupyter_client.manager import KernelManager
from outputs import CellResult, Displays, OutputArea

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType

    from jupyter_client.blocking.client import BlockingKernelClient

__all__ = ["Kernel", "StartKernel"]


class Kernel:
    """One ipykernel process and the front end's side of it.

    Args:
        environment: the whole environment of the process.
        directory: where it runs.
    """

    def __init__(self, environment: Mapping[str, str], *, directory: Path) -> None:
        self._environment = dict(environment)
        self._directory = directory
        self._manager = KernelManager(kernel_name="python3")
        self._displays = Displays()
        self._areas: dict[str, OutputArea] = {}
        self._idle: set[str] = set()
        self._current = ""
        self._started = 0.0

    def __enter__(self) -> Self:
        self._manager.start_kernel(env=self._environment, cwd=str(self._directory))
        self._client: BlockingKernelClient = self._manager.client()
        self._client.start_channels()
        try:
            self._client.wait_for_ready(timeout=60)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process and give back its ports and sockets."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def run(
        self, code: str, *, cell_id: str | None = None, timeout: float = 60
    ) -> CellResult:
        """Execute a cell and wait for its end.

        Args:
            code: the cell's text.
            cell_id: the cell, if it is to be one that ran before.
            timeout: seconds after which the test fails.
        """
        self.start(code, cell_id=cell_id)
        return self.wait(timeout=timeout)

    def start(
        self, code: str, *, cell_id: str | None = None, stdin: bool = False
    ) -> None:
        """Ask the kernel to execute a cell, with the metadata that Lab sends.

        Args:
            code: the cell's text.
            cell_id: the cell, if it is to be one that ran before.
            stdin: whether somebody is there to answer questions.
        """
        session = self._client.session
        content = _request(code) | {"allow_stdin": stdin}
        message = session.msg("execute_request", content, metadata=_of(cell_id))
        self._current = message["header"]["msg_id"]
        self._areas[self._current] = OutputArea(self._displays)
        self._started = time.monotonic()
        self._client.shell_channel.send(message)

    def wait(self, *, timeout: float = 60) -> CellResult:
        """What the started cell came to.

        Args:
            timeout: seconds after which the test fails.
        """
        request = self._current
        self.wait_until(lambda _area: request in self._idle, timeout=timeout)
        seconds = time.monotonic() - self._started
        area = self._areas[request]
        return CellResult(self._reply(request), area.outputs, area.messages, seconds)

    def wait_until(
        self, reached: Callable[[OutputArea], bool], *, timeout: float = 60
    ) -> None:
        """Receive until the started cell's outputs are as wished.

        Args:
            reached: looks at the started cell's outputs.
            timeout: seconds after which the test fails.
        """
        area = self._areas[self._current]
        end = time.monotonic() + timeout
        while not reached(area):
            if time.monotonic() > end:
                raise TimeoutError(f"still waiting; the cell shows {area.outputs}")
            self._receive()

    def answer(self, text: str, *, timeout: float = 20) -> str:
        """Type an answer to what the started cell asks; gives the question.

        Args:
            text: what is typed.
            timeout: seconds after which the test fails.
        """
        message = self._client.get_stdin_msg(timeout=timeout)
        self._client.input(text)
        return str(message["content"]["prompt"])

    def complete(self, code: str, *, position: int) -> Mapping[str, Any]:
        """The content of the reply to what a front end asks at Tab.

        Args:
            code: the cell's text.
            position: the cursor, in code points from the cell's start.
        """
        return self._reply(self._client.complete(code, position))

    def interrupt(self) -> None:
        """What the front end's stop button does."""
        self._manager.interrupt_kernel()

    def _receive(self) -> None:
        try:
            message = self._client.get_iopub_msg(timeout=0.2)
        except Empty:
            if not self._manager.is_alive():
                raise RuntimeError("the kernel died") from None
            return
        request = message["parent_header"].get("msg_id", "")
        if message["content"].get("execution_state") == "idle":
            self._idle.add(request)
        if request in self._areas:
            self._areas[request].feed(message)

    def _reply(self, request: str) -> Mapping[str, Any]:
        while True:
            message = self._client.get_shell_msg(timeout=10)
            if message["parent_header"].get("msg_id") == request:
                content: Mapping[str, Any] = message["content"]
                return content


class StartKernel(Protocol):
    """Starts kernels that end with the test (the fixture `start_kernel`)."""

    def __call__(self, **variables: str) -> Kernel:
        """A kernel whose user has set these environment variables."""


def _request(code: str) -> dict[str, Any]:
    return {
        "code": code,
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": False,
        "stop_on_error": True,
    }


def _of(cell_id: str | None) -> dict[str, Any]:
    """The metadata that JupyterLab and Notebook send (NOTEBOOK D1)."""
    return {
        "trusted": True,
        "deletedCells": [],
        "recordTiming": False,
        "cellId": cell_id or str(uuid.uuid4()),
    }
