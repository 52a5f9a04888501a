"""When what came: lanes, the first token, silences, tokens per second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from routeway_magic.events import (
    ContentBlockDelta,
    ContentBlockStart,
    ContentBlockStop,
    Event,
    MessageStart,
    Ping,
    Responded,
    Waiting,
)
from routeway_magic.records import PIECES
from routeway_magic.types import ContentBlock, Usage
from routeway_magic.usage import counts_of

__all__ = ["Lane", "Timeline", "duration", "timeline_of", "tokens_per_second"]

_SILENCE = 300  # milliseconds; a shorter one is none
_MUCH_LONGER = 5  # times the usual distance of two events
_MOST_SILENCES = 5
_SHORTEST = 50  # milliseconds in which a rate means something


@dataclass(slots=True)
class Lane:
    """One content block.

    Args:
        label: what it is.
        kind: the block's type.
        times: when its events came, milliseconds.
    """

    label: str
    kind: str
    times: list[int] = field(default_factory=list)

    @property
    def pieces(self) -> int:
        """How many events it has."""
        return len(self.times)


@dataclass(slots=True)
class Timeline:
    """The times of one exchange, all in milliseconds since it began.

    Args:
        end: the last event, or the end of the turn.
        lanes: the content blocks in their order.
        responses: when the head of an answer came, with its HTTP status.
        waits: when a wait for another try began, with its seconds.
        pings: when signs of life came.
        first_event: when the first event of the message came.
        pieces: when pieces of content came.
        silences: from when until when nothing came, the longest first.
    """

    end: int
    lanes: list[Lane] = field(default_factory=list)
    responses: list[tuple[int, int]] = field(default_factory=list)
    waits: list[tuple[int, float]] = field(default_factory=list)
    pings: list[int] = field(default_factory=list)
    first_event: int | None = None
    pieces: list[int] = field(default_factory=list)
    silences: list[tuple[int, int]] = field(default_factory=list)

    @property
    def first_token(self) -> int | None:
        """When the first piece of content came."""
        return self.pieces[0] if self.pieces else None


def timeline_of(events: Sequence[tuple[int, Event]], *, seconds: float) -> Timeline:
    """The times of an exchange.

    Args:
        events: what came, each after its milliseconds.
        seconds: how long the whole took; 0 if it is under way.
    """
    last = max((ms for ms, _ in events), default=0)
    found = Timeline(end=max(last, round(seconds * 1000), 1))
    lanes: dict[int, Lane] = {}
    for ms, event in events:
        _take(found, lanes, ms, event)
    found.lanes = [lanes[index] for index in sorted(lanes)]
    found.silences = _silences([ms for ms, event in events if _is_heard(event)])
    return found


def tokens_per_second(timeline: Timeline, usage: Usage) -> float | None:
    """Output tokens by the time from the first piece to the last; None if unknown.

    Tokens of thinking that was not shown count as well: no server tells them apart in
    time.

    Args:
        timeline: when what came.
        usage: as received.
    """
    output = counts_of(usage).output
    spent = timeline.pieces[-1] - timeline.pieces[0] if timeline.pieces else 0
    return output * 1000 / spent if output and spent >= _SHORTEST else None


def duration(ms: float) -> str:
    """So much time, in the unit that people would say it in.

    Args:
        ms: milliseconds.
    """
    if ms < 1000:  # noqa: PLR2004 - a second
        return f"{ms:.0f} ms"
    return f"{ms / 1000:.2f} s" if ms < 10_000 else f"{ms / 1000:.1f} s"  # noqa: PLR2004


def _take(found: Timeline, lanes: dict[int, Lane], ms: int, event: Event) -> None:
    if isinstance(event, Responded):
        found.responses.append((ms, event.status))
    elif isinstance(event, Waiting):
        found.waits.append((ms, event.seconds or 0.0))
    elif isinstance(event, Ping):
        found.pings.append(ms)
    elif isinstance(event, MessageStart):
        found.first_event = ms if found.first_event is None else found.first_event
    elif isinstance(event, (ContentBlockStart, ContentBlockDelta, ContentBlockStop)):
        lane = lanes.get(event.index)
        if lane is None:
            lane = lanes[event.index] = _lane(event)
        lane.times.append(ms)
        if _has_content(event):
            found.pieces.append(ms)


def _lane(
    event: ContentBlockStart | ContentBlockDelta | ContentBlockStop,
) -> Lane:
    block: ContentBlock = (
        event.content_block if isinstance(event, ContentBlockStart) else {}
    )
    kind = str(block.get("type") or "block")
    name = block.get("name")
    return Lane(f"{kind} {name}" if isinstance(name, str) else kind, kind)


def _has_content(event: Event) -> bool:
    if isinstance(event, ContentBlockDelta):
        kind = str(event.delta.get("type"))
        return bool(event.delta.get(PIECES[kind])) if kind in PIECES else True
    if isinstance(event, ContentBlockStart):
        block = event.content_block
        return any(block.get(name) for name in ("text", "thinking", "data", "input"))
    return False


def _is_heard(event: Event) -> bool:
    """Whether it breaks a silence: all but our own and signs of life."""
    return not isinstance(event, (Responded, Waiting, Ping))


def _silences(times: Sequence[int]) -> list[tuple[int, int]]:
    between = list(pairwise(times))
    lengths = [other - one for one, other in between]
    usual = median(lengths) if lengths else 0
    least = max(_SILENCE, _MUCH_LONGER * usual)
    long = [pair for pair in between if pair[1] - pair[0] >= least]
    return sorted(long, key=lambda pair: pair[0] - pair[1])[:_MOST_SILENCES]
