"""A real kernel of this interpreter whose cells are measured from outside."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from queue import Empty
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

import psutil  # type: ignore[import-untyped]  # its stubs are no part of [test]
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from listening import Arrival, Listener
from outputs import Displays, Output, OutputArea

if TYPE_CHECKING:
    from jupyter_client.provisioning.local_provisioner import LocalProvisioner

__all__ = ["MeasuredCell", "MeasuredKernel"]

_LATE = 0.25  # seconds in which late messages and late work still count
_START_SECONDS = 60
_ERRORS_ONLY = "--IPKernelApp.log_level=40"  # no word about loopback at each start


@dataclass(frozen=True, slots=True)
class MeasuredCell:
    """What one execution cost and what arrived.

    Args:
        cpu: seconds of the kernel's process, all threads.
        arrivals: its IOPub messages, with their times.
        memory: MB that the process held at most meanwhile; Linux alone tells.
    """

    cpu: float
    arrivals: list[Arrival]
    memory: float = math.nan

    @property
    def outputs(self) -> list[Arrival]:
        """The messages that change what the cell shows."""
        return [arrival for arrival in self.arrivals if arrival.is_output]

    @property
    def size(self) -> int:
        """Bytes of all messages."""
        return sum(arrival.size for arrival in self.arrivals)

    @property
    def entries(self) -> list[Output]:
        """The outputs that a front end keeps in the notebook."""
        area = OutputArea(Displays())
        for arrival in self.arrivals:
            area.feed(arrival.message)
        return area.outputs

    @property
    def gaps(self) -> list[float]:
        """Milliseconds between two output messages."""
        times = [arrival.at for arrival in self.outputs]
        return [(after - before) / 1e6 for before, after in pairwise(times)]

    def first_with(self, text: str) -> int:
        """When the first output message that holds a text arrived.

        Raises:
            LookupError: if none does; shows the outputs.
        """
        for arrival in self.outputs:
            if arrival.holds(text):
                return arrival.at
        raise LookupError(f"{text} is in no output: {str(self.entries)[:2000]}")


class MeasuredKernel:
    """One ipykernel process; the listener is its only subscriber.

    Args:
        environment: the whole environment of the process.
        directory: where it runs.
    """

    def __init__(self, environment: Mapping[str, str], *, directory: Path) -> None:
        self._environment = dict(environment)
        self._directory = directory
        self._manager = KernelManager(kernel_name="python3")

    def __enter__(self) -> Self:
        self._manager.start_kernel(
            env=self._environment,
            cwd=str(self._directory),
            extra_arguments=[_ERRORS_ONLY],
        )
        self._client: BlockingKernelClient = self._manager.client()
        self._client.start_channels(iopub=False, stdin=False, hb=False, control=False)
        self._listener = Listener(self._client.iopub_port)
        self._listener.start()
        try:
            self._wait_until_heard()
        except BaseException:
            self.close()
            raise
        provisioner = cast("LocalProvisioner", self._manager.provisioner)
        self._process = psutil.Process(provisioner.pid)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process and gives back its ports and sockets."""
        self._client.stop_channels()
        self._listener.close()
        self._manager.shutdown_kernel(now=True)

    def run(self, code: str, *, seconds: float = 120) -> MeasuredCell:
        """Executes a cell and measures it until shortly after its end.

        Args:
            code: the cell's text.
            seconds: how long it may take.

        Raises:
            RuntimeError: if the cell fails.
        """
        self._forget_peak()
        before = self._cpu()
        message = self._client.session.msg("execute_request", _request(code))
        request = message["header"]["msg_id"]
        self._listener.expect(request)
        self._client.shell_channel.send(message)
        self._listener.wait(seconds)
        time.sleep(_LATE)
        cpu = self._cpu() - before
        cell = MeasuredCell(cpu, self._listener.arrivals, self._peak())
        reply = self._reply(request)
        if reply["status"] != "ok":
            raise RuntimeError(f"{reply.get('ename')}: {reply.get('evalue')}")
        return cell

    def _cpu(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def _forget_peak(self) -> None:
        with suppress(OSError):
            Path(f"/proc/{self._process.pid}/clear_refs").write_text("5")

    def _peak(self) -> float:
        with suppress(OSError):
            told = Path(f"/proc/{self._process.pid}/status").read_text()
            return int(told.split("VmHWM:")[1].split()[0]) / 1024
        return math.nan

    def _wait_until_heard(self) -> None:
        """A subscription takes a while: asks until an answer comes this way too."""
        end = time.monotonic() + _START_SECONDS
        while not self._listener.arrivals:
            if time.monotonic() > end:
                raise TimeoutError("the kernel did not start")
            request = self._client.kernel_info()
            self._reply(request, seconds=_START_SECONDS)
            time.sleep(0.1)

    def _reply(self, request: str, seconds: float = 10) -> Mapping[str, Any]:
        while True:
            try:
                message = self._client.get_shell_msg(timeout=seconds)
            except Empty:
                raise TimeoutError("the kernel gave no reply") from None
            if message["parent_header"].get("msg_id") == request:
                content: Mapping[str, Any] = message["content"]
                return content


def _request(code: str) -> dict[str, Any]:
    return {
        "code": code,
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": False,
        "stop_on_error": True,
    }
