"""What a kernel that is killed loses of the answer that it was receiving."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import mkdtemp

from bench import Bench
from markdown_tables import spread, table

from routeway_magic.accumulate import text_of
from routeway_magic.run.archive import read_file

__all__ = ["report"]

_SENDS = """
import time
from scripted import ask, saying, session_of
def told(number):
    def tell():
        print(number, time.monotonic(), flush=True)
        time.sleep({pause})
    return tell
numbers = range(1_000_000)
ask(session_of(saying(*(piece for n in numbers for piece in (f"{{n}} ", told(n))))))
"""
_PAUSES = {"one each 20 ms": 0.02, "without delay": 0.0}


def report(bench: Bench, repeats: int) -> str:
    """Milliseconds of a stream that are not in the journal after SIGKILL.

    Args:
        bench: where it runs.
        repeats: processes that are killed, for each pace.
    """
    rows = []
    for name, pause in _PAUSES.items():
        lost = [
            _lost(bench, _SENDS.format(pause=pause), 1 + repeat * 0.037)
            for repeat in range(repeats)
        ]
        rows.append([name, spread(lost), "250"])
    return table(["deltas", "lost ms", "bound"], rows)


def _lost(bench: Bench, code: str, seconds: float) -> float:
    """From the first delta that is lost until the last one that had arrived."""
    data = mkdtemp(dir=bench.home)
    here = {"PYTHONPATH": os.pathsep.join(sys.path), "JUPYTER_DATA_DIR": data}
    with (Path(data) / "told").open("w+") as told:
        process = subprocess.Popen(
            [sys.executable, "-c", code], env=bench.environment | here, stdout=told
        )
        while not told.seek(0, os.SEEK_END):
            time.sleep(0.01)
        time.sleep(seconds)
        process.kill()
        process.wait()
        told.seek(0)
        sent = [float(line.split()[1]) for line in told if line.endswith("\n")]
    (path,) = Path(data).rglob("*.jsonl")
    (turn,) = read_file(path).conversations["main"].turns
    kept = len(text_of(turn.message or {}).split())
    return (sent[-1] - sent[min(kept, len(sent) - 1)]) * 1000
