"""The panel's prompts with the notebook's values in place.

A panel's prompt names values, their attributes and their items. It calls nothing: what
runs in the notebook belongs in a cell.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from routeway_magic.errors import InputError
from routeway_magic.panel.main_thread import on_main_thread
from routeway_magic.prompt import Filled, fill

if TYPE_CHECKING:
    from routeway_magic.run.place import Place
    from routeway_magic.run.session import Session
    from routeway_magic.settings import RequestOptions

__all__ = ["filled", "names_values"]


def filled(
    prompt: str,
    *,
    shell: Any,
    session: Session,
    options: RequestOptions,
    place: Place,
    stopped: threading.Event,
    waits: Callable[[], None],
) -> Filled:
    """The prompt ready to be sent; waits for the main thread if it names values.

    Args:
        prompt: as typed.
        shell: whose variables it may name; None for none.
        session: who says how much may be sent.
        options: the model is among them.
        place: what it goes on from.
        stopped: set when nobody wants it any more.
        waits: called once if a cell keeps it waiting.

    Raises:
        InputError: if it cannot be filled (see `fill`), calls something, or is blank.
        Interrupted: if it was stopped before its values were read.
    """
    if not prompt.strip():
        raise InputError("There is no prompt.", "Write it in the box.")
    variables = MappingProxyType(getattr(shell, "user_ns", {}))

    def work() -> Filled:
        budget = session.budget(options, place)
        return fill(prompt, variables, model=options.model, budget=budget)

    if not names_values(prompt, variables):
        return work()
    return on_main_thread(shell, work, stopped=stopped, waits=waits)


def names_values(prompt: str, variables: Mapping[str, Any]) -> bool:
    """Whether the prompt names any of these.

    Raises:
        InputError: if it calls something, or names what is not defined.
    """
    if "{" not in prompt:
        return False
    from routeway_magic.interpolate import Reference, parse

    references = [
        part for part in parse(prompt, variables) if isinstance(part, Reference)
    ]
    for reference in references:
        if reference.calls:
            raise InputError(
                f"`{reference.source}` calls something, and nothing was sent.",
                "The panel reads names, attributes and items. Ask in a cell instead, or "
                f"assign the value to a name first; `{{{reference.source}}}` sends the "
                "braces as typed.",
            )
    return bool(references)
