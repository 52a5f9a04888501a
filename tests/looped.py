"""A session whose model calls tools as the test says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from routeway_magic.events import Event, ToolResult, from_message
from routeway_magic.run.reply import Reply
from routeway_magic.run.session import Session
from routeway_magic.settings import ClaudeSettings
from routeway_magic.tools.toolbox import toolbox_of
from routeway_magic.types import Message, Request

__all__ = [
    "Model",
    "Watcher",
    "call",
    "calling",
    "loop",
    "results",
    "saying",
    "session",
]


def call(name: str, /, key: str = "", **arguments: Any) -> dict[str, Any]:
    """A call of a tool; its id is its name without one of its own."""
    return {
        "type": "tool_use",
        "id": key or f"id_{name}",
        "name": name,
        "input": arguments,
    }


def calling(*blocks: dict[str, Any], stop: str = "tool_use") -> Message:
    """An answer of these blocks."""
    return {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-4-5",
        "content": list(blocks),
        "stop_reason": stop,
        "usage": {"input_tokens": 10, "output_tokens": 5},
    }


def saying(text: str, stop: str = "end_turn") -> Message:
    """An answer of words."""
    return calling({"type": "text", "text": text}, stop=stop)


class Model:
    """In place of a client: gives these answers in turn, and keeps what it was sent.

    Args:
        *answers: messages, or what to raise; the last one is given again and again.
    """

    def __init__(self, *answers: Message | BaseException) -> None:
        self.bodies: list[dict[str, Any]] = []
        self._answers = list(answers)

    def stream(self, request: Request, **_: bool) -> Iterator[Event]:
        """One exchange."""
        self.bodies.append(json.loads(request.encode()))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, BaseException):
            raise answer
        yield from from_message(answer)


class Watcher:
    """In place of a renderer: what is shown, as events."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.footer: Any = None

    def handle(self, event: Event) -> None:
        """Takes one event."""
        self.events.append(event)

    def close(self, footer: Any) -> None:
        """Takes the line under the answer."""
        self.footer = footer

    @property
    def results(self) -> list[ToolResult]:
        """What came of calls."""
        return [event for event in self.events if isinstance(event, ToolResult)]


def session(model: Model, **settings: Any) -> Session:
    """A session in which this model answers."""
    here = Session(ClaudeSettings(**settings))
    here.sources.client = lambda: (model, "stub")  # type: ignore[method-assign,assignment,return-value]
    return here


def loop(
    here: Session,
    *tools: Any,
    allow: Any = None,
    ask: Any = None,
    shown: Watcher | None = None,
    **options: Any,
) -> Reply:
    """Asks with these tools, which all may run unless the test says otherwise."""
    allowed = [one for one in tools if callable(one)] if allow is None else allow
    return here.converse(
        "do it",
        options=here.settings.snapshot(**options),
        place=here.place(here.conversation()),
        shown=shown,
        tools=toolbox_of(tools, allow=[] if ask else allowed, ask=ask),
    )


def results(model: Model, at: int = -1) -> list[dict[str, Any]]:
    """The results that a request brought the model."""
    content: list[dict[str, Any]] = model.bodies[at]["messages"][-1]["content"]
    return content
