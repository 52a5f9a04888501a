"""A question and its answer: sent, shown while it comes, and kept. The one loop.

Where the model calls tools of ours they are run, and the results are asked next: a
chain of turns, one for each request. An answer that the server has paused goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from routeway_magic.answer_tool import is_answer
from routeway_magic.errors import ClaudeError, Interrupted
from routeway_magic.events import Event, ToolResult
from routeway_magic.footer import Footer
from routeway_magic.run.going_on import go_on, said_before
from routeway_magic.run.interrupts import one_interrupt
from routeway_magic.run.place import Place
from routeway_magic.run.reply import Reply, cells_of, footer_of
from routeway_magic.run.shown import Shown, close
from routeway_magic.run.unsent import keep_unsent
from routeway_magic.settings import RequestOptions
from routeway_magic.turn import Turn
from routeway_magic.types import ContentBlock, Request, Status
from routeway_magic.usage import cost_together

if TYPE_CHECKING:
    from routeway_magic.run.exchange import Exchange
    from routeway_magic.run.session import Session
    from routeway_magic.tools.calling import Call
    from routeway_magic.tools.toolbox import Toolbox

__all__ = ["Loop", "converse"]

_ENDS = frozenset({"refusal", "content_filter", "model_context_window_exceeded"})
_FORCED = frozenset({"any", "tool"})


@one_interrupt()
def converse(
    session: Session,
    prompt: str | list[ContentBlock],
    *,
    options: RequestOptions,
    place: Place,
    shown: Shown | None = None,
    inserted: str = "",
    tools: Toolbox | None = None,
) -> Reply:
    """Asks, shows the answer while it comes, and keeps both.

    Args:
        session: who sends and keeps it.
        prompt: the user's text, or content blocks; none to go on with an answer
            that broke off, with the settings of its request.
        options: what the user set.
        place: what it goes on from.
        shown: what displays the answer; None for nothing. Where the model goes
            on with its own text, it is given the whole answer.
        inserted: what of the notebook is in the prompt, in words.
        tools: what the model may call, at most `max_turns` answers long.

    Raises:
        ClaudeError: if an exchange fails; the turns are kept.
        InputError: if there is nothing to go on with.
        Interrupted: if the user stops it; the turns are kept.
    """
    if prompt == []:
        prompt, options = go_on(place, options)
    loop = Loop(session, options, place, shown, tools)
    try:
        loop.run(prompt)
    finally:
        if shown:
            close(shown, loop.footer(inserted))
    return loop.reply()


class Loop:
    """The turns of one answer, from the question to the last word.

    `turns` are those that have been kept so far, whatever ends it.

    Args:
        session: who sends and keeps it.
        options: what the user set.
        place: what it goes on from.
        shown: what displays the answer; None for nothing.
        tools: what the model may call.
        held: entered around each request, which may wait there for its turn.
    """

    def __init__(
        self,
        session: Session,
        options: RequestOptions,
        place: Place,
        shown: Shown | None,
        tools: Toolbox | None,
        *,
        held: Callable[[Request], AbstractContextManager[Any]] | None = None,
    ) -> None:
        self._session, self._options, self._place = session, options, place
        self._shown, self._tools = shown, tools
        self._held = held or nullcontext
        self.turns: list[Turn] = []
        self._left: list[Turn] = []
        self._explanation = ""

    def run(self, prompt: str | list[ContentBlock]) -> None:
        """Asks, and asks on with what calls gave, at most `max_turns` times."""
        asked, most = prompt, self._session.settings.max_turns
        for number in range(1, most + 1):
            turn = self._send(asked, repeat=number == 1 and not prompt)
            calls = self._calls(turn)
            if not calls and turn.stop_reason != "pause_turn":
                return
            if number < most:
                asked = self._next(turn, calls)
        self._explanation = (
            f"`max_turns` allows no more than {most} requests, so it has to stop here"
        )

    def footer(self, inserted: str) -> Footer | None:
        """The line under the answer; None if nothing came of the exchange."""
        if not self.turns:
            return None
        left = [] if self._place.fresh else self._left
        found = footer_of(self.turns, cells_of(left, self._place.cell), inserted)
        told = self._explanation or found.explanation
        fill = self._session.guard.fill(self.turns[-1])
        return replace(found, cost=self._cost(), fill=fill, explanation=told)

    def reply(self) -> Reply:
        """The answer; there is one if no exception has ended the loop."""
        *before, turn = self.turns
        return Reply(turn, before=before, cost=self._cost())

    def _send(self, asked: str | list[ContentBlock], *, repeat: bool) -> Turn:
        """One exchange; its turn is kept, also where it could not be sent."""
        place = self._place
        exchange: Exchange | None = None
        try:
            request = self._session.compose(
                asked, options=self._options, place=place, tools=self._tools
            )
            with (
                self._held(request),
                self._session.send(
                    request,
                    conversation=place.conversation,
                    parent=place.parent,
                    cell=place.cell,
                    aside=place.aside,
                    concurrent=place.concurrent,
                ) as exchange,
            ):
                said = said_before(request, place) if repeat else ()
                for event in chain(said, exchange):
                    self._show(event)
        except BaseException as error:
            if not (exchange and exchange.turn) and self.turns:
                is_stopped = isinstance(error, KeyboardInterrupt)
                status: Status = "interrupted" if is_stopped else "failed"
                self._keep_unsent(asked, status, _named(error))
            raise
        finally:
            if exchange and exchange.turn:
                self.turns.append(exchange.turn)
                self._left += exchange.left
        return self.turns[-1]

    def _next(self, turn: Turn, calls: list[Call]) -> list[ContentBlock]:
        """What is asked next: results; nothing at all where the server has paused."""
        results = self._results(calls)
        asked = [result.block for result in results]
        place = self._place
        self._place = replace(place, parent=turn.id, history=[*place.history, turn])
        self._options = _unforced(self._options) if calls else self._options
        if any(result.state == "stopped" for result in results):
            self._keep_unsent(asked, "interrupted", "a call was stopped")
            raise Interrupted("a tool was stopped; the conversation is kept.")
        return asked

    def _calls(self, turn: Turn) -> list[Call]:
        """What is to be run: nothing if a call among them is for somebody else."""
        if not self._tools or not turn.message or turn.stop_reason in _ENDS:
            return []
        from routeway_magic.tools.calling import calls_in

        if any(is_answer(block) for block in turn.message.get("content") or []):
            return []  # the answer is given: nothing is called any more
        calls = calls_in(turn.message)
        ours = {name for name, one in self._tools.tools.items() if one.function}
        offered = turn.parameters.get("tools") or []
        theirs = {one.get("name") for one in offered if isinstance(one, dict)} - ours
        return [] if any(call.name in theirs for call in calls) else calls

    def _results(self, calls: list[Call]) -> list[ToolResult]:
        if not calls or self._tools is None:
            return []
        from routeway_magic.run.tool_calls import Calls

        session = self._session
        runs = Calls(
            self._tools,
            consent=session.consent,
            limits=session.limits(self._options.model),
            sources=session.sources,
            show=self._show,
        )
        return runs.results(calls, concurrent=session.settings.concurrent_calls)

    def _show(self, event: Event) -> None:
        if self._shown:
            self._shown.handle(event)

    def _keep_unsent(
        self, asked: str | list[ContentBlock], status: Status, error: str
    ) -> None:
        keep_unsent(
            self._session,
            asked if isinstance(asked, list) else [],
            before=self.turns[-1],
            place=self._place,
            status=status,
            error=error,
        )

    def _cost(self) -> float | None:
        return cost_together(map(self._session.guard.cost, self.turns))


def _named(error: BaseException) -> str:
    return error.what if isinstance(error, ClaudeError) else type(error).__name__


def _unforced(options: RequestOptions) -> RequestOptions:
    """The options once results are there: a call that was forced is not forced again."""
    param: dict[str, Any] = dict(options.parameters.get("param") or {})
    choice = param.get("tool_choice")
    if not isinstance(choice, dict) or choice.get("type") not in _FORCED:
        return options
    param["tool_choice"] = {**choice, "type": "auto"}
    param["tool_choice"].pop("name", None)
    return replace(options, parameters={**options.parameters, "param": param})
