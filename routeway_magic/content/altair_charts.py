"""Altair charts: a picture where vl-convert can draw one, else their specification."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import altair as alt

from routeway_magic.content.chart_specs import spec_text
from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import register
from routeway_magic.content.fitting import fits, fitted
from routeway_magic.content.images import describe_image
from routeway_magic.content.rendering import can_import, rendered
from routeway_magic.pictures import media_type_of, pixel_size

__all__ = ["describe_altair"]

_SECONDS = 20.0
_MOST_ROWS = 20_000
_FEW_ROWS = 20
_SCALE = 2
_PARTS = ("layer", "concat", "hconcat", "vconcat")
_DRAW = """
import json, sys
import vl_convert
scale, spec = json.load(sys.stdin)
sys.stdout.buffer.write(vl_convert.vegalite_to_png(spec, scale=scale))
"""


@register(alt.TopLevelMixin)
def describe_altair(chart: Any, limits: Limits) -> Described:
    """An Altair chart; nothing is drawn of one with more than 20,000 rows.

    Nor of one whose data are at an address: nothing is loaded from there, and the
    specification is all of it.
    """
    kind = f"altair {type(chart).__name__}"
    rows = _rows(chart)
    size = f"{rows:,} rows" if rows else ""
    if rows <= _MOST_ROWS and can_import("vl_convert"):
        data = _picture(_spec(chart), limits)
        if media_type_of(data):
            named = ", ".join(filter(None, (kind, size)))
            return describe_image(data, named, limits)
    text, left_out = spec_text(_few_rows_of(chart, rows), limits.characters)
    rest = f"all rows but the first {_FEW_ROWS}" if rows > _FEW_ROWS else ""
    return Described(
        kind=f"{kind} as JSON", size=size, text=text, left_out=left_out or rest
    )


def _few_rows_of(chart: Any, rows: int) -> dict[str, Any]:
    """The specification; its data are last, and say how many rows there are in all."""
    spec = _spec(_with_few_rows(chart))
    for key in ("$schema", "config"):
        spec.pop(key, None)
    last: dict[str, Any] = {
        key: spec.pop(key) for key in ("data", "datasets") if key in spec
    }
    sets = last.get("datasets", {})
    for name, listed in sets.items():
        if rows > _FEW_ROWS and len(listed) == _FEW_ROWS:
            more = f"… {rows:,} rows in all" if len(sets) == 1 else "…"
            sets[name] = [*listed, more]
    return {**spec, **last}


def _spec(chart: Any) -> dict[str, Any]:
    # Not the user's transformer: that may write files, or want another format.
    with alt.data_transformers.enable("default", max_rows=None):
        spec: dict[str, Any] = chart.to_dict()
    return spec


def _picture(spec: dict[str, Any], limits: Limits) -> bytes:
    if any(_loads(part) for part in _parts_of(spec)):
        return b""
    large = _render(spec, _SCALE)
    size = pixel_size(large)
    if size is None or "PIL.Image" in sys.modules or fits(size, limits):
        return large
    return _render(spec, _SCALE * max(fitted(size, limits)) / max(size))


def _render(spec: dict[str, Any], scale: float) -> bytes:
    asked = json.dumps([scale, spec], default=str).encode()
    return rendered(_DRAW, asked, seconds=_SECONDS)


def _loads(part: dict[str, Any]) -> bool:
    data = part.get("data")
    return isinstance(data, dict) and "url" in data


def _parts_of(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield spec
    for transform in spec.get("transform", ()):
        if isinstance(transform.get("from"), dict):  # a lookup in other data
            yield transform["from"]
    for inner in [*(part for name in _PARTS for part in spec.get(name, ()))]:
        yield from _parts_of(inner)
    if isinstance(spec.get("spec"), dict):
        yield from _parts_of(spec["spec"])


def _inner(chart: Any) -> dict[str, Any]:
    found = {name: getattr(chart, name, None) for name in (*_PARTS, "spec")}
    return {name: one for name, one in found.items() if _is_chart_or_charts(one)}


def _is_chart_or_charts(value: Any) -> bool:
    charts = value if isinstance(value, list) else [value]
    return bool(charts) and all(isinstance(c, alt.SchemaBase) for c in charts)


def _rows(chart: Any) -> int:
    total = _length(getattr(chart, "data", None))
    for one in _inner(chart).values():
        total += sum(map(_rows, one if isinstance(one, list) else [one]))
    return total


def _length(data: Any) -> int:
    data = getattr(data, "values", data) if _is_inline(data) else data
    with suppress(Exception):  # whatever was given as data
        return len(data) if not isinstance(data, (str, dict)) else 0
    return 0


def _is_inline(data: Any) -> bool:
    return isinstance(data, alt.SchemaBase)


def _with_few_rows(chart: Any) -> Any:
    """The same chart of its first rows; only what is changed is copied."""
    copied = chart.copy(deep=False)
    data = getattr(chart, "data", None)
    if _length(data) > _FEW_ROWS:
        copied.data = _first_rows(data)
    for name, one in _inner(chart).items():
        listed = isinstance(one, list)
        few = [_with_few_rows(inner) for inner in (one if listed else [one])]
        setattr(copied, name, few if listed else few[0])
    return copied


def _first_rows(data: Any) -> Any:
    if _is_inline(data):
        return alt.InlineData(values=data.values[:_FEW_ROWS])
    return data[:_FEW_ROWS]
