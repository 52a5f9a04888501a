"""Asking a value about itself, whatever its class makes of the question.

Classes are read past metaclasses, `__class__` and `__getattr__`, so that none can
pretend. What the value's own methods raise becomes a sentence; a KeyboardInterrupt
passes, so that a method that never ends can be stopped.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

from routeway_magic.errors import InputError

__all__ = [
    "Failed",
    "attribute",
    "call",
    "classes_of",
    "declared",
    "is_kind",
    "kind_of",
    "name_of",
    "own_members",
    "package_of",
    "plain_text",
    "reason",
    "text_of",
    "without_addresses",
]

_MRO = type.__dict__["__mro__"]
_MEMBERS = type.__dict__["__dict__"]
_NAME = type.__dict__["__name__"]
_MODULE = type.__dict__["__module__"]

_AN_ADDRESS = re.compile(r" (?:object )?at 0x[0-9a-fA-F]+")
_LONGEST_REASON = 200
_AT_HOME = sys.stdlib_module_names | {"", "__main__", "__mp_main__"}


class Failed(Exception):  # noqa: N818 - it says what happened, and is always caught
    """A value's own method did not answer; the message says why."""


class BrokenFileError(InputError):
    """What begins as an image or a PDF does, and cannot be read as one."""


def classes_of(value: Any) -> tuple[type, ...]:
    """The value's class and its bases, as Python itself sees them."""
    found: tuple[type, ...] = _MRO.__get__(type(value))
    return found


def is_kind(value: Any, kind: type) -> bool:
    """Whether it is an instance, whatever it says about its `__class__`."""
    return kind in classes_of(value)


def declared(value: Any, name: str) -> Any:
    """What the value's class declares under a name, unbound; None if nothing."""
    for kind in classes_of(value):
        members = own_members(kind)
        if name in members:
            return members[name]
    return None


def own_members(kind: type) -> Mapping[str, Any]:
    """What a class itself declares, without its bases."""
    found: Mapping[str, Any] = _MEMBERS.__get__(kind)
    return found


def name_of(kind: type) -> str:
    """The name of a class."""
    return str(_NAME.__get__(kind))


def package_of(kind: type) -> str:
    """The outermost package that a class is from; "" if it does not tell."""
    module = _MODULE.__get__(kind)
    return module.partition(".")[0] if type(module) is str else ""


def kind_of(value: Any) -> str:
    """What a value is, in words: `dict`, or `pandas DataFrame`."""
    kind = type(value)
    package = package_of(kind)
    name = name_of(kind)
    return name if package in _AT_HOME else f"{package} {name}"


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a value's own function gives.

    Raises:
        Failed: if it raises.
    """
    try:
        return function(*arguments)
    except (InputError, Failed, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001 - it may raise anything
        raise Failed(reason(error)) from None


def attribute(value: Any, name: str) -> Any:
    """An attribute of a value.

    Raises:
        Failed: if it is missing, or reading it raises.
    """
    return call(getattr, value, name)


def text_of(value: Any, function: Callable[[Any], Any] = repr) -> str:
    """A value's text.

    Args:
        value: anything.
        function: `repr`, `str`, or one that gives text likewise.

    Raises:
        Failed: if it raises, or gives no text.
    """
    return plain_text(call(function, value))


def plain_text(given: Any) -> str:
    """Text as Python's own `str`, whatever a subclass says about it.

    Raises:
        Failed: if it is no text.
    """
    if not is_kind(given, str):
        raise Failed(f"it gave {name_of(type(given))}, not text")
    return str.__str__(given)


def without_addresses(text: str) -> str:
    """The text without ` at 0x7f…`, which tells nothing and is never twice the same."""
    return _AN_ADDRESS.sub("", text)


def reason(error: BaseException) -> str:
    """An error in one short line; its own text may fail too."""
    name = name_of(type(error))
    try:
        said = str.__str__(str(error))[:_LONGEST_REASON]
    except Exception:  # noqa: BLE001 - it may raise anything
        return name
    first = next(iter(said.strip().splitlines()), "")
    return f"{name}: {first}" if first else name
