"""JSON values as Python source: exact, and laid out to be read."""

from __future__ import annotations

import json
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
    if depth >= _DEEPEST and isinstance(value, (dict, list)):
        return f"json.loads({quoted(json.dumps(value))})"
    if isinstance(value, str):
        return _text(value, indent)
    if isinstance(value, Attached):
        return f"from_file({quoted(value.name)})"
    if not value or not isinstance(value, (dict, list)):
        return repr(value)
    return _one_line(value, indent, depth) or _several_lines(value, indent, depth)


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


def _text(text: str, indent: str) -> str:
    if "\n" not in text[:-1] or len(text) <= _SHORT:
        return quoted(text)
    lines = text.split("\n")
    ended = [f"{line}\n" for line in lines[:-1]] + [lines[-1]] * bool(lines[-1])
    inner = "".join(f"{indent}{_INDENT}{quoted(line)}\n" for line in ended)
    return f"(\n{inner}{indent})"


def _members(value: Any, indent: str, depth: int) -> list[str]:
    if isinstance(value, list):
        return [literal(item, indent=indent, depth=depth) for item in value]
    return [
        f"{quoted(key)}: {literal(item, indent=indent, depth=depth)}"
        for key, item in value.items()
    ]


def _one_line(value: Any, indent: str, depth: int) -> str:
    """The value on one line; "" if it is too long for that."""
    if len(value) * len('"", ') > _WIDTH:
        return ""
    inner = ", ".join(_members(value, indent, depth + 1))
    line = f"[{inner}]" if isinstance(value, list) else f"{{{inner}}}"
    return line if "\n" not in line and len(indent + line) <= _WIDTH else ""


def _several_lines(value: Any, indent: str, depth: int) -> str:
    deeper = indent + _INDENT
    inner = "".join(
        f"{deeper}{member},\n" for member in _members(value, deeper, depth + 1)
    )
    begin, end = "[]" if isinstance(value, list) else "{}"
    return f"{begin}\n{inner}{indent}{end}"
