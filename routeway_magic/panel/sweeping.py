"""The sweep of a panel: measured, asked, stopped, finished, and its winner pinned."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from routeway_magic.conversation import Conversation
from routeway_magic.errors import ClaudeError, Interrupted
from routeway_magic.panel.entry import error_html, question_html
from routeway_magic.panel.messages import Refused
from routeway_magic.panel.sweep_columns import Columns
from routeway_magic.panel.sweep_form import Form, unsent
from routeway_magic.panel.talk import Talk
from routeway_magic.run.sweeping.forecasts import forecast
from routeway_magic.run.sweeping.questions import Roles, roles_of
from routeway_magic.settings import UNSET, ClaudeSettings
from routeway_magic.types import JSONObject

if TYPE_CHECKING:
    from routeway_magic.run.sweeping.sweep import Sweep

__all__ = ["Sweeping"]

_WAITS = "waits for the cell that runs: the prompt names variables"
_NO_TOOLS = "; a sweep calls no functions, also those that the panel may call"
_PINNED = "Pinned: {set} The conversation goes on from this answer."


class Sweeping:
    """The sweep of one panel; a new one takes the place of the last.

    Args:
        talk: what it has in common with the panel's other parts.
        pinned: shows a conversation that goes on from another turn.
    """

    def __init__(self, talk: Talk, *, pinned: Callable[[Conversation], None]) -> None:
        self._talk = talk
        self._show_pinned = pinned
        self._id = ""  # of the sweep that is shown
        self._under_way = ""  # the run that is asked, or made ready
        self._runs = 0  # of the sweep that is shown
        self._sweep: Sweep | None = None
        self._columns: Columns | None = None
        self._pinned: int | None = None
        self._error = ""
        self._waiting = ""
        self._stopped = threading.Event()
        self._measured = threading.Event()  # set when its size is asked anew
        self._thread: threading.Thread | None = None
        self._context = contextvars.copy_context()
        self._lock = threading.RLock()

    def size(self, *, id: str, prompt: str, axes: list[str], repeat: int) -> None:  # noqa: A002 - the message's
        """Tells how much a sweep would be; a newer question overtakes an older one."""
        self._measured.set()
        self._measured = stopped = threading.Event()
        form = Form(prompt=prompt, axes=tuple(axes), repeat=repeat)

        def work() -> None:
            try:
                told = self._size(self._unsent(form, stopped))
            except Interrupted:
                return
            except ClaudeError as error:
                told = {"requests": 0, "text": "", "confirm": False, "why": str(error)}
            self._talk.send({"type": "sweep_size", "id": id, **told})

        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(work,), daemon=True).start()

    def begin(
        self,
        *,
        id: str,  # noqa: A002 - the message's
        prompt: str,
        axes: list[str],
        repeat: int,
        yes: int,
    ) -> None:
        """Asks on a thread of its own.

        Args:
            id: what the front end calls it.
            prompt: as typed.
            axes: as typed.
            repeat: how often each combination is asked.
            yes: how many requests were said to be meant, where that is needed.

        Raises:
            Refused: if one is under way, or there was one of this id.
        """
        form = Form(prompt=prompt, axes=tuple(axes), repeat=repeat)
        if id == self._id:
            raise Refused(f"there was a sweep `{id}` already")

        def work() -> None:
            sweep = self._unsent(form, self._stopped)
            told = self._size(sweep)
            if told["confirm"] and told["requests"] > yes:
                self._tell({"type": "sweep_confirm", "id": id, **told})
                return
            columns = Columns(
                id,
                send=self._tell,
                changed=self._show,
                stopped=self._stopped,
                lock=self._lock,
            )
            with self._lock:
                self._id, self._sweep, self._columns = id, sweep, columns
                self._pinned = None
            sweep.resume(watch=columns)

        self._start(id, work)

    def resume(self, *, id: str) -> None:  # noqa: A002 - the message's
        """Asks what is missing; what is complete is not asked again.

        Raises:
            Refused: if one is under way, or this is not there.
        """
        sweep, columns = self._named(id)
        self._start(id, lambda: sweep.resume(watch=columns))

    def retry(self, *, id: str, index: int) -> None:  # noqa: A002 - the message's
        """Asks one variant again.

        Raises:
            Refused: if one is under way, or this is not there.
        """
        sweep, columns = self._named(id)
        if index >= len(sweep):
            raise Refused("the sweep has no such answer")
        if index == self._pinned:
            raise Refused("it is pinned: the conversation goes on from it")
        self._start(id, lambda: sweep.retry(index, watch=columns))

    def pin(self, *, id: str, index: int) -> None:  # noqa: A002 - the message's
        """Sets what an answer was asked with, and goes on from it.

        Raises:
            Refused: if there is no such answer, or it is not complete.
        """
        sweep, _ = self._named(id)
        result = sweep[index] if index < len(sweep) else None
        if result is None or result.turn is None or result.status != "complete":
            raise Refused("only a complete answer can be pinned")
        roles = roles_of(sweep.plan.axes, sweep.prompt)
        _set(self._talk.session.settings, result.variant.values, roles)
        conversation = sweep.place.conversation
        conversation.head = result.turn.id
        self._talk.session.note_heads()
        self._pinned = index
        self._show_pinned(conversation)
        self._talk.tell_others()
        self._show()
        names = (*roles.settings, *sorted(roles.fields))
        told = ", ".join(f"{name} = {result.variant.values[name]}" for name in names)
        told = told and f"{told} is set."
        self._talk.send({"type": "notice", "text": _PINNED.format(set=told)})

    def stop(self, id: str | None) -> list[str]:  # noqa: A002 - the message's
        """Ends the run of this id, or any for None; what has come is kept.

        Returns:
            The id of the run that it ends, if there is one under way.
        """
        ends = self._under_way
        if not ends or id not in (None, ends):
            return []
        self._stopped.set()
        if self._sweep is not None:
            self._sweep.cancel()
        return [ends]

    def show(self) -> None:
        """Tells a front end that has nothing all that there is, as it is now."""
        self._show(whole=True)

    def _show(self, *, whole: bool = False) -> None:
        with self._lock:
            sweep, columns = self._sweep, self._columns
            self._tell(
                {
                    "type": "sweep_state",
                    "id": self._id,
                    "running": self._under_way,
                    "question_html": question_html(sweep.prompt) if sweep else "",
                    "rest": len(sweep.rest) if sweep else 0,
                    "pinned": self._pinned,
                    "error_html": self._error,
                    **(columns.as_json(whole=whole) if columns else _NOTHING),
                    **({"waiting": self._waiting} if self._waiting else {}),
                }
            )

    def join(self, timeout: float | None = None) -> None:
        """Waits for what is under way.

        Args:
            timeout: seconds, at most.
        """
        if self._thread is not None:
            self._thread.join(timeout)

    def _start(self, id: str, work: Callable[[], object]) -> None:  # noqa: A002 - the message's
        with self._lock:
            if self._under_way:
                raise Refused("a sweep is under way: stop it first")
            self._stopped.clear()
            # A stop may be said again, and come late: it is of one run alone.
            self._runs = self._runs + 1 if id == self._id else 1
            self._under_way = id if self._runs == 1 else f"{id}.{self._runs}"
            self._error = ""
            # Its messages go where the front end's came from, not into a cell's output.
            self._context = contextvars.copy_context()
            self._thread = threading.Thread(
                target=self._context.copy().run,
                args=(self._run, work),
                name="routeway-panel-sweep",
                daemon=True,
            )
            self._thread.start()

    def _run(self, work: Callable[[], object]) -> None:
        error = ""
        try:
            work()
        except Interrupted:
            pass  # what has come stands in its columns
        except BaseException as raised:  # noqa: BLE001 - whatever it is, it is told
            error = error_html(raised)
        with self._lock:
            if not error and self._sweep is not None and self._sweep.stopped_by:
                error = error_html(self._sweep.stopped_by)
            self._error, self._waiting, self._under_way = error, "", ""
            self._show()
        guard = self._talk.session.guard
        self._tell({"type": "usage", "text": guard.bill.line(guard.prices)})

    def _unsent(self, form: Form, stopped: threading.Event) -> Sweep:
        return unsent(
            form,
            session=self._talk.session,
            shell=self._talk.shell,
            conversation=self._talk.conversation(),
            stopped=stopped,
            waits=self._wait_for_cell,
        )

    def _wait_for_cell(self) -> None:
        if self._under_way:
            self._waiting = _WAITS
            self._show()
            self._waiting = ""
        self._talk.send({"type": "notice", "text": f"The sweep {_WAITS}."})

    def _size(self, sweep: Sweep) -> JSONObject:
        found = forecast(self._talk.session, sweep.questions, sweep.place)
        most = self._talk.session.settings.sweep_confirm_above
        return {
            "requests": found.requests,
            "text": found.text + (_NO_TOOLS if self._talk.tools() else ""),
            "confirm": found.requests > most,
            "why": "",
        }

    def _named(self, id: str) -> tuple[Sweep, Columns]:  # noqa: A002 - the message's
        if id != self._id or self._sweep is None or self._columns is None:
            raise Refused("there is no such sweep")
        return self._sweep, self._columns

    def _tell(self, message: JSONObject) -> None:
        """Sends from whatever thread, as if from the one that began."""
        self._context.copy().run(self._talk.send, message)


_NOTHING: JSONObject = {"seq": 0, "columns": [], "ended": 0, "total": 0, "summary": ""}


def _set(settings: ClaudeSettings, values: Mapping[str, Any], roles: Roles) -> None:
    """Sets what a variant was asked with; "unset" takes a setting back."""
    for name, setting in roles.settings.items():
        value = values[name]
        unset = settings.traits()[setting].default_value
        setattr(settings, setting, unset if value == UNSET else value)
    if roles.fields:
        fields = dict(settings.param or {})
        fields |= {name: values[name] for name in roles.fields}
        settings.param = {
            name: it for name, it in fields.items() if it != UNSET
        } or None
