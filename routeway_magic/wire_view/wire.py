"""What is known of one exchange."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from routeway_magic.events import Event, Responded
from routeway_magic.turn import Turn
from routeway_magic.types import Request

__all__ = ["Wire"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """One exchange.

    Args:
        turn: what was asked and came.
        request: as it was sent, or as far as it can be put together again.
        events: what came, each after its milliseconds since the request began; none
            if nobody has written them down.
        is_under_way: whether more may come.
        why_no_events: a sentence, where there are none.
        cost: in US dollars, None where no price is known.
        fill: how much of the model's context is filled, 0..1; 0 if not known.
    """

    turn: Turn
    request: Request
    events: Sequence[tuple[int, Event]] = ()
    is_under_way: bool = False
    why_no_events: str = ""
    cost: float | None = None
    fill: float = 0.0

    @property
    def responded(self) -> Responded | None:
        """The head of the answer; the last one, where the request was tried again."""
        heads = [event for _, event in self.events if isinstance(event, Responded)]
        return heads[-1] if heads else None

    @property
    def recording(self) -> str:
        """What has answered in place of a server; "" if none has."""
        sent = self.responded.request if self.responded else {}
        return str(sent.get("recording") or "")

    @property
    def state(self) -> str:
        """How it ended, in a word or two."""
        if self.is_under_way:
            return "under way"
        stop = self.turn.stop_reason
        return f"{self.turn.status}, {stop}" if stop else self.turn.status

    @property
    def exactness(self) -> str:
        """Whether the request is what was sent, in a sentence."""
        sent = self.responded.request if self.responded else {}
        if "sha256" not in sent:
            return (
                "Put together from what is kept of the conversation; what was sent "
                "byte for byte is not known."
            )
        content = self.request.encode()
        is_same = hashlib.sha256(content).hexdigest() == sent["sha256"]
        if self.recording:
            would = (
                "Byte for byte what" if is_same else "Put together again, nearly what"
            )
            return (
                f"Nothing was sent: this is replayed from {self.recording}. "
                f"{would} would have been sent ({len(content):,} bytes)."
            )
        if is_same:
            return f"Byte for byte what was sent ({len(content):,} bytes)."
        return (
            f"Put together from what is kept of the conversation: {len(content):,} "
            f"bytes, where {sent.get('bytes', 0):,} others were sent."
        )
