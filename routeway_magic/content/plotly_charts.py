"""plotly figures: a picture where kaleido can draw one, else their specification."""

from __future__ import annotations

from typing import Any

from plotly.basedatatypes import BaseFigure

from routeway_magic.content.chart_specs import spec_text
from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import register
from routeway_magic.content.fitting import fitted
from routeway_magic.content.images import describe_image
from routeway_magic.content.rendering import can_import, rendered
from routeway_magic.pictures import media_type_of

__all__ = ["describe_plotly"]

_SECONDS = 20.0  # kaleido starts a browser
_MOST_POINTS = 100_000
_SIZE = (700, 500)  # plotly's own, where the layout has none
_SCALE = 2
_DRAW = """
import json, sys
import plotly.io
scale, figure = json.load(sys.stdin)
data = plotly.io.to_image(figure, format="png", scale=scale, validate=False)
sys.stdout.buffer.write(data)
"""


@register(BaseFigure)
def describe_plotly(figure: BaseFigure, limits: Limits) -> Described:
    """A plotly figure; nothing is drawn of one with more than 100,000 points."""
    kind = f"plotly {type(figure).__name__}"
    traces = [_properties(trace) for trace in figure.data]
    points = sum(map(_points, traces))
    size = f"{_several(len(traces), 'trace')}, {_several(points, 'point')}"
    if points <= _MOST_POINTS and can_import("kaleido"):
        data = _picture(figure, limits)
        if media_type_of(data):
            return describe_image(data, f"{kind}, {size}", limits)
    layout = {**figure.layout.to_plotly_json()}
    layout.pop("template", None)
    spec = {"layout": layout, "data": traces}
    text, left_out = spec_text(spec, limits.characters)
    return Described(kind=f"{kind} as JSON", size=size, text=text, left_out=left_out)


def _several(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' if count != 1 else ''}"


def _properties(trace: Any) -> dict[str, Any]:
    # to_plotly_json() would copy the data; the mapping of a trace gives them as they
    # are, but for every property there is.
    properties = getattr(trace, "_props", None)
    return properties if isinstance(properties, dict) else trace.to_plotly_json()


def _points(trace: dict[str, Any]) -> int:
    lengths = [_length(value) for value in trace.values()]
    return max(lengths, default=0)


def _length(value: Any) -> int:
    if isinstance(value, (str, dict)) or not hasattr(value, "__len__"):
        return 0
    size = getattr(value, "size", None)  # of a two-dimensional array, all of it
    return size if isinstance(size, int) else len(value)


def _picture(figure: BaseFigure, limits: Limits) -> bytes:
    width, height = _SIZE
    size = (figure.layout.width or width, figure.layout.height or height)
    large = (round(size[0] * _SCALE), round(size[1] * _SCALE))
    scale = _SCALE * max(fitted(large, limits)) / max(large)
    try:
        spec = figure.to_json(validate=False, engine="json")
    except Exception:  # noqa: BLE001 - its data may be anything
        return b""
    return rendered(_DRAW, f"[{scale}, {spec}]".encode(), seconds=_SECONDS)
