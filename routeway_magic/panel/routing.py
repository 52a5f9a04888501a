"""Messages of the front end are handled while a cell is busy.

JupyterLab sends them to a subshell, a thread of its own. ipykernel 7.4 sends them to
the main thread instead if the kernel's last message to that widget came from there, as
it does when a cell makes the widget or sets a trait.
"""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["keep_route", "stop_note"]

_FIRST = (7, 3)
_LATE = (
    "With this kernel (ipykernel before 7.3) Stop and Send act when the running cell "
    "has ended."
)


def keep_route(comm: Any) -> None:
    """Leaves messages where the front end sends them, whatever the kernel sends.

    To forget what was kept after each message would be too late for an answer that
    comes at once.

    Args:
        comm: a widget's; those of other kernels and versions are left alone.
    """
    if getattr(comm, "_reply_subshell_for", None) is not None:
        comm._reply_subshell_for = None  # noqa: SLF001 - ipykernel has no other switch


def stop_note() -> str:
    """What to know about Stop with this kernel, "" if nothing."""
    kernel = sys.modules.get("ipykernel")
    version = getattr(kernel, "version_info", None)
    if not isinstance(version, tuple) or not version[1:]:
        return ""
    return _LATE if tuple(version[:2]) < _FIRST else ""
