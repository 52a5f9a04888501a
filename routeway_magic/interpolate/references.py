r"""References to the notebook's variables in a prompt.

    prompt     = { text | reference | escaped }
    reference  = "{" chain [ "!" ( "r" | "s" | "a" ) ] [ ":" spec ] "}"
    escaped    = "{" reference "}"            goes in without the outer braces
    chain      = NAME trailer*                if the notebook defines NAME
               | BUILTIN "(" chain … ")" trailer*
    trailer    = "." NAME | "[" … "]" | "(" … ")"       … is any Python
    spec       = anything but braces, quotes and line breaks, no blank at either end

No blank stands after `{` or before `}`. Everything else is text and stays as typed:
`{}`, `{0}`, `{1,2}`, `{True}`, `{name=}`, `{a, b}`, `{"a": 1}`, `{a:1,b:2}`, formats
with braces of their own (`{x:{width}}`), and all that stands between three or more
braces (`{{{name}}}`). `verbatim.py` has the places where nothing is a reference;
within a fence only a line is one that holds nothing else.

A lone identifier in braces that is not defined is an error, for it is most often a
misspelt one; an unknown name with a trailer, a conversion or a spec is text.
`{{chain}}` gives `{chain}` wherever `{chain}` would count, for unknown names too; with
a conversion or a spec only if the name is known.

The prompt is read once, from left to right, and values are never read.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from routeway_magic.errors import InputError
from routeway_magic.interpolate.braces import ESCAPED, Braces, Found, braces_at, scan
from routeway_magic.interpolate.chains import find, lone_name, names_in, read
from routeway_magic.spelling import near

__all__ = [
    "Part",
    "Reference",
    "Text",
    "evaluate",
    "formatted",
    "left_as_typed",
    "parse",
]

_MAX_MESSAGE = 300  # characters of an error's message
_MAX_SHOWN = 80  # characters of what was typed, in an error

_OPENING = re.compile(r"\{+")
_GROUP = re.compile(r"\{+([^{}\n]{1,200})\}+")
_SUFFIX = re.compile(r"(?:=|![rsa])\Z")
_CONVERSIONS: Mapping[str, Callable[[object], str]] = {"r": repr, "s": str, "a": ascii}


@dataclass(frozen=True, slots=True)
class Text:
    """Text that goes in as it is, `{{chain}}` already turned into `{chain}`.

    Args:
        text: the text.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A place that a value fills.

    Args:
        source: as typed, braces included.
        expression: the Python in it.
        conversion: "r", "s", "a" or "".
        spec: the format, "" if none.
        at: where it begins in the prompt, in characters from 0.
        name: the variable: `df` in `{df.shape}` and in `{len(df)}`.
        calls: whether it calls anything.
        path: the identifiers and string keys from the name on: `os`, `environ` and
            `API_KEY` in `{os.environ["API_KEY"]}`.
    """

    source: str
    expression: str
    conversion: str
    spec: str
    at: int
    name: str
    calls: bool
    path: tuple[str, ...]


Part = Text | Reference


def parse(prompt: str, names: Container[str] = (), *, only: bool = False) -> list[Part]:
    """The prompt in parts; the texts between references are as long as can be.

    Args:
        prompt: any text.
        names: what is defined in the notebook; its Mapping will do.
        only: whether braces with any other name stay as typed, escaped or not.

    Raises:
        InputError: if a lone identifier in braces is not defined, unless `only`.
    """
    parts: list[Part] = []
    texts: list[str] = []
    done = 0
    for found in _read(prompt, names, only=only):
        if found.part is None:
            continue
        texts.append(prompt[done : found.start])
        done = found.end
        if isinstance(found.part, Text):
            texts.append(found.part.text)
        else:
            parts += [*_joined(texts), found.part]
            texts = []
    return [*parts, *_joined([*texts, prompt[done:]])]


def left_as_typed(prompt: str, names: Container[str] = ()) -> list[str]:
    """The braces that look like references but are none, each once.

    That is: what names something that is defined, but stands in code, after a `$`, `_`
    or `^`, next to blanks or in another expression; and chains of unknown names.

    Args:
        prompt: any text.
        names: what is defined in the notebook.

    Raises:
        InputError: as `parse` does.
    """
    left = (
        source
        for found in _read(prompt, names)
        if found.part is None
        for source in _LOOKS[found.place](prompt, found, names)
    )
    return list(dict.fromkeys(left))


def evaluate(reference: Reference, variables: Mapping[str, Any], prompt: str) -> Any:
    """The value of a reference, before conversion and format.

    Args:
        reference: a reference of the prompt.
        variables: the notebook's namespace; nothing is bound in it.
        prompt: the prompt, to say where an error stands.

    Raises:
        InputError: if the expression raises.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            code = compile(reference.expression, "<prompt>", "eval", dont_inherit=True)
        return eval(code, dict(variables))  # noqa: S307 - the user's own expression in the user's own kernel
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - `sys.exit()` is no reason to end here
        place = f" ({_where(prompt, reference.at)})"
        raise _failed(reference, place, error) from None


