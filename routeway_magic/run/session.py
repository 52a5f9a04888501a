"""One session per kernel: settings, sources, conversations, and the loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Protocol

from routeway_magic.compose import compose
from routeway_magic.content import Limits
from routeway_magic.conversation import Cell, Conversation, Turn
from routeway_magic.errors import ClaudeError, Interrupted, NotFoundError
from routeway_magic.events import Event
from routeway_magic.footer import Footer
from routeway_magic.models import eye_of
from routeway_magic.preview import Preview
from routeway_magic.prompt import Budget, Filled
from routeway_magic.run.exchange import Exchange
from routeway_magic.run.guard import Guard
from routeway_magic.run.interrupts import one_interrupt
from routeway_magic.run.reply import Reply, footer_of
from routeway_magic.secret import ApiKey
from routeway_magic.settings import ClaudeSettings, RequestOptions, near
from routeway_magic.sources import Sources
from routeway_magic.types import ContentBlock, JSONObject, Request

__all__ = ["Place", "Session", "Shown", "session"]


class Shown(Protocol):
    """Whatever shows an answer while it is written (see `render`)."""

    def handle(self, event: Event) -> None:
        """Takes one event."""

    def close(self, footer: Footer | None) -> None:
        """Shows the final state; None if nothing came of the exchange."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question goes, and what was said before it.

    Args:
        conversation: where the turn is kept.
        parent: the turn that it answers to; None for a first one.
        history: the turns that are sent with it, oldest first.
        cell: where it comes from.
        aside: whether the conversation's head stays where it is.
        fresh: whether what was said before is left out on purpose.
    """

    conversation: Conversation
    parent: str | None
    history: list[Turn]
    cell: Cell
    aside: bool = False
    fresh: bool = False


class Session:
    """The kernel's conversations and the way to go on with them.

    Args:
        settings: read at each request.
    """

    def __init__(self, settings: ClaudeSettings) -> None:
        self.settings = settings
        self.sources = Sources(settings)
        self.conversations: dict[str, Conversation] = {}
        self.failure: tuple[str, BaseException] | None = None
        self.listed: list[JSONObject] = []
        self.guard = Guard(settings)

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
        """The models that the source lists (`GET /v1/models`), also kept as `listed`.

        Raises:
            ClaudeError: if it cannot be asked.
        """
        client, source = self.sources.client()
        self.listed = client.models()
        self.guard.learn(source, self.listed)
        return self.listed

    def ask_prices(self) -> None:
        """Has the source's list of models learnt, once; without it no price is known."""
        with suppress(ClaudeError):
            _, source = self.sources.client()
            if not self.guard.knows(source):
                self.guard.learn(source, [])  # asked, whatever comes of it
                self.models()

    def compose(
        self,
        prompt: str | list[ContentBlock],
        *,
        options: RequestOptions,
        place: Place,
    ) -> Request:
        """The request that asks this at this place.

        Args:
            prompt: the user's text, or content blocks.
            options: what the user set.
            place: what it goes on from.
        """
        return compose(prompt, options=options, history=place.history)

    def budget(
        self, options: RequestOptions, place: Place, allowed: Sequence[str] = ()
    ) -> Budget:
        """How much of the notebook's values a prompt may hold here.

        Args:
            options: the model is among them.
            place: what it goes on from; images count as long as they are sent again.
            allowed: names to send although they look like credentials.
        """
        asked = [block for turn in place.history for block in turn.content]
        return Budget(
            limits=self.limits(options.model, allowed),
            tokens=self.settings.request_budget,
            images_before=sum(block.get("type") == "image" for block in asked),
        )

    def limits(self, model: str, allowed: Sequence[str] = ()) -> Limits:
        """How much of one value may be sent.

        Args:
            model: who reads it.
            allowed: names to send although they look like credentials.
        """
        return Limits(
            tokens=self.settings.value_budget,
            eye=eye_of(model),
            allowed=frozenset(allowed),
        )

    def preview(self, request: Request, filled: Filled, *, count: bool) -> Preview:
        """What would be sent, and where to; sends nothing but a question of its size.

        Args:
            request: what would be sent.
            filled: the prompt in it.
            count: whether the server is asked how many tokens it has.

        Raises:
            ClaudeError: if it could not be sent, or the count fails.
        """
        client, source = self.sources.client()
        url, headers = client.dry_run(request)
        counted = client.count_tokens(request) if count else None
        return Preview(
            request=request,
            url=url,
            headers=headers,
            source=source,
            filled=filled,
            asked=count,
            counted=counted,
        )

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
            ClaudeError: if there is no source, a limit is reached, or the exchange
                fails.
            Interrupted: if the user stops it.
        """
        client, source = self.sources.client()
        before = conversation[parent] if parent else None
        self.guard.check(request, before=before, source=source, ask=self.ask_prices)
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
                self.guard.bill.add(conversation.name, exchange.turn)

    def place(
        self,
        conversation: Conversation | None = None,
        *,
        cell: Cell = Cell(),  # noqa: B008 - immutable
        append: bool = False,
        fresh: bool = False,
    ) -> Place:
        """Where the next question goes.

        Args:
            conversation: goes on with it; None for a question by itself.
            cell: where the question comes from.
            append: go on from the head, also if the cell has asked before.
            fresh: leave out what was said before; it stays the head until content
                has come.
        """
        kept = self.conversation() if conversation is None else conversation
        parent = None
        if conversation is not None and not fresh:
            parent = conversation.head if append else conversation.parent_for(cell)
        history = self._sendable(kept.path(parent))
        return Place(kept, parent, history, cell, conversation is None, fresh)

    @one_interrupt()
    def converse(
        self,
        prompt: str | list[ContentBlock],
        *,
        options: RequestOptions,
        place: Place | None = None,
        shown: Shown | None = None,
        inserted: str = "",
    ) -> Reply:
        """Asks, shows the answer while it comes, and keeps both: the one loop.

        Args:
            prompt: the user's text, or content blocks.
            options: what the user set.
            place: what it goes on from; None for a question by itself.
            shown: what displays the answer; None for nothing.
            inserted: what of the notebook is in the prompt, in words.

        Raises:
            ClaudeError: if the exchange fails; the turn is kept.
            Interrupted: if the user stops it; the turn is kept.
        """
        place = place or self.place()
        kept = place.conversation
        before = kept.path(kept.head)
        request = self.compose(prompt, options=options, place=place)
        exchange: Exchange | None = None
        try:
            with self.send(
                request,
                conversation=kept,
                parent=place.parent,
                cell=place.cell,
                aside=place.aside,
            ) as exchange:
                for event in exchange:
                    if shown:
                        shown.handle(event)
        finally:
            turn = exchange.turn if exchange else None
            if shown:
                after = kept.path(kept.head)
                left = [] if place.fresh else _cells_left(before, after, place.cell)
                footer = self._footer(turn, left, inserted) if turn else None
                _close(shown, footer)
        if turn is None:  # the exchange above ended without error: it has a turn
            raise AssertionError
        return Reply(turn, cost=self.guard.cost(turn))

    def close(self) -> None:
        """Closes connections; conversations and a key from `login` are kept."""
        self.sources.close()

    def _footer(self, turn: Turn, left: Sequence[int | None], inserted: str) -> Footer:
        cost, fill = self.guard.cost(turn), self.guard.fill(turn)
        return replace(footer_of(turn, left, inserted), cost=cost, fill=fill)

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
