"""Code, coloured with the short classes that JupyterLab has a style for."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from io import StringIO
from time import thread_time
from typing import TYPE_CHECKING, TypeVar

from routeway_magic.markup.text import escape, without_surrogates

if TYPE_CHECKING:
    from pygments.formatters import HtmlFormatter

__all__ = ["LANGUAGES", "MAX_CODE", "MAX_COLUMNS", "MAX_SECONDS", "code_to_html"]

_Token = TypeVar("_Token")

MAX_CODE = 100_000
"""Code longer than this is not coloured."""

MAX_COLUMNS = 2_000
"""Code with a line longer than this is not coloured: it is data, or a trap."""

MAX_SECONDS = 0.5
"""Code that takes a lexer longer than this is not coloured: time of the processor,
so that a busy machine does not change what is shown."""

_PLAIN = re.compile(r'<span class="(?:n|w|p|o|nn)">([^<]*)</span>')
_QUOTED = re.compile(r'<span class="(\w+)">')

_LANGUAGES = """
awk bash bat batch c c# c++ clj clojure cmake common-lisp console cpp cs csharp css
cython dart diff docker dockerfile elixir erlang ex f# fortran fsharp go golang
graphql groovy haskell hs html http ini java javascript jl js json jsx julia
kotlin latex lisp lua make makefile markdown md mysql nasm nginx nix
objective-c objectivec ocaml octave perl php postgres postgresql powershell
proto protobuf ps1 pwsh py pycon python python3 pyx r rb rs ruby rust scala
scheme scss sh shell shell-session solidity sql sqlite3 swift tex toml ts
typescript verilog vhdl vim xml yaml zig zsh
"""

_ALSO = {
    "pyi": "python",
    "tsx": "typescript",
    "yml": "yaml",
}  # what older Pygments do not know

LANGUAGES = frozenset(_LANGUAGES.split())
"""The languages that are coloured.

Pygments knows 500 more, found by a search through installed plugins, and many of
their lexers, MATLAB's too, need minutes for a few hostile kilobytes, some within one
match, where no clock is looked at.
"""


def code_to_html(code: str, language: str = "", *, highlight: bool = True) -> str:
    """Code as a block of HTML that shows exactly this text.

    Args:
        code: the code.
        language: a fence's info string, of which the first word counts.
        highlight: whether to colour it, where the language is known.
    """
    alias = (language.split() or [""])[0].lower()
    alias = _ALSO.get(alias, alias)
    known = highlight and alias in LANGUAGES and _is_modest(code)
    inner = _coloured(code, alias) if known else escape(code)
    first = "\n" if code.startswith("\n") else ""  # HTML drops one after <pre>
    return f'<div class="highlight"><pre>{first}{inner}</pre></div>\n'


def _is_modest(code: str) -> bool:
    if len(code) > MAX_CODE:
        return False
    return len(code) <= MAX_COLUMNS or max(map(len, code.split("\n"))) <= MAX_COLUMNS


def _coloured(code: str, alias: str) -> str:
    from pygments.lexers import get_lexer_by_name

    as_written = {"stripnl": False, "ensurenl": False, "handlecodeblocks": False}
    try:
        lexer = get_lexer_by_name(alias, **as_written)
        tokens = _in_time(lexer.get_tokens(without_surrogates(code)))
        written = StringIO()
        _formatter().format(tokens, written)
        html = _slim(written.getvalue())
        return html if code.endswith("\n") else html.removesuffix("\n")
    except Exception:  # noqa: BLE001 - whatever trips a lexer, the code is shown
        return escape(code)


def _slim(html: str) -> str:
    """The same colours in half the bytes: names and blanks have none of their own.

    The formatter has escaped the text, so that every `<` is a tag of its own.
    """
    return _QUOTED.sub(r"<span class=\1>", _PLAIN.sub(r"\1", html))


def _in_time(tokens: Iterator[_Token]) -> Iterator[_Token]:
    """The tokens, or TimeoutError: many lexers are quadratic somewhere."""
    deadline = thread_time() + MAX_SECONDS
    for token in tokens:
        if thread_time() > deadline:
            raise TimeoutError
        yield token


@functools.cache
def _formatter() -> HtmlFormatter[str]:
    from pygments.formatters import HtmlFormatter

    return HtmlFormatter(nowrap=True)
