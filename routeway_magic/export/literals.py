"""JSON values as Python source: exact, and laid out to be read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from routeway_magic.export.attachments import Attached

__all__ = ["literal", "quoted"]

_WIDTH = 80
_SHORT = 40  # characters up to which a text of several lines stays on one
_DEEPEST = 40  # Python's own parser gives up at about a hundred brackets
_INDENT = "    "
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def literal(value: Any, *, indent: str = "", depth: int = 0) -> str:
    """The Python expression for a JSON value.

    Args:
        value: of what `json.loads` gives, and `Attached`.
        indent: the blanks that the line which it stands on begins with.
        depth: how many brackets are open around it.
    """
    if isinstance(value, str) and _is_long(value):
        return _several_texts(value, indent)
    if not isinstance(value, (dict, list)):
        return _scalar(value)
    if depth >= _DEEPEST:
        return f"json.loads({quoted(json.dumps(value))})"
    line = _one_line(value, _WIDTH - len(indent))
    return _several_lines(value, indent, depth) if line is None else line


def quoted(text: str) -> str:
    r"""The text as a Python string on one line.

    What cannot be seen is written as an escape: a direction mark that turns the code
    around for the eye, a lone surrogate that no file can hold.

    Args:
        text: any text.
    """
    return f'"{"".join(map(_character, text))}"'


def _character(character: str) -> str:
    known = _ESCAPES.get(character)
    if known or character.isprintable():
        return known or character
    code = ord(character)
    if code > 0xFFFF:  # noqa: PLR2004 - \u has four digits
        return f"\\U{code:08x}"
    return f"\\u{code:04x}" if code > 0xFF else f"\\x{code:02x}"  # noqa: PLR2004 - \x has two


def _is_long(text: str) -> bool:
    return "\n" in text[:-1] and len(text) > _SHORT


def _several_texts(text: str, indent: str) -> str:
    lines = [quoted(line) for line in _lines(text)]
    inner = "".join(f"{indent}{_INDENT}{line}\n" for line in lines)
    return f"(\n{inner}{indent})"


def _lines(text: str) -> list[str]:
    """The text in lines, each with its end; of line ends only the usual one counts."""
    *lines, last = text.split("\n")
    return [f"{line}\n" for line in lines] + [last] * bool(last)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Attached):
        return f"from_file({quoted(value.name)})"
    return repr(value)


def _one_line(value: Any, room: int) -> str | None:
    """The value on one line; None if it needs more than this room, or several lines."""
    if room <= 0 or (isinstance(value, str) and (_is_long(value) or len(value) > room)):
        return None
    if not isinstance(value, (dict, list)):
        line = _scalar(value)
        return line if len(line) <= room else None
    members: list[str] = []
    room -= len("[]")
    for name, item in _named(value):
        inner = _one_line(item, room - len(name))
        if inner is None:
            return None
        members.append(name + inner)
        room -= len(members[-1]) + len(", ")
    line = ", ".join(members)
    return f"[{line}]" if isinstance(value, list) else f"{{{line}}}"


def _several_lines(value: Any, indent: str, depth: int) -> str:
    deeper = indent + _INDENT
    inner = "".join(
        f"{deeper}{name}{literal(item, indent=deeper, depth=depth + 1)},\n"
        for name, item in _named(value)
    )
    begin, end = "[]" if isinstance(value, list) else "{}"
    return f"{begin}\n{inner}{indent}{end}"


def _named(value: Any) -> Iterable[tuple[str, Any]]:
    """The members, each after what stands before it."""
    if isinstance(value, list):
        return (("", item) for item in value)
    return ((f"{quoted(key)}: ", item) for key, item in value.items())
