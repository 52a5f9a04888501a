"""The panel itself: traits that follow the settings, and messages that are handled."""

from __future__ import annotations

import threading
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import anywidget
from IPython import get_ipython
from ipywidgets import widget_serialization
from traitlets import Dict, Instance, List, TraitError, Unicode

from routeway_magic.errors import ClaudeError
from routeway_magic.markup import STYLE
from routeway_magic.panel.answering import Answering
from routeway_magic.panel.controls import NAMES, controls, notes
from routeway_magic.panel.linked import Link, settings_of_kernel
from routeway_magic.panel.messages import TO_PANEL, Refused, checked
from routeway_magic.panel.routing import keep_route, stop_note
from routeway_magic.panel.stop import Stop
from routeway_magic.run.session import session
from routeway_magic.settings import ClaudeSettings
from routeway_magic.types import JSONObject

__all__ = ["Panel"]

_HERE = Path(__file__).parent
_RULES = STYLE.removeprefix("<style>").removesuffix("</style>")
_LONGEST_NAME = 100


def _setting(name: str) -> Any:
    """The setting's own trait once more, which the front end has as well."""
    return deepcopy(ClaudeSettings.class_traits()[name]).tag(sync=True)


class Panel(anywidget.AnyWidget):
    """A widget to tune, ask, stop and see, over the settings and session of the magics.

    Each parameter is a trait of the setting's name, None where it is not set: what is
    set here, `%%claude` sends next, and what `%config` sets is seen here.
    """

    _esm = _HERE / "panel.js"
    _css = (_HERE / "panel.css").read_text(encoding="utf-8") + _RULES

    model = _setting("model")
    temperature = _setting("temperature")
    top_p = _setting("top_p")
    top_k = _setting("top_k")
    max_tokens = _setting("max_tokens")
    system = _setting("system")
    stop = _setting("stop")
    thinking = _setting("thinking")
    effort = _setting("effort")
    param = _setting("param")

    conversation = Unicode("main", help="The one that questions go on with.").tag(
        sync=True
    )
    conversations = List(Unicode(), help="Those that were begun.").tag(sync=True)
    controls = List(Dict(), help="What there is to set.").tag(sync=True)
    models = List(Unicode(), help="What the source lists.").tag(sync=True)
    notes = Dict(help="What a model is known to refuse, by control.").tag(sync=True)
    hints = Dict(help="What was refused, by control.").tag(sync=True)
    control = Instance(Stop, help="The widget that stops.").tag(
        sync=True, **widget_serialization
    )
    stop_note = Unicode(help="What to know about Stop with this kernel.").tag(sync=True)

    def __init__(self) -> None:
        settings = settings_of_kernel()
        self._session = session()
        self._shell = get_ipython()  # type: ignore[no-untyped-call]
        self.controls = controls()
        self.stop_note = stop_note()
        self.conversation = self._session.current
        self._answering = Answering(
            session=self._session,
            shell=self._shell,
            send=self.send,
            conversation=lambda: self.conversation,
            refused=self._hint,
        )
        self.control = Stop(self._answering.stop)
        # Before the front end is told of the panel: its first state is whole.
        self._link = Link(
            self, settings, redact=self._session.sources.redact, tell=self._hint
        )
        self._note_models()
        super().__init__()
        self.observe(self._on_setting, NAMES)
        self.observe(self._on_conversation, "conversation")
        self.on_msg(self._take)
        threading.Thread(target=self._list_models, daemon=True).start()

    def open(self) -> None:
        """Opens the connection to the front end."""
        super().open()
        keep_route(self.comm)

    def close(self) -> None:
        """Closes the panel; what was said and set stays."""
        self._link.close()
        self.control.close()
        super().close()

    def set_state(self, sync_data: JSONObject) -> None:
        """Takes what the user has set; what cannot be is told and put back.

        Args:
            sync_data: values by trait, from the front end.
        """
        taken, refused = {}, []
        for name, value in sync_data.items():
            why = self._why_refused(name, value)
            if why is None:
                taken[name] = value
            elif name in self.keys:
                refused.append(name)
                self._hint(name, why)
        super().set_state(taken)
        if refused:
            self.send_state(refused)

    def _why_refused(self, name: str, value: Any) -> str | None:
        if name == "conversation":
            is_name = isinstance(value, str) and 0 < len(value.strip()) <= _LONGEST_NAME
            return None if is_name else "A conversation's name is a short text."
        if name not in NAMES:
            return "Only what has a control is set there."
        trait = self.traits()[name]
        try:
            trait._validate(self, value)  # noqa: SLF001 - traitlets' only way to check without setting
        except TraitError:
            return f"It takes {trait.info()}."
        return self._link.why_hidden(value) or None

    def _send(self, msg: Any, buffers: Any = None) -> None:
        super()._send(msg, buffers)
        keep_route(self.comm)

    def _take(self, _widget: Any, content: Any, _buffers: Any) -> None:
        try:
            message = checked(content, TO_PANEL)
            self._answering.take(message)
        except Refused as reason:
            self.send({"type": "refused", "why": str(reason)})

    def _hint(self, name: str, why: str) -> None:
        self.hints = {**self.hints, name: why}

    def _on_setting(self, change: Any) -> None:
        if change.name in self.hints and change.new is not None:
            self.hints = {k: v for k, v in self.hints.items() if k != change.name}
        if change.name == "model":
            self._note_models()

    def _on_conversation(self, _change: Any) -> None:
        self._answering.turn_to()

    def _note_models(self) -> None:
        self.notes = notes(self._session.settings.snapshot().model)

    def _list_models(self) -> None:
        try:
            self.models = [str(model["id"]) for model in self._session.models()]
        except ClaudeError:
            return  # free text is always taken
