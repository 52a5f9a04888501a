"""Prints the figures: `python tests/benchmarks/run.py [--reps N]`.

Everything runs on this machine: a server of our own, real kernels. Compare the
ratios, which are measured side by side; the times depend on the machine.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench import Bench

Measure = Callable[["Bench", int], str]


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the chosen measures and prints a table for each.

    Args:
        arguments: the command line; None for the process's own.
    """
    sys.path.append(str(Path(__file__).parent.parent))  # what the tests use as well
    measures = _measures()
    chosen = _parser(list(measures)).parse_args(arguments)
    from bench import Bench
    from stream_server import StreamServer

    print(_machine())
    with StreamServer() as server, TemporaryDirectory() as home:
        for name in chosen.only or measures:
            title, measure = measures[name]
            print(f"\n### {title}\n", flush=True)
            print(measure(Bench(server, Path(home)), chosen.reps), flush=True)


def _measures() -> dict[str, tuple[str, Measure]]:
    import measure_browser
    import measure_conversation
    import measure_crash
    import measure_load
    import measure_long
    import measure_panel
    import measure_panel_kernel
    import measure_streams
    import measure_sweep
    import measure_values

    return {
        "load": ("Load", measure_load.report),
        "first": ("First text", measure_streams.first_text),
        "many": ("10,000 deltas without delay", measure_streams.ten_thousand),
        "long": ("10,000 deltas, one each 2 ms", measure_long.long_answer),
        "conversation": (
            "A conversation of 2,000 turns",
            measure_conversation.conversation,
        ),
        "journal": ("The journal of 10,000 deltas", measure_conversation.journaling),
        "crash": ("Killed in mid-stream", measure_crash.report),
        "pace": ("300 deltas, one each 20 ms", measure_streams.pace),
        "values": ("Values as content, beside str(value)", measure_values.report),
        "sweep": ("64 variants of a sweep", measure_sweep.report),
        "browser": ("100 kB in JupyterLab", measure_browser.main_thread),
        "panel-kernel": ("The panel in its kernel", measure_panel_kernel.report),
        "panel": ("The panel in JupyterLab", measure_panel.report),
    }


def _parser(names: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=9, help="repeats (default: 9)")
    parser.add_argument("--only", action="append", choices=names, help="one measure")
    return parser


def _machine() -> str:
    packages = ("routeway_magic", "ipykernel", "httpx", "anthropic")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return (
        f"Python {platform.python_version()}, {versions}; {os.cpu_count()} cores, "
        f"load average {load:.1f} at the start."
    )


if __name__ == "__main__":
    main()
