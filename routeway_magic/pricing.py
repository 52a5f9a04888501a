"""What tokens cost, where the server's list of models says so; nothing is guessed.

Prices are those of `GET /v1/models` (API.md 6.3), US dollars for a million tokens. A
price that depends on a prompt's length is not in that list, and not known here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from routeway_magic.types import JSONObject
from routeway_magic.usage import Counts

__all__ = ["Price", "money", "prices_of"]

_MILLION = 1_000_000
_KEY = "price_per_million_t"
_LEAST_SHOWN = 0.0001


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A model's prices, US dollars for a million tokens; None where not known.

    Args:
        input: of input.
        output: of output.
        cache_write: of input that is written to a cache for five minutes.
        cache_write_1h: of input that is written to a cache for an hour.
        cache_read: of input that is read from a cache.
    """

    input: float | None = None
    output: float | None = None
    cache_write: float | None = None
    cache_write_1h: float | None = None
    cache_read: float | None = None

    def cost(self, counts: Counts) -> float | None:
        """What these tokens cost in US dollars; None if a price they need is unknown."""
        parts = [
            (counts.input, self.input),
            (counts.output, self.output),
            (counts.cache_write, self.cache_write),
            (counts.cache_write_1h, self.cache_write_1h),
            (counts.cache_read, self.cache_read),
        ]
        total = 0.0
        for tokens, price in parts:
            if tokens and price is None:
                return None
            total += tokens * (price or 0.0)
        return total / _MILLION

    def least(self, tokens: int) -> float:
        """What so much input costs at the least: all of it read from a cache."""
        known = [price for price in (self.input, self.cache_read) if price is not None]
        return tokens * min(known, default=0.0) / _MILLION


def prices_of(models: Iterable[JSONObject]) -> dict[str, Price]:
    """The prices that a list of models gives, by id; models without any are left out.

    Args:
        models: entries of `GET /v1/models`; every member may be missing, and a price
            may be a number or its digits.
    """
    found = {str(model.get("id")): _price(model.get("pricing")) for model in models}
    return {name: price for name, price in found.items() if price != Price()}


def money(dollars: float) -> str:
    """An amount as people read it: cents, or four digits where cents say nothing."""
    if 0 < dollars < _LEAST_SHOWN:
        return f"<${_LEAST_SHOWN}"
    return f"${dollars:,.2f}" if dollars >= 1 or not dollars else f"${dollars:.4f}"


def _price(pricing: Any) -> Price:
    caching = _member(pricing, "caching")
    write = _member(caching, "write")  # one price, or one for each lifetime
    single = _number(write)
    short, long = _number(_member(write, "5m")), _number(_member(write, "1h"))
    return Price(
        input=_number(_member(pricing, "input")),
        output=_number(_member(pricing, "output")),
        cache_write=single if short is None else short,
        cache_write_1h=single if long is None else long,
        cache_read=_number(_member(caching, "read")),
    )


def _member(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _number(priced: Any) -> float | None:
    told = _member(priced, _KEY)
    if not isinstance(told, int | float | str) or isinstance(told, bool):
        return None
    try:
        value = float(told)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
