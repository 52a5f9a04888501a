"""One question of the panel, from Send to its end, on a thread of its own."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from routeway_magic.conversation import Conversation
from routeway_magic.errors import Interrupted
from routeway_magic.panel.calling import MainCalls
from routeway_magic.panel.entry import Entry, error_html, line_html, question_html
from routeway_magic.panel.filled import filled
from routeway_magic.panel.main_thread import on_main_thread
from routeway_magic.panel.stream import Streamed
from routeway_magic.panel.talk import Talk
from routeway_magic.prompt import Filled
from routeway_magic.settings import RequestOptions
from routeway_magic.turn import Cell, Turn
from routeway_magic.types import ContentBlock, JSONObject

if TYPE_CHECKING:
    from routeway_magic.run.place import Place
    from routeway_magic.tools.toolbox import Toolbox

__all__ = ["Asked", "Question"]

WAITS = "waits for the cell that runs: the notebook's names are read between cells"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, and where.

    Args:
        id: what the front end calls it.
        prompt: as typed.
        content: what to send in place of the prompt, where that was filled elsewhere.
        options: what was set when it was sent.
        conversation: goes on with it.
        cell: what it counts as: asked again, it answers from the same point.
        again: whether it has been asked before, so that it moves the head.
        tools: names of the functions that may be called.
    """

    id: str
    prompt: str
    options: RequestOptions
    conversation: Conversation
    cell: Cell
    content: list[ContentBlock] | None = None
    again: bool = False
    tools: tuple[str, ...] = ()


class Asked:
    """A question that is under way; it begins at once.

    Args:
        question: what is asked.
        talk: who sends it and keeps the turn, and whom it tells.
        ended: takes what came of it, and the error, if there was one.
        lock: held while anything is sent that others must not come between.
    """

    def __init__(
        self,
        question: Question,
        talk: Talk,
        *,
        ended: Callable[[Entry, BaseException | None], None],
        lock: threading.RLock,
    ) -> None:
        self.question = question
        self._talk = talk
        self._ended = ended
        self._stopped = threading.Event()
        self.shown = Streamed(
            question.id, send=talk.send, stopped=self._stopped, lock=lock
        )
        self._calls = MainCalls(
            talk.shell, stopped=self._stopped, waits=self.shown.wait
        )
        # Its messages go where the front end's came from, not into a cell's output.
        self._thread = threading.Thread(
            target=contextvars.copy_context().run,
            args=(self._run,),
            name="routeway-panel",
            daemon=True,
        )

    def start(self) -> None:
        """Begins."""
        self._talk.send({"type": "begin", **self.as_json()})
        self._thread.start()

    def stop(self) -> None:
        """Ends it, from any thread; what has arrived is kept."""
        self._stopped.set()
        self._calls.stop()
        if self._thread.ident is not None:
            self._talk.session.sources.cancel(thread=self._thread.ident)

    def join(self, timeout: float | None = None) -> None:
        """Waits for its end.

        Args:
            timeout: seconds, at most.
        """
        self._thread.join(timeout)

    def as_json(self) -> JSONObject:
        """What the front end is told of its beginning."""
        return {
            "id": self.question.id,
            "question_html": question_html(self.question.prompt),
            "model": self.question.options.model,
        }

    def so_far(self) -> JSONObject:
        """All that a front end needs which has lost what it had."""
        return {**self.as_json(), "waiting": self.shown.waiting, **self.shown.position}

    def as_known(self) -> JSONObject:
        """What the front end is told that has it."""
        return {"id": self.question.id, "seq": self.shown.position["seq"]}

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            self._converse()
        except BaseException as raised:  # noqa: BLE001 - whatever it is, it is told there
            error = raised
        self._ended(self._entry(error), error)

    def _converse(self) -> None:
        ready, tools = self._ready(), self._toolbox()
        self._talk.session.converse(
            ready.content,
            options=self.question.options,
            place=self._place(),
            shown=self.shown,
            inserted=ready.summary,
            tools=tools,
        )

    def _toolbox(self) -> Toolbox | None:
        """What may be called; looked up where the user's code runs."""
        names = self.question.tools
        if not names:
            return None
        found = on_main_thread(
            self._talk.shell,
            lambda: self._talk.offered.toolbox(names),
            stopped=self._stopped,
            waits=lambda: self.shown.wait(WAITS),
        )
        return replace(found, run_on=self._calls)

    def _ready(self) -> Filled:
        if self.question.content is not None:
            return Filled(self.question.content)
        return filled(
            self.question.prompt,
            shell=self._talk.shell,
            session=self._talk.session,
            options=self.question.options,
            place=self._place(),
            stopped=self._stopped,
            waits=lambda: self.shown.wait(WAITS),
        )

    def _place(self) -> Place:
        """Where it goes now: a cell may have asked while it waited."""
        again = self.question.again
        return self._talk.session.place(
            self.question.conversation,
            cell=self.question.cell,
            append=not again,
            concurrent=not again,
        )

    def _turn(self) -> Turn | None:
        """The turn that it has become, if it came so far."""
        turns = reversed(self.question.conversation.turns)
        execution = self.question.cell.execution
        return next((one for one in turns if one.cell.execution == execution), None)

    def _entry(self, error: BaseException | None) -> Entry:
        turn, footer = self._turn(), self.shown.footer
        is_failed = error is not None and not isinstance(error, Interrupted)
        status = "failed" if is_failed else "interrupted" if error else "complete"
        is_told = footer is not None and (footer.has_content or not is_failed)
        return Entry(
            id=self.question.id,
            question=self.question.prompt,
            model=footer.model if footer else self.question.options.model,
            status=status,
            answer_html=self.shown.html,
            footer_html=line_html(footer.text) if footer and is_told else "",
            error_html=error_html(error) if error and is_failed else "",
            turn=turn.id if turn else None,
            options=self.question.options,
            tools=self.question.tools,
        )
