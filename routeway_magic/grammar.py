"""The grammar of a magic's line.

    line    = { option } [ "--" ] [ prompt ]
    option  = flag | flag VALUE | flag KEY=JSON | flag KEY=VALUES
              (also flag=VALUE for --long flags)
    prompt  = everything from the first other word on, verbatim

A quote groups only where it begins a word; it is then removed, and nothing inside
it escapes. KEY=JSON runs to the end of the JSON value, blanks and all; KEY=VALUES to
the last value that a comma leads to. After an option, or after `--`, a word is never a
subcommand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from traitlets import (
    Bool,
    Dict,
    Enum,
    HasTraits,
    List,
    TraitError,
    TraitType,
    Unicode,
)

from routeway_magic.cell_options import CellOptions
from routeway_magic.errors import InputError
from routeway_magic.settings import UNSET, ClaudeSettings
from routeway_magic.spelling import near
from routeway_magic.traits import Axes

__all__ = ["OPTIONS", "Line", "Option", "Reader", "options_of", "parse_line"]


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON value")


_JSON = json.JSONDecoder(parse_constant=_refuse_constant)
_ITEM = re.compile(r"[^\s,]+")
_WORD = re.compile(r"[^\s]+")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_VALUE_MEANS = "put `--` before a prompt that begins with a dash"


@dataclass(frozen=True, slots=True)
class Option:
    """An option of the magics.

    Args:
        name: the setting's name.
        flags: how it is written.
        help: what it does.
        read: turns its value's text into a value; None for a flag without value.
        constant: what a flag without value sets.
        kind: how repeated values add up: "one" (the last counts), "list", "json" or "axis".
        words: values that it is known to take, "unset" among them.
    """

    name: str
    flags: tuple[str, ...]
    help: str
    read: Callable[[str], Any] | None = None
    constant: Any = None
    kind: str = "one"
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A parsed line.

    Args:
        values: option values by the setting's name; "unset" takes one back.
        prompt: the rest of the line, verbatim.
        plain: whether no option and no `--` stood before the prompt, so that its
            first word may be a subcommand.
    """

    values: dict[str, Any] = field(default_factory=dict)
    prompt: str = ""
    plain: bool = True


def options_of(settings: type[HasTraits]) -> list[Option]:
    """The options that a class of settings declares on its traits."""
    return [
        _option(name, trait)
        for name, trait in settings.class_traits().items()
        if trait.metadata.get("flags")
    ]


def parse_line(line: str, options: Sequence[Option]) -> Line:
    """Reads the options and leaves the prompt as it was typed.

    Args:
        line: what stands behind the magic's name.
        options: the options to know.

    Raises:
        InputError: for an unknown option, a missing or a wrong value.
    """
    by_flag = {flag: option for option in options for flag in option.flags}
    reader = Reader(line)
    values: dict[str, Any] = {}
    plain = True
    while reader.peek().startswith("-") and reader.peek() != "-":
        plain = False
        flag = reader.word()
        if flag == "--":
            return Line(values, reader.rest(), plain=False)
        _take(flag, by_flag, reader, values)
    return Line(values, reader.rest(), plain)


def _take(
    flag: str, by_flag: dict[str, Option], reader: Reader, values: dict[str, Any]
) -> None:
    has_value = flag.startswith("--") and "=" in flag
    if has_value:
        flag = reader.split_at_equals(flag)
    option = by_flag.get(flag)
    if option is None:
        hint = near(flag, list(by_flag)) or "`%claude help` lists the options."
        raise InputError(f"There is no option `{flag}`.", f"{hint} Or {_VALUE_MEANS}.")
    if has_value and option.read is None:
        raise InputError(f"`{flag}` takes no value.", option.help)
    if has_value and reader.is_at_blank():
        raise InputError(f"`{flag}=` needs a value right behind it.", option.help)
    if option.read is None:
        values[option.name] = option.constant
    elif option.kind == "json":
        key, value = reader.member(flag)
        values.setdefault(option.name, {})[key] = value
    elif option.kind == "axis":
        values.setdefault(option.name, []).append(reader.axis(flag))
    else:
        _store(option, _value(option, flag, reader, by_flag), values)


def _store(option: Option, value: Any, values: dict[str, Any]) -> None:
    if option.kind == "list" and value != UNSET:
        known = values.get(option.name, UNSET)
        values[option.name] = [value] if known == UNSET else [*known, value]
    else:
        values[option.name] = value


def _value(
    option: Option, flag: str, reader: Reader, by_flag: dict[str, Option]
) -> Any:
    if not reader.peek() or reader.peek() in by_flag:
        raise InputError(f"`{flag}` needs a value.", option.help)
    text = reader.value(flag)
    if text == UNSET or option.read is None:
        return UNSET
    try:
        return option.read(text)
    except (TraitError, ValueError) as error:
        raise InputError(f"`{flag}` cannot be `{text}`.", option.help) from error


