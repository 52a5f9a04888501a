"""One session per kernel: settings, sources, conversations, and the loop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from typing import TYPE_CHECKING

from routeway_magic.compose import compose
from routeway_magic.content import Limits
from routeway_magic.conversation import Cell, Conversation, Turn
from routeway_magic.errors import ClaudeError, NotFoundError
from routeway_magic.models import eye_of
from routeway_magic.origin import is_offline
from routeway_magic.prompt import Budget, Filled
from routeway_magic.run.exchange import Exchange
from routeway_magic.run.guard import Guard
from routeway_magic.run.interrupts import undisturbed
from routeway_magic.run.place import Place
from routeway_magic.run.recorder import Recorder
from routeway_magic.run.recording import Recording
from routeway_magic.run.reply import Reply
from routeway_magic.run.shown import Shown
from routeway_magic.secret import ApiKey
from routeway_magic.settings import ClaudeSettings, RequestOptions
from routeway_magic.sources import Sources
from routeway_magic.spelling import near
from routeway_magic.tools.consent import Consent
from routeway_magic.types import ContentBlock, JSONObject, Request

if TYPE_CHECKING:
    from routeway_magic.preview import Preview
    from routeway_magic.run.archive import Offer
    from routeway_magic.run.sweeping.sweep import Sweep
    from routeway_magic.tools.toolbox import Toolbox

__all__ = ["Place", "Session", "begun", "session"]

_ONE_AT_A_TIME = threading.Lock()


class Session:
    """The kernel's conversations and the way to go on with them.

    `conversations` has all of them by name, `current` is the name of the one that
    cells go on with, `last_request` what was sent last, or dry-run, and `last_sweep` the
    sweep that was begun last; `followers` are called when a panel has asked.

    Args:
        settings: read at each request.
    """

    def __init__(self, settings: ClaudeSettings) -> None:
        self.settings = settings
        self.sources = Sources(settings)
        self.recorder = Recorder(settings, redact=self.sources.redact)
        self.conversations: dict[str, Conversation] = {}
        self.current = "main"
        self.failure: tuple[str, BaseException] | None = None
        self.offers: list[Offer] = []
        self.listed: list[JSONObject] = []
        self.sources.deck.earlier = self.recorder.answered
        self.sources.deck.warn = self.recorder.warn
        self.guard = Guard(settings)
        self.consent = Consent()
        self.last_request: Request | None = None
        self.last_sweep: Sweep | None = None
        self.followers: list[Callable[[], None]] = []

    @property
    def turns(self) -> list[Turn]:
        """Every turn of every conversation."""
        kept = list(self.conversations.values())  # a thread may begin one meanwhile
        return [turn for conversation in kept for turn in conversation.turns]

    def conversation(self, name: str | None = None) -> Conversation:
        """The conversation of this name, begun if there is none.

        Args:
            name: what the user calls it; None for the current one.
        """
        name = self.current if name is None else name
        return self.conversations.setdefault(name, Conversation(name))

    def note_heads(self) -> None:
        """Writes into the journal where conversations go on, if that has changed."""
        for conversation in list(self.conversations.values()):
            self.recorder.note_head(conversation)

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
        tools: Toolbox | None = None,
    ) -> Request:
        """The request that asks this at this place.

        Args:
            prompt: the user's text, or content blocks.
            options: what the user set.
            place: what it goes on from.
            tools: what the model may call.
        """
        offered = tools.definitions if tools else ()
        return compose(prompt, options=options, history=place.history, tools=offered)

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
        from routeway_magic.preview import Preview

        client, source = self.sources.client()
        url, headers = client.dry_run(request)
        self.last_request = request
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
        concurrent: bool = False,
    ) -> Iterator[Exchange]:
        """Runs a request and records its turn, however it ends.

        Args:
            request: what to send.
            conversation: where the turn is kept.
            parent: the turn that this one answers to.
            cell: where the question came from.
            aside: whether the conversation's head stays where it is.
            concurrent: whether it is moved only if it is still the parent.

        Raises:
            ClaudeError: if there is no source, a limit is reached, or the exchange
                fails.
            Interrupted: if the user stops it.
        """
        client, source = self.sources.client()
        source = self.sources.deck.who(request, source)
        before = conversation[parent] if parent else None
        self.guard.check(request, before=before, source=source, ask=self.ask_prices)
        events = self.sources.deck.taped(
            client.stream(request, heads=True), request, source
        )
        self.last_request = request
        exchange = Exchange(
            request,
            events,
            parent=parent,
            cell=cell,
            source=source,
            is_paced=self.sources.is_paced,
            record=partial(
                Recording,
                self.recorder,
                conversation=conversation,
                aside=aside,
                body=request.body,
            ),
        )
        try:
            with exchange.recording():
                yield exchange
        except NotFoundError as error:
            error.hint = f"{self._near_models(request.model)}{error.hint}"
            raise
        finally:
            if exchange.turn:
                with undisturbed():
                    exchange.left = conversation.append(
                        exchange.turn, aside=aside, concurrent=concurrent
                    )
                    self.recorder.note_head(conversation)
                    self.guard.bill.add(conversation.name, exchange.turn)

    def place(
        self,
        conversation: Conversation | None = None,
        *,
        cell: Cell = Cell(),  # noqa: B008 - immutable
        append: bool = False,
        fresh: bool = False,
        aside: bool = False,
        concurrent: bool = False,
    ) -> Place:
        """Where the next question goes.

        Args:
            conversation: goes on with it; None for a question by itself, which is
                kept beside the current one's path.
            cell: where the question comes from.
            append: go on from the head, also if the cell has asked before.
            fresh: leave out what was said before; it stays the head until content
                has come.
            aside: a question by itself, kept beside this conversation's path.
            concurrent: cells may ask meanwhile, and go first.
        """
        kept = self.conversation() if conversation is None else conversation
        aside = aside or conversation is None
        parent = None
        if not aside and not fresh:
            parent = kept.head if append else kept.parent_for(cell)
        history = self.sendable(kept.path(parent))
        return Place(kept, parent, history, cell, aside, fresh, concurrent)

    def sendable(self, history: list[Turn]) -> list[Turn]:
        """What of a path is sent to who answers now.

        What was said to the emulator is not for a real model: it was said offline.

        Args:
            history: the path.
        """
        if is_offline(self.sources.client()[1]):
            return history
        return [turn for turn in history if not is_offline(turn.source)]

    def converse(
        self,
        prompt: str | list[ContentBlock],
        *,
        options: RequestOptions,
        place: Place | None = None,
        shown: Shown | None = None,
        inserted: str = "",
        tools: Toolbox | None = None,
    ) -> Reply:
        """Asks, shows the answer while it comes, and keeps both (see `runner`)."""
        from routeway_magic.run.runner import converse

        return converse(
            self,
            prompt,
            options=options,
            place=place or self.place(),
            shown=shown,
            inserted=inserted,
            tools=tools,
        )

    def close(self) -> None:
        """Closes connections and the journal's file; what is in memory is kept."""
        self.sources.close()
        self.recorder.close()

    def _near_models(self, model: str) -> str:
        with suppress(ClaudeError):
            found = near(model, [str(item["id"]) for item in self.models()])
            return f"{found} " if found else ""
        return ""


@cache
def begun() -> Session:
    """The session, without a guard against threads that ask first at the same time."""
    return Session(ClaudeSettings.instance())


def session() -> Session:
    """The kernel's one session, made when first asked for."""
    with _ONE_AT_A_TIME:
        return begun()
