"""Results as rows, for whatever tables the user works with."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from routeway_magic.settings import UNSET
from routeway_magic.sweeps.result import Result
from routeway_magic.types import JSONObject
from routeway_magic.usage import counts_of

__all__ = ["frame_of", "records_of"]


def records_of(
    results: Iterable[Result], scores: Mapping[str, Sequence[Any]] | None = None
) -> list[JSONObject]:
    """A dictionary for each result; an axis that is called like a column gets a `_`.

    Args:
        results: in the plan's order.
        scores: by name, one for each result.
    """
    return [_record(result, scores or {}) for result in results]


def frame_of(records: list[JSONObject]) -> Any:
    """The rows as a pandas or polars DataFrame if one is imported, else as they are.

    Args:
        records: with the same keys each.
    """
    if pandas := sys.modules.get("pandas"):
        return pandas.DataFrame(records)
    if polars := sys.modules.get("polars"):
        return polars.DataFrame(records, strict=False, infer_schema_length=None)
    return records


def _record(result: Result, scores: Mapping[str, Sequence[Any]]) -> JSONObject:
    variant, turn = result.variant, result.turn
    counts = counts_of(result.usage or None)
    known: JSONObject = {
        "repeat": variant.repeat,
        "status": result.status,
        "text": result.text,
        "stop_reason": result.stop_reason,
        "input_tokens": counts.all_input,
        "output_tokens": counts.output,
        "seconds": result.seconds,
        "first_token": result.first_token,
        "cost": result.cost,
        "error": result.error,
        "source": turn.source if turn else "",
        "turn": turn.id if turn else None,
    }
    known |= {name: found[variant.index] for name, found in scores.items()}
    axes = {
        f"{name}_" if name in known else name: None if value == UNSET else value
        for name, value in variant.values.items()
    }
    return axes | known
