"""The functions of the notebook that the questions of a panel may call, by name."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from routeway_magic.errors import InputError

if TYPE_CHECKING:
    from routeway_magic.tools.toolbox import Toolbox

__all__ = ["Offered"]


class Offered:
    """Finds the functions that a panel's `tools` name.

    A name stands for what the notebook has under it when a question is asked, so that
    a function that was defined anew is the one that is called.

    Args:
        shell: whose variables are named; None where there is none.
    """

    def __init__(self, shell: Any) -> None:
        self._variables = MappingProxyType(getattr(shell, "user_ns", {}))
        self._given: dict[str, Any] = {}

    def take(self, tools: Iterable[Any]) -> list[str]:
        """The names of these functions; one that no variable has is kept under its own.

        Args:
            tools: functions, methods, or names of the notebook.

        Raises:
            InputError: if one cannot be a tool.
        """
        names = []
        for one in [tools] if isinstance(tools, str) or callable(tools) else tools:
            name = one if isinstance(one, str) else str(getattr(one, "__name__", one))
            if one is not name and self._variables.get(name) is not one:
                self._given[name] = one
            names.append(name)
        if why := self.why_not(names):
            raise InputError(*why)
        return names

    def why_not(self, names: Sequence[str]) -> tuple[str, ...]:
        """What is wrong with these names, as far as it shows without running anything.

        Returns:
            A sentence and a hint; nothing if nothing is wrong.
        """
        for name in names:
            root, *attributes = name.split(".")
            try:
                if attributes and root in self._everything:
                    continue  # what hangs on it is looked up when it is needed
                self.toolbox([name])
            except InputError as error:
                return error.what, error.hint
        return ()

    def toolbox(self, names: Sequence[str]) -> Toolbox:
        """The functions of these names; each may be called without asking.

        Raises:
            InputError: if there is none of a name, or it cannot be a tool.
        """
        from routeway_magic.tools.toolbox import toolbox_named

        try:
            found = toolbox_named(names, self._everything)
        except InputError as error:
            what = error.what.replace("`--tools ", "`")
            raise InputError(what, error.hint) from None
        for name, tool in found.tools.items():
            if tool.function is None:
                raise InputError(
                    f"`{name}` is no function.", "A panel calls functions and methods."
                )
        return replace(found, allowed=frozenset(found.tools))

    @property
    def _everything(self) -> ChainMap[str, Any]:
        return ChainMap(self._given, dict(self._variables))