def formatted(reference: Reference, value: Any) -> str:
    """The value as text, by the reference's conversion and format.

    Args:
        reference: the reference.
        value: what `evaluate` gave.

    Raises:
        InputError: if the value cannot be formatted so.
    """
    try:
        if reference.conversion:
            value = _CONVERSIONS[reference.conversion](value)
        return format(value, reference.spec)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever the value's class raises
        raise _failed(reference, "", error) from None


def _read(
    prompt: str, names: Container[str], *, only: bool = False
) -> Iterator[Found[Part]]:
    return scan(prompt, names, lambda braces: _part(prompt, braces, names, only=only))


def _part(
    prompt: str, braces: Braces, names: Container[str], *, only: bool
) -> Part | None:
    """What goes in for braces, None if they stay as typed."""
    body, text = braces.body, braces.body["chain"]
    if braces.depth > ESCAPED or body["nested"]:
        return None
    source = prompt[braces.start : braces.end]
    is_lone = not only and body["conversion"] is None and body["spec"] is None
    chain = find(text, names)
    if braces.depth == ESCAPED:
        counts = chain or (is_lone and read(text))
        return Text(source[1:-1]) if counts else None
    if chain:
        conversion, spec = body["conversion"] or "", body["spec"] or ""
        return Reference(
            source,
            text,
            conversion,
            spec,
            at=braces.start,
            name=chain.root,
            calls=chain.calls,
            path=chain.path,
        )
    if is_lone and lone_name(text):
        raise _undefined(prompt, braces.start, lone_name(text), names)
    return None


def _joined(texts: Iterable[str]) -> list[Part]:
    text = "".join(texts)
    return [Text(text)] if text else []


def _look_in_code(
    prompt: str, found: Found[Part], names: Container[str]
) -> Iterator[str]:
    for opening in _OPENING.finditer(prompt, found.start, found.end):
        braces = braces_at(prompt, opening.start(), opening.end(), found.end)
        if braces and braces.depth == 1 and find(braces.body["chain"], names):
            yield prompt[braces.start : braces.end]


def _look_behind_mark(
    prompt: str, found: Found[Part], names: Container[str]
) -> Iterator[str]:
    braces = braces_at(prompt, found.start, found.start + 1, found.end)
    chain = find(braces.body["chain"], names) if braces else None
    if chain and len(chain.root) > 1:  # `x_{i}` is mathematics, whatever `i` is
        yield prompt[found.start : found.end]


def _look_in_prose(
    prompt: str, found: Found[Part], names: Container[str]
) -> Iterator[str]:
    group = _GROUP.match(prompt, found.start)
    if group is None:
        source = prompt[found.start : found.end]
        if source.endswith("}"):  # a format with braces of its own
            yield source
    elif _looks_like_expression(group[1], names):
        yield group[0]


def _looks_like_expression(text: str, names: Container[str]) -> bool:
    stem = _SUFFIX.sub("", text)
    if any(name in names for name in names_in(stem.strip())):
        return True
    chain = read(stem)
    return chain is not None and (len(chain.path) > 1 or chain.calls or stem != text)


def _look_nowhere(*_: object) -> Iterator[str]:
    return iter(())


_LOOKS: Mapping[str, Callable[[str, Found[Part], Container[str]], Iterator[str]]] = {
    "code": _look_in_code,
    "TeX": _look_nowhere,
    "mark": _look_behind_mark,
    "prose": _look_in_prose,
}


def _undefined(prompt: str, at: int, name: str, names: Container[str]) -> InputError:
    listed = names if isinstance(names, Iterable) else ()
    known = [str(other) for other in listed if not str(other).startswith("_")]
    typed = _shown(name)
    hint = near(name, known) if len(name) <= _MAX_SHOWN else ""
    return InputError(
        f"There is no variable `{typed}` ({_where(prompt, at)} of the prompt).",
        f"{hint} To send it as typed, write `{{{{{typed}}}}}` or use `--raw`.".lstrip(),
    )


def _failed(reference: Reference, place: str, error: BaseException) -> InputError:
    message = _message(error)
    typed = _shown(reference.source)
    return InputError(
        f"`{typed}`{place} raised {type(error).__name__}{message and ': ' + message}",
        f"Nothing was sent. To send it as typed, write `{{{typed}}}` or use `--raw`.",
    )


def _message(error: BaseException) -> str:
    """What the error says, on one line and of bounded length."""
    try:
        text = str(error)[: _MAX_MESSAGE + 1]
    except Exception:  # noqa: BLE001 - whatever the class of the error raises
        return "(an error whose message cannot be shown)"
    return _cut(" ".join(text.split()), _MAX_MESSAGE)


def _shown(source: str) -> str:
    return _cut(" ".join(source.split()), _MAX_SHOWN)


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 1] + "…"


def _where(prompt: str, at: int) -> str:
    line = prompt.count("\n", 0, at) + 1
    return f"line {line}, column {at - prompt.rfind(chr(10), 0, at)}"
