"""What a journal's lines hold of answers that can be given again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from routeway_magic.events import Event
from routeway_magic.origin import original
from routeway_magic.recorded import Recorded, is_whole
from routeway_magic.recovery import events_of

__all__ = ["answered"]


@dataclass(slots=True)
class _Asked:
    """A request with a key whose answer is still to be read."""

    key: str
    source: str
    came: list[tuple[int, Event]] = field(default_factory=list)


def answered(lines: Iterable[bytes]) -> Iterator[Recorded]:
    """The exchanges that ended with a whole answer, in the order of their ends.

    Args:
        lines: of a journal; those that are damaged lose their exchange at most.
    """
    asked: dict[str, _Asked] = {}
    for line in lines:
        try:
            record = json.loads(line)
            found = _taken(record, asked)
        except (ValueError, TypeError, LookupError, RecursionError, AttributeError):
            continue
        if found and is_whole(event for _, event in found.came):
            yield Recorded(found.key, original(found.source), found.came)


def _taken(record: Any, asked: dict[str, _Asked]) -> _Asked | None:
    """What the record has completed, if it has."""
    kind = record["kind"]
    if kind == "request" and "fingerprint" in record:
        asked[record["turn"]] = _Asked(
            str(record["fingerprint"]), str(record["source"])
        )
    elif kind == "events" and record["turn"] in asked:
        asked[record["turn"]].came += events_of(record)
    elif kind == "end":
        found = asked.pop(record["turn"], None)
        return found if record["status"] == "complete" else None
    return None
