"""A long answer at ten times a real model's speed: what grows, and how fast."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import log10

from bench import Bench, Call, in_turn
from cells import claude, raw_loop
from markdown_stream import LAST
from markdown_tables import ratios, spread, table
from stream_server import model_name

__all__ = ["long_answer"]

_OURS, _RAW = "`%%claude`", "raw httpx loop, print"
_FIGURES = (
    ("IOPub kB, 1,000 deltas", ""),
    ("IOPub kB, 10,000 deltas", "2,000"),
    ("exponent of their growth", "1.05"),
    ("output messages a second", "14"),
    ("longest gap ms", "150"),
    ("last text ms", "40"),
    ("saved entries", "1"),
    ("saved bytes ÷ text", "4"),
    ("peak MB over a bare kernel", "16"),
    ("kernel CPU s", ""),
    ("÷ raw loop", "0.4"),
)
# httpx imports its own command line where these are installed: with the extra [test],
# but not with this package alone. So a bare kernel has them, too.
_BARE = """
try:
    import click, rich.progress, rich.syntax, rich.table
except ImportError:
    pass
"""
_SHORT, _LONG = model_name(1_000, 2), model_name(10_000, 2)


@dataclass(frozen=True, slots=True)
class _Both:
    """The two answers in one fresh kernel.

    Args:
        short: of 1,000 deltas.
        long: of 10,000 deltas.
        bare: MB that the kernel held before anything was loaded.
    """

    short: Call
    long: Call
    bare: float

    @property
    def exponent(self) -> float:
        """1 if the bytes grow with the text, 2 if with its square."""
        return log10(self.long.cell.size / self.short.cell.size)

    @property
    def saved(self) -> float:
        """Bytes that the notebook keeps, for one of the text."""
        kept = json.dumps(self.long.cell.entries, ensure_ascii=False).encode()
        return len(kept) / self.long.sent.text_bytes

    @property
    def messages(self) -> float:
        """Output messages a second."""
        seconds = (self.long.sent.last - self.long.sent.first) / 1e9
        return len(self.long.cell.outputs) / seconds


def long_answer(bench: Bench, repeats: int) -> str:
    """1,000 and 10,000 deltas at 2 ms: bytes, messages, memory, CPU.

    Args:
        bench: where it runs.
        repeats: three times as many as fresh kernels of each kind.
    """
    made: dict[str, list[_Both]] = {_OURS: [], _RAW: []}
    for repeat in range(max(repeats // 3, 1)):
        for name in in_turn(list(made), repeat):
            made[name].append(_both(bench, name))
    raw = [both.long.cell.cpu for both in made[_RAW]]
    columns = [_figures(made[name], raw) for name in made]
    rows = [
        [title, *figures, bound]
        for (title, bound), *figures in zip(_FIGURES, *columns, strict=True)
    ]
    return table(["figure", *made, "bound"], rows)


def _both(bench: Bench, name: str) -> _Both:
    with bench.kernel() as kernel:
        bare = kernel.run(_BARE).memory
        if name == _OURS:
            kernel.run("%load_ext routeway_magic")
        bench.call(kernel, _cell(bench, name, model_name(100)))
        short = bench.call(kernel, _cell(bench, name, _SHORT))
        long = bench.call(kernel, _cell(bench, name, _LONG))
        return _Both(short, long, bare)


def _cell(bench: Bench, name: str, model: str) -> str:
    return claude(model) if name == _OURS else raw_loop(model, bench.server.url)


def _figures(made: list[_Both], raw: list[float]) -> list[str]:
    """The values of `_FIGURES`, in that order."""
    long = [both.long for both in made]
    cpu = [one.cell.cpu for one in long]
    return [
        spread([both.short.cell.size / 1000 for both in made]),
        spread([one.cell.size / 1000 for one in long]),
        spread([both.exponent for both in made], digits=2),
        spread([both.messages for both in made], digits=1),
        spread([max(one.cell.gaps) for one in long]),
        spread([one.lag(LAST, one.sent.last) for one in long]),
        spread([len(one.cell.entries) for one in long]),
        spread([both.saved for both in made], digits=1),
        spread(
            [one.cell.memory - both.bare for one, both in zip(long, made, strict=True)],
            digits=1,
        ),
        spread(cpu, digits=2),
        spread(ratios(cpu, raw), digits=2),
    ]
