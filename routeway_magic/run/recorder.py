"""A session's way to its journal: which records belong into its file, and in what order."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from routeway_magic import records
from routeway_magic.conversation import Conversation
from routeway_magic.fingerprint import fingerprint
from routeway_magic.journal import Journal, default_folder, journals
from routeway_magic.recorded import Recorded
from routeway_magic.settings import ClaudeSettings
from routeway_magic.turn import Turn
from routeway_magic.types import JSONObject

__all__ = ["Recorder"]


class Recorder:
    """A session's way to its journal; nothing that it does disturbs an exchange.

    What was said while the journal was off, or was deleted, is never written later;
    what was loaded, or said before a fork, is, once its conversation goes on.

    Args:
        settings: `journal` is read at each request, the limits when a file begins.
        redact: takes keys out of a text.
        folder: where the journal lies; None for the usual place.
    """

    def __init__(
        self,
        settings: ClaudeSettings,
        *,
        redact: Callable[[str], str],
        folder: Path | None = None,
    ) -> None:
        self._folder = folder
        self._warnings: list[str] = []
        self._settings, self._redact = settings, redact
        self._journal: Journal | None = None
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._path: Path | None = None
        self._written: set[str] = set()  # turns in this file
        self._along: set[str] = set()  # conversations that are in it with all branches
        self._left_out: set[str] = set()  # turns that are not to be in any
        # As one who reads the file has them:
        self._heads: dict[str, str | None] = {}
        self._dropped: dict[str, frozenset[str]] = {}

    @property
    def journal(self) -> Journal:
        """This kernel's journal, whether it is on or off."""
        if self._journal is None:
            self._journal = Journal(
                self._folder or default_folder(),
                notebook=self.notebook,
                warn=self._warnings.append,
                redact=self._redact,
            )
        return self._journal

    @property
    def notebook(self) -> str | None:
        """The notebook's path, where the server has told the kernel; else None."""
        return os.environ.get("JPY_SESSION_NAME") or None

    def take_warnings(self) -> list[str]:
        """What the user is to be told, once, besides the answer."""
        told, self._warnings[:] = list(self._warnings), []
        return told

    def warn(self, told: str) -> None:
        """Has the user told something, once, besides the next answer.

        Args:
            told: a sentence.
        """
        self._warnings.append(told)

    def answered(self) -> Iterator[Iterator[Recorded]]:
        """What this notebook has been answered, by kernels that keep a journal.

        Yields:
            The exchanges of one kernel, the oldest first, this one last.
        """
        from routeway_magic.answered import answered

        folder, own = self.journal.folder, self.journal.path
        found = [file.path for file in journals(folder, notebook=self.notebook)]
        earlier = [path for path in found[::-1] if self.notebook and path != own]
        for path in [*earlier, *([own] if own else [])]:
            with suppress(OSError), path.open("rb") as lines:
                yield answered(lines)

    def begin(
        self,
        question: Turn,
        conversation: Conversation,
        *,
        aside: bool,
        body: JSONObject | None = None,
    ) -> Path | None:
        """Writes a question, after what it goes on from if the file lacks that.

        Returns:
            The file that its answer belongs into; None if the journal is off.
        """
        with self._held():
            path = self._ready() if self._settings.journal else None
            if path is None:
                self._left_out.add(question.id)
                return None
            self._turn_to(path)
            stands_alone = aside and question.parent is None
            if not (stands_alone or self._has_all_of(conversation, question.parent)):
                self._write_turns(conversation)
            self._write_head(conversation)
            self._written.add(question.id)
            record = records.request(
                question, conversation=conversation.name, aside=aside
            )
            with suppress(TypeError, ValueError, RecursionError):
                record |= {"fingerprint": fingerprint(body)} if body else {}
            self.put(record, path)
            return path

    def end(
        self,
        turn: Turn,
        conversation: Conversation,
        *,
        aside: bool,
        path: Path,
    ) -> None:
        """Writes how a turn ended.

        Args:
            turn: as it ended.
            conversation: where it is kept.
            aside: whether the head stays where it is.
            path: the file that its question is in.
        """
        with self._held():
            self.put(records.end(turn), path)
            if turn.counts and not aside and path == self._path:
                self._heads[conversation.name] = turn.id

    def note(self, noted: Iterable[JSONObject]) -> None:
        """Writes what belongs to no single exchange, if the journal is on.

        Args:
            noted: records, see `records`.
        """
        with self._held():
            path = self._ready() if self._settings.journal else None
            if path:
                self._turn_to(path)
                for record in noted:
                    self.put(record, path)

    def merge(
        self, turn: Turn, came: Iterable[JSONObject], conversation: Conversation
    ) -> None:
        """Writes an exchange that another process has had, beside the path.

        Args:
            turn: as it ended.
            came: records of its events.
            conversation: where it is kept.
        """
        with self._held():
            path = self.begin(turn, conversation, aside=True)
            if path:
                for record in came:
                    self.put(record, path)
                self.end(turn, conversation, aside=True, path=path)

    def leave_out(self, turn: Turn) -> None:
        """Keeps a turn out of all files: nothing came of it, or it must not be kept.

        Args:
            turn: one whose question is in no file.
        """
        with self._held():
            self._left_out.add(turn.id)

    def note_loaded(self, conversation: Conversation) -> None:
        """Has what was loaded written as well, once the conversation goes on.

        Args:
            conversation: one that has further turns now.
        """
        with self._held():
            self._along.discard(conversation.name)

    def note_head(self, conversation: Conversation) -> None:
        """Writes where a conversation goes on, and what is hidden, if that has changed.

        Args:
            conversation: one whose head may have been moved.
        """
        with self._held():
            if self._settings.journal:
                self._write_head(conversation)

    def put(self, record: JSONObject, path: Path) -> None:
        """Writes a record, if its file is still the one that is written to.

        Args:
            record: see `records`.
            path: the file that it belongs into.
        """
        self.journal.append(record, path=path)

    def close(self) -> None:
        """Closes the file; the next record goes on in it."""
        if self._journal:
            self._journal.close()

    def _held(self) -> threading.RLock:
        if self._process != os.getpid():  # forked: another thread may have held it
            self._process, self._lock = os.getpid(), threading.RLock()
            self._start_over(None)
        return self._lock

    def _ready(self) -> Path | None:
        journal, settings = self.journal, self._settings
        journal.days, journal.megabytes = (
            settings.journal_days,
            settings.journal_megabytes,
        )
        return journal.ready()

    def _turn_to(self, path: Path) -> None:
        if path != self._path:  # the one before was deleted
            self._left_out |= self._written
            self._start_over(path)

    def _start_over(self, path: Path | None) -> None:
        self._path, self._written, self._along = path, set(), set()
        self._heads, self._dropped = {}, {}

    def _knows(self, turn_id: str | None) -> bool:
        return turn_id in self._written or turn_id in self._left_out

    def _has_all_of(self, conversation: Conversation, parent: str | None) -> bool:
        """Whether the file has what a conversation goes on from, and its branches."""
        return conversation.name in self._along and self._knows(parent)

    def _write_turns(self, conversation: Conversation) -> None:
        name = conversation.name
        self._along.add(name)
        for turn in conversation.turns:
            if not self._knows(turn.id) and self._path:
                self._written.add(turn.id)
                for record in records.whole_turn(turn, conversation=name):
                    self.put(record, self._path)
                if turn.counts:
                    self._heads[name] = turn.id

    def _write_head(self, conversation: Conversation) -> None:
        name, head = conversation.name, conversation.head
        if self._path is None or not (head is None or head in self._written):
            return
        dropped = frozenset(conversation.dropped & self._written)
        before = self._dropped.get(name, frozenset())
        shown = sorted(before - dropped)  # a head that moves to a turn shows it again
        if shown or head != self._heads.get(name):
            for turn_id in (*shown, head):
                self.put(records.head(name, turn_id), self._path)
        for turn_id in sorted(dropped - before):
            self.put(records.head(name, head, drop=turn_id), self._path)
        self._heads[name], self._dropped[name] = head, dropped
