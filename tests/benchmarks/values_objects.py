"""Python's own values, small and huge, to be measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

__all__ = ["cases"]

_TEN_MILLION = 10_000_000


@dataclass
class Run:
    """A record of the user's."""

    name: str
    losses: list[float]


def cases() -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """What is measured: name -> what makes a small value, and a huge one."""
    return {
        "str, 100 MB": (lambda: "a few words", lambda: "word " * 20_000_000),
        "int of 4,000 digits": (lambda: 42, lambda: 7**4700),
        "bytes, 1 GB": (lambda: b"bytes", lambda: bytes(1_000_000_000)),
        "list of 10M numbers": (partial(_numbers, 5), partial(_numbers, _TEN_MILLION)),
        "list of 1M dicts": (partial(_records, 3), partial(_records, 1_000_000)),
        "dict of 1M strings": (partial(_table, 3), partial(_table, 1_000_000)),
        "set of 10M": (lambda: {1, 2}, lambda: set(range(_TEN_MILLION))),
        "nested configuration": (partial(_nested, 2), partial(_nested, 7)),
        "dataclass, 10M numbers": (partial(_run, 5), partial(_run, _TEN_MILLION)),
        "function, class": (lambda: _nested, _data_frame),
        "module": (lambda: __import__("json"), lambda: __import__("numpy")),
        "exception": (partial(_failure, 3), partial(_failure, 900)),
    }


def _numbers(count: int) -> list[int]:
    return list(range(count))


def _records(count: int) -> list[dict[str, Any]]:
    return [{"id": number, "name": f"name {number}"} for number in range(count)]


def _table(count: int) -> dict[str, str]:
    return {f"key {number}": "value " * 5 for number in range(count)}


def _nested(depth: int) -> Any:
    if not depth:
        return {"rate": 0.1, "name": "adam", "steps": [1, 2, 3]}
    return {f"part {number}": _nested(depth - 1) for number in range(6)}


def _run(count: int) -> Run:
    return Run("first", [0.5] * count)


def _data_frame() -> type:
    import pandas as pd

    return pd.DataFrame


def _failure(depth: int) -> BaseException:
    try:
        _fails(depth)
    except ValueError as error:
        return error
    raise AssertionError


def _fails(depth: int) -> None:
    if depth:
        _fails(depth - 1)
    raise ValueError("at the bottom")
