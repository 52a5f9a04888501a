"""What tokens cost by a server's list: all shapes of it, and nothing guessed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeway_magic.pricing import Price, money, prices_of
from routeway_magic.usage import Counts


def million(price: Any) -> dict[str, Any]:
    """A price as the list writes it."""
    return {"unit": "1M tokens", "price_per_million_t": price}


def price_of(**pricing: Any) -> Price | None:
    """The price that an entry gives."""
    return prices_of([{"id": "m", "pricing": pricing}]).get("m")


BOTH = {"5m": million(6.25), "1h": million(10.0)}
CASES: list[tuple[dict[str, Any], Price | None]] = [
    ({"input": million(5), "output": million("25")}, Price(input=5.0, output=25.0)),
    (
        {"input": million(5.0), "caching": {"read": million(0.5), "write": BOTH}},
        Price(input=5.0, cache_read=0.5, cache_write=6.25, cache_write_1h=10.0),
    ),
    (
        {"input": million(5.0), "caching": {"write": million("6")}},
        Price(input=5.0, cache_write=6.0, cache_write_1h=6.0),
    ),
    (
        {"input": million(5.0), "caching": {"write": {"5m": million(6)}}},
        Price(input=5.0, cache_write=6.0),
    ),
    ({"input": million(0), "output": million(0)}, Price(input=0.0, output=0.0)),
    ({"input": million("free"), "output": million(True)}, None),
    ({"input": million("nan"), "output": million(-1)}, None),
    ({"input": 5.0, "output": None, "caching": []}, None),
    ({}, None),
]


@pytest.mark.parametrize(("pricing", "price"), CASES)
def test_prices_are_read_in_every_shape(
    pricing: dict[str, Any], price: Price | None
) -> None:
    """Numbers or digits, a cache's one price or two; what is neither is not known."""
    assert price_of(**pricing) == price


@given(st.lists(st.dictionaries(st.sampled_from(["id", "pricing"]), st.text())))
def test_a_list_may_hold_anything(models: list[dict[str, Any]]) -> None:
    """No shape of a list breaks it; without a price there is none."""
    assert prices_of(models) == {}


FULL = Price(
    input=5.0, output=25.0, cache_write=6.25, cache_write_1h=10.0, cache_read=0.5
)


def test_each_kind_of_token_has_its_price() -> None:
    """The cost is the sum over kinds, each per million."""
    counts = Counts(
        input=1_000_000,
        output=100_000,
        cache_write=80_000,
        cache_write_1h=50_000,
        cache_read=2_000_000,
    )
    assert FULL.cost(counts) == pytest.approx(5.0 + 2.5 + 0.5 + 0.5 + 1.0)


@pytest.mark.parametrize("kind", ["input", "output", "cache_write", "cache_read"])
def test_a_price_that_is_missing_makes_the_cost_unknown(kind: str) -> None:
    """Only what was used needs a price; nothing is derived from another one."""
    prices = {"input": 5.0, "output": 25.0, "cache_write": 6.0, "cache_read": 1.0}
    price = Price(**{name: value for name, value in prices.items() if name != kind})
    assert price.cost(Counts(**{kind: 1})) is None
    others = {name: 1 for name in prices if name != kind}
    assert price.cost(Counts(**others)) == pytest.approx(
        sum(value for name, value in prices.items() if name != kind) / 1_000_000
    )


def test_input_costs_at_least_what_a_cache_asks() -> None:
    """A lower bound is certain: all input may be read from a cache."""
    assert FULL.least(2_000_000) == pytest.approx(1.0)
    assert Price(input=5.0).least(1_000_000) == pytest.approx(5.0)
    assert Price(output=5.0).least(1_000_000) == 0.0


@pytest.mark.parametrize(
    ("dollars", "shown"),
    [
        (0.0, "$0.00"),
        (0.00001, "<$0.0001"),
        (0.00042, "$0.0004"),
        (0.5, "$0.5000"),
        (1.239, "$1.24"),
        (12345.6, "$12,345.60"),
    ],
)
def test_amounts_are_shown_as_people_read_them(dollars: float, shown: str) -> None:
    """Cents, or four digits where cents would say nothing."""
    assert money(dollars) == shown
