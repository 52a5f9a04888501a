"""A plan: every combination of the axes' values, as often as it is to be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from routeway_magic.errors import InputError
from routeway_magic.sweeps.grid import Axis, axes_of

__all__ = ["Plan", "Variant", "plan"]

_MOST = 100_000  # variants that one kernel keeps in mind


@dataclass(frozen=True, slots=True)
class Variant:
    """One request of a sweep.

    Args:
        index: its place in the plan, from 0.
        values: by the axes' names, in their order.
        repeat: which asking of the same values it is, from 0.
    """

    index: int
    values: Mapping[str, Any]
    repeat: int = 0

    @property
    def label(self) -> str:
        """Its values in words, such as "temperature=0.5, model=a"."""
        return ", ".join(f"{name}={value}" for name, value in self.values.items())


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sweep will ask.

    Args:
        axes: what is varied.
        repeat: how often each combination is asked.
        variants: the last axis varies first, a combination's repeats are neighbours.
    """

    axes: tuple[Axis, ...]
    repeat: int
    variants: tuple[Variant, ...]

    @property
    def requests(self) -> int:
        """How many requests it is."""
        return len(self.variants)


def plan(grid: Mapping[str, Any] | Iterable[Axis], repeat: int = 1) -> Plan:
    """Every combination of these values, each asked `repeat` times.

    Args:
        grid: axes, or values by name (see `grid.axes_of`); none for the question alone.
        repeat: 1 or more.

    Raises:
        InputError: if an axis stands twice, or it is too much to keep in mind.
    """
    axes = axes_of(grid)
    names = [axis.name for axis in axes]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise InputError(
            f"`{twice[0]}` is swept twice.", "Give all its values at once, with commas."
        )
    if isinstance(repeat, bool) or not isinstance(repeat, int) or repeat < 1:
        raise InputError(f"`repeat` cannot be {repeat!r}.", "It takes 1 or more.")
    count = prod(len(axis.values) for axis in axes) * repeat
    if count > _MOST:
        raise InputError(
            f"This sweep would be {count:,} requests.",
            f"One sweep takes {_MOST:,} at most: fewer values, or several sweeps.",
        )
    combinations = product(*(axis.values for axis in axes))
    asked = ((values, number) for values in combinations for number in range(repeat))
    variants = tuple(
        Variant(index, dict(zip(names, values, strict=True)), number)
        for index, (values, number) in enumerate(asked)
    )
    return Plan(axes, repeat, variants)
