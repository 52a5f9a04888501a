"""A sweep on a real cluster of ipyparallel, one of whose engines is killed."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest
from sweeps import Watched, opened, unsent
from waiting import wait_until

from routeway_magic.recovery import read
from routeway_magic.run.sweeping.engine import engines_folder

ipp = pytest.importorskip("ipyparallel", reason="needs the extra [cluster]")


def _writes_slowly(sweep: str) -> int | None:
    """The process that has begun to write a slow answer."""
    for file in engines_folder(sweep).glob("*.jsonl"):
        recovered = read(file.read_bytes().splitlines())
        for kept in recovered.conversations.values():
            if any(
                turn.status == "interrupted" and turn.has_content for turn in kept.turns
            ):
                return int(file.name.split("-")[1])
    return None


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_on_a_cluster(tmp_path: Path) -> None:
    """Answers come home; of an engine that is killed in mid-answer nothing is lost."""
    (tmp_path / "ipython").mkdir()
    os.environ["IPYTHONDIR"] = str(tmp_path / "ipython")
    watch = Watched()
    with opened() as session, ipp.Cluster(n=2, log_level=40) as client:
        client.wait_for_engines(2, timeout=60)
        found = unsent(
            session,
            "emulate: echo, slow {pace}\nthe answer {n} in seven words or so",
            {"pace": [1000, 2], "n": [1, 2, 3]},
            concurrency=2,
        )

        def kill() -> None:
            wait_until(lambda: len(watch.ended_ones) >= 3)
            wait_until(lambda: _writes_slowly(found.id))
            os.kill(_writes_slowly(found.id) or 0, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        found.resume(executor=client.executor(), watch=watch)
        killer.join()
        states = [one.status for one in found]
        assert states.count("complete") == 5
        lost = found[states.index("interrupted")]
        assert "engine was lost" in lost.error
        assert lost.text.startswith("the answer")
        done = {one.turn.id for one in found if one.turn and one is not lost}
        found.resume(executor=client.executor())
        assert found.rest == []
        assert done <= {one.turn.id for one in found if one.turn}
        path = session.recorder.journal.path
        assert path is not None
        recovered = read(path.read_bytes().splitlines())
        assert recovered.conversations["main"].turns == session.turns
        assert len(session.turns) == 7
