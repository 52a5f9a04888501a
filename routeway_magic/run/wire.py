"""Exchanges to look at: from memory, and from the journal what only it has kept.

The journal is read, not the session's own state: so an exchange that another thread
has under way can be looked at as well, as far as it is written down. A journal may be
large: only the lines that are about what is looked at are parsed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from routeway_magic.conversation import Conversation
from routeway_magic.events import Event
from routeway_magic.journal import journals
from routeway_magic.recovery import events_of, read
from routeway_magic.run.again import request_of
from routeway_magic.turn import Turn
from routeway_magic.types import JSONObject
from routeway_magic.wire_view.wire import Wire

if TYPE_CHECKING:
    from routeway_magic.run.session import Session

__all__ = ["under_way", "wire_of"]

_BEGUN, _ENDED = b'{"kind":"request"', b'{"kind":"end"'
# How a line begins that is about a turn or a long value (see `records`).
_ABOUT = re.compile(rb'\{"kind":"\w+","(?:turn|sha256)":"([^"\\]+)"')
_VALUE = re.compile(rb'"sha256":"([0-9a-f]{64})"')
_DAMAGE = (ValueError, TypeError, LookupError, RecursionError)

_Timed = list[tuple[int, Event]]


def under_way(session: Session) -> list[tuple[Conversation, Turn]]:
    """The exchanges that have begun and not ended, oldest first, as far as written.

    Each with a conversation that has what it goes on from.

    Args:
        session: whose journal is read.
    """
    path = session.recorder.journal.path
    if path is None:
        return []
    asked = _Asked.in_file(path)
    open_ids = asked.open - {turn.id for turn in session.turns}
    if not open_ids:
        return []
    wanted = asked.lines_of(open_ids)
    return [
        (conversation, turn)
        for conversation in read(_lines_about(path, wanted)).conversations.values()
        for turn in conversation.turns
        if turn.id in open_ids
    ]


def wire_of(
    session: Session,
    turn: Turn,
    conversation: Conversation,
    *,
    is_under_way: bool = False,
) -> Wire:
    """What is known of an exchange.

    Args:
        session: who keeps it.
        turn: what was asked and came, so far.
        conversation: has what it goes on from.
        is_under_way: whether it has not ended.
    """
    events = _events(session, turn)
    has_pieces = len(events) > 1 or turn.message is None
    return Wire(
        turn=turn,
        request=request_of(turn, conversation),
        events=events if has_pieces else [],
        is_under_way=is_under_way,
        why_no_events="" if events and has_pieces else _why_not(session),
        cost=None if is_under_way else session.guard.cost(turn),
        fill=session.guard.fill(turn),
    )


def _why_not(session: Session) -> str:
    if not session.settings.journal:
        return (
            "The journal is off (ClaudeSettings.journal): when each piece came, and the "
            "headers of the answer, were not written down."
        )
    return (
        "No journal of this notebook has the pieces of this answer: it was loaded, said "
        "while the journal was off, or its file is deleted. When they came is not known."
    )


def _events(session: Session, turn: Turn) -> _Timed:
    """From the file that has the most of them: one that was saved has no pieces."""
    recorder = session.recorder
    here = recorder.journal.path
    most = _events_in(here, turn.id) if here else []
    earlier = journals(recorder.journal.folder, notebook=recorder.notebook)
    for path in (file.path for file in earlier if file.path != here):
        if len(most) > 1:
            break
        most = max(most, _events_in(path, turn.id), key=len)
    return most


def _events_in(path: Path, turn_id: str) -> _Timed:
    found: _Timed = []
    for record in _records(_lines_about(path, {turn_id.encode()})):
        if record.get("kind") == "events":
            with suppress(*_DAMAGE):
                found += list(events_of(record))
    return found


def _lines_about(path: Path, wanted: set[bytes]) -> Iterator[bytes]:
    with suppress(OSError), path.open("rb") as lines:
        for line in lines:
            about = _ABOUT.match(line)
            if about and about[1] in wanted:
                yield line


@dataclass(slots=True)
class _Asked:
    """The questions of a journal.

    Args:
        parents: what each goes on from.
        values: the long values that each holds, by their digests.
        open: those without an end.
    """

    parents: dict[str, str | None] = field(default_factory=dict)
    values: dict[str, list[bytes]] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)

    @classmethod
    def in_file(cls, path: Path) -> _Asked:
        """Those of this file."""
        found = cls()
        with suppress(OSError), path.open("rb") as lines:
            for line in lines:
                if line.startswith((_BEGUN, _ENDED)):
                    found._take(line)
        return found

    def lines_of(self, ids: set[str]) -> set[bytes]:
        """What the lines are about that these questions, and their paths, stand in."""
        found: set[bytes] = set()
        for turn_id in ids:
            at: str | None = turn_id
            while at is not None and at.encode() not in found:
                found |= {at.encode(), *self.values.get(at, ())}
                at = self.parents.get(at)
        return found

    def _take(self, line: bytes) -> None:
        for record in _records([line]):
            turn_id, parent = str(record.get("turn")), record.get("parent")
            if record["kind"] == "end":
                self.open.discard(turn_id)
            else:
                self.open.add(turn_id)
                self.parents[turn_id] = parent if isinstance(parent, str) else None
                self.values[turn_id] = _VALUE.findall(line)


def _records(lines: Iterable[bytes]) -> Iterator[JSONObject]:
    for line in lines:
        with suppress(*_DAMAGE):
            record = json.loads(line)
            if isinstance(record, dict):
                yield record
