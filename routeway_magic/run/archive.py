"""Conversations into files and back: `%claude save` and `%claude load`."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from routeway_magic import records
from routeway_magic.conversation import Conversation
from routeway_magic.errors import InputError
from routeway_magic.journal import Journal, journals
from routeway_magic.recovery import Recovered, read
from routeway_magic.types import JSONObject

__all__ = ["Loaded", "Offer", "load", "offers", "read_file", "save"]

_MOST_OFFERS, _MOST_FILES = 9, 30


@dataclass(frozen=True, slots=True)
class Offer:
    """A conversation that an earlier kernel of this notebook has left.

    Args:
        path: the journal that holds it.
        name: what it is called there.
        conversation: its turns and its head.
        changed: when that file was written to last, seconds since the epoch.
    """

    path: Path
    name: str
    conversation: Conversation
    changed: float


@dataclass(frozen=True, slots=True)
class Loaded:
    """A conversation that was loaded.

    Args:
        name: what it was called in the file.
        conversation: as it is in the kernel now.
        is_new: whether it brought turns that were not there.
    """

    name: str
    conversation: Conversation
    is_new: bool


def read_file(path: Path) -> Recovered:
    """What a journal or a saved file holds.

    Args:
        path: the file.

    Raises:
        InputError: if it cannot be read.
    """
    try:
        with path.open("rb") as lines:
            return read(lines)
    except OSError as error:
        raise InputError(f"`{path}` cannot be read: {error.strerror}.") from error


def save(
    conversations: Mapping[str, Conversation],
    path: Path,
    *,
    redact: Callable[[str], str] = str,
) -> None:
    """Writes conversations into a file, in the journal's format; all or nothing.

    Each answer is written as a whole, without the times of its pieces.

    Args:
        conversations: by name.
        path: the file; one that is there is replaced if nothing in it gets lost.
        redact: takes out of a line what must not be stored.

    Raises:
        InputError: if the file holds anything else, or cannot be written.
    """
    if path.exists():
        _must_lose_nothing(path, conversations)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with part.open("xb") as file:
            for record in _records(conversations):
                file.write(redact(records.encode(record)).encode() + b"\n")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError(f"`{path}` cannot be written: {error.strerror}.") from error


def load(recovered: Recovered, into: dict[str, Conversation]) -> list[Loaded]:
    """Takes conversations up, with the ids, cells and heads that they had.

    One that shares a turn with another joins it, and has it go on from where it
    stood itself; any other gets a name of its own if that is taken.

    Args:
        recovered: what a file holds.
        into: the kernel's conversations, by name.
    """
    return [
        _take_up(name, conversation, into)
        for name, conversation in recovered.conversations.items()
        if conversation.turns
    ]


def offers(
    journal: Journal, notebook: str | None, here: Iterable[Conversation]
) -> list[Offer]:
    """What earlier kernels of this notebook have left, the newest first.

    Args:
        journal: this kernel's, which is not among them.
        notebook: the notebook's path; None for kernels of no notebook.
        here: conversations that need no offer, nor do earlier states of them.
    """
    known = [_ids(conversation) for conversation in here]
    found: list[Offer] = []
    files = [
        file
        for file in journals(journal.folder, notebook=notebook)
        if file.path != journal.path
    ]
    for file in files[:_MOST_FILES]:
        for name, conversation in read_file(file.path).conversations.items():
            ids = _ids(conversation)
            if len(found) < _MOST_OFFERS and not any(ids <= more for more in known):
                known.append(ids)
                found.append(Offer(file.path, name, conversation, file.changed))
    return found


def _ids(conversation: Conversation) -> set[str]:
    return {turn.id for turn in conversation.turns}


def _take_up(
    name: str, conversation: Conversation, into: dict[str, Conversation]
) -> Loaded:
    there = _place_of(conversation, name, into)
    known = _ids(there)
    new = [turn for turn in conversation.turns if turn.id not in known]
    for turn in new:
        there.append(turn, aside=True)
    if new:
        there.head = conversation.head
        for turn_id in conversation.dropped:
            there.drop(turn_id)
    return Loaded(name, there, is_new=bool(new))


def _place_of(
    conversation: Conversation, name: str, into: dict[str, Conversation]
) -> Conversation:
    """Where turns belong: with those that they share, or under a name that is free."""
    ids = _ids(conversation)
    for there in (into.get(name), *into.values()):
        if there and ids & _ids(there):
            return there
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    free = next(each for each in names if not into.get(each))
    return into.setdefault(free, Conversation(free))


def _must_lose_nothing(path: Path, conversations: Mapping[str, Conversation]) -> None:
    there = read_file(path)
    kept = {turn.id for each in conversations.values() for turn in each.turns}
    lost = {turn.id for each in there.conversations.values() for turn in each.turns}
    if there.skipped or not there.started or not lost <= kept:
        raise InputError(
            f"`{path}` is there already and holds what this kernel does not.",
            "Choose another name.",
        )


def _records(conversations: Mapping[str, Conversation]) -> Iterator[JSONObject]:
    blobs = records.Blobs()
    yield records.journal(kernel=0, host="", notebook=None, started=time.time())
    for conversation in conversations.values():
        for turn in conversation.turns:
            for record in records.whole_turn(turn, conversation=conversation.name):
                yield from blobs.apart(record)
        name, head = conversation.name, conversation.head
        yield records.head(name, head)
        for turn_id in sorted(conversation.dropped):
            yield records.head(name, head, drop=turn_id)
