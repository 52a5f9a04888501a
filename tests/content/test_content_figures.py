"""matplotlib figures and axes, and seaborn's grids."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from sent_media import accepted, seen, sent_bytes

from routeway_magic.content import figures, pil_images
from routeway_magic.content.described import Limits
from routeway_magic.content.dispatch import describe
from routeway_magic.content.figures import describe_axes_array
from routeway_magic.content.fitting import fits


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    plt.switch_backend("agg")
    yield
    plt.close("all")


def test_figure() -> None:
    """A figure is a picture, beside the words and the ranges of its axes."""
    figure, axes = plt.subplots()
    axes.plot([0, 10], [1, 2], label="price")
    axes.set(title="Sales", xlabel="day", ylabel="EUR", xlim=(0, 10))
    axes.legend()
    described = describe(figure)
    image = seen(described)
    assert described.label("fig") == (
        f"[fig: matplotlib Figure, {image.width:,} × {image.height:,} pixels]"
    )
    assert "axes 'Sales': x 'day' 0.00 to 10.00, y 'EUR'" in described.text
    assert described.text.endswith("; shown: price")


@pytest.mark.parametrize("layout", [None, "constrained", "tight"])
def test_not_changed(layout: str | None) -> None:
    """The user's figure keeps its size, dpi, canvas, and its look."""
    figure, axes = plt.subplots(figsize=(30, 2), dpi=77, layout=layout)
    axes.plot([1, 2])
    figure.canvas.draw()
    kept = (figure.canvas, figure.dpi, figure.get_size_inches().tolist(), figure.stale)
    before = (mpl.get_backend(), plt.get_fignums(), axes.get_position().bounds)
    pixels = np.asarray(figure.canvas.buffer_rgba()).copy()
    describe(figure)
    figure.canvas.draw()
    size = figure.get_size_inches().tolist()
    assert kept == (figure.canvas, figure.dpi, size, figure.stale)
    assert (mpl.get_backend(), plt.get_fignums()) == before[:2]
    assert axes.get_position().bounds == pytest.approx(before[2], abs=0.01)
    if layout is None:
        assert np.array_equal(pixels, np.asarray(figure.canvas.buffer_rgba()))


def test_without_pyplot() -> None:
    """A closed figure, and one that pyplot never knew, are drawn as any other."""
    closed = plt.figure()
    plt.close(closed)
    assert seen(describe(closed)).width > 500
    assert seen(describe(Figure(figsize=(4, 3)))).width > 500


@pytest.mark.parametrize("backend", ["svg", "pdf", "matplotlib_inline"])
def test_any_backend(backend: str) -> None:
    """A figure of a backend that draws no pixels keeps its canvas."""
    modules = {"matplotlib_inline": "module://matplotlib_inline.backend_inline"}
    plt.switch_backend(modules.get(backend, backend))
    figure = plt.figure()
    canvas = figure.canvas
    assert seen(describe(figure)).width > 500
    assert figure.canvas is canvas


@pytest.mark.parametrize("tokens", [1, 60, 300, 1000, 4000])
@pytest.mark.parametrize("inches", [(6.4, 4.8), (40, 3), (2, 25)])
def test_size_for_the_tokens(tokens: int, inches: tuple[float, float]) -> None:
    """A figure is drawn at a size that fits; what is smaller than its own is told."""
    figure = plt.figure(figsize=inches)
    limits = Limits(tokens=tokens)
    described = describe(figure, limits)
    size = seen(described).size
    assert fits(size, limits) or max(size) in (199, 200, 201)
    smaller = max(size) < max(inches) * figure.dpi
    assert bool(described.left_out) == smaller


