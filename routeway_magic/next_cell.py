"""Code for the user to look at and run: put into a new cell below, never executed.

A kernel can only ask for the cell (the payload `set_next_input` of Jupyter's messaging
protocol); it does not learn whether it was asked in vain. What stands below, after a
restart, is known from the notebook's file, as far as it has been saved.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

from routeway_magic.markup import printable
from routeway_magic.types import JSONObject

__all__ = ["NextCell", "Shell"]


class Shell(Protocol):
    """The part of an IPython shell that is needed here."""

    def set_next_input(self, text: str, /) -> Any:
        """Asks the front end for a cell below, or a terminal for its next input."""


class NextCell:
    """The cells below those that ask for one.

    Args:
        shell: the running IPython shell.
    """

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._last: dict[str, str] = {}

    def put(self, code: str, *, cell_id: str | None) -> str:
        """Asks for a new cell with this code; gives what is to be printed.

        That is the code itself where nobody would take it: a front end that names no
        cells is a program that runs a notebook, and ignores such a wish. A terminal
        offers the code as its next input. A cell that runs again and comes to the
        same code gets no second copy of it.

        Args:
            code: without a fence around it.
            cell_id: the cell that asks, as its front end names it; None without one.
        """
        code = code.removesuffix("\n")
        if not code.strip():
            return "There is no code for a new cell."
        if not cell_id and getattr(self._shell, "simple_prompt", True):
            return printable(code)
        if cell_id and code in (self._last.get(cell_id), _below(cell_id)):
            return "The code is that of an earlier run: it stands in a cell below."
        if cell_id:
            self._last[cell_id] = code
        self._shell.set_next_input(code)
        return ""


def _below(cell_id: str) -> str | None:
    """What stands below this cell in the notebook's file; None if that is not known."""
    # Set by Jupyter's server for the kernels that it starts.
    file = os.environ.get("JPY_SESSION_NAME")
    with suppress(
        OSError, ValueError, RecursionError, AttributeError, KeyError, TypeError
    ):
        cells: list[JSONObject] = json.loads(Path(file or "").read_bytes())["cells"]
        for cell, below in pairwise(cells):
            if cell.get("id") == cell_id:
                return "".join(below["source"])
    return None
