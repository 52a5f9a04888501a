"""Range, mean and missing values of a NumPy array that is small enough to be read."""

from __future__ import annotations

import warnings
from math import isnan
from typing import Any

import numpy as np

from routeway_magic.content.cells import moment
from routeway_magic.content.facts import Facts, are_few, spread, tally

__all__ = ["array_facts"]

_TRIED = 500
_COUNTED = 10_000


def array_facts(values: np.ndarray[Any, Any]) -> Facts:
    """What is known of an array's values, all of which are read.

    Args:
        values: of any shape and dtype; a sample, if there are many.
    """
    if not values.size:
        return Facts(0)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter(
            "ignore"
        )  # of means of infinities: they are shown as such
        return _BY_KIND.get(values.dtype.kind, _unknown)(values)


def _unknown(_: np.ndarray[Any, Any]) -> Facts:
    return Facts()


def _floats(values: np.ndarray[Any, Any]) -> Facts:
    finite = np.isfinite(values)
    whole = bool(finite.all())
    kept = values if whole else values[finite]
    missing = 0 if whole else int(np.isnan(values).sum())
    infinite = values.size - kept.size - missing
    words = [_spread(kept)] if kept.size else []
    words += [f"{infinite:,} infinite"] if infinite else []
    return Facts(missing, ", ".join(words))


def _spread(values: np.ndarray[Any, Any]) -> str:
    low, high = values.min().item(), values.max().item()
    deviation = float(values.std(dtype=np.float64)) if values.size > 1 else None
    return spread(low, high, float(values.mean(dtype=np.float64)), deviation)


def _integers(values: np.ndarray[Any, Any]) -> Facts:
    flat = values.reshape(-1)
    if are_few(flat[:: max(flat.size // _TRIED, 1)].tolist()):
        return Facts(0, tally(flat[:: max(flat.size // _COUNTED, 1)].tolist()))
    return Facts(0, _spread(values))


def _booleans(values: np.ndarray[Any, Any]) -> Facts:
    return Facts(0, f"True {float(values.mean()):.0%}")


def _complex(values: np.ndarray[Any, Any]) -> Facts:
    missing = int(np.isnan(values).sum())
    sizes = np.abs(values[np.isfinite(values)])
    return Facts(missing, f"absolute {_spread(sizes)}" if sizes.size else "")


def _times(values: np.ndarray[Any, Any]) -> Facts:
    known = values[~np.isnat(values)]
    missing = values.size - known.size
    if not known.size:
        return Facts(missing)
    return Facts(missing, spread(moment(str(known.min())), moment(str(known.max()))))


def _texts(values: np.ndarray[Any, Any]) -> Facts:
    return Facts(0, tally(values.reshape(-1).tolist()))


def _objects(values: np.ndarray[Any, Any]) -> Facts:
    every = values.reshape(-1).tolist()
    known = [one for one in every if one is not None]
    if float in set(map(type, known)):
        known = [one for one in known if not (isinstance(one, float) and isnan(one))]
    return Facts(len(every) - len(known), tally(known))


_BY_KIND = {
    "f": _floats,
    "i": _integers,
    "u": _integers,
    "b": _booleans,
    "c": _complex,
    "M": _times,
    "m": _times,
    "U": _texts,
    "S": _texts,
    "O": _objects,
}
