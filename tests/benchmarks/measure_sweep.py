"""What a sweep takes beside the ideal, beside a loop, and in memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from tempfile import mkdtemp
from typing import Any

from bench import Bench
from markdown_tables import spread, table
from measure_sweep_shown import shown

__all__ = ["report"]

_VARIANTS, _AT_ONCE, _LOOP, _MANY = 64, 16, 8, 1000
_SECOND = "emulate: echo, slow 10\n" + "w " * 29 + "{n}"  # ten deltas in one second
_BEGIN = """
import json, resource, time
from routeway_magic import ask, sweep
sweep("emulate: echo\\n{n}", {"n": range(16)}, concurrency=16)
"""
_TIMED = """
began = time.monotonic()
found = sweep(PROMPT, {"n": range(VARIANTS)}, concurrency=AT_ONCE)
swept = time.monotonic() - began
assert not found.rest
seconds = [one.seconds for one in found]
began = time.monotonic()
for n in range(LOOP):
    ask(PROMPT.replace("{n}", str(n)))
looped = time.monotonic() - began
print(json.dumps({"swept": swept, "looped": looped, "answer": sum(seconds) / len(seconds)}))
"""
_HELD = """
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before = peak()
began, cpu = time.monotonic(), time.process_time()
found = sweep("emulate: long 2\\n{n}", {"n": range(MANY)}, concurrency=16, yes=True)
taken, cpu = time.monotonic() - began, time.process_time() - cpu
assert not found.rest
text = sum(len(one.text) for one in found) / 1e6
print(json.dumps({"peak": peak() - before, "text": text, "cpu": cpu, "taken": taken}))
"""


def report(bench: Bench, repeats: int) -> str:
    """Wall time of 64 answers, 16 at once; memory of 1,000 variants; what is shown.

    Args:
        bench: where it runs.
        repeats: fresh processes.
    """
    timed = [_told(bench, _TIMED) for _ in range(repeats)]
    held = [_told(bench, _HELD) for _ in range(repeats)]
    ideal = _VARIANTS / _AT_ONCE
    rows = [
        ["64 answers of 1 s, 16 at once, s", _spread(timed, "swept", 2), ""],
        [
            "÷ the ideal",
            spread([it["swept"] / ideal for it in timed], digits=3),
            "1.15",
        ],
        [f"{_LOOP} of them one after the other, s", _spread(timed, "looped", 2), ""],
        [
            "an answer in the loop ÷ in the sweep",
            spread(
                [it["looped"] / _LOOP / (it["swept"] / _VARIANTS) for it in timed],
                digits=1,
            ),
            "",
        ],
        ["peak MB of 1,000 variants, with their server", _spread(held, "peak", 1), ""],
        ["their text, MB", _spread(held, "text", 1), ""],
        ["their CPU with the server, s", _spread(held, "cpu", 2), ""],
        ["their time, s", _spread(held, "taken", 2), ""],
    ]
    return f"{table(['what', 'figure', 'bound'], rows)}\n\n{shown(bench, repeats)}"


def _spread(told: list[dict[str, float]], name: str, digits: int) -> str:
    return spread([it[name] for it in told], digits=digits)


def _told(bench: Bench, code: str) -> Any:
    numbers = {"VARIANTS": _VARIANTS, "AT_ONCE": _AT_ONCE, "LOOP": _LOOP, "MANY": _MANY}
    lines = [f"PROMPT = {_SECOND!r}", *(f"{it} = {numbers[it]}" for it in numbers)]
    here = {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "JUPYTER_DATA_DIR": mkdtemp(dir=bench.home),
        "ROUTEWAY_SOURCE": "emulator",
    }
    told = subprocess.run(
        [sys.executable, "-c", "\n".join([*lines, _BEGIN, code])],
        env=bench.environment | here,
        capture_output=True,
        check=True,
        text=True,
    )
    return json.loads(told.stdout)
