"""matplotlib figures and axes, drawn anew at the size that is sent."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO
from itertools import islice
from typing import Any, cast

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure, FigureBase, SubFigure
from matplotlib.transforms import Bbox

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import register
from routeway_magic.content.fitting import MOST_BYTES, fits, fitted, pixels
from routeway_magic.content.images import describe_image, image_block
from routeway_magic.content.shorten import shorten
from routeway_magic.pictures import Size, pixel_size

__all__ = ["describe_axes", "describe_axes_array", "describe_figure"]

_DPI = 150  # of a figure that nothing makes smaller: its 10-point text is easily read
_MOST_AXES = 12
_MOST_SERIES = 10
_TEXT_SHARE = 4  # of the tokens, one in so many for the words
_PAD = 0.1  # inches, as matplotlib leaves around a tight figure
_PART_PAD = 0.02  # so that nothing of the neighbours is seen
_NARROWER = 0.97
_FAREST = 3  # a figure's text may reach so many of its own sizes out of it


@register(Figure)
@register(SubFigure)
def describe_figure(figure: FigureBase, limits: Limits) -> Described:
    """A figure as it looks when it is shown; it is not changed."""
    whole = _root(figure)
    return _described(whole, None, f"matplotlib {type(whole).__name__}", limits)


@register(Axes)
def describe_axes(axes: Axes, limits: Limits) -> Described:
    """The part of a figure that the axes fill; all of it if they are its only ones."""
    figure: Any = axes.figure
    kind = f"matplotlib {type(axes).__name__}"
    if figure is None:
        return Described(kind=kind, text="It is in no figure any more.")
    whole = _root(figure)
    shown = [axes, *_colour_bars(axes)]
    others = [other for other in whole.axes if other not in shown]
    if not others:
        return _described(whole, None, kind, limits)
    part = f"{kind}, one of {len(whole.axes)} in its figure"
    return _described(whole, shown, part, limits)


def describe_axes_array(array: Any, limits: Limits) -> Described | None:
    """The figure of an array of axes, as `plt.subplots(2, 2)` gives it.

    Args:
        array: a NumPy array of objects.
        limits: how much may be sent.

    Returns:
        None if it does not hold axes alone, of one figure.
    """
    axes = list(islice(array.flat, 1000))
    if not axes or not all(isinstance(one, Axes) for one in axes):
        return None
    figures = {id(one.figure): one.figure for one in axes}
    if len(figures) != 1 or None in figures.values():
        return None
    shape = " × ".join(map(str, array.shape))
    figure = _root(axes[0].figure)
    return _described(figure, None, f"{shape} matplotlib axes, their figure", limits)


def _root(figure: Any) -> Figure:
    # Which one `SubFigure.figure` is, changes with the version of matplotlib.
    with _quietly():
        while isinstance(figure, SubFigure):
            figure = figure.figure
    return cast("Figure", figure)


def _colour_bars(axes: Axes) -> list[Axes]:
    drawn = islice([*axes.images, *axes.collections], 1000)
    bars = (getattr(one, "colorbar", None) for one in drawn)
    return [bar.ax for bar in bars if bar is not None]


def _described(
    figure: Figure, shown: Sequence[Axes] | None, kind: str, limits: Limits
) -> Described:
    told = "\n".join(_lines(figure.axes if shown is None else shown))
    text, _ = shorten(told, limits.characters // _TEXT_SHARE)
    spent = -(-len(text) // limits.eye.characters_per_token)
    try:
        part = _inches(figure, shown)
        data = _drawn(figure, part, limits.within(limits.tokens - spent))
    except Exception as error:  # noqa: BLE001 - a user's artist may raise anything
        why, _ = shorten(f"{type(error).__name__}: {error}", limits.characters // 2)
        left_out = f"the picture, as it cannot be drawn ({why})"
        return Described(kind=kind, text=text, left_out=left_out)
    if len(data) > MOST_BYTES:  # pixels that are noise: better a JPEG
        return describe_image(data, kind, limits)
    return _labelled(kind, text, data, _pixels_of(part, figure.dpi))


def _labelled(kind: str, text: str, data: bytes, whole: Size) -> Described:
    sent = pixel_size(data) or whole
    smaller = max(sent) < max(whole)
    return Described(
        kind=kind,
        size=pixels(whole if smaller else sent),
        text=text,
        blocks=[image_block(data)],
        left_out=f"detail, as it is sent as {pixels(sent)}" if smaller else "",
    )


def _inches(figure: Figure, shown: Sequence[Axes] | None) -> Bbox:
    """What is drawn of the figure, with the labels that stand out of it."""
    with _quietly():
        figure.draw_without_rendering()
        if shown is None:
            tight = figure.get_tightbbox()
        else:
            boxes = [box for axes in shown if (box := axes.get_tightbbox())]
            scale = figure.dpi_scale_trans.inverted()
            tight = Bbox.union(boxes).transformed(scale)
    width, height = figure.get_size_inches()
    far = Bbox.from_extents(
        -width * _FAREST, -height * _FAREST, width * _FAREST, height * _FAREST
    )
    near = Bbox.intersection(tight, far)
    if near is None or not (near.width > 0 and near.height > 0):
        near = Bbox.from_bounds(0, 0, width, height)
    return near.padded(_PAD if shown is None else _PART_PAD)


def _drawn(figure: Figure, part: Bbox, limits: Limits) -> bytes:
    """A PNG of the part, as large as it is useful."""
    whole = _pixels_of(part, _DPI)
    wanted = fitted(whole, limits)
    dpi = _DPI * max(wanted) / max(whole)
    data = _saved(figure, part, dpi)
    size = pixel_size(data) or wanted
    if fits(wanted, limits) and not fits(size, limits):  # a side was rounded up
        data = _saved(figure, part, dpi * _NARROWER)
    return data


def _saved(figure: Figure, part: Bbox, dpi: float) -> bytes:
    # savefig() draws on a canvas of its own and puts back the dpi and the canvas.
    file = BytesIO()
    clear = figure.patch.get_alpha() == 0 or to_rgba(figure.get_facecolor())[3] < 1
    colour = "white" if clear else "auto"
    with _quietly():
        figure.savefig(file, format="png", dpi=dpi, bbox_inches=part, facecolor=colour)
    return file.getvalue()


def _pixels_of(part: Bbox, dpi: float) -> Size:
    return max(round(part.width * dpi), 1), max(round(part.height * dpi), 1)


@contextmanager
def _quietly() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # told when the user drew it
        yield


def _lines(shown: Sequence[Axes]) -> Iterator[str]:
    """What is written on each axes, and their ranges: exacter than reading pixels."""
    seen = [axes for axes in shown if axes.get_visible()]
    for axes in seen[:_MOST_AXES]:
        with suppress(Exception):
            yield _line(axes)
    if len(seen) > _MOST_AXES:
        yield f"… and {len(seen) - _MOST_AXES:,} more axes"


def _line(axes: Axes) -> str:
    title = axes.get_title()
    named = f"axes {title!r}" if title else "axes"
    ranges = [
        _range("x", axes.get_xlabel(), axes.get_xlim(), axes.format_xdata),
        _range("y", axes.get_ylabel(), axes.get_ylim(), axes.format_ydata),
    ]
    series = axes.get_legend_handles_labels()[1]
    more = ", …" if len(series) > _MOST_SERIES else ""
    shown = f"; shown: {', '.join(series[:_MOST_SERIES])}{more}" if series else ""
    return f"{named}: {', '.join(ranges)}{shown}"


def _range(
    axis: str, label: str, limits: tuple[float, float], written: Callable[[float], str]
) -> str:
    low, high = (written(limit).strip() for limit in limits)
    return f"{axis} {label!r} {low} to {high}" if label else f"{axis} {low} to {high}"
