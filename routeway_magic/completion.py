"""Tab: what can stand at the cursor in `%%claude` cells and `%claude` lines.

Options are the magics' own; a subcommand's arguments are read off its usage, such as
`use ID|NAME`. What option values and words in capitals name is said in `_VALUES` and
`_KINDS`. Nothing is asked from the network, and no code of the user's runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from IPython.core.completer import SimpleCompletion

from routeway_magic.axis import axis
from routeway_magic.grammar import OPTIONS, Option
from routeway_magic.known import Known, Words
from routeway_magic.mention import mentioned
from routeway_magic.place import Place, place

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext, SimpleMatcherResult
    from IPython.core.interactiveshell import InteractiveShell

    from routeway_magic.commands import Command

__all__ = ["complete"]

_Source = Callable[[Known, str], Words]

# What an option's value names, by its long flag. Besides, there are the words that
# its trait lists; an option with neither has nothing to complete.
_VALUES: Mapping[str, _Source] = {
    "--model": Known.models,
    "--into": Known.variables,
    "--as": Known.types,
    "--with": Known.variables,
    "--allow-secret": Known.variables,
    "--tools": Known.functions,
    "--allow": Known.functions,
    "--conversation": Known.conversations,
}
_SEVERAL = frozenset({"--with", "--tools", "--allow"})  # names with commas between

# What the words in capitals of a subcommand's usage stand for; others are literal.
_KINDS: Mapping[str, _Source] = {
    "NAME": Known.conversations,
    "ID": Known.turns,
    "WORD": Known.model_words,
    "FORMAT": lambda _known, _typed: _words_of("--format"),
    "against N": Known.answers,
}
_VALUED_WORD = re.compile(r"(?<=[\[|])([a-z]+) ([A-Z]+)(?=[\]|])")  # [word|word VALUE]

_CELL = re.compile(r"\s*%%claude(?!\S)")
_LINE = re.compile(r"\s*(?:[^%#]*=\s*)?%claude(?=\s)")
_BLANK = "\u2007"


class _Nothing(list[SimpleCompletion]):
    """No completion, and none of IPython's.

    IPython heeds `suppress` only from a result whose length is not 0.
    """

    def __len__(self) -> int:
        return 1


@dataclass(frozen=True, slots=True)
class _Found:
    """What may take the place of the fragment; words that begin otherwise are none."""

    fragment: str = ""
    words: Words = ()


def complete(
    context: CompletionContext, shell: InteractiveShell
) -> SimpleMatcherResult:
    """What IPython asks its matchers for; nothing, if the cursor is not in our text.

    In a line or a cell of ours IPython's own completions are suppressed: Python's
    names are noise in prose. Never raises.

    Args:
        context: the text and the cursor.
        shell: whose variables can be named.
    """
    try:
        found = _find(context, Known(shell, context.limit))
        if found is None:
            return {"completions": []}
        completions = [
            SimpleCompletion(text=word, type=kind)
            for word, kind in found.words
            if word.startswith(found.fragment)
        ]
    except Exception:  # noqa: BLE001 - a failure here must not stand in IPython's way
        return {"completions": []}
    return {
        "completions": completions[: context.limit] or _Nothing(),
        "matched_fragment": found.fragment,
        "ordered": True,
        "suppress": True,
    }


def _find(context: CompletionContext, known: Known) -> _Found | None:
    """Where the cursor is: on our first line, below it, on a `%claude` line, or not."""
    typed = context.text_until_cursor
    cell = _CELL.match(context.full_text)
    if cell is None:
        line = _LINE.match(typed)
        return _on_line(typed[line.end() :], known) if line else None
    row = context.full_text.count("\n", 0, cell.end())
    first = context.full_text.split("\n")[row]
    name = first.index("%%claude") + len("%%claude")
    if context.cursor_line == row and context.cursor_position > name:
        prompt = context.full_text.split("\n", row + 1)[row + 1 :]
        return _on_line(typed[name:], known, is_cell=True, prompt="".join(prompt))
    if context.cursor_line > row:
        return _in_prompt(typed, place(first[name:] + " ", OPTIONS), known) or _Found()
    return None


def _on_line(
    text: str, known: Known, *, is_cell: bool = False, prompt: str = ""
) -> _Found:
    here = place(text, OPTIONS)
    if here.kind == "flag":
        return _Found(here.word, _flags(here))
    if here.kind == "value" and here.option:
        if here.option.kind == "axis":
            fragment, words = axis(here.word, prompt, known)
            return _Found(fragment, [(word, _brief(what)) for word, what in words])
        return _value(here.option, here.word, known)
    if here.kind != "prompt":
        return _Found()
    if is_cell:  # its prompt stands below
        return _Found("", [] if here.word else _flags(here))
    found = _in_prompt(here.word, here, known)
    if found is None and here.plain:
        found = _subcommand(here, known)
    return found or _Found("", [] if here.word else _flags(here))


def _flags(here: Place) -> Words:
    """The options that can still be given; the short forms if a dash was typed."""
    for option in OPTIONS:
        if option.kind != "one" or option.name not in here.seen:
            for flag in option.flags if here.word else option.flags[-1:]:
                yield flag, _brief(option.help)


def _brief(text: str) -> str:
    """Its first clause, with blanks at which no front end breaks the line."""
    return re.split(r"[;:,(]|\.$", text)[0].strip().replace(" ", _BLANK)


def _value(option: Option, typed: str, known: Known) -> _Found:
    flag = option.flags[-1]
    before: list[str] = []
    if flag in _SEVERAL:
        *before, typed = typed.split(",")
    source = _VALUES.get(flag)
    words = [*source(known, typed)] if source else []
    words += [(word, "value") for word in option.words]
    return _Found(typed, [item for item in words if item[0] not in before])


def _words_of(flag: str) -> Words:
    return [
        (word, "value")
        for option in OPTIONS
        if flag in option.flags
        for word in option.words
    ]


def _subcommand(here: Place, known: Known) -> _Found | None:
    """The line's first word, or an argument of the subcommand that it is."""
    from routeway_magic.commands import COMMANDS

    *before, typed = re.split(r"\s+", here.word)
    if not before:
        words = [(name, _brief(command.help)) for name, command in COMMANDS.items()]
        return _Found(typed, [*words, *([] if typed else _flags(here))])
    command = COMMANDS.get(before[0])
    return (
        _Found(typed, _arguments(command, before[1:], known, typed))
        if command
        else None
    )


