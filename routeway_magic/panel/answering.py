"""The questions of a panel: asked, stopped, asked again, kept, copied."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from routeway_magic.conversation import Conversation
from routeway_magic.panel.asked import Asked, Question
from routeway_magic.panel.copies import options_of, program
from routeway_magic.panel.entries import Entries
from routeway_magic.panel.entry import Entry, line_html
from routeway_magic.panel.messages import Refused
from routeway_magic.panel.talk import Talk
from routeway_magic.run.again import request_of
from routeway_magic.turn import Cell, Turn
from routeway_magic.types import JSONObject

__all__ = ["Answering"]

_BESIDE = "another question came first: this answer stands beside the conversation"


class Answering:
    """The questions of one panel, ended and under way.

    Args:
        talk: what they have in common with the panel's other parts.
        failed: takes the error of a question that has failed.
    """

    def __init__(self, talk: Talk, *, failed: Callable[[BaseException], None]) -> None:
        self.entries = Entries(talk.session.guard.cost)
        self._talk = talk
        self._failed = failed
        self._under_way: dict[str, Asked] = {}
        self._seen: set[str] = set()
        self._told: set[tuple[str, str]] = set()  # ids and states that the page has
        self._own = uuid.uuid4().hex[:8]
        self._lock = threading.RLock()

    def show(self) -> None:
        """Tells a front end that has nothing all that there is, as it is now."""
        with self._lock:
            self._told.clear()
            self.entries.begin_late()
            self.entries.follow(self._talk.conversation())
            self._tell([one.so_far() for one in self._under_way.values()])

    def earlier(self) -> None:
        """Shows more of what is long ago."""
        with self._lock:
            self.entries.begin_earlier()
            self.follow()

    def follow(self) -> None:
        """Shows what cells have asked meanwhile."""
        with self._lock:
            if self.entries.follow(self._talk.conversation()):
                self._tell([one.as_known() for one in self._under_way.values()])

    def turn_to(self) -> None:
        """Shows the conversation that is chosen now."""
        self.entries.clear()
        self.show()

    def new(self) -> None:
        """Starts the conversation afresh; its turns are kept."""
        self._talk.conversation().start_afresh()
        self._talk.session.note_heads()
        self.turn_to()
        self._talk.tell_others()

    def ask(self, *, id: str, prompt: str) -> None:  # noqa: A002 - the message's
        """Asks on a thread of its own.

        Raises:
            Refused: if there was a question of this id.
        """
        self._begin(id, prompt, cell=Cell(f"panel-{self._own}-{id}"))

    def again(self, *, id: str, turn: str) -> None:  # noqa: A002 - the message's
        """Asks the same with what is set now, from the point where it was asked.

        Raises:
            Refused: if it is not there.
        """
        entry = self._entry(turn)
        kept = self._first_turn(entry)
        if kept is None:
            self.ask(id=id, prompt=entry.question)
            return
        content = None if entry.options else kept.content
        cell = Cell(kept.cell.id, number=kept.cell.number)
        self._begin(id, entry.question, cell=cell, content=content, again=True)

    def stop(self, id: str | None) -> list[str]:  # noqa: A002 - the message's
        """Ends the question of this id, or all for None.

        Returns:
            The ids of those that it ends.
        """
        running = list(self._under_way.items())
        ending = [one for key, one in running if id in (None, key)]
        for one in ending:
            one.stop()
        return [one.question.id for one in ending]

    def copy(self, *, id: str, turn: str, way: str) -> None:  # noqa: A002 - the message's
        """Writes a question as a cell or a program.

        Raises:
            Refused: if it is not there, or was never sent and is no cell.
        """
        entry = self._entry(turn)
        kept = self._first_turn(entry)
        if way == "cell":
            options = entry.options or options_of(kept.parameters if kept else {})
            text = self._talk.cell(entry.question, options, entry.tools)
        elif kept is None:
            raise Refused("it was not sent, so there is no request")
        else:
            request = request_of(kept, self._talk.conversation())
            text = program(request, way, self._talk.session)
        self._talk.send({"type": "copied", "id": id, "as": way, "text": text})

    def turns_of(self, shown_id: str) -> list[Turn]:
        """The turns that make an answer.

        Raises:
            Refused: if it is not there, or nothing came of it.
        """
        entry = self._entry(shown_id)
        if entry.turn is None:
            raise Refused("nothing came of it")
        return self._talk.conversation().loop(entry.turn)

    def join(self, timeout: float | None = None) -> None:
        """Waits for what is under way.

        Args:
            timeout: seconds for each, at most.
        """
        for one in list(self._under_way.values()):
            one.join(timeout)

    def _begin(
        self,
        id: str,  # noqa: A002 - the message's
        prompt: str,
        *,
        cell: Cell,
        **more: Any,
    ) -> None:
        question = Question(
            id=id,
            prompt=prompt,
            options=self._talk.session.settings.snapshot(),
            conversation=self._talk.conversation(),
            cell=replace(cell, execution=uuid.uuid4().hex),
            tools=self._talk.tools(),
            **more,
        )
        asked = Asked(
            question,
            self._talk,
            ended=self._end,
            lock=self._lock,
        )
        with self._lock:
            if id in self._seen:
                raise Refused(f"there was a question `{id}` already")
            self._seen.add(id)
            self._under_way[id] = asked
            asked.start()

    def _tell(self, running: list[JSONObject]) -> None:
        """Tells the list; of what the page has been told, that it stands in it."""
        entries = [(one, (one.shown_id, one.status)) for one in self.entries]
        turns = [
            one.as_known() if key in self._told else one.as_json()
            for one, key in entries
        ]
        self._told = {key for _, key in entries}
        self._talk.send(
            {
                "type": "state",
                "turns": turns,
                "earlier": self.entries.earlier,
                "running": running,
                "usage": self._usage(),
            }
        )

    def _end(self, entry: Entry, error: BaseException | None) -> None:
        with self._lock:
            asked = self._under_way.pop(entry.id)
            entry = self._placed(entry, asked.question.conversation)
            if asked.question.conversation is self._talk.conversation():
                self.entries.add(entry)
                self._told.add((entry.shown_id, entry.status))
            self._talk.send(entry.as_end(rewritten=asked.shown.is_rewritten))
            self._talk.send({"type": "usage", "text": self._usage()})
        if error is not None:
            self._failed(error)
        self.follow()
        self._talk.tell_others()

    def _placed(self, entry: Entry, conversation: Conversation) -> Entry:
        """The entry with what is to be said if it is not on the path."""
        path = [turn.id for turn in conversation.path(conversation.head)]
        if entry.turn in path:
            return entry
        has_content = entry.turn and conversation[entry.turn].has_content
        note = line_html(_BESIDE) if has_content else ""
        return replace(entry, beside=True, footer_html=entry.footer_html + note)

    def _entry(self, shown_id: str) -> Entry:
        entry = self.entries.named(shown_id)
        if entry is None:
            raise Refused("there is no such question")
        return entry

    def _first_turn(self, entry: Entry) -> Turn | None:
        """The turn that asked; None if nothing was sent."""
        return self._talk.conversation().loop(entry.turn)[0] if entry.turn else None

    def _usage(self) -> str:
        guard = self._talk.session.guard
        return guard.bill.line(guard.prices)
