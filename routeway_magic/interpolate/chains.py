"""What may stand between the braces of a reference, read by Python's own parser.

A pattern finds where a chain ends: brackets nest, and strings hide them. Whether it is
one, and what it names, is for `ast.parse` to say. No chain holds `:=`, `await`,
`yield`, a comment or a backslash outside a string, brackets nested deeper than
`MAX_DEPTH`, or more than `MAX_CHAIN` characters: hostile text costs one look at each
character per level, and never a deep recursion.
"""

from __future__ import annotations

import ast
import builtins
import functools
import keyword
import re
import unicodedata
import warnings
from collections.abc import Container, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass

__all__ = [
    "MAX_CHAIN",
    "MAX_DEPTH",
    "Chain",
    "body_at",
    "find",
    "lone_name",
    "names_in",
    "read",
]

MAX_CHAIN = 2_000
"""A longer chain, in characters, is no reference."""
MAX_DEPTH = 10
"""Brackets within brackets, in levels, that a chain may have."""

# Possessive throughout: each character is looked at once, whatever comes.
_NAME = r"[^\W\d]\w*+"
_STRING = (
    r"'''(?:[^'\\]++|\\.|'(?!''))*+'''|'(?!'')(?:[^'\\\n]++|\\.)*+'|"
    r'"""(?:[^"\\]++|\\.|"(?!""))*+"""|"(?!"")(?:[^"\\\n]++|\\.)*+"'
)
_PLAIN = r"[^()\[\]{}'\"#\\]++"
# A dict display without quotes, `{a:1,b:2}`, is no format of `a`.
_SPEC = r"(?!\s)(?![^{}\n]*?,\s*+[^\W\d]\w*+\s*+:)(?P<spec>[^{}\n'\"]*+)"
_NESTED = r":(?!\s)[^{}\n]*+(?:\{[^{}\n]*+\}[^{}\n]*+)++\}"
_NOT_IN_A_CHAIN = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)
_FIRST_WORD = re.compile(r"\A\w+")
_MAY_WARN = re.compile(r"\\|\d[A-Za-z]")
_KEY = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain that Python can read.

    Args:
        root: the name that it begins with.
        calls: whether it calls anything.
        path: its identifiers and string keys, in the order of the text.
        inner: if the root is called at once on another chain, that chain: in
            `len(df)`, `df`.
    """

    root: str
    calls: bool
    path: tuple[str, ...]
    inner: Chain | None = None


def body_at(prompt: str, at: int, stop: int) -> re.Match[str] | None:
    """What stands in braces from here on, the first closing brace included.

    Its groups are `chain`, `conversion`, `spec` and `nested`: a format with braces of
    its own.

    Args:
        prompt: any text.
        at: the position behind an opening brace.
        stop: where the text ends.
    """
    found = _body().match(prompt, at, stop)
    return found if found and len(found["chain"]) <= MAX_CHAIN else None


def lone_name(text: str) -> str:
    """The identifier that the text is, as Python reads it; "" if it is none."""
    if not text.isidentifier():
        return ""
    name = unicodedata.normalize("NFKC", text)
    return "" if keyword.iskeyword(name) else name


@functools.lru_cache(maxsize=256)  # what is asked of a text is asked twice
def read(text: str) -> Chain | None:
    """What a chain names, or None if Python does not read it as a chain.

    Args:
        text: a chain as `body_at` finds it.
    """
    name = lone_name(text)
    if name:
        return Chain(name, calls=False, path=(name,))
    tree = _parsed(text)
    if tree is None:
        return None
    if any(isinstance(node, _NOT_IN_A_CHAIN) for node in ast.walk(tree)):
        return None
    return _chain(tree)


def find(text: str, names: Container[str]) -> Chain | None:
    """The chain whose root is defined, or the one in it that a builtin is called on.

    Args:
        text: a chain as `body_at` finds it.
        names: what is defined in the notebook.
    """
    root = unicodedata.normalize("NFKC", _FIRST_WORD.findall(text)[0])
    # Most braces in pasted text begin with a word that nobody defined: no parsing.
    if root in names or _is_builtin(root):
        chain = read(text)
        return _known(chain, names) if chain else None
    return None


def names_in(text: str) -> set[str]:
    """The names in a Python expression; none if the text is no expression."""
    tree = _parsed(text)
    nodes = ast.walk(tree) if tree else ()
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def _parsed(text: str) -> ast.expr | None:
    # Python warns of `"\d"` and `0or 1`: it may be no code. Else no filter is touched:
    # they are the process's own, and a panel's thread may ask too.
    warns = _MAY_WARN.search(text)
    try:
        with warnings.catch_warnings(action="ignore") if warns else nullcontext():
            return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _known(chain: Chain, names: Container[str]) -> Chain | None:
    if chain.root in names:
        return chain
    found = _known(chain.inner, names) if chain.inner else None
    if found is None or not _is_builtin(chain.root):
        return None
    path = chain.path[chain.path.index(found.root) :]
    return Chain(found.root, calls=True, path=path)


def _is_builtin(name: str) -> bool:
    return callable(getattr(builtins, name, None)) and not name.startswith("_")


def _chain(tree: ast.expr) -> Chain | None:
    node, called_on = tree, None
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        if isinstance(node, ast.Call):
            called_on = node.args[0] if node.args else None
            node = node.func
        else:
            called_on = None
            node = node.value
    if not isinstance(node, ast.Name):
        return None
    calls = any(isinstance(part, ast.Call) for part in ast.walk(tree))
    inner = _chain(called_on) if called_on else None
    return Chain(node.id, calls, _path(tree), inner)


def _path(tree: ast.expr) -> tuple[str, ...]:
    return tuple(name for _, name in sorted(set(_named(tree))))


def _named(tree: ast.expr) -> Iterator[tuple[tuple[int, int], str]]:
    """Each identifier and string key, with where it ends."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield _end(node), node.id
        elif isinstance(node, ast.Attribute):
            yield _end(node), node.attr
        elif isinstance(node, ast.Subscript):
            yield from _texts(ast.walk(node.slice))
        elif isinstance(node, ast.Call):  # os.getenv("API_KEY") names it as well
            keys = _texts([*node.args, *(given.value for given in node.keywords)])
            yield from ((end, text) for end, text in keys if _KEY.fullmatch(text))


def _texts(nodes: Iterable[ast.AST]) -> Iterator[tuple[tuple[int, int], str]]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield _end(node), node.value


def _end(node: ast.expr) -> tuple[int, int]:
    return node.end_lineno or 0, node.end_col_offset or 0


@functools.cache  # compiled when first needed: it would be felt by %load_ext
def _body() -> re.Pattern[str]:
    brackets = "(?!)"
    for _ in range(MAX_DEPTH):
        brackets = rf"[(\[{{](?:{_PLAIN}|{_STRING}|{brackets})*+[)\]}}]"
    trailer = rf"\.{_NAME}|(?=[(\[]){brackets}"
    return re.compile(
        rf"(?P<chain>{_NAME}(?:{trailer})*+)(?:!(?P<conversion>[rsa]))?"
        rf"(?:(?::{_SPEC})?(?<!\s)\}}|(?P<nested>{_NESTED}))",
        re.DOTALL,
    )
