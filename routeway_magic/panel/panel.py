"""The panel itself: traits that follow the settings, and messages that are handled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import anywidget
from IPython import get_ipython
from IPython.display import publish_display_data
from ipywidgets import widget_serialization
from traitlets import Dict, Instance, List, TraitError, Unicode, validate

from routeway_magic.conversation import Conversation
from routeway_magic.errors import ClaudeError
from routeway_magic.execution import Execution
from routeway_magic.markup import READING_STYLE, STYLE
from routeway_magic.panel.answering import Answering
from routeway_magic.panel.controls import NAMES, TOOLS, controls, notes
from routeway_magic.panel.draft import Draft
from routeway_magic.panel.kept import Kept
from routeway_magic.panel.linked import Link, settings_of_kernel
from routeway_magic.panel.messages import TO_PANEL, Refused, checked
from routeway_magic.panel.offered import Offered
from routeway_magic.panel.reading import BELOW, Reading
from routeway_magic.panel.refusal import control_of
from routeway_magic.panel.routing import keep_route, stop_note
from routeway_magic.panel.stop import Stop
from routeway_magic.panel.sweeping import Sweeping
from routeway_magic.panel.talk import Talk
from routeway_magic.panel.twin import Twin
from routeway_magic.run.session import session
from routeway_magic.settings import ClaudeSettings, quoted
from routeway_magic.traits import Names
from routeway_magic.types import JSONObject

__all__ = ["Panel"]

_HERE = Path(__file__).parent
_RULES = "".join(
    style.removeprefix("<style>").removesuffix("</style>")
    for style in (STYLE, READING_STYLE)
)
_LONGEST_NAME = 100
_NO_NAME = f"A conversation's name is a line of at most {_LONGEST_NAME} characters."


class _NoToolError(TraitError):
    """A name of `tools` is none of a function; its text says why and what to do."""


def _setting(name: str) -> Any:
    """The setting's own trait once more, which the front end has as well."""
    return deepcopy(ClaudeSettings.class_traits()[name]).tag(sync=True)


