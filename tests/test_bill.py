"""What a kernel has used: by conversation and model, with costs that are known."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from said import text, turn

from routeway_magic.bill import Bill
from routeway_magic.conversation import Turn
from routeway_magic.pricing import Price

HOST = "api.example.org"
PRICES = {(HOST, "a"): Price(input=1.0, output=10.0)}


def asked(model: str = "a", source: str = HOST, **usage: Any) -> Turn:
    """A turn that used so much."""
    message = {"content": [text("hi")], "stop_reason": "end_turn", "usage": usage}
    return turn(
        "q", text("hi"), message=message, parameters={"model": model}, source=source
    )


def rows_of(*turns: tuple[str, Turn]) -> list[list[str]]:
    """The table's rows below its head."""
    bill = Bill()
    for name, one in turns:
        bill.add(name, one)
    head, *rows = bill.rows(PRICES)
    assert head[:4] == ("conversation", "model", "source", "requests")
    return [list(row) for row in rows]


MILLION = {"input_tokens": 1_000_000, "output_tokens": 100_000}


def test_a_row_for_each_conversation_model_and_source() -> None:
    """Equal ones are added up, and the last row has the sum of all."""
    rows = rows_of(
        ("main", asked(**MILLION)),
        ("main", asked(**MILLION)),
        ("essay", asked(input_tokens=1, cache_read_input_tokens=0, output_tokens=2)),
        ("main", asked("b", source="emulator", input_tokens=7, output_tokens=8)),
    )
    essay = ["essay", "a", HOST, "1", "1", "0", "0", "2", "<$0.0001"]
    main = ["main", "a", HOST, "2", "2,000,000", "0", "0", "200,000", "$4.00"]
    offline = ["main", "b", "emulator", "1", "7", "0", "0", "8", "$0.00"]
    total = ["in all", "", "", "4", "2,000,008", "0", "0", "200,010", "$4.00"]
    assert rows == [essay, main, offline, total]


@pytest.mark.parametrize(
    "source", ["emulator", "local", "local, a tiny model, often wrong"]
)
def test_what_runs_here_costs_nothing_however_it_ends(source: str) -> None:
    """No note says that an answer of its that broke off may have cost more."""
    bill = Bill()
    bill.add("main", asked(source=source, input_tokens=7))
    assert [row[-1] for row in bill.rows(PRICES)[1:]] == ["$0.00", "$0.00"]
    assert bill.notes(PRICES) == []


def test_caches_stand_apart() -> None:
    """What was written to a cache and what was read from one have columns."""
    usage = {"cache_creation_input_tokens": 20, "cache_read_input_tokens": 30}
    (row, _) = rows_of(("main", asked(input_tokens=1, output_tokens=2, **usage)))
    assert row[4:8] == ["1", "20", "30", "2"]


@pytest.mark.parametrize(
    ("other", "cost", "note"),
    [
        (asked("b", **MILLION), "unknown", "asked of `b`"),
        (asked(source="else", **MILLION), "unknown", "asked of `a`"),
        (asked(cache_read_input_tokens=1, **MILLION), "unknown", "asked of `a`"),
        (asked(input_tokens=1_000_000), "at least $1.00", "An answer that was not"),
    ],
    ids=["no price", "another's list", "no price of a cache", "broken off"],
)
def test_what_is_not_known_is_said(other: Turn, cost: str, note: str) -> None:
    """A cost without a price is unknown, and a sum of the others says that it is part."""
    bill = Bill()
    bill.add("essay", asked(**MILLION))
    bill.add("main", other)
    _, _, row, total = bill.rows(PRICES)
    assert row[-1] == cost
    assert total[-1] == ("at least $2.00" if cost == "unknown" else "at least $3.00")
    assert note in " ".join(bill.notes(PRICES))


def test_nothing_to_say_where_all_is_known() -> None:
    """A full bill has no notes; an empty one says that it is."""
    bill = Bill()
    assert bill.is_empty()
    bill.add("main", asked(**MILLION))
    bill.add("main", turn("q", parameters={"model": "a"}, source=HOST))  # nothing came
    assert not bill.is_empty()
    assert bill.notes(PRICES) == []
    assert (bill.tokens, bill.cost(PRICES)) == (1_100_000, pytest.approx(2.0))


def test_threads_lose_nothing() -> None:
    """A panel, a sweep and a cell may end at the same time."""
    bill = Bill()
    one = asked(input_tokens=1, output_tokens=1)
    threads = [
        threading.Thread(target=lambda: [bill.add("main", one) for _ in range(500)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bill.tokens == 4000
    assert bill.rows({})[1][3] == "2,000"
