"""What it costs to describe a value, beside `str(value)`: time, memory, tokens.

Each value is made in a process of its own, which prints its figures. Memory is what
Python allocates at most, and what the process grows by, other libraries included.
A file `values_<topic>.py` gives the cases of its topic: name -> (small, huge).
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench import Bench

__all__ = ["report"]

_HERE = Path(__file__).parent
_SIZES = ("small", "huge")
_HEAD = (
    "| value | first ms | least ms | Python MB | process MB | tokens | str: ms | MB | tokens "
    "| imported |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---|"
)


def report(bench: Bench, reps: int) -> str:
    """The table of all topics.

    Args:
        bench: where processes run.
        reps: how often each value is described; the least time is told, since
            whatever else the machine does only adds to it.
    """
    topics = sorted(path.stem for path in _HERE.glob("values_*.py"))
    rows = [
        _row(name, size, _measured(bench, topic, name, size, reps))
        for topic in topics
        for name in import_module(topic).cases()
        for size in _SIZES
    ]
    return "\n".join([_HEAD, *rows])


def _measured(
    bench: Bench, topic: str, name: str, size: str, reps: int
) -> dict[str, Any] | None:
    """The figures of one value; None where its library is missing."""
    command = [sys.executable, str(_HERE / "measure_values.py"), topic, name, size]
    ended = subprocess.run(
        [*command, str(reps)], env=bench.environment, stdout=subprocess.PIPE, text=True
    )
    return json.loads(ended.stdout) if ended.returncode == 0 else None


def _row(name: str, size: str, figures: dict[str, Any] | None) -> str:
    if figures is None:
        return f"| {name}: {size} | could not be measured |"
    ours, plain = figures["ours"], figures["str"]
    cells = [
        f"{ours['first']:.1f}",
        f"{ours['ms']:.1f}",
        f"{ours['python']:.1f}",
        f"{ours['process']:.1f}",
        f"{ours['tokens']:,}",
        f"{plain['ms']:.1f}",
        f"{plain['python']:.1f}",
        f"{plain['tokens']:,}",
        ", ".join(figures["imported"]) or "none",
    ]
    return f"| {name}: {size} | {' | '.join(cells)} |"


def _main(topic: str, name: str, size: str, reps: str) -> None:
    value = import_module(topic).cases()[name][_SIZES.index(size)]()
    import routeway_magic.content

    before = _packages()
    ours = _cost(lambda: routeway_magic.content.describe(value).as_blocks(), int(reps))
    imported = sorted(_packages() - before)
    plain = _cost(lambda: [{"type": "text", "text": str(value)}], 1)
    print(json.dumps({"ours": ours, "str": plain, "imported": imported}))


def _packages() -> set[str]:
    """Third-party packages that have been imported."""
    names = {name.partition(".")[0] for name in list(sys.modules)}
    names = {name for name in names if not name.startswith("_sysconfigdata")}
    return names - set(sys.stdlib_module_names) - {"routeway_magic", "__mp_main__"}


def _cost(describe: Callable[[], list[Any]], reps: int) -> dict[str, Any]:
    from routeway_magic.tokens import block_tokens

    begun = _resident(peak=False)
    _forget_peak()
    seconds = [_seconds(describe) for _ in range(reps)]
    grown = _resident(peak=True) - begun
    tracemalloc.start()
    blocks = describe()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {
        "first": seconds[0] * 1e3,
        "ms": min(seconds) * 1e3,
        "python": peak / 1e6,
        "process": max(grown, 0) / 1e6,
        "tokens": sum(block_tokens(block, "") for block in blocks),
    }


def _seconds(describe: Callable[[], list[Any]]) -> float:
    begun = time.perf_counter()
    describe()
    return time.perf_counter() - begun


def _forget_peak() -> None:
    """Lets the process's peak of memory begin anew, where the system can."""
    path = Path("/proc/self/clear_refs")
    if path.exists():
        path.write_text("5")


def _resident(*, peak: bool) -> float:
    """Bytes of memory that the process has, or had at most; NaN if nobody tells."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    name = "VmHWM:" if peak else "VmRSS:"
    lines = status.read_text().splitlines()
    return (
        next(float(line.split()[1]) for line in lines if line.startswith(name)) * 1024
    )


if __name__ == "__main__":
    _main(*sys.argv[1:])
