"""Renderers: each shows the events of one answer at its own pace.

They know events and answers, and nothing of sessions, clients or conversations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from routeway_magic.footer import Footer

if TYPE_CHECKING:
    from typing import Protocol

    from routeway_magic.events import Event
    from routeway_magic.sweeps.result import Watcher

    class Renderer(Protocol):
        """Shows one answer."""

        def handle(self, event: Event) -> None:
            """Takes one event; shows it now or soon."""

        def close(self, footer: Footer | None) -> None:
            """Shows the final state; None if nothing came of the exchange."""


__all__ = ["choose", "choose_for_many", "has_rich_display"]


def has_rich_display(shell: Any) -> bool:
    """Whether this shell's outputs go to a notebook front end."""
    return hasattr(shell, "kernel")


def choose(
    shell: Any,
    *,
    quiet: bool = False,
    alone: bool = False,
    format: str = "markdown",  # noqa: A002 - the option's name
) -> Renderer:
    """The renderer for where this shell's outputs are seen.

    Args:
        shell: the running IPython shell.
        quiet: leave out the status line and the footer.
        alone: whether the cell shows nothing but this answer.
        format: what the text is shown as, where more than text can be shown.
    """
    if has_rich_display(shell):
        from routeway_magic.render.notebook import NotebookRenderer

        return NotebookRenderer(quiet=quiet, alone=alone, format=format)
    from routeway_magic.render.plain import PlainRenderer

    return PlainRenderer(quiet=quiet)


def choose_for_many(
    shell: Any,
    *,
    quiet: bool = False,
    alone: bool = False,
    format: str = "markdown",  # noqa: A002 - the option's name
    note: str = "",
    apart: bool = False,
) -> Watcher:
    """What shows many answers at once, where this shell's outputs are seen.

    Args:
        shell: the running IPython shell.
        quiet: leave out how far it is.
        alone: whether the cell shows nothing but these answers.
        format: what their text is shown as, where more than text can be shown.
        note: how much it will be, to be told until the first answer is there.
        apart: whether functions may write into the cell meanwhile.
    """
    if has_rich_display(shell):
        from routeway_magic.render.comparison import ComparisonRenderer

        return ComparisonRenderer(
            quiet=quiet, alone=alone, format=format, note=note, apart=apart
        )
    from routeway_magic.render.plain_comparison import PlainComparison

    return PlainComparison(quiet=quiet, note=note)
