"""What the panel's form says of a sweep, made ready to be asked."""

from __future__ import annotations

import threading
import uuid
from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from routeway_magic.errors import InputError
from routeway_magic.panel.filled import names_values
from routeway_magic.panel.main_thread import on_main_thread
from routeway_magic.prompt import fill
from routeway_magic.run.sweeping.keyless import axis_without_key
from routeway_magic.run.sweeping.questions import filled_once
from routeway_magic.run.sweeping.start import prepared
from routeway_magic.run.sweeping.sweep import Sweep
from routeway_magic.settings import RequestOptions
from routeway_magic.turn import Cell
from routeway_magic.types import ContentBlock

if TYPE_CHECKING:
    from routeway_magic.conversation import Conversation
    from routeway_magic.run.session import Session

__all__ = ["Form", "unsent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A sweep as it was typed.

    Args:
        prompt: what is asked.
        axes: what is varied, each as `temperature=0,0.5,1`.
        repeat: how often each combination is asked, 1 or more.
    """

    prompt: str
    axes: tuple[str, ...]
    repeat: int


def unsent(
    form: Form,
    *,
    session: Session,
    shell: Any,
    conversation: Conversation,
    stopped: threading.Event,
    waits: Callable[[], None],
) -> Sweep:
    """The sweep of a form; it goes on from the conversation and has sent nothing yet.

    A prompt that names values waits for the main thread, as the panel's others do.

    Args:
        form: as typed.
        session: asks.
        shell: whose variables the prompt may name; None for none.
        conversation: all variants answer to its head, beside its path.
        stopped: set when nobody wants it any more.
        waits: called once if a cell keeps it waiting.

    Raises:
        InputError: if an axis or a value makes no sense or holds a key, or the prompt
            is blank, calls something or names what is not there.
        Interrupted: if it was stopped before the prompt was filled.
    """
    if not form.prompt.strip():
        raise InputError("There is no prompt.", "Write it in the box.")
    axes = [axis_without_key(session.sources, text) for text in form.axes]
    # A cell of its own: asked again, an answer of it goes on from the same point.
    cell = Cell(f"panel-sweep-{uuid.uuid4().hex[:8]}", execution=uuid.uuid4().hex)
    place = session.place(conversation, cell=cell, append=True)
    variables = getattr(shell, "user_ns", {})

    def filled(
        values: Mapping[str, Any], options: RequestOptions
    ) -> list[ContentBlock]:
        return fill(
            form.prompt,
            _before(values, variables),
            model=options.model,
            budget=session.budget(options, place),
        ).content

    def work() -> Sweep:
        return prepared(
            session,
            filled_once(form.prompt, axes, filled),
            axes,
            place=place,
            repeat=form.repeat,
            yes=True,  # the panel asks by itself
            typed=form.prompt,
        )

    some = {axis.name: axis.values[0] for axis in axes}
    if not names_values(form.prompt, _before(some, variables)):
        return work()
    return on_main_thread(shell, work, stopped=stopped, waits=waits)


def _before(
    values: Mapping[str, Any], variables: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The variant's values before the notebook's."""
    return MappingProxyType(ChainMap(dict(values), dict(variables)))
