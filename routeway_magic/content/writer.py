"""Nested values as Python would write them, within a number of characters.

A container that fits is written whole. One that does not is given its first and last
members; each has a fair share of the room, and what a short one leaves over goes to
the long ones. So the cost is set by the room, not by the value. Cycles are written as
Python does; foreign objects by one line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from routeway_magic.content.guarded import Failed, is_kind
from routeway_magic.content.literals import cut_literal, is_literal, literal
from routeway_magic.content.members import NO_KEY, Member, Members, members_of
from routeway_magic.content.records import Unread, fields_of
from routeway_magic.credentials import looks_like_credential

__all__ = ["Notes", "Some", "Writer", "joined"]

_DEEPEST = 10
_LEAST_SHARE = 14  # characters: "'abcdef': 'gh…"
_SHARE_OF_A_NAME = 60  # names before details: no more characters for each, if need be
_NAMES = 8  # with less than that for each
_PROBED = 5
_MARGIN = 0.95  # those not looked at may be longer
_MOST_NUMBERS = 100
_FIRST = 0.7
_ROUNDS = 4
_NAMED = 5  # in a label; of more, the number is told
_LONGEST_NAME = 60
_WITHHELD = "<left out>"


class Some(NamedTuple):
    """Members as they are written, with a mark where some are missing.

    Args:
        texts: of the members and the mark, in order.
        first: how many are from the beginning.
        last: how many are from the end.
    """

    texts: list[str]
    first: int
    last: int


@dataclass(slots=True)
class Notes:
    """What was not written, gathered along the way."""

    gap: str = ""
    cut: bool = False
    deep: bool = False
    credentials: dict[str, None] = field(default_factory=dict)
    hidden: dict[str, None] = field(default_factory=dict)
    foreign: dict[str, None] = field(default_factory=dict)

    def left_out(self) -> str:
        """All of it in a line; "" if everything was written."""
        return "; ".join(self._parts())

    def _parts(self) -> Iterator[str]:
        if self.gap:
            yield self.gap
        if self.cut:
            yield "parts of what is long"
        if self.deep:
            yield f"what is nested deeper than {_DEEPEST} levels"
        if self.foreign:
            yield f"the contents of {_few(self.foreign)}"
        if self.hidden:
            names = _few([f"`{name}`" for name in self.hidden])
            yield f"{names}, which the class keeps out of its repr"
        if self.credentials:
            yield _about_credentials(list(self.credentials))


class Writer:
    """Writes one value and what it holds.

    Args:
        allowed: names to write although they look like credentials.
        foreign: gives a line for an object that is neither container nor literal,
            and whether its contents are left out of it.
    """

    def __init__(
        self, allowed: frozenset[str], foreign: Callable[[Any], tuple[str, bool]]
    ) -> None:
        self.notes = Notes()
        self._allowed = allowed
        self._foreign = foreign
        # By id, and with the value, which keeps its id from being used again.
        self._said: dict[int, tuple[Any, str, bool]] = {}
        self._within: set[int] = set()
        self._too_little: dict[int, tuple[Any, int]] = {}

    def whole(self, value: Any, room: int) -> str | None:
        """The whole value if the room holds it, else None."""
        if is_literal(value):
            return _or_unread(literal, value, room)
        members = self._members(value)
        if members is None:
            text = self._line(value)
            return text if len(text) <= room else None
        if room <= self._too_little.get(id(value), (None, -1))[1]:
            return None
        with self.entered(value) as instead:
            pieces = [instead] if instead else self.pieces(members, room)
        text = "" if pieces is None else joined(members, pieces)
        if pieces is None or len(text) > room:
            self._too_little[id(value)] = (value, room)
            return None
        return text

    def cut(self, value: Any, room: int) -> str:
        """The most useful part of a value that the room does not hold."""
        self.notes.cut = True
        if room < _LEAST_SHARE:
            return "…"
        if is_literal(value):
            return _clipped(_or_unread(cut_literal, value, room) or "…", room)
        members = self._members(value)
        if members is None:
            return _clipped(self._line(value), room)
        with self.entered(value) as instead:
            pieces = [instead] if instead else self.some_pieces(members, room).texts
        return _clipped(joined(members, pieces), room)

    def pieces(self, members: Members, room: int) -> list[str] | None:
        """All members, written whole; None if the room does not hold them."""
        left = room - len(members.opening) - len(members.closing) + 2
        if members.count * 3 > left:
            return None
        found = []
        for member in members.first(members.count):
            text = self._whole_member(member, left - 2)
            if text is None:
                return None
            left -= len(text) + 2
            found.append(text)
        self.notes.hidden.update(dict.fromkeys(members.hidden))
        return found

    def some_pieces(self, members: Members, room: int) -> Some:
        """The first and last members that the room holds, and a mark between."""
        gap = f"… {members.count:,} more …"
        inner = room - len(members.opening) - len(members.closing) - len(gap) - 2
        shown = self._how_many(members, inner)
        if shown < 1:
            return Some([gap] if inner >= 0 else ["…"], 0, 0)
        self.notes.hidden.update(dict.fromkeys(members.hidden))
        head = shown if members.last is None else max(round(shown * _FIRST), 1)
        chosen = members.first(head)
        chosen += members.last(shown - head) if members.last else []
        texts = self._shared(chosen, inner)
        missing = members.count - len(chosen)
        gaps = [f"… {missing:,} more …"] if missing else []
        return Some([*texts[:head], *gaps, *texts[head:]], head, shown - head)

    def _how_many(self, members: Members, room: int) -> int:
        """How many members fit, by the lengths of a few."""
        most = min(members.count, room // (_LEAST_SHARE + 2))
        if most < 1:
            return 0
        few = min(_PROBED, most)
        probed = members.first(few)
        if members.count > 2 * few:
            fitting = self._fitting(probed, room)
            probed += members.first(min(fitting, most))[few:][-few:]
            probed += members.last(few) if members.last else []
        fitting = self._fitting(probed, room)
        if all(is_kind(one.value, int) or is_kind(one.value, float) for one in probed):
            numbers = _MOST_NUMBERS if members.unit == "element" else fitting
            return min(members.count, fitting, numbers)
        names = 0
        if members.unit != "element":
            names = max(room // _SHARE_OF_A_NAME, _NAMES)
        return min(most, max(fitting, names))

    def _fitting(self, probed: list[Member], room: int) -> int:
        cap = max(room // 4, _LEAST_SHARE)
        needs = [len(self._whole_member(one, cap) or " " * cap) + 2 for one in probed]
        return max(int(room * _MARGIN) * len(needs) // sum(needs), 1)

    def _shared(self, members: list[Member], room: int) -> list[str]:
        """Members within the room: short ones whole, long ones in what they leave."""
        texts = [""] * len(members)
        left, waiting = room, list(range(len(members)))
        for _ in range(_ROUNDS):
            share = left // max(len(waiting), 1) - 2
            for index in waiting:
                text = self._whole_member(members[index], share)
                texts[index] = text or ""
            settled = [index for index in waiting if texts[index]]
            left -= sum(len(texts[index]) + 2 for index in settled)
            waiting = [index for index in waiting if not texts[index]]
            if not settled:
                break
        for index in waiting:
            texts[index] = self._cut_member(members[index], left // len(waiting) - 2)
        return texts

    def _whole_member(self, member: Member, room: int) -> str | None:
        before = self._before(member, room)
        if before is None:
            return None
        if self._is_withheld(member):
            text = _WITHHELD if len(before) + len(_WITHHELD) <= room else None
        else:
            text = self.whole(member.value, room - len(before))
        return None if text is None else before + text

    def _cut_member(self, member: Member, room: int) -> str:
        before = self._before(member, room * 2 // 3)
        if before is None:
            key = member.name or self.cut(member.key, room // 2)
            before = f"{_clipped(key, room // 2)}: "
        if self._is_withheld(member):
            return _clipped(f"{before}{_WITHHELD}", room)
        left = room - len(before)
        text = self.whole(member.value, left)
        return before + (self.cut(member.value, left) if text is None else text)

    def _before(self, member: Member, room: int) -> str | None:
        if member.name:
            return f"{member.name}=" if len(member.name) < room else None
        if member.key is NO_KEY:
            return ""
        key = self.whole(member.key, room - 2)
        return None if key is None else f"{key}: "

    def _is_withheld(self, member: Member) -> bool:
        if member.value is None or is_kind(member.value, bool):
            return False
        name = member.title
        if name in self._allowed or not looks_like_credential(name):
            return False
        self.notes.credentials[name] = None
        return True

    def _members(self, value: Any) -> Members | None:
        if isinstance(value, Unread):
            return None
        try:
            return members_of(value) or fields_of(value)
        except Failed:
            return None

    def _line(self, value: Any) -> str:
        if isinstance(value, Unread):
            return f"<could not be read: {value.why}>"
        if id(value) not in self._said:
            self._said[id(value)] = (value, *self._foreign(value))
        _, text, is_partial = self._said[id(value)]
        if is_partial:
            self.notes.foreign[text.strip("<>").partition(",")[0]] = None
        return text

    @contextmanager
    def entered(self, value: Any) -> Iterator[str]:
        """Gives what is written in place of the value, if it is not to be entered."""
        key = id(value)
        if key in self._within:
            yield "..."  # as Python marks what holds itself
        elif len(self._within) >= _DEEPEST:
            self.notes.deep = True
            yield "…"
        else:
            self._within.add(key)
            try:
                yield ""
            finally:
                self._within.discard(key)


def joined(members: Members, texts: list[str], between: str = ", ") -> str:
    """Members as they stand in their container."""
    return f"{members.opening}{between.join(texts)}{members.closing}"


def _or_unread(
    write: Callable[[Any, int], str | None], value: Any, room: int
) -> str | None:
    try:
        return write(value, room)
    except Failed as failure:
        text = f"<could not be read: {failure}>"
        return text if len(text) <= room else None


def _clipped(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: max(room - 1, 0)]}…"


def _few(names: Iterable[str]) -> str:
    named = [_clipped(name, _LONGEST_NAME) for name in names]
    if len(named) > _NAMED:
        named[_NAMED:] = [f"{len(named) - _NAMED:,} more"]
    *most, last = named
    return f"{', '.join(most)} and {last}" if most else last


def _about_credentials(names: list[str]) -> str:
    if len(names) == 1:
        return (
            f"the value of `{names[0]}`, which looks like a credential; "
            f"`--allow-secret {names[0]}` sends it"
        )
    told = _few([f"`{name}`" for name in names])
    return (
        f"the values of {told}, which look like credentials; "
        f"`--allow-secret NAME` sends one"
    )
