"""The execution that is under way: its cell, as the front end and the kernel name it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from routeway_magic.turn import Cell

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["Execution"]


class Execution:
    """What is being executed, looked up each time anew.

    Args:
        shell: the running IPython shell.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    @property
    def cell(self) -> Cell:
        """The cell that is executed."""
        # `execution_count` has moved on by now, or not, depending on IPython's version.
        number = len(self._shell.user_ns.get("In", ())) - 1
        return Cell(self._metadata.get("cellId"), self.id, number)

    @property
    def id(self) -> str:
        """What tells this execution from any other."""
        parent = self._parent
        header = parent.get("header", {})
        return str(header.get("msg_id") or self._shell.execution_count)

    @property
    def is_alone(self) -> bool:
        """Whether this magic is the whole cell, so that it owns the outputs."""
        code = str((self._parent.get("content") or {}).get("code", "")).strip()
        is_line = code.startswith("%claude ") and "\n" not in code
        return is_line or code.startswith("%%claude")

    @property
    def is_watched(self) -> bool:
        """Whether somebody sees the outputs while they come: a front end, a terminal."""
        return bool(self._metadata.get("cellId")) or sys.stdout.isatty()

    def still(self) -> Callable[[], bool]:
        """Tells, whenever it is called, whether this execution is still the one now."""
        now = self.id
        return lambda: self.id == now

    @property
    def _metadata(self) -> dict[str, Any]:
        return dict(self._parent.get("metadata") or {})

    @property
    def _parent(self) -> dict[str, Any]:
        ask_parent = getattr(self._shell, "get_parent", None)
        return (ask_parent() if ask_parent else None) or {}
