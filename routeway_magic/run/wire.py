"""Exchanges to look at: from memory, and from the journal what only it has kept.

The journal is read, not the session's own state: so an exchange that another thread
has under way can be looked at as well, as far as it is written down.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from routeway_magic.conversation import Conversation
from routeway_magic.events import Event
from routeway_magic.journal import journals
from routeway_magic.recovery import events_of
from routeway_magic.run.again import request_of
from routeway_magic.run.archive import read_file
from routeway_magic.turn import Turn
from routeway_magic.types import JSONObject
from routeway_magic.wire_view.wire import Wire

if TYPE_CHECKING:
    from routeway_magic.run.session import Session

__all__ = ["under_way", "wire_of"]

_BEGUN, _ENDED = b'{"kind":"request"', b'{"kind":"end"'
_DAMAGE = (ValueError, TypeError, LookupError, RecursionError)

_Timed = list[tuple[int, Event]]


def under_way(session: Session) -> list[tuple[Conversation, Turn]]:
    """The exchanges that have begun and not ended, oldest first, as far as written.

    Each with a conversation that has what it goes on from.

    Args:
        session: whose journal is read.
    """
    path = session.recorder.journal.path
    if path is None or not path.exists():
        return []
    open_ids = _open_ids(path)
    if not open_ids:
        return []
    ended = {turn.id for turn in session.turns}
    return [
        (conversation, turn)
        for conversation in read_file(path).conversations.values()
        for turn in conversation.turns
        if turn.id in open_ids and turn.id not in ended
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
    here = [recorder.journal.path] if recorder.journal.path else []
    found = [_events_in(path, turn.id) for path in here]
    if not any(len(events) > 1 for events in found):
        earlier = journals(recorder.journal.folder, notebook=recorder.notebook)
        others = (file.path for file in earlier if file.path not in here)
        found += [_events_in(path, turn.id) for path in others]
    return max(found, key=len, default=[])


def _events_in(path: Path, turn_id: str) -> _Timed:
    found: _Timed = []
    wanted = turn_id.encode()
    with suppress(OSError), path.open("rb") as lines:
        for record in _records(line for line in lines if wanted in line[:200]):
            if record.get("kind") == "events" and record.get("turn") == turn_id:
                with suppress(*_DAMAGE):
                    found += list(events_of(record))
    return found


def _open_ids(path: Path) -> set[str]:
    begun: set[str] = set()
    with suppress(OSError), path.open("rb") as lines:
        for record in _records(
            line for line in lines if line.startswith((_BEGUN, _ENDED))
        ):
            turn_id = str(record.get("turn"))
            if record["kind"] == "request":
                begun.add(turn_id)
            else:
                begun.discard(turn_id)
    return begun


def _records(lines: Iterator[bytes]) -> Iterator[JSONObject]:
    for line in lines:
        with suppress(*_DAMAGE):
            record = json.loads(line)
            if isinstance(record, dict):
                yield record
