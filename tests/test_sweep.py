"""Sweeps from their grid to their results, asked of the emulator."""

from __future__ import annotations

import _thread
import re
import sys
import threading
from typing import Any

import pandas as pd
import polars as pl
import pytest
from sweeps import Watched, opened, swept, unsent
from waiting import wait_until

import routeway_magic
from routeway_magic.errors import ConfigurationError, InputError, Interrupted
from routeway_magic.events import ContentBlockDelta
from routeway_magic.run.session import Session
from routeway_magic.settings import ClaudeSettings

ECHO = "emulate: echo\n"


def test_from_python() -> None:
    """`sweep` blocks, and gives the results in the plan's order."""
    before = threading.active_count()
    found = routeway_magic.sweep(ECHO + "{n} {x}", {"n": [1, 2]}, repeat=2)
    try:
        assert [result.text for result in found] == ["1 {x}", "1 {x}", "2 {x}", "2 {x}"]
        assert found is routeway_magic.session().last_sweep
        assert repr(found) == "<Sweep of n × 2: 4 of 4 complete>"
    finally:
        routeway_magic.session().close()
        ClaudeSettings.clear_instance()
        sys.modules["routeway_magic.run.session"].begun.cache_clear()
    wait_until(lambda: threading.active_count() <= before)


def test_what_an_axis_names() -> None:
    """A setting comes first, then a name in the braces, then a field of the request."""
    grid = {
        "temperature": ["unset", 0.5],
        "city": ["Rome"],
        "metadata": [{"user_id": "a"}],
    }
    with opened(temperature=1.0) as session:
        found = swept(session, ECHO + "{city!r:>8} {{city}} ${city}$", grid)
        sent = [result.turn.parameters for result in found if result.turn]
    assert [result.text for result in found] == ["  'Rome' {city} ${city}$"] * 2
    assert [fields.get("temperature") for fields in sent] == [None, 0.5]
    assert [fields["metadata"] for fields in sent] == [{"user_id": "a"}] * 2


def test_wrong_values_are_refused_before_anything_is_sent() -> None:
    """One value of the wrong type stops all, and says which."""
    with opened() as session:
        with pytest.raises(InputError, match="temperature"):
            swept(session, "hi", {"temperature": [0.5, "warm"]})
        with pytest.raises(InputError, match="prompt"):
            swept(session, "{x}", {"x": ["", "a"]})
        assert session.turns == []


@pytest.mark.parametrize("concurrency", [0, -1, 2.5, "4"])
def test_nobody_cannot_ask(concurrency: Any) -> None:
    """Fewer than one request at a time is none: it is refused, not left unasked."""
    with opened() as session:
        with pytest.raises(InputError, match="`concurrency` cannot be"):
            swept(session, "{n}", {"n": [1, 2]}, concurrency=concurrency)
        assert session.turns == []


def test_what_is_no_executor_is_refused() -> None:
    """It is said before anything is sent, and not of each variant."""
    with opened() as session:
        asked = unsent(session, ECHO + "{n}", {"n": [1, 2]})
        not_one: Any = 3
        with pytest.raises(InputError, match="`executor` cannot be of `int`"):
            asked.resume(executor=not_one)
        assert asked.resume().rest == []


def test_many_need_a_go_ahead() -> None:
    """Above the setting a sweep names its size and `--yes`, and sends nothing."""
    with opened(sweep_confirm_above=3) as session:
        with pytest.raises(ConfigurationError) as caught:
            swept(session, ECHO + "{n}", {"n": [1, 2]}, repeat=2)
        assert "4 requests" in str(caught.value)
        assert "at most 16,384 output tokens" in str(caught.value)
        assert "--yes" in caught.value.hint
        assert "yes=True" in caught.value.hint
        assert session.turns == []
        assert len(swept(session, ECHO + "{n}", {"n": [1, 2]}, repeat=2, yes=True)) == 4


def test_variants_are_siblings() -> None:
    """All answer to the head, which stays; any can be gone on with."""
    with opened() as session:
        place = session.place(session.conversation())
        first = session.converse(
            ECHO + "first", options=session.settings.snapshot(), place=place
        ).turn
        found = swept(session, ECHO + "{n}", {"n": [1, 2, 3]}, conversation="main")
        main = session.conversation()
        turns = [result.turn for result in found if result.turn]
        assert [turn.parent for turn in turns] == [first.id] * 3
        assert main.head == first.id
        assert turns[0].usage["input_tokens"] > first.usage["input_tokens"]
        main.head = turns[1].id
        assert [turn.id for turn in main.path(main.head)] == [first.id, turns[1].id]


def test_a_watcher_is_told() -> None:
    """It hears of beginning and end here, of each event and each result from threads."""
    watch = Watched()
    with opened() as session:
        found = swept(session, ECHO + "{n} b c d", {"n": [1, 2]}, watch=watch)
    here = threading.current_thread()
    assert watch.told == [("begin", 2, here), ("close", 2, here)]
    assert sorted(watch.ended_ones, key=lambda one: one.variant.index) == list(found)
    for result in found:
        deltas = [
            event.delta["text"]
            for index, event in watch.events
            if index == result.variant.index and isinstance(event, ContentBlockDelta)
        ]
        assert "".join(deltas) == result.text
        assert 0 < (result.first_token or 0) <= result.seconds


def test_a_watcher_that_fails_is_heard_of() -> None:
    """A fault of who watches ends the sweep, and is raised; the threads end too."""

    class Faulty(Watched):
        def handle(self, index: int, event: Any) -> None:
            raise ZeroDivisionError

    with opened() as session, pytest.raises(ZeroDivisionError):
        swept(session, ECHO + "{n}", {"n": range(20)}, watch=Faulty())
    wait_until(
        lambda: not [t for t in threading.enumerate() if t.name.startswith("sweep")]
    )


