"""scikit-learn: what an estimator is set to, and what it has learned, by shape."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from sklearn.base import BaseEstimator

from routeway_magic.content.cells import cell, cut, literal, one_line
from routeway_magic.content.corners import axes_text, nested
from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import to_blocks
from routeway_magic.content.guarded import kind_of
from routeway_magic.credentials import looks_like_credential

__all__: list[str] = []

_DEEPEST = 4
_VALUE = 80
_SHORT = 4  # members of a learned dict or list that are shown
_FEW = 12  # values of a learned array that are shown
_MOST_STEPS = 50
_LEARNED = "learned:"


@to_blocks.register(BaseEstimator)
def _estimator(value: BaseEstimator, limits: Limits) -> Described:
    lines = list(_lines(value, limits, "", 0))
    kept, room = [], limits.characters
    for line in lines:
        if len(line) + 1 > room:
            break
        kept.append(line)
        room -= len(line) + 1
    if lines and not kept:
        kept = [cut(lines[0], limits.characters)]
    missing = len(lines) - len(kept)
    return Described(
        kind=kind_of(value),
        size="fitted"
        if any(line.lstrip().startswith(_LEARNED) for line in lines)
        else "",
        text="\n".join(kept),
        left_out=f"{missing} of {len(lines)} lines" if missing else "",
    )


def _lines(value: Any, limits: Limits, name: str, depth: int) -> Iterator[str]:
    """The estimator's own line, what it learned, and the estimators within it."""
    begin = "  " * depth + (f"{name}: " if name else "")
    if not _is_estimator(value):  # such as "passthrough" in a pipeline
        yield f"{begin}{_summary(value)}"
        return
    settings = _Settings(value, limits)
    yield f"{begin}{type(value).__name__}({', '.join(settings.changed)})"
    learned = ", ".join(_learned(value))
    if learned:
        yield f"{'  ' * depth}  {_LEARNED} {learned}"
    for inner, part in settings.parts if depth < _DEEPEST else ():
        yield from _lines(part, limits, inner, depth + 1)
    if settings.unchanged and not depth:
        yield f"by default: {', '.join(settings.unchanged)}"


class _Settings:
    """The parameters of an estimator: set by the user, left alone, or estimators."""

    def __init__(self, value: Any, limits: Limits) -> None:
        self.changed: list[str] = []
        self.unchanged: list[str] = []
        self.parts: list[tuple[str, Any]] = []
        defaults = _defaults(type(value))
        for name, given in _parameters(value).items():
            parts = _parts(name, given)
            self.parts += parts
            if parts:
                continue
            default = defaults.get(name, inspect.Parameter.empty)
            group = self.unchanged if _is_default(given, default) else self.changed
            group.append(f"{name}={_shown(name, given, limits)}")


def _parameters(value: Any) -> dict[str, Any]:
    try:
        return dict(value.get_params(deep=False))
    except Exception:  # noqa: BLE001  # a user's own estimator may break the rules
        return {}


def _defaults(kind: type) -> dict[str, Any]:
    try:
        parameters = inspect.signature(kind).parameters
    except (TypeError, ValueError):
        return {}
    return {name: one.default for name, one in parameters.items()}


def _is_default(value: Any, default: Any) -> bool:
    """Whether it is the default; what cannot be compared counts as changed."""
    if value is default:
        return True
    try:
        return type(value) is type(default) and bool(value == default)
    except Exception:  # noqa: BLE001  # an array, or whatever a user passed
        return False


def _shown(name: str, value: Any, limits: Limits) -> str:
    if name not in limits.allowed and looks_like_credential(name):
        return "<not sent: it looks like a credential>"
    if isinstance(value, type) or (callable(value) and hasattr(value, "__name__")):
        return str(value.__name__)
    return one_line(literal(value, _VALUE))


def _parts(name: str, value: Any) -> list[tuple[str, Any]]:
    """The estimators in a parameter, with their names: one, or steps of a pipeline."""
    if _is_estimator(value):
        return [(name, value)]
    if not isinstance(value, (list, tuple)):
        return []
    steps = [_step(one, at) for at, one in enumerate(value[:_MOST_STEPS])]
    return steps if any(_is_estimator(part) for _, part in steps) else []


def _step(step: Any, at: int) -> tuple[str, Any]:
    """A step's name and estimator, and the columns that it is for, if it has any."""
    if not isinstance(step, tuple) or len(step) < len(("name", "estimator")):
        return str(at), step
    name, part, *columns = step
    on = f" on {one_line(literal(columns[0], _VALUE))}" if columns else ""
    return f"{cell(name, _VALUE)}{on}", part


def _is_estimator(value: Any) -> bool:
    return hasattr(value, "get_params") and not isinstance(value, type)


def _learned(value: Any) -> Iterator[str]:
    """What fitting left: names ending in `_`, with their shape or value."""
    try:
        members = list(vars(value).items())
    except TypeError:
        return
    for name, one in members:
        if name.endswith("_") and not name.startswith("_"):
            yield f"{name} {_summary(one)}"


def _summary(value: Any) -> str:
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and hasattr(value, "dtype"):
        size = getattr(value, "size", _FEW + 1)
        if isinstance(size, int) and size <= _FEW and hasattr(value, "tolist"):
            return nested(value.tolist()).replace("\n", " ")
        return f"{value.dtype} ({axes_text(shape)})"
    if isinstance(value, (list, tuple, dict, set)):
        is_short = len(value) <= _SHORT and not any(map(_is_estimator, value))
        words = f"{type(value).__name__} of {len(value):,}"
        return one_line(literal(value, _VALUE)) if is_short else words
    return (
        type(value).__name__
        if _is_estimator(value)
        else one_line(literal(value, _VALUE))
    )
