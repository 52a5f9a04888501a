"""What the panel does for each message: ask, show, preview, complete, copy, keep."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from routeway_magic.conversation import Conversation
from routeway_magic.panel.asked import Asked, Question
from routeway_magic.panel.entries import Entries
from routeway_magic.panel.entry import Entry
from routeway_magic.panel.messages import Refused
from routeway_magic.panel.refusal import control_of
from routeway_magic.turn import Cell
from routeway_magic.types import JSONObject

if TYPE_CHECKING:
    from routeway_magic.run.session import Session

__all__ = ["Answering"]


class Answering:
    """The questions of one panel, ended and under way.

    Args:
        session: the kernel's.
        shell: whose variables prompts may name; None where there is none.
        send: takes a message to the front end.
        conversation: gives the name of the one to go on with.
        refused: takes the control that the server has refused, and its words.
    """

    def __init__(
        self,
        *,
        session: Session,
        shell: Any,
        send: Callable[[JSONObject], None],
        conversation: Callable[[], str],
        refused: Callable[[str, str], None],
    ) -> None:
        self.entries = Entries(session.guard.cost)
        self._session = session
        self._shell = shell
        self._send = send
        self._name = conversation
        self._refused = refused
        self._under_way: dict[str, Asked] = {}
        self._seen: set[str] = set()
        self._own = uuid.uuid4().hex[:8]
        self._lock = threading.Lock()

    def take(self, message: JSONObject) -> None:
        """Does what a checked message asks for.

        Raises:
            Refused: if it names what there is not.
        """
        getattr(self, f"_on_{message.pop('type')}")(**message)

    def stop(self, id: str | None) -> list[str]:  # noqa: A002 - the message's member
        """Ends the question of this id, or all; gives the ids of those that it ends."""
        ending = [
            one for key, one in list(self._under_way.items()) if id in (None, key)
        ]
        for one in ending:
            one.stop()
        return [one.question.id for one in ending]

    def turn_to(self) -> None:
        """Shows the conversation that is chosen now."""
        self.entries.clear()
        self._on_hello()

    def follow(self) -> None:
        """Shows what cells have asked meanwhile."""
        if self.entries.follow(self._conversation()):
            self._send_state()

    def _on_hello(self) -> None:
        self.entries.follow(self._conversation())
        self._send_state()

    def _on_send(self, *, id: str, prompt: str) -> None:  # noqa: A002 - the message's
        self._ask(id, prompt)

    def _ask(self, id: str, prompt: str) -> None:  # noqa: A002 - the message's
        with self._lock:
            if id in self._seen:
                raise Refused(f"there was a question `{id}` already")
            self._seen.add(id)
        question = Question(
            id=id,
            prompt=prompt,
            options=self._session.settings.snapshot(),
            conversation=self._conversation(),
            cell=Cell(f"panel-{self._own}-{id}", uuid.uuid4().hex),
        )
        asked = Asked(
            question,
            session=self._session,
            shell=self._shell,
            send=self._send,
            ended=self._end,
        )
        self._under_way[id] = asked
        asked.start()

    def _end(self, entry: Entry, error: BaseException | None) -> None:
        asked = self._under_way.pop(entry.id)
        self.entries.add(entry)
        self._send(_told(entry, asked))
        name = control_of(error)
        if name:
            self._refused(name, str(error))
        self.follow()

    def _conversation(self) -> Conversation:
        return self._session.conversation(self._name())

    def _send_state(self) -> None:
        running = [one.so_far() for one in list(self._under_way.values())]
        turns = [one.as_json() for one in self.entries]
        self._send({"type": "state", "turns": turns, "running": running})


def _told(entry: Entry, asked: Asked) -> JSONObject:
    kind = "failed" if entry.error_html else "end"
    told = {**entry.as_json(), "type": kind}
    if not asked.shown.is_rewritten:
        del told["answer_html"]
    return told
