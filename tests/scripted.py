"""A session whose answers are written in the test, without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from routeway_magic.conversation import Conversation
from routeway_magic.events import Event, Waiting, from_data
from routeway_magic.recovery import Recovered, read
from routeway_magic.run.session import Session
from routeway_magic.settings import ClaudeSettings
from routeway_magic.types import Request

__all__ = ["Answer", "Scripted", "ask", "recovered", "same", "saying", "session_of"]

Answer = Callable[[Request], Iterator[Event]]


def _frame(kind: str, **members: Any) -> Event:
    return from_data({"type": kind, **members})


def saying(*pieces: str | Callable[[], None]) -> Answer:
    """An answer of these pieces of text; what is callable is called in between.

    Args:
        *pieces: text, or what happens at that point, such as a pause or an error.
    """

    def stream(_: Request) -> Iterator[Event]:
        yield Waiting("connecting")
        message = {"id": "m", "model": "m", "content": [], "usage": {"input_tokens": 9}}
        yield _frame("message_start", message=message)
        block = {"type": "text", "text": ""}
        yield _frame("content_block_start", index=0, content_block=block)
        for piece in pieces:
            if isinstance(piece, str):
                delta = {"type": "text_delta", "text": piece}
                yield _frame("content_block_delta", index=0, delta=delta)
            else:
                piece()
        yield _frame("content_block_stop", index=0)
        usage = {"output_tokens": 5}
        yield _frame("message_delta", delta={"stop_reason": "end_turn"}, usage=usage)
        yield _frame("message_stop")

    return stream


class Scripted:
    """A client that answers as told.

    Args:
        answer: what a request brings.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def stream(self, request: Request, **_: Any) -> Iterator[Event]:
        """The events of one exchange."""
        return self.answer(request)


def session_of(answer: Answer | None = None, **settings: Any) -> Session:
    """A session that gets these answers.

    Args:
        answer: of each request; "hello" without one.
        **settings: those of `ClaudeSettings`.
    """
    session = Session(ClaudeSettings(**settings))
    client = Scripted(answer or saying("hel", "lo"))
    session.sources.client = lambda: (client, "emulator")  # type: ignore[method-assign,assignment,return-value]
    return session


def ask(session: Session, prompt: str = "hi", **more: Any) -> str:
    """Asks in the main conversation, going on from its head; the turn's id.

    Args:
        session: where.
        prompt: the question.
        **more: for `Session.place`.
    """
    place = session.place(more.pop("conversation", session.conversation()), **more)
    options = session.settings.snapshot()
    return session.converse(prompt, options=options, place=place).turn.id


def recovered(session: Session) -> Recovered:
    """What this session's journal holds."""
    path = session.recorder.journal.path
    assert path is not None
    return read(path.read_bytes().splitlines())


def same(one: Conversation, other: Conversation) -> bool:
    """Whether two conversations hold the same turns and go on from the same."""
    return (one.turns, one.head) == (other.turns, other.head)
