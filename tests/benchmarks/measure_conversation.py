"""A conversation of 2,000 turns, its journal, and what keeping that costs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from bench import Bench, in_turn
from cells import claude
from markdown_stream import LAST
from markdown_tables import spread, table
from scripted import Answer, Scripted, saying, session_of
from stream_server import model_name

from routeway_magic.accumulate import text_of
from routeway_magic.client import Client
from routeway_magic.conversation import Cell, Turn
from routeway_magic.endpoint import Endpoint
from routeway_magic.run.archive import read_file
from routeway_magic.run.session import Session
from routeway_magic.secret import ApiKey

__all__ = ["conversation", "journaling"]


def _wait() -> None:
    time.sleep(0.02)


_FEW, _TURNS = 9, 2000
_QUESTION = "What follows from that, in one paragraph, for the case of n = 3? "
_SIXTEEN = ["sixteen letters "] * 75  # 1,200 characters
_PACED = {
    "150 deltas of 16 characters, one each 20 ms": ["sixteen letters ", _wait] * 150,
    "150 deltas of 4 characters, one each 20 ms": ["four", _wait] * 150,
}
_ON, _OFF = "journal on", "journal off"


def conversation(bench: Bench, repeats: int) -> str:
    """Time per turn when few and when many came before; the journal's size; loading.

    Args:
        bench: where it runs.
        repeats: of loading, and of each request over the network.
    """
    rows: list[Sequence[str]] = []
    with _opened(bench, saying(*_SIXTEEN)) as session:
        for number in range(_TURNS):
            if number in (_FEW, _TURNS - 1):
                rows += _turn_costs(bench, session, number + 1, repeats)
            _ask(session, number)
        rows += [_size(session, "75 deltas of 16 characters at once")]
        rows += [_loading(session, repeats)]
    for name, pieces in _PACED.items():
        with _opened(bench, saying(*pieces)) as session:
            _ask(session, 0)
            rows += [_size(session, name)]
    return table(["what", "figure", "bound"], rows)


def journaling(bench: Bench, repeats: int) -> str:
    """CPU of a kernel for 10,000 deltas without delay, with the journal and without.

    Args:
        bench: where it runs.
        repeats: fresh kernels of each kind.
    """
    cpu: dict[str, list[float]] = {_ON: [], _OFF: []}
    for repeat in range(repeats):
        for name in in_turn([_ON, _OFF], repeat):
            with bench.kernel() as kernel:
                kernel.run("%load_ext routeway_magic")
                kernel.run(f"%config ClaudeSettings.journal = {name == _ON}")
                bench.call(kernel, claude(model_name(20)))
                call = bench.call(kernel, claude(model_name(10_000)))
                call.cell.first_with(LAST)
                cpu[name].append(call.cell.cpu)
    shares = [on / off - 1 for on, off in zip(cpu[_ON], cpu[_OFF], strict=True)]
    rows = [[name, spread(cpu[name], digits=3), "", ""] for name in (_OFF, _ON)]
    rows[1][2:] = [spread([100 * share for share in shares]), "10"]
    return table(["cell", "kernel CPU s", "more %", "bound"], rows)


def _ask(session: Session, number: int) -> Turn:
    kept = session.conversation()
    place = session.place(kept, cell=Cell(f"cell-{number}", f"run-{number}"))
    options = session.settings.snapshot(model=model_name(20))
    return session.converse(_QUESTION, options=options, place=place).turn


def _turn_costs(
    bench: Bench, session: Session, number: int, repeats: int
) -> list[Sequence[str]]:
    """What this turn costs; undone each time, so that each goes on from the same."""
    scripted, live = session.sources.client, _live(bench)
    kinds = {
        "the session, 3 deltas": Scripted(saying("a", "b", "c")),
        "the same with client and loopback server, 20 deltas": live,
    }
    times = {"of that: composing the request": _composing(session, repeats)}
    for name, client in kinds.items():
        session.sources.client = lambda client=client: (client, "emulator")
        times[name] = [_timed(session, number) for _ in range(max(repeats, 5))]
    session.sources.client = scripted
    for _ in range(max(repeats, 5)):
        bench.server.sent()
    live.close()
    return [
        (f"turn {number:,}: {name}", f"{spread(times[name], digits=2)} ms CPU", "")
        for name in sorted(times, reverse=True)
    ]


def _composing(session: Session, repeats: int) -> list[float]:
    place = session.place(session.conversation())
    options = session.settings.snapshot()
    times = []
    for _ in range(max(repeats, 5)):
        begun = time.process_time()
        session.compose(_QUESTION, options=options, place=place)
        times.append((time.process_time() - begun) * 1000)
    return times


def _timed(session: Session, number: int) -> float:
    kept = session.conversation()
    before = kept.head
    begun = time.process_time()
    _ask(session, number)
    took = (time.process_time() - begun) * 1000
    kept.head = before
    session.recorder.note_head(kept)
    return took


def _live(bench: Bench) -> Client:
    return Client(Endpoint(base_url=bench.server.url), ApiKey("sk-fake-key"))


def _path(session: Session) -> Path:
    path = session.recorder.journal.path
    if path is None:
        raise LookupError("there is no journal")
    return path


def _size(session: Session, name: str) -> Sequence[str]:
    text = sum(
        len(text_of(turn.message or {}).encode())
        + sum(len(block["text"].encode()) for block in turn.content)
        for turn in session.turns
    )
    ratio = _path(session).stat().st_size / text
    return f"journal bytes ÷ text: {name}", f"{ratio:.2f}", "4"


def _loading(session: Session, repeats: int) -> Sequence[str]:
    path, turns, times = _path(session), session.turns, []
    for _ in range(repeats):
        begun = time.process_time()
        recovered = read_file(path)
        times.append(time.process_time() - begun)
        if recovered.conversations["main"].turns != turns:
            raise LookupError("what was read is not what was said")
    size = path.stat().st_size / 1e6
    what = f"loading {len(turns):,} turns from {size:.1f} MB"
    return what, f"{spread(times, digits=2)} s CPU", ""


@contextmanager
def _opened(bench: Bench, answer: Answer) -> Iterator[Session]:
    """A session with a data directory of its own."""
    before = os.environ.get("JUPYTER_DATA_DIR")
    os.environ["JUPYTER_DATA_DIR"] = mkdtemp(dir=bench.home)
    session = session_of(answer)
    try:
        yield session
    finally:
        session.close()
        if before is None:
            del os.environ["JUPYTER_DATA_DIR"]
        else:
            os.environ["JUPYTER_DATA_DIR"] = before
