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
    """Forgets where the last message to the front end came from.

    Args:
        comm: a widget's; those of other kernels and versions are left alone.
    """
    kept = getattr(comm, "__dict__", {})
    kept.pop("_reply_subshell_id", None)
    ids = kept.get("_reply_subshell_ids")
    if isinstance(ids, dict):
        ids.clear()


def stop_note() -> str:
    """What to know about Stop with this kernel, "" if nothing."""
    kernel = sys.modules.get("ipykernel")
    version = getattr(kernel, "version_info", None)
    if not isinstance(version, tuple) or not version[1:]:
        return ""
    return _LATE if tuple(version[:2]) < _FIRST else ""
