"""First text, ten thousand deltas, and pace: `%%claude` beside a raw httpx loop."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from bench import Bench, Call, in_turn
from cells import claude, raw_loop, sdk_loop
from markdown_stream import FIRST, LAST
from markdown_tables import ninth_decile, ratios, spread, table
from measured_kernel import MeasuredKernel
from stream_server import model_name

__all__ = ["first_text", "pace", "ten_thousand"]

_OURS, _RAW, _SDK = "`%%claude`", "raw httpx loop, print", "official SDK, print"
_NAMES = [_OURS, _RAW, _SDK]
_LEAST_CALLS = 20  # for a ninth decile
Calls = dict[str, list[Call]]


def first_text(bench: Bench, repeats: int) -> str:
    """Milliseconds from the server's first delta until its text is in a message.

    Args:
        bench: where it runs.
        repeats: calls of each kind, at least twenty.
    """
    model = model_name(20, 5)
    calls = _in_one_kernel(bench, model, max(repeats, _LEAST_CALLS))
    header = ["cell", "median ms", "ninth decile ms", "bound (median)", "calls"]
    rows = []
    for name, made in calls.items():
        lags = [call.lag(FIRST, call.sent.first) for call in made]
        bound = "10" if name == _OURS else ""
        figures = (
            f"{median(lags):.1f}",
            f"{ninth_decile(lags):.1f}",
            bound,
            f"{len(lags)}",
        )
        rows.append([name, *figures])
    return table(header, rows)


def ten_thousand(bench: Bench, repeats: int) -> str:
    """10,000 deltas without delay: CPU of the kernel's process, bytes, messages.

    Args:
        bench: where it runs.
        repeats: fresh kernels of each kind.
    """
    calls = _in_fresh_kernels(bench, model_name(10_000), repeats)
    raw = [call.cell.cpu for call in calls[_RAW]]
    header = [
        "cell",
        "kernel CPU s",
        "÷ raw loop",
        "bound",
        "IOPub bytes ÷ text",
        "output messages",
        "saved entries",
        "last text ms",
    ]
    rows = []
    for name, made in calls.items():
        cpu = [call.cell.cpu for call in made]
        share = spread(ratios(cpu, raw), digits=2)
        bound = "0.25" if name == _OURS else ""
        rows.append([name, spread(cpu, digits=2), share, bound, *_counts(made)])
    return table(header, rows)


def pace(bench: Bench, repeats: int) -> str:
    """300 deltas at 20 ms, about the speed of a real model: how smoothly they show.

    Args:
        bench: where it runs.
        repeats: three times as many as calls of each kind, which take six seconds.
    """
    calls = _in_one_kernel(bench, model_name(300, 20), max(repeats // 3, 1))
    header = [
        "cell",
        "IOPub kB",
        "bound",
        "output messages a second",
        "bound",
        "longest gap ms",
        "last text ms",
        "kernel CPU s",
    ]
    return table(header, [[name, *_smooth(name, made)] for name, made in calls.items()])


def _smooth(name: str, made: list[Call]) -> list[str]:
    seconds = [(call.sent.last - call.sent.first) / 1e9 for call in made]
    counts = [len(call.cell.outputs) for call in made]
    return [
        spread([call.cell.size / 1000 for call in made]),
        "170" if name == _OURS else "",
        spread(
            [number / time for number, time in zip(counts, seconds, strict=True)],
            digits=1,
        ),
        "14" if name == _OURS else "",
        spread([max(call.cell.gaps) for call in made]),
        spread([call.lag(LAST, call.sent.last) for call in made]),
        spread([call.cell.cpu for call in made], digits=2),
    ]


def _counts(made: list[Call]) -> list[str]:
    return [
        spread([call.cell.size / call.sent.text_bytes for call in made], digits=1),
        spread([len(call.cell.outputs) for call in made]),
        spread([len(call.cell.entries) for call in made]),
        spread([call.lag(LAST, call.sent.last) for call in made]),
    ]


def _in_one_kernel(bench: Bench, model: str, repeats: int) -> Calls:
    """All calls in one warm kernel, side by side."""
    calls: Calls = {name: [] for name in _NAMES}
    with bench.kernel() as kernel:
        for name in _NAMES:
            _warm(bench, kernel, name)
        for repeat in range(repeats):
            for name in in_turn(_NAMES, repeat):
                calls[name].append(bench.call(kernel, _cell(name, model, bench)))
    return calls


def _in_fresh_kernels(bench: Bench, model: str, repeats: int) -> Calls:
    """Each call in a kernel of its own, warm, in an order that alternates."""
    calls: Calls = {name: [] for name in _NAMES}
    for repeat in range(repeats):
        for name in in_turn(_NAMES, repeat):
            with bench.kernel() as kernel:
                _warm(bench, kernel, name)
                calls[name].append(bench.call(kernel, _cell(name, model, bench)))
    return calls


def _warm(bench: Bench, kernel: MeasuredKernel, name: str) -> None:
    """Imports and the first connection are measured elsewhere."""
    if name == _OURS:
        kernel.run("%load_ext routeway_magic")
    bench.call(kernel, _cell(name, model_name(100), bench))


def _cell(name: str, model: str, bench: Bench) -> str:
    if name == _OURS:
        return claude(model)
    loop: Callable[[str, str], str] = raw_loop if name == _RAW else sdk_loop
    return loop(model, bench.server.url)
