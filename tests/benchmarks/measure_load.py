"""What loading costs, and loading with the first call, beside the official SDK."""

from __future__ import annotations

from statistics import median

from bench import Bench, in_turn
from cells import SHELL, first_call_claude, first_call_sdk, load_only
from markdown_tables import ratios, spread, table
from stream_server import model_name

__all__ = ["report"]

_SHORT = model_name(20)  # what the first call streams
_LOAD, _OURS, _SDK = "load", "ours", "sdk"
_HEADER = ["where", "what", "CPU ms", "bound", "÷ SDK"]
Figures = dict[str, list[float]]


def report(bench: Bench, repeats: int) -> str:
    """Milliseconds of CPU on top of a shell that is up, each in a fresh process.

    Args:
        bench: where it runs.
        repeats: fresh processes of each kind.
    """
    shell: Figures = {_LOAD: [], _OURS: [], _SDK: []}
    kernel: Figures = {_LOAD: [], _OURS: [], _SDK: []}
    for repeat in range(-1, repeats):  # the first fills the caches and is left out
        for name in in_turn([_LOAD, _OURS, _SDK], repeat):
            told = _in_shell(bench, name), _in_kernel(bench, name)
            if repeat >= 0:
                shell[name].append(told[0] * 1000)
                kernel[name].append(told[1] * 1000)
    return table(_HEADER, [*_rows("bare shell", shell), *_rows("kernel", kernel)])


def _rows(where: str, figures: Figures) -> list[list[str]]:
    shares = median(ratios(figures[_OURS], figures[_SDK]))
    return [
        [
            where,
            "`%load_ext routeway_magic`",
            spread(figures[_LOAD], digits=1),
            "15",
            "",
        ],
        [
            where,
            "load, first `%%claude`",
            spread(figures[_OURS]),
            "200",
            f"{shares:.2f}",
        ],
        [
            where,
            "`import anthropic`, client, first stream",
            spread(figures[_SDK]),
            "",
            "",
        ],
    ]


def _in_shell(bench: Bench, name: str) -> float:
    told = bench.cpu_told_by_process(SHELL + _code(bench, name))
    _take_log(bench, name)
    return told


def _in_kernel(bench: Bench, name: str) -> float:
    told = bench.cpu_told_by_kernel(_code(bench, name))
    _take_log(bench, name)
    return told


def _code(bench: Bench, name: str) -> str:
    if name == _LOAD:
        return load_only()
    if name == _OURS:
        return first_call_claude(_SHORT)
    return first_call_sdk(_SHORT, bench.server.url)


def _take_log(bench: Bench, name: str) -> None:
    if name != _LOAD:
        bench.server.sent()
