"""What the panel tells of a prompt before it is sent: request, values, completions."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from routeway_magic.errors import ClaudeError, Interrupted
from routeway_magic.known import Known
from routeway_magic.markup import STYLE
from routeway_magic.mention import mentioned
from routeway_magic.panel.copies import program
from routeway_magic.panel.entry import error_html
from routeway_magic.panel.filled import filled
from routeway_magic.panel.patches import units
from routeway_magic.panel.talk import Talk
from routeway_magic.panel.value import size_of, value_html
from routeway_magic.prompt import Filled
from routeway_magic.settings import RequestOptions
from routeway_magic.types import JSONObject, Request

if TYPE_CHECKING:
    from routeway_magic.run.place import Place

__all__ = ["Draft"]

_Told = Callable[[Filled, RequestOptions, "Place"], JSONObject]

_MOST = 500  # completions
_WAITS = "Waits for the cell that runs: the prompt names variables."


class Draft:
    """The prompt in the box; nothing of it is kept.

    Args:
        talk: what it has in common with the panel's other parts.
    """

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._latest: dict[str, threading.Event] = {}  # by type of message

    def preview(self, *, id: str, prompt: str) -> None:  # noqa: A002 - the message's
        """Shows the request that would be sent."""

        def told(ready: Filled, options: RequestOptions, place: Place) -> JSONObject:
            request = self._request(ready, options, place)
            shown = self._talk.session.preview(request, ready, count=False)
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
        if self._talk.shell is not None:
            known = Known(self._talk.shell, _MOST)
            typed, words = mentioned(text, known) or ("", ())
            items = [
                {"text": word, "kind": kind, "size": size_of(known.value(word))}
                for word, kind in words
                if word.startswith(typed)
            ]
        begins = units(text) - units(typed)
        self._talk.send(
            {"type": "completions", "id": id, "from": begins, "items": items[:_MOST]}
        )

    def copy(self, *, id: str, prompt: str, way: str) -> None:  # noqa: A002 - the message's
        """Writes the prompt as a cell, or what would be sent as a program."""
        options = self._talk.session.settings.snapshot()
        if way == "cell":
            text = self._talk.cell(prompt, options, self._talk.tools())
            self._talk.send({"type": "copied", "id": id, "as": way, "text": text})
            return

        def told(ready: Filled, options: RequestOptions, place: Place) -> JSONObject:
            request = self._request(ready, options, place)
            return {"as": way, "text": program(request, way, self._talk.session)}

        self._fill("copied", id, prompt, told)

    def _request(self, ready: Filled, options: RequestOptions, place: Place) -> Request:
        names = self._talk.tools()
        return self._talk.session.compose(
            ready.content,
            options=options,
            place=place,
            tools=self._talk.offered.toolbox(names) if names else None,
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
            self._talk.send(answer)

        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(work,), daemon=True).start()

    def _ready(self, prompt: str, told: _Told, stopped: threading.Event) -> JSONObject:
        options = self._talk.session.settings.snapshot()
        place = self._talk.session.place(self._talk.conversation(), append=True)
        ready = filled(
            prompt,
            shell=self._talk.shell,
            session=self._talk.session,
            options=options,
            place=place,
            stopped=stopped,
            waits=lambda: self._talk.send({"type": "notice", "text": _WAITS}),
        )
        return told(ready, options, place)
