"""What can be mentioned in an open brace of a prompt: names, attributes and keys.

Nothing is evaluated: see `namespace`.
"""

from __future__ import annotations

import re

from routeway_magic import namespace
from routeway_magic.known import Known, Words

__all__ = ["mentioned"]

# A brace opens no reference after `$` and `{`, as an argument of a TeX command, and
# as an index of a single letter.
_NO_REFERENCE = re.compile(
    r"(?:[${]|\\[A-Za-z]+\*?|(?:(?<![^\W_])[^\W\d_]|[\d)}])[_^])$"
)
_NAME = re.compile(r"(?:^|[\[(,=]\s*)((?!\d)\w*)$")
_ATTRIBUTE = re.compile(rf"({namespace.CHAIN})\.(\w*)$")
_KEY = re.compile(rf"({namespace.CHAIN})\[([\"']?)([^\"'\\\[\]]*)$")
_LONGEST = 1000  # characters of an expression that is looked at


def mentioned(text: str, known: Known) -> tuple[str, Words] | None:
    """What is typed so far behind the last brace, and what it can become.

    Args:
        text: the prompt up to the cursor.
        known: what there is.

    Returns:
        None if no brace is open, or none that a reference can stand in. Words that do
        not begin as typed are to be left out.
    """
    before, brace, inner = text.rpartition("{")
    is_open = brace and "}" not in inner and not inner[:1].isspace()
    if not is_open or len(inner) > _LONGEST:
        return None
    if _NO_REFERENCE.search(before) or before.count("`") % 2:
        return None
    return _in_brace(inner, known)


def _in_brace(inner: str, known: Known) -> tuple[str, Words]:
    if found := _ATTRIBUTE.search(inner):
        attributes = namespace.attributes(known.value(found[1]))
        return found[2], _public(attributes, found[2])
    key = _KEY.search(inner)
    keys = namespace.keys(known.value(key[1])) if key else []
    if key and key[2]:
        return key[3], keys
    if found := _NAME.search(inner):
        quoted = [(f'"{word}"', kind) for word, kind in keys]
        return found[1], [*quoted, *known.variables(found[1])]
    return "", ()


def _public(words: Words, typed: str) -> Words:
    return [item for item in words if typed or not item[0].startswith("_")]