class Reader:
    """A place in the line that moves on as words are read."""

    def __init__(self, line: str) -> None:
        self._line = line
        self._at = 0

    def peek(self) -> str:
        """The next word as typed, "" at the end."""
        self._skip_blanks()
        found = _WORD.match(self._line, self._at)
        return found[0] if found else ""

    def is_at_blank(self) -> bool:
        """Whether a blank, or nothing, comes next."""
        return not self._line[self._at : self._at + 1].strip()

    def is_at_end(self) -> bool:
        """Whether nothing comes next, not even a blank."""
        return self._at >= len(self._line)

    def unfinished(self, option: Option) -> str | None:
        """The option's value if the line ends in it; None if it goes on behind it."""
        self._skip_blanks()
        start = self._at
        try:
            if option.kind == "json":
                self.member(option.flags[-1])
            elif option.kind == "axis":
                self.axis(option.flags[-1])
            else:
                self.value(option.flags[-1])
        except InputError:  # it is not all there
            self._at = len(self._line)
        if not self.is_at_end():
            return None
        is_quoted = self._line[start : start + 1] in ("'", '"')
        return self._line[start + is_quoted :]

    def word(self) -> str:
        """The next word; goes on behind it."""
        word = self.peek()
        self._at += len(word)
        return word

    def split_at_equals(self, word: str) -> str:
        """Goes back to behind the `=` of a `--flag=VALUE` and gives the flag."""
        flag = word.partition("=")[0]
        self._at += len(flag) + 1 - len(word)
        return flag

    def rest(self) -> str:
        """All that comes, from the next word on."""
        self._skip_blanks()
        return self._line[self._at :]

    def value(self, flag: str) -> str:
        """The next word, or the quoted group that it begins."""
        self._skip_blanks()
        quote = self._line[self._at : self._at + 1]
        if quote not in ("'", '"'):
            return self.word()
        end = self._line.find(quote, self._at + 1)
        if end < 0:
            raise InputError(f"The quote after `{flag}` is never closed.")
        text = self._line[self._at + 1 : end]
        self._at = end + 1
        self._must_end(f"the quoted value of `{flag}`")
        return text

    def member(self, flag: str) -> tuple[str, Any]:
        """A KEY=JSON pair."""
        if self.peek()[:1] in ("'", '"'):
            inner = Reader(self.value(flag))
            found = inner.member(flag)
            if inner.peek():
                raise InputError(f"`{flag}` takes one KEY=JSON, not `{inner.rest()}`.")
            return found
        self._skip_blanks()
        key = _KEY.match(self._line, self._at)
        if not key or self._line[key.end() : key.end() + 1] != "=":
            raise InputError(
                f"`{flag}` needs KEY=JSON.", f"For instance {flag} top_k=5"
            )
        self._at = key.end() + 1
        if self.peek() == UNSET:
            return key[0], self.word()
        return key[0], self._json(flag, key[0])

    def axis(self, flag: str) -> str:
        """The text of a KEY=VALUES, of which commas part the values."""
        if self.peek()[:1] in ("'", '"'):
            return self.value(flag)
        start = self._at
        key = _KEY.match(self._line, start)
        if not key or self._line[key.end() : key.end() + 1] != "=":
            raise InputError(
                f"`{flag}` needs KEY=VALUES.",
                f"For instance {flag} temperature=0,0.5,1",
            )
        self._at = key.end()
        while self._line[self._at : self._at + 1] in ("=", ","):
            self._at += 1
            self._skip_blanks()
            self._item(flag, key[0])
        self._must_end(f"the values of `{flag} {key[0]}=`")
        return self._line[start : self._at]

    def _item(self, flag: str, key: str) -> None:
        """Goes on behind one of several values; it is read later."""
        if self._line[self._at : self._at + 1] in ('"', "[", "{"):
            self._read_json(flag, key)
        elif item := _ITEM.match(self._line, self._at):
            self._at = item.end()

    def _json(self, flag: str, key: str) -> Any:
        value = self._read_json(flag, key)
        self._must_end(f"the value of `{flag} {key}=`")
        return value

    def _read_json(self, flag: str, key: str) -> Any:
        try:
            value, self._at = _JSON.raw_decode(self._line, self._at)
        except (ValueError, RecursionError) as error:  # no JSON, or nested without end
            raise InputError(
                f"The value of `{flag} {key}=` is no JSON: {error}.",
                f'Text needs double quotes: {flag} {key}="text"',
            ) from error
        return value

    def _must_end(self, what: str) -> None:
        after = self._line[self._at : self._at + 1]
        if after and not after.isspace():
            raise InputError(f"A blank is missing after {what}, before `{after}`.")

    def _skip_blanks(self) -> None:
        while self._line[self._at : self._at + 1].isspace():
            self._at += 1


def _option(name: str, trait: TraitType[Any, Any]) -> Option:
    flags = trait.metadata["flags"]
    help_text = str(trait.metadata.get("flag_help") or trait.help)
    if isinstance(trait, Bool):
        return Option(name, flags, help_text, constant=trait.metadata["const"])
    if isinstance(trait, Dict):
        return Option(name, flags, help_text, read=str, kind="json")
    if isinstance(trait, Axes):
        return Option(name, flags, help_text, read=str, kind="axis")
    words = _words(trait)
    if isinstance(trait, List):
        return Option(name, flags, help_text, read=str, kind="list", words=words)
    return Option(name, flags, help_text, read=_reader_for(trait), words=words)


def _words(trait: TraitType[Any, Any]) -> tuple[str, ...]:
    known = trait.metadata.get("words", ())
    if isinstance(trait, Enum):
        known = map(str, trait.values or ())
    return (*known, UNSET) if trait.metadata.get("parameter") else tuple(known)


def _reader_for(trait: TraitType[Any, Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        # traitlets' own reading of text expands `~` and takes quotes away
        value = text if isinstance(trait, Unicode) else trait.from_string(text)
        return trait._validate(HasTraits(), value)  # noqa: SLF001 - traitlets' only way to check without setting

    return read


OPTIONS = (*options_of(ClaudeSettings), *options_of(CellOptions))
"""The options of the magics."""
