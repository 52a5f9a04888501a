"""Where the end of a magic's line stands while it is being typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from routeway_magic.grammar import Option, Reader

__all__ = ["Place", "place"]


@dataclass(frozen=True, slots=True)
class Place:
    """What stands at the end of a line that is still being typed.

    Args:
        word: what is there of the option, of its value (an opening quote left out),
            or of the whole prompt.
        kind: "flag", "value" or "prompt"; "" where nothing can be told.
        option: whose value it is.
        seen: the names of the options before it.
        plain: whether the prompt's first word may be a subcommand.
    """

    word: str
    kind: str
    option: Option | None = None
    seen: frozenset[str] = frozenset()
    plain: bool = True


def place(line: str, options: Sequence[Option]) -> Place:
    """Where the end of an unfinished line stands; never raises.

    Args:
        line: what stands behind the magic's name, up to the cursor.
        options: the options to know.
    """
    by_flag = {flag: option for option in options for flag in option.flags}
    reader = Reader(line)
    seen: frozenset[str] = frozenset()
    while reader.peek().startswith("-") and not reader.rest().startswith("- "):
        flag = reader.word()
        has_value = flag.startswith("--") and "=" in flag
        if has_value:
            flag = reader.split_at_equals(flag)
        elif reader.is_at_end():
            return Place(flag, "flag", seen=seen, plain=not seen)
        elif flag == "--":
            return Place(reader.rest(), "prompt", seen=seen, plain=False)
        option = by_flag.get(flag)
        if option is None or (has_value and option.read is None):
            return Place("", "", seen=seen, plain=False)
        if option.read is not None:
            unfinished = reader.unfinished(option)
            if unfinished is not None:
                return Place(unfinished, "value", option, seen, plain=False)
        seen |= {option.name}
    return Place(reader.rest(), "prompt", seen=seen, plain=not seen)
