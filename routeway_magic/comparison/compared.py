"""What is compared: the results of a sweep, as far as a comparison reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from textwrap import shorten
from typing import Any, Protocol, SupportsFloat

from routeway_magic.turn import Turn
from routeway_magic.types import Usage

__all__ = ["Axis", "Result", "Variant", "axes_of", "label_of", "labels_of", "worded"]

_LONGEST = 40  # characters of a value that a label shows

Axis = tuple[str, list[Any]]
"""What was varied, and its values in the order in which they were given."""


class Variant(Protocol):
    """One combination of values."""

    @property
    def index(self) -> int:
        """Its place in the plan."""

    @property
    def values(self) -> Mapping[str, Any]:
        """What was varied, by name."""

    @property
    def repeat(self) -> int:
        """Which of the repeats with these values, counted from 0."""


class Result(Protocol):
    """What came of one variant."""

    @property
    def variant(self) -> Variant:
        """What was asked with."""

    @property
    def turn(self) -> Turn | None:
        """The question with its answer; None if it was never sent."""

    @property
    def status(self) -> str:
        """How it ended: "complete", "interrupted", "failed" or "not sent"."""

    @property
    def error(self) -> str:
        """What went wrong, a sentence, or ""."""

    @property
    def seconds(self) -> float:
        """How long it took."""

    @property
    def first_token(self) -> float | None:
        """Seconds until the first token; None if none came."""

    @property
    def cost(self) -> SupportsFloat | None:
        """In US dollars; None where no price is known."""

    @property
    def text(self) -> str:
        """The text blocks of the answer, joined."""

    @property
    def usage(self) -> Usage:
        """Token counts as received."""

    @property
    def stop_reason(self) -> str | None:
        """Why the answer ended, as received."""


def axes_of(variants: Sequence[Variant]) -> list[Axis]:
    """What differs between these variants: names with their values.

    Args:
        variants: in the order in which their values are to stand.
    """
    found: dict[str, dict[str, Any]] = {}
    for variant in variants:
        for name, value in variant.values.items():
            found.setdefault(name, {}).setdefault(worded(value), value)
    return [(name, list(values.values())) for name, values in found.items()]


def worded(value: Any) -> str:
    """A value as it would be written on the line: words bare, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def label_of(variant: Variant, *, is_repeated: bool) -> str:
    """A variant in a few words, such as `temperature=0.5 · repeat 2`.

    Args:
        variant: which one.
        is_repeated: whether there are others with the same values.
    """
    parts = [f"{name}={_brief(value)}" for name, value in variant.values.items()]
    parts += [f"repeat {variant.repeat + 1}"] if is_repeated or not parts else []
    return " · ".join(parts)


def labels_of(variants: Sequence[Variant]) -> dict[int, str]:
    """The labels of variants by their index.

    Args:
        variants: all that are shown together.
    """
    is_repeated = any(variant.repeat for variant in variants)
    return {
        variant.index: label_of(variant, is_repeated=is_repeated)
        for variant in variants
    }


def _brief(value: Any) -> str:
    return shorten(worded(value), _LONGEST, placeholder=" …")
