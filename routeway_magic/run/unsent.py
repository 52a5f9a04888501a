"""Results of calls that the model was not told yet: what is asked next brings them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routeway_magic.events import Waiting
from routeway_magic.run.interrupts import undisturbed
from routeway_magic.run.place import Place
from routeway_magic.run.recording import Recording
from routeway_magic.turn import Turn
from routeway_magic.types import ContentBlock, Status

if TYPE_CHECKING:
    from routeway_magic.run.session import Session

__all__ = ["keep_unsent"]


def keep_unsent(
    session: Session,
    results: list[ContentBlock],
    *,
    before: Turn,
    place: Place,
    status: Status,
    error: str,
) -> None:
    """Keeps results that were not sent, as a turn that nothing was answered to.

    Args:
        session: keeps it, also in the journal.
        results: content blocks.
        before: the turn whose calls they are of.
        place: where that was asked.
        status: why they were not sent.
        error: the same in words.
    """
    turn = Turn(
        parent=before.id,
        cell=place.cell,
        content=results,
        parameters=before.parameters,
        message=None,
        status=status,
        error=error,
        source=before.source,
        started=before.started + before.seconds,
    )
    kept, aside = place.conversation, place.aside
    with undisturbed():
        recording = Recording(session.recorder, turn, conversation=kept, aside=aside)
        recording.take(Waiting("not sent"))
        recording.end(turn)
        kept.append(turn, aside=aside, concurrent=place.concurrent)
        session.recorder.note_head(kept)
