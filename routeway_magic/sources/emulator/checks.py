"""Checks of JSON values, made of smaller ones; each names what it refuses by its path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from routeway_magic.sources.emulator.refusal import refuse

__all__ = [
    "Check",
    "any_object",
    "array",
    "boolean",
    "filled_text",
    "integer",
    "joined",
    "number",
    "one_of",
    "optional_text",
    "record",
    "text",
    "variant",
]

Check = Callable[[Any, str], None]


def joined(path: str, member: str | int) -> str:
    """The path of a member."""
    return f"{path}.{member}" if path else str(member)


def boolean(value: Any, path: str) -> None:
    """Accept true and false."""
    if not isinstance(value, bool):
        raise refuse(path, "Input should be a valid boolean")


def text(value: Any, path: str) -> None:
    """Accept a string."""
    if not isinstance(value, str):
        raise refuse(path, "Input should be a valid string")


def optional_text(value: Any, path: str) -> None:
    """Accept a string or null."""
    if value is not None:
        text(value, path)


def filled_text(value: Any, path: str) -> None:
    """Accept a string that is not blank."""
    text(value, path)
    if not value.strip():
        raise refuse(path, "Input must contain non-whitespace text")


def any_object(value: Any, path: str) -> None:
    """Accept an object, whatever it holds."""
    if not isinstance(value, dict):
        raise refuse(path, "Input should be an object")


def integer(low: int) -> Check:
    """Accept whole numbers from `low`; true and false are none."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise refuse(path, "Input should be a valid integer")
        if value < low:
            raise refuse(path, f"Input should be greater than or equal to {low}")

    return check


def number(low: float, high: float) -> Check:
    """Accept numbers from `low` to `high`."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise refuse(path, "Input should be a valid number")
        if not low <= value <= high:
            raise refuse(path, f"Input should be from {low} to {high}")

    return check


def one_of(*accepted: str) -> Check:
    """Accept one of these strings."""
    told = ", ".join(f"'{value}'" for value in accepted)

    def check(value: Any, path: str) -> None:
        if not isinstance(value, str) or value not in accepted:
            raise refuse(path, f"Input should be one of {told}")

    return check


def array(item: Check, *, least: int = 0, most: int | None = None) -> Check:
    """Accept a list of so many members, each accepted by `item`."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, list):
            raise refuse(path, "Input should be a valid list")
        if len(value) < least:
            raise refuse(path, f"List should have at least {least} item")
        if most is not None and len(value) > most:
            raise refuse(path, f"List should have at most {most} items")
        for index, member in enumerate(value):
            item(member, joined(path, index))

    return check


def record(
    required: Mapping[str, Check], optional: Mapping[str, Check] | None = None
) -> Check:
    """Accept an object that has all of `required`, and nothing that is not named."""
    known = {**required, **(optional or {})}

    def check(value: Any, path: str) -> None:
        any_object(value, path)
        for key in required:
            if key not in value:
                raise refuse(joined(path, key), "Field required")
        for key, member in value.items():
            if key not in known:
                raise refuse(joined(path, key), "Extra inputs are not permitted")
            known[key](member, joined(path, key))

    return check


def variant(
    tag: str, kinds: Mapping[str, Check], *, default: str | None = None
) -> Check:
    """Accept an object whose `tag` names its kind, as that kind's check accepts it."""
    told = ", ".join(f"'{kind}'" for kind in kinds)

    def check(value: Any, path: str) -> None:
        any_object(value, path)
        kind = value.get(tag, default)
        if kind is None and tag not in value:
            raise refuse(joined(path, tag), "Field required")
        if not isinstance(kind, str) or kind not in kinds:
            found = f"Input tag {_shown(kind)} found using '{tag}' does not match any of the expected tags: {told}"
            raise refuse(path, found)
        kinds[kind](value, path)

    return check


def _shown(value: Any) -> str:
    told = repr(value)
    return told if len(told) <= 80 else f"{told[:80]}…"  # noqa: PLR2004 - a line's worth
