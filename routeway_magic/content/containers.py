"""Lists, dicts, sets and their like, and records, as Python literals."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import islice
from typing import Any

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import register
from routeway_magic.content.guarded import Failed, kind_of, name_of
from routeway_magic.content.members import CONTAINERS, Member, Members, members_of
from routeway_magic.content.one_line import in_one_line
from routeway_magic.content.writer import Some, Writer, joined

__all__ = ["describe_container", "describe_members"]

_LONGEST_WORD = 200
_LONGEST_LINE = 100
_LONG_MEMBER = 20
_ALL_LOOKED_AT = 1000
_UNITS = {"element": "elements", "entry": "entries", "member": "members"}


def describe_container(value: Any, limits: Limits) -> Described:
    """A container of Python's own, or one derived from it.

    Raises:
        Failed: if what it holds cannot be read.
    """
    members = members_of(value)
    if members is None:
        raise Failed("it holds nothing that can be read")
    return describe_members(value, members, limits)


def describe_members(value: Any, members: Members, limits: Limits) -> Described:
    """What a value holds, within the limits.

    Args:
        value: the container or record.
        members: what it holds.
        limits: how much of it may be sent.
    """
    writer = Writer(limits.allowed, partial(in_one_line, limits=limits))
    room = limits.characters
    with writer.entered(value):
        texts = writer.pieces(members, room)
        if texts is None:
            some = writer.some_pieces(members, room)
            texts = some.texts
            writer.notes.gap = _gap(members, some)
    text = _laid_out(members, texts, room)
    left_out = writer.notes.left_out()
    return Described(
        kind=kind_of(value),
        size=_size(members),
        text=text,
        left_out=left_out,
        bare=len(text) <= _LONGEST_WORD and "\n" not in text,
    )


def _laid_out(members: Members, texts: list[str], room: int) -> str:
    """Short members in a line; long ones a line each."""
    line = joined(members, texts)
    is_long = len(line) > _LONGEST_LINE
    if is_long and len(line) > len(texts) * _LONG_MEMBER:
        lines = joined(members, texts, ",\n ")
        return lines if len(lines) <= room else line
    return line


def _gap(members: Members, some: Some) -> str:
    unit = _UNITS[members.unit]
    missing = members.count - some.first - some.last
    if not missing:
        return ""
    if not some.first:
        return f"all {unit}"
    last = f" and last {some.last:,}" if some.last else ""
    return f"all {unit} but the first {some.first:,}{last}"


def _size(members: Members) -> str:
    count = members.count
    unit = _UNITS[members.unit] if count != 1 else members.unit
    size = f"{count:,} {unit}"
    if members.unit != "element" or count <= 1:
        return size
    looked_at = members.first(_ALL_LOOKED_AT // 2)
    looked_at += members.last(_ALL_LOOKED_AT // 2) if members.last else []
    kinds = _kinds(looked_at)
    of = f" (of {len(looked_at):,} looked at)" if len(looked_at) < count else ""
    return f"{size} of {kinds}{of}" if kinds else size


def _kinds(looked_at: Iterable[Member]) -> str:
    """The types of elements, where there are several, or one in many."""
    kinds = {name_of(type(member.value)): None for member in looked_at}
    names = list(islice(kinds, 4))
    if len(kinds) > len(names):
        names.append("others")
    return ", ".join(names)


for _kind in CONTAINERS:
    register(_kind, describe_container)
