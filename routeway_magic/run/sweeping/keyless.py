"""No key is among what a sweep varies: the values stand in all its labels."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from routeway_magic.errors import InputError
from routeway_magic.sweeps.grid import Axis, read_axis
from routeway_magic.sweeps.plan import Plan, plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from routeway_magic.sources import Sources

__all__ = ["axis_without_key", "plan_without_key"]


def axis_without_key(sources: Sources, text: str) -> Axis:
    """The axis that a text such as `temperature=0,0.5,1` describes.

    Args:
        sources: know the keys.
        text: as typed.

    Raises:
        InputError: if it is none, or holds a key; the key is not in its words.
    """
    with _without_keys(sources):
        axis = read_axis(text)
    _check(sources, [axis])
    return axis


def plan_without_key(
    sources: Sources, grid: Mapping[str, Any] | Iterable[Axis], repeat: int = 1
) -> Plan:
    """Every combination of these values (see `sweeps.plan`), if none holds a key.

    Args:
        sources: know the keys.
        grid: values by name, or axes.
        repeat: how often each combination is asked.

    Raises:
        InputError: if it is none, or holds a key; the key is not in its words.
    """
    with _without_keys(sources):
        planned = plan(grid, repeat)
    _check(sources, planned.axes)
    return planned


def _check(sources: Sources, axes: Iterable[Axis]) -> None:
    for axis in axes:
        written = json.dumps([axis.name, *axis.values], ensure_ascii=False)
        if sources.hold_key(written.encode()):
            raise InputError(
                f"A value of `{sources.redact(axis.name)}` holds an API key, so "
                "nothing was sent.",
                "Take it out of the sweep: its values stand in every title.",
            )


@contextmanager
def _without_keys(sources: Sources) -> Iterator[None]:
    """Takes keys out of the words of an error that quotes what was typed."""
    try:
        yield
    except InputError as error:
        what, hint = sources.redact(error.what), sources.redact(error.hint)
        raise InputError(what, hint) from None