def test_failures_stay_with_their_variants() -> None:
    """One that fails says why, the others are complete; it can be asked again."""
    with opened(max_retries=0) as session:
        found = swept(
            session, "emulate: {what}\nhi", {"what": ["echo", "error 500", "cut"]}
        )
        assert [one.status for one in found] == ["complete", "failed", "failed"]
        assert "500" in found[1].error
        assert found[1].turn is not None
        again = found.retry(1)
        assert again.status == "failed"
        assert len(session.turns) == 4
        with pytest.raises(InputError):
            found.retry(3)


def test_what_would_meet_all_stops_all() -> None:
    """A key that is refused is not tried 30 times; if nothing came, that is raised."""
    with opened() as session:
        found = unsent(
            session,
            "emulate: error 401\n{n}",
            {"n": range(30)},
            concurrency=2,
        )
        with pytest.raises(routeway_magic.run.session.ClaudeError, match="refused"):
            found.resume()
        assert len(session.turns) <= 4
        assert len(found.rest) == 30


def test_an_interrupt_keeps_what_is_done() -> None:
    """After an interrupt the rest is asked, and nothing that is complete again."""
    watch = Watched()
    with opened() as session:
        found = unsent(
            session,
            "emulate: echo, slow {pace}\n{n} b c d e f",
            {"pace": [1000, 2], "n": [1, 2, 3]},
            concurrency=4,
        )

        def stop() -> None:
            wait_until(lambda: len(watch.ended_ones) == 3)
            _thread.interrupt_main()

        stopper = threading.Thread(target=stop)
        stopper.start()
        with pytest.raises(Interrupted, match="3 of 6 complete"):
            found.resume(watch=watch)
        stopper.join()
        assert session.last_sweep is found
        done = {one.turn.id for one in found if one.turn and one.status == "complete"}
        assert len(done) == 3
        assert len(session.turns) <= 6
        later = Watched()
        found.questions = [found.questions[0]] * 6  # at once, this time
        found.resume(watch=later)
        assert found.rest == []
        assert len(later.kept) == 3
        assert len(later.ended_ones) == 3
        assert done <= {one.turn.id for one in found if one.turn}


def test_cancelled_from_another_thread() -> None:
    """`cancel` ends it at once, and nobody else's request."""
    watch = Watched()
    with opened() as session:
        found = unsent(
            session,
            "emulate: echo, slow 1\na b c d {n}",
            {"n": [1, 2, 3]},
            concurrency=2,
        )
        other = session.sources.client()[0]

        def stop() -> None:
            watch.began.wait(10)
            found.cancel()

        stopper = threading.Thread(target=stop)
        stopper.start()
        found.resume(watch=watch)
        stopper.join()
        assert {one.status for one in found} <= {"interrupted", "not sent"}
        assert session.sources.client()[0] is other


def test_budgets_hold_over_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many at once spend no more than one after the other would."""
    grid = {"n": range(12)}
    spent = []
    for concurrency in (1, 8):
        with opened(max_session_tokens=300, max_tokens=100) as session:
            found = swept(
                session, "emulate: long 1\n{n}", grid, concurrency=concurrency
            )
            spent.append(session.guard.bill.tokens)
            assert found.stopped_by is not None
            assert "max_session_tokens" in str(found.stopped_by)
            assert found[11].status == "not sent"
    assert spent[0] == spent[1]


def test_frames() -> None:
    """Rows for pandas or polars if one is imported, else dictionaries."""
    with opened() as session, pytest.MonkeyPatch.context() as patch:
        found = swept(session, ECHO + "{n}", {"n": [1, 2], "temperature": ["unset", 1]})
        frame = found.to_frame()
        assert isinstance(frame, pd.DataFrame)
        assert list(frame["text"]) == ["1", "1", "2", "2"]
        patch.delitem(sys.modules, "pandas")
        other = found.to_frame()
        assert isinstance(other, pl.DataFrame)
        assert other["temperature"].to_list() == [None, 1, None, 1]
        patch.delitem(sys.modules, "polars")
        assert [row["turn"] for row in found.to_frame()] == [
            one.turn.id for one in found if one.turn
        ]


def test_scores() -> None:
    """A text, a pattern, a function or a judge; the best by any of them."""
    with opened() as session:
        found = swept(session, ECHO + "{n}", {"n": [10, 25, 3]})
        assert found.score(" 25\n") == [False, True, False]
        assert found.best().answer is found[1]
        assert found.score(re.compile("[35]"), name="odd") == [False, True, True]
        assert found.score(lambda one: -len(one.text), name="brief") == [-2, -2, -1]
        assert found.best("brief").answer is found[2]
        judge = ECHO + "{answer} of {n}: good"
        assert found.score(judge=judge, name="judge") == [10.0, 25.0, 3.0]
        assert found.best("judge").answer is found[1]
        assert found.best("seconds").worth == min(one.seconds for one in found)
        assert session.last_sweep is found
        assert list(found.to_frame()["judge"]) == [10.0, 25.0, 3.0]
        with pytest.raises(InputError, match="`judge`"):
            found.best("nothing")
        with pytest.raises(InputError, match="function or a judge"):
            found.score()


def test_a_sweep_is_isolated_from_later_settings() -> None:
    """What is asked later is asked as it was planned."""
    session: Session
    with opened(temperature=0.25) as session:
        found = unsent(session, ECHO + "{n}", {"n": [1]})
        session.settings.temperature = 1.0
        found.resume()
        assert found[0].turn is not None
        assert found[0].turn.parameters["temperature"] == 0.25
