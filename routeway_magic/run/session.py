"""One session per kernel: settings, sources, conversations, and the loop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Protocol

from routeway_magic.compose import compose
from routeway_magic.conversation import Cell, Conversation, Turn
from routeway_magic.errors import ClaudeError, Interrupted, NotFoundError
from routeway_magic.events import Event
from routeway_magic.footer import Footer
from routeway_magic.run.exchange import Exchange
from routeway_magic.run.interrupts import one_interrupt
from routeway_magic.run.reply import Reply, footer_of
from routeway_magic.secret import ApiKey
from routeway_magic.settings import ClaudeSettings, RequestOptions, near
from routeway_magic.sources import Sources
from routeway_magic.types import ContentBlock, JSONObject, Request

__all__ = ["Session", "Shown", "session"]


class Shown(Protocol):
    """Whatever shows an answer while it is written (see `render`)."""

    def handle(self, event: Event) -> None:
        """Takes one event."""

    def close(self, footer: Footer | None) -> None:
        """Shows the final state; None if nothing came of the exchange."""


class Session:
    """The kernel's conversations and the way to go on with them.

    Args:
        settings: read at each request.
    """

    def __init__(self, settings: ClaudeSettings) -> None:
        self.settings = settings
        self.sources = Sources(settings)
        self.conversations: dict[str, Conversation] = {}

    @property
    def turns(self) -> list[Turn]:
        """Every turn of every conversation."""
        kept = self.conversations.values()
        return [turn for conversation in kept for turn in conversation.turns]

    def conversation(self, name: str = "main") -> Conversation:
        """The conversation of this name, begun if there is none."""
        return self.conversations.setdefault(name, Conversation(name))

    def login(self, key: ApiKey) -> None:
        """Uses this key from now on; it is kept in memory only."""
        self.sources.login = key

    def models(self) -> list[JSONObject]:
        """The models that the source lists (`GET /v1/models`).

        Raises:
            ClaudeError: if it cannot be asked.
        """
        return self.sources.client()[0].models()

    @contextmanager
    def send(
        self,
        request: Request,
        *,
        conversation: Conversation,
        parent: str | None = None,
        cell: Cell = Cell(),  # noqa: B008 - immutable
        aside: bool = False,
    ) -> Iterator[Exchange]:
        """Runs a request and records its turn, however it ends.

        Args:
            request: what to send.
            conversation: where the turn is kept.
            parent: the turn that this one answers to.
            cell: where the question came from.
            aside: whether the conversation's head stays where it is.

        Raises:
            ClaudeError: if there is no source, or the exchange fails.
            Interrupted: if the user stops it.
        """
        client, source = self.sources.client()
        events = client.stream(request)
        exchange = Exchange(request, events, parent=parent, cell=cell, source=source)
        try:
            with exchange.recording():
                yield exchange
        except NotFoundError as error:
            error.hint = f"{self._near_models(request.model)}{error.hint}"
            raise
        finally:
            if exchange.turn:
                conversation.append(exchange.turn, aside=aside)

    @one_interrupt()
    def converse(
        self,
        prompt: str | list[ContentBlock],
        *,
        options: RequestOptions,
        shown: Shown | None = None,
        conversation: Conversation | None = None,
        cell: Cell = Cell(),  # noqa: B008 - immutable
        append: bool = False,
        fresh: bool = False,
    ) -> Reply:
        """Asks, shows the answer while it comes, and keeps both: the one loop.

        Args:
            prompt: the user's text, or content blocks.
            options: what the user set.
            shown: what displays the answer; None for nothing.
            conversation: goes on with it; None for a question by itself.
            cell: where the question came from.
            append: go on from the head, also if the cell has asked before.
            fresh: leave out what was said before; it stays the head until content
                has come.

        Raises:
            ClaudeError: if the exchange fails; the turn is kept.
            Interrupted: if the user stops it; the turn is kept.
        """
        kept = self.conversation() if conversation is None else conversation
        parent = None
        if conversation is not None and not fresh:
            parent = conversation.head if append else conversation.parent_for(cell)
        before = kept.path(kept.head)
        history = kept.path(parent)
        request = compose(prompt, options=options, history=self._sendable(history))
        exchange: Exchange | None = None
        try:
            with self.send(
                request,
                conversation=kept,
                parent=parent,
                cell=cell,
                aside=conversation is None,
            ) as exchange:
                for event in exchange:
                    if shown:
                        shown.handle(event)
        finally:
            turn = exchange.turn if exchange else None
            if shown:
                after = kept.path(kept.head)
                left = [] if fresh else _cells_left(before, after, cell)
                _close(shown, footer_of(turn, left) if turn else None)
        if turn is None:  # the exchange above ended without error: it has a turn
            raise AssertionError
        return Reply(turn)

    def close(self) -> None:
        """Closes connections; conversations and a key from `login` are kept."""
        self.sources.close()

    def _sendable(self, history: list[Turn]) -> list[Turn]:
        """What was said to the emulator is not for a real model: it was said offline."""
        if self.sources.client()[1] == "emulator":
            return history
        return [turn for turn in history if turn.source != "emulator"]

    def _near_models(self, model: str) -> str:
        with suppress(ClaudeError):
            found = near(model, [str(item["id"]) for item in self.models()])
            return f"{found} " if found else ""
        return ""


def _close(shown: Shown, footer: Footer | None) -> None:
    """Shows the final state, also if the user stops the cell at that very moment."""
    try:
        shown.close(footer)
    except KeyboardInterrupt:
        shown.close(footer)
        raise Interrupted("the cell was stopped; the answer is kept.") from None


def _cells_left(before: list[Turn], after: list[Turn], cell: Cell) -> list[int | None]:
    """The other cells whose turns were on the path and are no longer, by number."""
    staying = {turn.id for turn in after}
    gone = {
        turn.cell.id or turn.id: turn.cell.number
        for turn in before
        if turn.id not in staying and (cell.id is None or turn.cell.id != cell.id)
    }
    return list(gone.values()) if after else []


@cache
def session() -> Session:
    """The kernel's one session, made when first asked for."""
    return Session(ClaudeSettings.instance())
