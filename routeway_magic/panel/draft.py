"""What the panel tells of a prompt before it is sent: request, values, completions."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from routeway_magic.conversation import Conversation
from routeway_magic.errors import ClaudeError, Interrupted
from routeway_magic.known import Known
from routeway_magic.markup import STYLE
from routeway_magic.mention import mentioned
from routeway_magic.panel.copies import cell_text, program
from routeway_magic.panel.entry import error_html
from routeway_magic.panel.filled import filled
from routeway_magic.panel.offered import Offered
from routeway_magic.panel.patches import units
from routeway_magic.panel.value import size_of, value_html
from routeway_magic.prompt import Filled
from routeway_magic.settings import RequestOptions
from routeway_magic.types import JSONObject, Request

if TYPE_CHECKING:
    from routeway_magic.run.place import Place
    from routeway_magic.run.session import Session

__all__ = ["Draft"]

_Told = Callable[[Filled, RequestOptions, "Place"], JSONObject]

_MOST = 500  # completions
_WAITS = "Waits for the cell that runs: the prompt names variables."


class Draft:
    """The prompt in the box; nothing of it is kept.

    Args:
        session: says what would be sent.
        shell: whose variables it may name; None where there is none.
        send: takes a message to the front end.
        conversation: gives the one to go on with.
        offered: finds the functions that may be called.
        tools: gives the names of those that may be now.
    """

    def __init__(
        self,
        *,
        session: Session,
        shell: Any,
        send: Callable[[JSONObject], None],
        conversation: Callable[[], Conversation],
        offered: Offered,
        tools: Callable[[], tuple[str, ...]],
    ) -> None:
        self._session = session
        self._shell = shell
        self._send = send
        self._conversation = conversation
        self._offered = offered
        self._tools = tools
        self._latest: dict[str, threading.Event] = {}  # by type of message

    def preview(self, *, id: str, prompt: str) -> None:  # noqa: A002 - the message's
        """Shows the request that would be sent."""

        def told(ready: Filled, options: RequestOptions, place: Place) -> JSONObject:
            request = self._request(ready, options, place)
            shown = self._session.preview(request, ready, count=False)
            html = shown._repr_mimebundle_()["text/html"]
            return {"html": html.removeprefix(STYLE)}

        self._fill(
            "preview", id, prompt, told, lambda error: {"html": error_html(error)}
        )

    def chips(self, *, id: str, prompt: str) -> None:  # noqa: A002 - the message's
        """Tells what of the notebook would be sent, and how large it is."""

        def told(ready: Filled, *_: object) -> JSONObject:
            items = [
                {
                    "name": one.name,
                    "label": one.described.kind,
                    "size": one.described.size,
                    "tokens": one.tokens,
                    "preview_html": value_html(one),
                }
                for one in ready.inserted
            ]
            return {"items": items, "left": list(ready.left), "why": ""}

        def failed(error: ClaudeError) -> JSONObject:
            return {"items": [], "left": [], "why": str(error)}

        self._fill("chips", id, prompt, told, failed)

    def complete(self, *, id: str, text: str) -> None:  # noqa: A002 - the message's
        """Tells what can stand behind an open brace; runs no code of the user's."""
        typed, items = "", []
        if self._shell is not None:
            known = Known(self._shell, _MOST)
            typed, words = mentioned(text, known) or ("", ())
            items = [
                {"text": word, "kind": kind, "size": size_of(known.value(word))}
                for word, kind in words
                if word.startswith(typed)
            ]
        begins = units(text) - units(typed)
        self._send(
            {"type": "completions", "id": id, "from": begins, "items": items[:_MOST]}
        )

    def copy(self, *, id: str, prompt: str, way: str) -> None:  # noqa: A002 - the message's
        """Writes the prompt as a cell, or what would be sent as a program."""
        options = self._session.settings.snapshot()
        name = self._conversation().name
        if way == "cell":
            named = "" if name == self._session.current else name
            text = cell_text(prompt, options, conversation=named, tools=self._tools())
            self._send({"type": "copied", "id": id, "as": way, "text": text})
            return

        def told(ready: Filled, options: RequestOptions, place: Place) -> JSONObject:
            request = self._request(ready, options, place)
            return {"as": way, "text": program(request, way, self._session)}

        self._fill("copied", id, prompt, told)

    def _request(self, ready: Filled, options: RequestOptions, place: Place) -> Request:
        names = self._tools()
        return self._session.compose(
            ready.content,
            options=options,
            place=place,
            tools=self._offered.toolbox(names) if names else None,
        )

    def _fill(
        self,
        kind: str,
        id: str,  # noqa: A002 - the message's
        prompt: str,
        told: _Told,
        failed: Callable[[ClaudeError], JSONObject] | None = None,
    ) -> None:
        """Answers once the prompt is filled, unless another of the kind comes first."""
        stopped = threading.Event()
        self._latest.get(kind, threading.Event()).set()
        self._latest[kind] = stopped

        def work() -> None:
            try:
                answer = {"type": kind, "id": id, **self._ready(prompt, told, stopped)}
            except Interrupted:
                return
            except ClaudeError as error:
                if failed:
                    answer = {"type": kind, "id": id, **failed(error)}
                else:
                    answer = {"type": "refused", "id": id, "why": str(error)}
            self._send(answer)

        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(work,), daemon=True).start()

    def _ready(self, prompt: str, told: _Told, stopped: threading.Event) -> JSONObject:
        options = self._session.settings.snapshot()
        place = self._session.place(self._conversation(), append=True)
        ready = filled(
            prompt,
            shell=self._shell,
            session=self._session,
            options=options,
            place=place,
            stopped=stopped,
            waits=lambda: self._send({"type": "notice", "text": _WAITS}),
        )
        return told(ready, options, place)
