"""Sweeps in files and in the journal: what was paid for is not asked again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sweeps import opened, swept, unsent

from routeway_magic import Sweep
from routeway_magic.errors import InputError

PROMPT = "emulate: {what}\nanswer {n}"
GRID = {"what": ["echo", "error 500"], "n": [1, 2]}
LONG = "a long prompt " * 200


def test_saved_and_loaded(tmp_path: Path) -> None:
    """Plan, questions, results and the turns before them come back; the rest is asked."""
    path = tmp_path / "sweep.jsonl"
    with opened(max_retries=0) as session:
        place = session.place(session.conversation())
        options = session.settings.snapshot()
        session.converse("emulate: echo\nfirst", options=options, place=place)
        found = swept(session, PROMPT + LONG, GRID, conversation="main")
        found.save(path)
        found.save(path)
    with opened(max_retries=0) as other:
        loaded = Sweep.load(path, session=other)
        assert list(loaded) == list(found)
        assert loaded.questions == found.questions
        assert loaded.plan == found.plan
        assert loaded.place.history == found.place.history
        assert other.last_sweep is loaded
        done = [one.turn for one in loaded if one.status == "complete"]
        before = len(other.turns)
        loaded.resume()
        assert len(other.turns) == before + 2
        assert [one.turn for one in loaded if one.status == "complete"] == done
        assert loaded[3].turn is not None
        assert loaded[3].turn.parent == found.place.parent
    assert path.read_text().count(LONG) <= 1 + 4 + 2  # once for each text, and answers


def test_from_the_journal() -> None:
    """A sweep of a kernel that has died goes on from its journal."""
    with opened(max_retries=0) as session:
        found = swept(session, PROMPT, GRID)
        path = session.recorder.journal.path
        assert path is not None
    with opened(max_retries=0) as other:
        loaded = Sweep.load(path, session=other)
        assert list(loaded) == list(found)
        assert loaded.rest == [2, 3]
        loaded.resume()
    with opened() as third:
        journal = other.recorder.journal.path
        assert journal is not None
        again = Sweep.load(journal, session=third)
        assert list(again)[2:] == list(loaded)[2:]


def test_begun_only(tmp_path: Path) -> None:
    """A sweep that has sent nothing can be kept as well."""
    with opened() as session:
        unsent(session, "emulate: echo\n{n}", {"n": [1, 2]}).save(tmp_path / "s.jsonl")
        loaded = Sweep.load(tmp_path / "s.jsonl", session=session).resume()
        assert [one.text for one in loaded] == ["1", "2"]


def test_files_that_are_none(tmp_path: Path) -> None:
    """What holds no sweep, or another one, is refused."""
    path = tmp_path / "s.jsonl"
    with opened() as session:
        path.write_text("")
        with pytest.raises(InputError, match="holds no sweep"):
            Sweep.load(path, session=session)
        with pytest.raises(InputError, match="cannot be read"):
            Sweep.load(tmp_path / "none", session=session)
        found = unsent(session, "hi {n}", {"n": [1]})
        with pytest.raises(InputError, match="another name"):
            found.save(path)
        with pytest.raises(InputError, match="cannot be written"):
            found.save(tmp_path / "no" / "s.jsonl")
        assert sorted(tmp_path.iterdir()) == [path]


def test_scores_and_format_are_kept(tmp_path: Path) -> None:
    """In the file and in the journal; an answer that is asked again has none."""
    path = tmp_path / "s.jsonl"
    with opened() as session:
        found = unsent(session, "emulate: echo\n{n}", {"n": [1, 25]})
        found.format = "code"
        found.resume()
        found.score("25")
        found.score(lambda one: np.int64(len(one.text)), name="length")
        found.retry(0)
        assert found.scores == {"score": [None, True], "length": [None, 2]}
        found.save(path)
        journal = session.recorder.journal.path
        assert journal is not None
    with opened() as other:
        for source in (path, journal):
            loaded = Sweep.load(source, session=other)
            assert loaded.scores == found.scores
            assert loaded.compare(0).format == "code"
            assert loaded.compare(0, format="text").format == "text"


def test_a_score_that_no_file_can_hold(tmp_path: Path) -> None:
    """It stays in memory; saving names it, and leaves nothing behind."""
    with opened() as session:
        found = swept(session, "emulate: echo\n{n}", {"n": [1]})
        assert found.score(lambda one: one, name="itself") == [found[0]]
        with pytest.raises(InputError, match="`itself`"):
            found.save(tmp_path / "s.jsonl")
        assert [*tmp_path.iterdir()] == []
        del found.scores["itself"]
        found.save(tmp_path / "s.jsonl")
