"""seaborn's grids of axes: the matplotlib figure that they fill."""

from __future__ import annotations

from dataclasses import replace

from seaborn.axisgrid import Grid, JointGrid

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import register
from routeway_magic.content.figures import describe_figure

__all__ = ["describe_grid"]


@register(Grid)
@register(JointGrid)
def describe_grid(grid: Grid | JointGrid, limits: Limits) -> Described:
    """A FacetGrid, PairGrid, JointGrid or ClusterGrid, as its figure."""
    figure = describe_figure(grid.figure, limits)
    return replace(figure, kind=f"seaborn {type(grid).__name__}")
