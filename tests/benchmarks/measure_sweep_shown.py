"""What a sweep sends to the front end while its answers come, and at the end."""

from __future__ import annotations

from dataclasses import dataclass

from bench import Bench
from listening import Arrival
from markdown_tables import spread, table
from measured_kernel import MeasuredKernel

__all__ = ["shown"]

_COUNTS = (3, 12, 40)
_BEGIN = "%load_ext routeway_magic\n%config ClaudeSettings.source = 'emulator'"
_CELL = """%%claude --sweep n=1:{count}:{count} -o s
emulate: long 6, slow 60
{{n}}"""
_TEXT = "print(sum(len(one.text.encode()) for one in s))"
_SECOND = 1e9


@dataclass(frozen=True, slots=True)
class _Seen:
    """A sweep as it arrived.

    Args:
        outputs: the displays and their updates; the last one is the result.
        text: bytes of all answers.
    """

    outputs: list[Arrival]
    text: int

    @property
    def live(self) -> float:
        """Bytes sent meanwhile, for one of the text."""
        return sum(one.size for one in self.outputs[:-1]) / self.text

    @property
    def result(self) -> float:
        """Bytes of the result, for one of the text."""
        return self.outputs[-1].size / self.text

    @property
    def pace(self) -> float:
        """Messages a second."""
        times = [one.at for one in self.outputs]
        return len(times) / ((times[-1] - times[0]) / _SECOND)

    @property
    def most(self) -> int:
        """Messages within any one second."""
        times = [one.at for one in self.outputs]
        return max(
            sum(begun <= at < begun + _SECOND for at in times) for begun in times
        )


def shown(bench: Bench, repeats: int) -> str:
    """Bytes and messages of sweeps with few and with many answers.

    Args:
        bench: where it runs.
        repeats: fresh kernels.
    """
    seen: dict[int, list[_Seen]] = {count: [] for count in _COUNTS}
    for _ in range(repeats):
        with bench.kernel() as kernel:
            kernel.run(_BEGIN)
            for count in _COUNTS:
                seen[count].append(_swept(kernel, count))
    rows = [_row(count, found) for count, found in seen.items()]
    heads = ("text kB", "live ÷ text", "result ÷ text", "messages a second", "most")
    bounds = ["bound", "", "15", "", "12", "12"]
    return table(["answers at the same time", *heads], [*rows, bounds])


def _swept(kernel: MeasuredKernel, count: int) -> _Seen:
    kernel.run(f"%config ClaudeSettings.sweep_concurrency = {count}")
    cell = kernel.run(_CELL.format(count=count))
    told = "".join(one["text"] for one in kernel.run(_TEXT).entries)
    displays = [one for one in cell.outputs if one.message["msg_type"] != "stream"]
    return _Seen(displays, int(told))


def _row(count: int, found: list[_Seen]) -> list[str]:
    return [
        str(count),
        spread([one.text / 1000 for one in found]),
        spread([one.live for one in found], digits=1),
        spread([one.result for one in found], digits=1),
        spread([one.pace for one in found], digits=1),
        spread([one.most for one in found]),
    ]
