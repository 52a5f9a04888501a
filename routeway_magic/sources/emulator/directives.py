"""What a prompt may ask of the emulator: its first line `emulate: WORD, WORD …`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from routeway_magic.sources.emulator.quota import Limit
from routeway_magic.sources.emulator.refusal import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from routeway_magic.types import JSONObject

__all__ = [
    "Directives",
    "ErrorAnswer",
    "ToolCalls",
    "asked_of",
    "directives_of",
    "help_text",
    "last_user_texts",
]

_PREFIX = "emulate:"
_DEFAULT_LONG = 8
_MOST_LONG = 10_000
_DEFAULT_PACE = 5.0
_STATUSES = range(400, 600)
_SHAPES = ("anthropic", "routeway", "html", "empty")


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """An error to answer with.

    Args:
        status: the HTTP status.
        shape: whose body it carries.
        retry_after: the header's value, or empty for none.
    """

    status: int
    shape: str = "anthropic"
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class ToolCalls:
    """Tool calls to answer with.

    Args:
        name: the tool; empty means each tool of the request.
        input: the arguments; None means some that fit the schema.
    """

    name: str = ""
    input: JSONObject | None = None


@dataclass(frozen=True, slots=True)
class Directives:
    """What the prompt asked for; the defaults ask for nothing."""

    help: bool = False
    long: int | None = None
    slow: float | None = None
    error: ErrorAnswer | None = None
    cut: bool = False
    mid_error: bool = False
    thinking: bool = False
    redacted: bool = False
    tools: tuple[ToolCalls, ...] = ()
    stop: str | None = None
    unknown: bool = False
    citations: bool = False
    echo: str | None = None
    data_only: bool = False
    json: bool = False
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class _Word:
    usage: str
    meaning: str
    read: Callable[[str], Any]


def last_user_texts(body: JSONObject) -> list[str]:
    """The texts of the last user message, in order.

    Args:
        body: a valid request.
    """
    users = [turn for turn in body["messages"] if turn["role"] == "user"]
    content = users[-1]["content"] if users else []
    if isinstance(content, str):
        return [content]
    return [block["text"] for block in content if block["type"] == "text"]


def directives_of(texts: list[str]) -> Directives:
    """What the last of these texts that begins with `emulate:` asks for.

    Args:
        texts: of the last user message.

    Raises:
        RefusedError: for a word or an argument that is not known.
    """
    for index in reversed(range(len(texts))):
        line, _, rest = texts[index].partition("\n")
        if line.startswith(_PREFIX):
            return _parse(
                line.removeprefix(_PREFIX), rest + "".join(texts[index + 1 :])
            )
    return Directives()


def asked_of(body: JSONObject) -> Directives:
    """What a request asks of the emulator.

    Where results of tools come, it is the question's next line of directives: so a
    question can ask for calls, and for others once their results are there.

    Args:
        body: a valid request.

    Raises:
        RefusedError: for a word or an argument that is not known.
    """
    texts = last_user_texts(body)
    if texts:
        return directives_of(texts)
    users = [turn for turn in body["messages"] if turn["role"] == "user"]
    asked = (last_user_texts({"messages": [turn]}) for turn in reversed(users))
    for step, found in enumerate(asked):
        if found:
            lines = found[-1].split("\n")
            is_step = all(one.startswith(_PREFIX) for one in lines[: step + 1])
            return directives_of(["\n".join(lines[step:])] if is_step else [])
    return Directives()


def help_text() -> str:
    """The directives as Markdown."""
    rows = [f"| `{word.usage}` | {word.meaning} |" for word in _WORDS.values()]
    head = ["| directive | the answer |", "|---|---|"]
    before = "The first line of a prompt may be `emulate:` and one or more of these, separated by commas."
    after = (
        "For example `emulate: long 20, slow 50`. `tools` may stand there several times; "
        "the line below, if it begins likewise, is for the request with their results."
    )
    return "\n".join([before, "", *head, *rows, "", after])


def _parse(line: str, rest: str) -> Directives:
    asked: dict[str, Any] = {}
    for part in _parts(line):
        name, _, argument = part.partition(" ")
        word = _WORDS.get(name)
        if word is None:
            raise _unknown(name)
        field = name.replace("-", "_")
        read = word.read(argument.strip())
        if name == "tools":
            read = (*asked.get(field, ()), read)
        asked[field] = rest if name == "echo" else read
    if not asked:
        raise _wrong("say what", "help")
    return Directives(**asked)


def _parts(line: str) -> Iterator[str]:
    """Split at commas that stand outside braces and quotes."""
    pieces = re.findall(r'"(?:\\.|[^"\\])*"|.', line)
    part, depth = "", 0
    for piece in pieces:
        depth += (piece in "{[") - (piece in "}]")
        if piece == "," and depth <= 0:
            yield part.strip()
            part = ""
        else:
            part += piece
    if part.strip():
        yield part.strip()


def _unknown(name: str) -> RefusedError:
    from difflib import get_close_matches

    near = get_close_matches(name, _WORDS, n=3, cutoff=0.5)
    sentence = f"`{name}` is not a directive"
    if near:
        sentence += "; did you mean " + " or ".join(f"`{word}`" for word in near)
    return RefusedError(400, f"emulate: {sentence}? `emulate: help` lists them all.")


def _wrong(problem: str, name: str) -> RefusedError:
    usage = _WORDS[name].usage
    return RefusedError(400, f"emulate: {problem}; use `emulate: {usage}`.")


def _flag(name: str) -> Callable[[str], bool]:
    def read(argument: str) -> bool:
        if argument:
            raise _wrong(f"`{name}` takes no argument", name)
        return True

    return read


def _long(argument: str) -> int:
    found = re.fullmatch(r"(\d{0,6})\s*(?:kB)?", argument, re.IGNORECASE)
    size = int(found[1] or _DEFAULT_LONG) if found else 0
    if not 1 <= size <= _MOST_LONG:
        raise _wrong(f"`{argument}` is no size from 1 to {_MOST_LONG} kB", "long")
    return size * 1000


def _pace(argument: str) -> float:
    try:
        pace = float(argument or _DEFAULT_PACE)
    except ValueError:
        pace = 0.0
    if not 0.01 <= pace <= 10_000:  # noqa: PLR2004 - a pause of 100 s to one of 0.1 ms
        raise _wrong(f"`{argument}` is no pace from 0.01 to 10000", "slow")
    return pace


def _error(argument: str) -> ErrorAnswer:
    before, mark, after = argument.partition("retry-after")
    words = before.split()
    status = int(words[0]) if words and re.fullmatch(r"\d{3}", words[0]) else 0
    if status not in _STATUSES:
        raise _wrong("a status from 400 to 599 is needed", "error")
    shape = words[1] if len(words) > 1 else "anthropic"
    if shape not in _SHAPES or len(words) > 2:  # noqa: PLR2004 - a status and a shape
        raise _wrong(f"`{' '.join(words[1:])}` is no shape of an error", "error")
    retry_after = after.strip().strip('"')
    if mark and not (retry_after and retry_after.isprintable()):
        raise _wrong("`retry-after` needs its value", "error")
    return ErrorAnswer(status, shape, retry_after)


def _limit(argument: str) -> Limit:
    found = re.fullmatch(r"(\d{1,4})(?:\s+(\d{1,4}(?:\.\d{1,3})?))?", argument)
    requests, seconds = (int(found[1]), float(found[2] or 60)) if found else (0, 0.0)
    if requests < 1 or seconds <= 0:
        raise _wrong(f"`{argument}` is no number of requests", "limit")
    return Limit(requests, seconds)


def _tools(argument: str) -> ToolCalls:
    name, brace, rest = argument.partition("{")
    if not brace:
        return ToolCalls(name.strip())
    try:
        given = json.loads(brace + rest)
    except ValueError as error:
        raise _wrong(f"the arguments are not JSON ({error})", "tools") from None
    if not isinstance(given, dict) or not name.strip():
        raise _wrong("arguments need the tool's name before them", "tools")
    return ToolCalls(name.strip(), given)


def _stop(argument: str) -> str:
    if not re.fullmatch(r"[a-z_]{1,64}", argument):
        raise _wrong("a stop reason is needed", "stop")
    return argument


_WORDS: Mapping[str, _Word] = {
    "help": _Word("help", "this list", _flag("help")),
    "echo": _Word("echo", "the lines below, as they are", _flag("echo")),
    "long": _Word("long [N kB]", "varied Markdown of about that size (8 kB)", _long),
    "slow": _Word("slow [N]", "N deltas a second (5)", _pace),
    "thinking": _Word("thinking", "a thinking block first", _flag("thinking")),
    "redacted": _Word("redacted", "a redacted thinking block", _flag("redacted")),
    "tools": _Word("tools [NAME [{…}]]", "calls of your tools, or of this one", _tools),
    "citations": _Word("citations", "text that cites its source", _flag("citations")),
    "stop": _Word("stop REASON", "this stop reason, such as `refusal`", _stop),
    "error": _Word(
        "error STATUS [SHAPE] [retry-after SECONDS]",
        "an error status; SHAPE is `anthropic`, `routeway`, `html` or `empty`",
        _error,
    ),
    "limit": _Word(
        "limit N [SECONDS]", "429 beyond N of these requests in a minute", _limit
    ),
    "cut": _Word("cut", "a connection that is closed half-way", _flag("cut")),
    "mid-error": _Word("mid-error", "an error event half-way", _flag("mid-error")),
    "unknown": _Word(
        "unknown", "an event, a delta and a block of new types", _flag("unknown")
    ),
    "data-only": _Word(
        "data-only", "frames without names, then `[DONE]`", _flag("data-only")
    ),
    "json": _Word("json", "one JSON body, even to `stream: true`", _flag("json")),
}
