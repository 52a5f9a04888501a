"""Objects that say themselves what they are: by method, by shape, or by their repr."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.given_blocks import checked_blocks
from routeway_magic.content.guarded import (
    Failed,
    attribute,
    call,
    declared,
    is_kind,
    kind_of,
    plain_text,
    text_of,
    without_addresses,
)
from routeway_magic.content.shorten import shorten

__all__ = ["describe_unknown", "from_user", "own_words", "says_nothing"]

_Way = Callable[[Any, Limits], Described | None]

_ONLY_THE_TYPE = re.compile(r"<[\w.<>]+(?: object| instance)?>")
_LONGEST_WORD = 200


def own_words(value: Any, limits: Limits) -> Described | None:
    """What the value's class says by `_repr_llm_`; None if it says nothing.

    Raises:
        Failed: if the method fails.
        InputError: if it gives blocks that cannot be sent.
    """
    return _said_by("_repr_llm_", value, limits)


def describe_unknown(value: Any, limits: Limits, failures: list[str]) -> Described:
    """A value of a type that nobody has registered.

    Args:
        value: anything.
        limits: how much of it may be sent.
        failures: gets what its own methods would have said, where they failed.
    """
    for way in _WAYS:
        try:
            described = way(value, limits)
        except Failed as failure:
            failures.append(str(failure))
            continue
        if described is not None:
            return described
    return Described(kind=kind_of(value), left_out="what it holds")


def from_user(given: Any, value: Any, limits: Limits) -> Described:
    """A description made of what a user's function gave: text, a block or several.

    Text is shortened to the limits.

    Raises:
        Failed: if it gave anything else.
        InputError: if it gave blocks that no server takes.
    """
    if isinstance(given, Described):
        text, left_out = shorten(given.text, limits.characters)
        told = "; ".join(part for part in (given.left_out, left_out) if part)
        return replace(given, text=text, left_out=told)
    if is_kind(given, str):
        return _from_text(plain_text(given), kind_of(value), limits)
    return checked_blocks(given, kind_of(value), limits)


def says_nothing(text: str) -> bool:
    """Whether a repr tells no more than the type, as `<Point object at 0x7f…>` does."""
    return bool(_ONLY_THE_TYPE.fullmatch(without_addresses(text[:_LONGEST_WORD])))


def _said_by(name: str, value: Any, limits: Limits) -> Described | None:
    """What a method of the class gives; None if there is none, or it gives None."""
    if declared(value, name) is None or is_kind(value, type):
        return None
    try:
        given = call(attribute(value, name))
        if is_kind(given, tuple) and name != "_repr_llm_":  # IPython: (data, metadata)
            given = given[0] if given else None
        return None if given is None else from_user(given, value, limits)
    except Failed as failure:
        raise Failed(f"what `{name}` would say ({failure})") from None


def _by_shape(value: Any, limits: Limits) -> Described | None:
    try:
        attribute(value, "shape")
        attribute(value, "dtype")
    except Failed:
        return None
    from routeway_magic.content.arrays import describe_array_like

    return _told("its values", describe_array_like, value, limits)


def _by_picture(value: Any, limits: Limits) -> Described | None:
    methods = ("_repr_png_", "_repr_jpeg_")
    if all(declared(value, name) is None for name in methods):
        return None
    from routeway_magic.content.images import describe_by_picture

    return _told("its picture", describe_by_picture, value, limits)


def _told(
    what: str,
    describer: Callable[[Any, Limits], Described | None],
    value: Any,
    limits: Limits,
) -> Described | None:
    """What a describer makes of a value; if it fails, the failure names what is lost."""
    try:
        described: Described | None = call(describer, value, limits)
    except Failed as failure:
        raise Failed(f"{what} ({failure})") from None
    return described


def _by_members(value: Any, limits: Limits) -> Described | None:
    from routeway_magic.content.containers import describe_members
    from routeway_magic.content.records import fields_of

    members = fields_of(value)
    return None if members is None else describe_members(value, members, limits)


def _by_repr(value: Any, limits: Limits) -> Described | None:
    try:
        text = text_of(value)
    except Failed as failure:
        raise Failed(f"what `repr` would say ({failure})") from None
    if declared(value, "__next__") is not None:
        return _iterator(value, text, limits)
    if says_nothing(text):
        return None
    return _from_text(without_addresses(text), kind_of(value), limits)


def _iterator(value: Any, text: str, limits: Limits) -> Described:
    """Iterators are not read: that would use them up."""
    kept, _ = shorten(without_addresses(text), limits.characters)
    told = "what it would give: reading it would use it up"
    return Described(kind=kind_of(value), text=kept, left_out=told)


def _by_attributes(value: Any, limits: Limits) -> Described | None:
    from routeway_magic.content.containers import describe_members
    from routeway_magic.content.records import attributes_of

    members = attributes_of(value)
    return None if members is None else describe_members(value, members, limits)


def _from_text(text: str, kind: str, limits: Limits) -> Described:
    kept, left_out = shorten(text, limits.characters)
    bare = len(text) <= _LONGEST_WORD and "\n" not in text and text[:1] != "<"
    return Described(kind=kind, text=kept, left_out=left_out, bare=bare)


def _shown_as(name: str) -> _Way:
    def way(value: Any, limits: Limits) -> Described | None:
        return _said_by(name, value, limits)

    return way


_WAYS: Sequence[_Way] = (
    _by_shape,
    _by_picture,
    _shown_as("_repr_markdown_"),
    _by_members,
    _by_repr,
    _shown_as("_repr_latex_"),
    _shown_as("_repr_html_"),
    _shown_as("_repr_svg_"),
    _by_attributes,
)
