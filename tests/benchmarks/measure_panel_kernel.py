"""The panel, as a front end sees it: until it is there, Stop, bytes for each byte."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from environment import clean_environment
from kernels import Kernel
from markdown_stream import deltas
from markdown_tables import table
from stream_server import model_name
from widgets_of_kernel import Widgets

if TYPE_CHECKING:
    from bench import Bench

__all__ = ["report"]

_DELTAS, _APART = 600, 16  # milliseconds: about sixty a second
_OPEN = """
import time
begun = time.perf_counter()
from routeway_magic import Panel
imported = time.perf_counter()
panel = Panel()
made = time.perf_counter()
again = Panel()
panel.param = {"import": imported - begun, "made": made - imported,
               "again": time.perf_counter() - made}
"""


def report(bench: Bench, repeats: int) -> str:
    """Medians of one kernel; set PYTHONPATH to measure another ipykernel.

    Args:
        bench: where it runs.
        repeats: how often Stop is pressed, idle and busy each.
    """
    environment = clean_environment(
        bench.home, ROUTEWAY_BASE_URL=bench.server.url, ROUTEWAY_API_KEY="sk-fake"
    )
    with Kernel(environment, directory=Path(bench.home)) as kernel:
        widgets = Widgets(kernel)
        widgets.run(_OPEN)
        opened = {
            name: f"{1000 * seconds:.0f} ms"
            for name, seconds in widgets.states[widgets.panel]["param"].items()
        }
        widgets.set(widgets.panel, param=None, model=model_name(_DELTAS, _APART))
        widgets.say(widgets.panel, type="hello")
        widgets.answer("state")
        rows = [
            ["import of `Panel`, cold", opened["import"]],
            ["first `Panel()` until its comm is open", opened["made"]],
            ["a further `Panel()`", opened["again"]],
            ["bytes on the comm ÷ bytes of the answer", f"{_bytes(widgets):.2f}"],
            *_stops(widgets, repeats),
        ]
    return table(["what", "figure"], rows)


def _bytes(widgets: Widgets) -> float:
    begun = len(widgets.sizes)
    widgets.say(widgets.panel, type="send", id="bytes", prompt="go")
    widgets.answer("end", id="bytes", seconds=60)
    return sum(widgets.sizes[begun:]) / len("".join(deltas(_DELTAS)).encode())


def _stops(widgets: Widgets, repeats: int) -> list[list[str]]:
    rows = []
    for kind in ("idle", "busy"):
        taken = [_stop(widgets, f"{kind} {number}") for number in range(repeats)]
        figures = f"{1000 * median(taken):.0f} ms (longest {1000 * max(taken):.0f})"
        rows.append([f"Stop until the answer has ended, kernel {kind}", figures])
    return rows


def _stop(widgets: Widgets, key: str) -> float:
    cell = widgets.busy("panel.top_k = 1") if key.startswith("busy") else ""
    widgets.say(widgets.panel, type="send", id=key, prompt="go")
    widgets.answer("delta", id=key)
    pressed = widgets.say(widgets.stop, type="stop", id=key)
    widgets.answer("end", id=key)
    taken = time.monotonic() - pressed
    if cell:
        widgets.release(cell)
    return taken
