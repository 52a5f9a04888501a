"""An axis of a sweep while it is typed: its name, then its values."""

from __future__ import annotations

import re

from routeway_magic.grammar import OPTIONS
from routeway_magic.known import Known, Words
from routeway_magic.settings import ClaudeSettings

__all__ = ["axis"]

_IN_BRACES = re.compile(r"\{([^\W\d]\w*)[^\s{}]*\}")


def axis(typed: str, prompt: str, known: Known) -> tuple[str, Words]:
    """What was typed of a name or of the last value, and what it can become.

    A name is one in the prompt's braces, or a setting; values are known where the
    setting has words of its own, and for models.

    Args:
        typed: of the axis.
        prompt: what stands below it; "" if that is not known.
        known: what the kernel knows.
    """
    name, is_named, values = typed.partition("=")
    if not is_named:
        return name, [*_in_braces(prompt), *_settings()]
    *before, value = values.split(",")
    given = {one.strip() for one in before}
    words = [*known.models()] if name == "model" else []
    words += [
        (word, "value")
        for option in OPTIONS
        if option.name == name.replace("-", "_")
        for word in option.words
    ]
    return value.lstrip(), [item for item in words if item[0] not in given]


def _in_braces(prompt: str) -> Words:
    from routeway_magic.interpolate import Reference, parse

    names = dict.fromkeys(_IN_BRACES.findall(prompt))
    found = parse(prompt, names, only=True) if names else []
    mentioned = {part.name for part in found if isinstance(part, Reference)}
    return [(f"{name}=", "in the prompt") for name in names if name in mentioned]


def _settings() -> Words:
    """The parameters of a request that are settings, without the open mapping."""
    known = set(ClaudeSettings.class_traits(parameter=True)) - {"param"}
    for option in OPTIONS:
        if option.name in known:
            yield f"{option.name}=", option.help