def test_axes() -> None:
    """Of several axes the part that was asked for is drawn, with its colour bar."""
    figure, (left, right) = plt.subplots(1, 2)
    assert "one of 2 in its figure" in describe(left).label()
    alone = seen(describe(right)).width
    assert alone < seen(describe(figure)).width * 0.7
    drawn = right.imshow(np.eye(3))
    figure.colorbar(drawn, ax=right)
    part = describe(right)
    assert "one of 3 in its figure" in part.label()
    assert part.text.count("axes") == 2
    only = plt.figure().subplots()
    assert "one of" not in describe(only).label()
    assert seen(describe(only)).size == seen(describe(only.figure)).size


def test_removed_axes() -> None:
    """Axes that were removed from their figure are told of, not drawn."""
    _, axes = plt.subplots()
    axes.remove()
    assert describe(axes).text == "It is in no figure any more."


def test_array_of_axes() -> None:
    """What `plt.subplots(2, 2)` gives is the figure; other arrays are left alone."""
    _, axes = plt.subplots(2, 2)
    described = describe(axes)
    assert described.kind == "2 × 2 matplotlib axes, their figure"
    assert seen(described).width > 500
    other = plt.figure().subplots()
    for array in ([axes[0, 0], other], [axes[0, 0], None], []):
        assert describe_axes_array(np.array(array, dtype=object), Limits()) is None


def test_subfigure() -> None:
    """A figure in a figure is shown with the whole."""
    whole = plt.figure()
    left, _ = whole.subfigures(1, 2)
    inner = left.subfigures(2, 1)[0]
    axes = inner.subplots(1, 2)
    assert seen(describe(inner)).size == seen(describe(whole)).size
    assert "one of 2" in describe(axes[0]).label()


def test_cannot_be_drawn() -> None:
    """Of a figure that cannot be drawn the words are sent, and why."""
    figure, axes = plt.subplots()
    axes.set_title(r"$\frac{$")
    described = accepted(describe(figure))
    assert not described.blocks
    assert "the picture, as it cannot be drawn (ValueError" in described.left_out
    assert described.text.startswith("axes")


def test_far_text() -> None:
    """A text that was placed far outside does not make the picture vast."""
    figure, axes = plt.subplots()
    axes.text(50, 0.5, "lost")
    assert max(seen(describe(figure)).size) <= 1568


def test_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """A figure that is too long as a PNG is sent as a JPEG."""
    for module in (figures, pil_images):
        monkeypatch.setattr(module, "MOST_BYTES", 300_000)
    noise = np.random.default_rng(0).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    figure = plt.figure(figsize=(4, 3))
    figure.add_axes((0, 0, 1, 1)).imshow(noise)
    described = describe(figure)
    assert seen(described).format == "JPEG"
    assert len(sent_bytes(described)) <= 300_000


def test_many_axes() -> None:
    """Words of many axes and series stay within their share of the tokens."""
    figure, axes = plt.subplots(1, 14)
    for one in axes:
        one.axis("off")
        one.set_title("T" * 200)
    limits = Limits(tokens=400)
    described = describe(figure, limits)
    assert len(described.text) <= limits.characters / 4
    assert described.text.endswith("… and 2 more axes")


def test_transparent_figure() -> None:
    """A figure without a background of its own gets a white one."""
    figure = plt.figure(facecolor="none")
    assert seen(describe(figure)).convert("RGBA").getpixel((0, 0)) == (255,) * 4


@pytest.mark.filterwarnings("ignore")
def test_seaborn() -> None:
    """Grids of seaborn are their figure; its plots draw themselves."""
    seaborn = pytest.importorskip("seaborn", reason="needs the extra [test-all]")
    objects = pytest.importorskip("seaborn.objects")
    data = {"a": [1, 2, 3], "b": [3, 1, 2]}
    joint = describe(seaborn.JointGrid(data, x="a", y="b"))
    assert joint.kind == "seaborn JointGrid"
    assert seen(joint).width > 500
    facets = describe(seaborn.FacetGrid(data))
    assert facets.kind == "seaborn FacetGrid"
    plot = describe(objects.Plot(data, x="a", y="b").add(objects.Dot()))
    assert plot.kind == "seaborn Plot"
    assert seen(plot).width > 500