class Panel(anywidget.AnyWidget):
    """A widget to tune, ask, stop and see, over the settings and session of the magics.

    Each parameter is a trait of the setting's name, None where it is not set: what is
    set here, `%%claude` sends next, and what `%config` sets is seen here.

    Args:
        tools: functions that the panel's questions may call without asking, or their
            names in the notebook. Calls run on the kernel's main thread, between cells.

    Raises:
        InputError: if one cannot be a tool.
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
    tools = Names(
        default_value=None,
        allow_none=True,
        help="Names of the functions that may be called.",
    ).tag(sync=True)
    controls = List(Dict(), help="What there is to set.").tag(sync=True)
    models = List(Unicode(), help="What the source lists.").tag(sync=True)
    notes = Dict(help="What a model is known to refuse, by control.").tag(sync=True)
    hints = Dict(help="What was refused, by control.").tag(sync=True)
    control = Instance(Stop, help="The widget that stops.").tag(
        sync=True, **widget_serialization
    )
    stop_note = Unicode(help="What to know about Stop with this kernel.").tag(sync=True)

    def __init__(self, *, tools: Iterable[Any] = ()) -> None:
        settings = settings_of_kernel()
        self._session = session()
        self._shell = get_ipython()
        self._kept = Kept()
        self._reading = Reading()
        self._is_seen = False
        self._is_watched = True  # whether the cell that shows it is
        self._offered = Offered(self._shell)
        talk = Talk(
            session=self._session,
            shell=self._shell,
            send=self.send,
            conversation=self._chosen,
            offered=self._offered,
            tools=lambda: tuple(self.tools or ()),
        )
        self._answering = Answering(talk, failed=self._note_failure)
        self._draft = Draft(talk)
        self._sweeping = Sweeping(talk, pinned=self._go_on)
        # Before the front end is told of the panel: its first state is whole.
        self.controls = [*controls(settings), TOOLS]
        self.set_trait("tools", self._offered.take(tools) or None)
        self.control = Stop(self._stop)
        self._twin = Twin(self.control.model_id, self._to_read)
        self.stop_note = stop_note()
        self.conversation = self._session.current
        self._link = Link(
            self, settings, redact=self._session.sources.redact, tell=self._hint
        )
        self._note_refusals()
        self._list_conversations()
        super().__init__()
        self.observe(self._on_setting, [*NAMES, "tools"])
        self.observe(self._on_conversation, "conversation")
        self.on_msg(self._take)
        if self._shell is not None:
            self._shell.events.register("post_run_cell", self._after_cell)
        self._session.followers.append(self._follow)
        threading.Thread(target=self._list_models, daemon=True).start()

    def open(self) -> None:
        """Opens the connection to the front end."""
        super().open()
        keep_route(self.comm)

    def close(self) -> None:
        """Closes the panel; what was said and set stays."""
        if self.comm is None:
            return
        self._link.close()
        self._session.followers.remove(self._follow)
        if self._shell is not None:
            self._shell.events.unregister("post_run_cell", self._after_cell)
        self._twin.refresh()
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
            if why == "":
                taken[name] = value
                continue
            if name in self.keys:
                refused.append(name)
            if name == "conversation":  # it has no control to say it beside
                self.send({"type": "notice", "text": why})
            elif why:
                self._hint(name, why)
        super().set_state(taken)
        if refused:
            self.send_state(refused)

    def _why_refused(self, name: str, value: Any) -> str | None:
        """What to say of a value, "" if it is taken, None if it has no control."""
        if name == "conversation":
            is_name = isinstance(value, str) and 0 < len(value.strip()) <= _LONGEST_NAME
            return "" if is_name and quoted(value) else _NO_NAME
        if name not in (*NAMES, "tools"):
            return None
        trait = self.traits()[name]
        try:
            trait._validate(self, value)  # noqa: SLF001 - traitlets' only way to check without setting
        except TraitError as error:
            if isinstance(error, _NoToolError):
                return str(error)
            return f"It takes {trait.info()}."
        return self._link.why_hidden(value)

    @validate("tools")
    def _known_tools(self, proposal: Any) -> list[str] | None:
        if why := self._offered.why_not(proposal.value or ()):
            raise _NoToolError(" ".join(why))
        return proposal.value or None

    def _take(self, _widget: Any, content: Any, _buffers: Any) -> None:
        try:
            message = checked(content, TO_PANEL)
            kind = message.pop("type")
            self._do(kind, message)
        except Refused as reason:
            told = {"type": "refused", "why": str(reason)}
        except ClaudeError as error:
            told = {"type": "refused", "why": str(error)}
        else:
            return
        given = content.get("id") if isinstance(content, dict) else None
        self.send({**told, "id": given} if isinstance(given, str) else told)

    def _do(self, kind: str, message: JSONObject) -> None:
        answering, draft, sweeping = self._answering, self._draft, self._sweeping
        actions: dict[str, Callable[..., None]] = {
            "hello": self._hello,
            "send": answering.ask,
            "again": answering.again,
            "new": answering.new,
            "earlier": answering.earlier,
            "keep": self._keep,
            "copy": self._copy,
            "preview": draft.preview,
            "chips": draft.chips,
            "complete": draft.complete,
            "sweep_size": sweeping.size,
            "sweep": sweeping.begin,
            "sweep_resume": sweeping.resume,
            "sweep_retry": sweeping.retry,
            "sweep_pin": sweeping.pin,
        }
        actions[kind](**message)

    def _hello(self) -> None:
        self._is_seen = True
        self._list_conversations()
        self._answering.show()
        self._sweeping.show()
        self._twin.soon()

    def _stop(self, id: str | None) -> list[str]:  # noqa: A002 - the message's
        return [*self._answering.stop(id), *self._sweeping.stop(id)]

    def _go_on(self, conversation: Conversation) -> None:
        """Shows a conversation that goes on from another turn now."""
        if conversation is self._chosen():
            self._answering.follow()
        else:
            self.conversation = conversation.name

    def _keep(self, turn: str) -> None:
        turns = self._answering.turns_of(turn)
        if not self._kept.has_place:
            raise Refused("the panel is part of another output: show it by itself")
        self._kept.add(turns)
        self.send({"type": "kept", "turn": turn})

    def _copy(self, id: str, turn: str | None, prompt: str | None, **way: str) -> None:  # noqa: A002 - the message's
        if turn is None:
            self._draft.copy(id=id, prompt=prompt or "", way=way["as"])
        else:
            self._answering.copy(id=id, turn=turn, way=way["as"])

    def _ipython_display_(self) -> None:
        """Shows the panel, its twin below it, and an output for answers that are kept."""
        data, metadata = self._repr_mimebundle_()
        in_kernel = getattr(self._shell, "kernel", None) is not None
        shown = {**data, **BELOW} if in_kernel else data
        publish_display_data(shown, metadata)  # type: ignore[no-untyped-call]
        if in_kernel:
            self._is_watched = Execution(self._shell).is_watched
            self._twin.place(self._shell)
        self._kept.place()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[JSONObject, JSONObject]:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return {**data, **self._to_read()}, metadata

    def _to_read(self) -> dict[str, str]:
        values = {name: getattr(self, name) for name in NAMES}
        typed = self._answering.entries.typed()
        return self._reading.bundle(values, self._chosen(), typed=typed)

    def _follow(self) -> None:
        """Shows what cells and other panels have asked."""
        self._list_conversations()
        if self._is_seen:
            self._answering.follow()
        self._twin.soon()

    def _after_cell(self, _result: Any) -> None:
        """Shows what the cell has changed; where nobody watches, in the twin at once."""
        self._twin.leave()
        self._follow()
        if not self._is_watched:
            self._twin.refresh()

    def _chosen(self) -> Conversation:
        return self._session.conversation(self.conversation)

    def _hint(self, name: str, why: str) -> None:
        self.hints = {**self.hints, name: why}

    def _note_failure(self, error: BaseException) -> None:
        name = control_of(error)
        if name and isinstance(error, ClaudeError):
            self._hint(name, error.what)  # what to do stands under the question

    def _on_setting(self, change: Any) -> None:
        if change.name in self.hints:
            self.hints = {k: v for k, v in self.hints.items() if k != change.name}
        self._note_refusals()
        self._twin.soon()

    def _on_conversation(self, _change: Any) -> None:
        self._list_conversations()
        self._answering.turn_to()
        self._twin.soon()

    def _note_refusals(self) -> None:
        self.notes = notes(self._session.settings.snapshot())

    def _list_conversations(self) -> None:
        names = [self.conversation, *list(self._session.conversations)]
        self.conversations = sorted(dict.fromkeys(names))

    def _list_models(self) -> None:
        with suppress(ClaudeError):  # any text is taken
            self.models = [str(model["id"]) for model in self._session.models()]
