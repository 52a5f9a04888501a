"""The panel's controls and the settings of the magics: set on one side, set on both."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from IPython import get_ipython
from traitlets import HasTraits

from routeway_magic.panel.controls import NAMES
from routeway_magic.settings import ClaudeSettings

__all__ = ["Link", "settings_of_kernel"]

# A cell and the page may set the same at the same time, on two threads.
_ONE_AT_A_TIME = threading.RLock()


def settings_of_kernel() -> ClaudeSettings:
    """The settings of the magics, with `ipython_config.py` also where none are loaded."""
    shell = get_ipython()
    if shell is None or ClaudeSettings.initialized():
        return ClaudeSettings.instance()
    return ClaudeSettings.instance(parent=shell)


class Link:
    """Keeps the traits of a panel the same as the settings, until it is closed.

    A value that may not be seen, or cannot be written as JSON, stays with the settings:
    the panel shows none and says so.

    Args:
        panel: has a trait for each parameter.
        settings: those of the magics.
        redact: takes keys out of a text.
        tell: takes the name of a control and what to say beside it.
    """

    def __init__(
        self,
        panel: HasTraits,
        settings: ClaudeSettings,
        *,
        redact: Callable[[str], str],
        tell: Callable[[str, str], None],
    ) -> None:
        self._panel = panel
        self._settings = settings
        self._redact = redact
        self._tell = tell
        self._hidden: set[str] = set()
        self._on_its_way: set[str] = set()
        for name in NAMES:
            self._show(name, getattr(settings, name))
        settings.observe(self._from_settings, NAMES)
        panel.observe(self._from_panel, NAMES)

    def close(self) -> None:
        """Leaves both as they are."""
        self._settings.unobserve(self._from_settings, NAMES)
        self._panel.unobserve(self._from_panel, NAMES)

    def why_hidden(self, value: Any) -> str:
        """Why a value may not be shown, "" if it may.

        Args:
            value: of a setting.
        """
        try:
            text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        except (TypeError, ValueError, RecursionError):
            return "It is set, and cannot be shown: it is no JSON."
        if self._redact(text) != text:
            return "It is not shown: it holds the API key."
        return ""

    def _from_settings(self, change: Any) -> None:
        with _ONE_AT_A_TIME:
            if change.name not in self._on_its_way:
                self._show(change.name, getattr(self._settings, change.name))

    def _from_panel(self, change: Any) -> None:
        name = change.name
        with _ONE_AT_A_TIME:  # what counts is what is there now, whoever came first
            value = getattr(self._panel, name)
            if name in self._on_its_way or (name in self._hidden and value is None):
                return  # hidden is not unset
            self._hidden.discard(name)
            with self._going(name):
                setattr(self._settings, name, deepcopy(value))

    def _show(self, name: str, value: Any) -> None:
        why = self.why_hidden(value)
        (self._hidden.add if why else self._hidden.discard)(name)
        with self._going(name):
            self._panel.set_trait(name, None if why else deepcopy(value))
        if why:
            self._tell(name, why)

    @contextmanager
    def _going(self, name: str) -> Iterator[None]:
        """Meanwhile the other side's change of it is no news."""
        self._on_its_way.add(name)
        try:
            yield
        finally:
            self._on_its_way.discard(name)