def _arguments(
    command: Command, before: list[str], known: Known, typed: str
) -> Iterable[tuple[str, str]]:
    """What the usage of a subcommand has at the place behind these arguments."""
    valued = {
        word: f"{word} {value}" for word, value in _VALUED_WORD.findall(command.usage)
    }
    usage = re.sub(r"[\[\]{}]", "", _VALUED_WORD.sub(r"\1", command.usage)).split()[1:]
    flags = {flag: value for flag, value in pairwise(usage) if flag.startswith("-")}
    if before and before[-1] in valued:
        yield from _KINDS.get(valued[before[-1]], _nothing)(known, typed)
        return
    if before and before[-1] in flags:
        yield from _named(flags[before[-1]], known, typed)
        return
    slots = _without(flags, usage)
    optional = re.findall(r"\[([^\s\[\]]+)\]", command.usage)
    given = _without(flags, before)
    for slot in slots[len(given) :]:
        named = _named(slot, known, typed)
        yield from (item for item in named if item[0] not in given)
        if slot not in optional:  # else the next one may stand here as well
            break
    yield from ((flag, "option") for flag in flags if flag not in before)


def _nothing(_known: Known, _typed: str) -> Words:
    return ()


def _without(flags: Iterable[str], words: list[str]) -> list[str]:
    """The words that are neither a flag nor a flag's value."""
    pairs = pairwise(["", *words])
    return [word for before, word in pairs if not {before, word} & set(flags)]


def _named(alternatives: str, known: Known, typed: str) -> Words:
    for word in re.split(r"[|,]", alternatives):
        if word in _KINDS:
            yield from _KINDS[word](known, typed)
        elif word.islower():
            yield word, "argument"


def _in_prompt(text: str, here: Place, known: Known) -> _Found | None:
    """What can stand behind an open brace; None if there is none."""
    found = None if "raw" in here.seen else mentioned(text, known)
    return _Found(*found) if found else None
