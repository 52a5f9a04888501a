"""A type as it is written on a magic's line, read without running the user's code.

    type     = name | type "." name | type "[" argument { "," argument } "]"
             | type "|" type | "None"
    argument = type | "..." | a literal value (inside `Literal` and `Annotated`)

or a JSON Schema: `{…}`. Names are the notebook's, then Python's own types, then those
of `typing` that no one should have to import for this.
"""

from __future__ import annotations

import ast
import builtins
import json
import operator
import typing
from collections.abc import Mapping
from typing import Any

from routeway_magic.errors import InputError
from routeway_magic.namespace import find

__all__ = ["read_type"]

_FROM_TYPING = ("Annotated", "Any", "Literal", "Optional", "Union")
_HOW = (
    "A type is written as in Python: `Person`, `list[str]`, `int | None`, "
    '`Literal["yes", "no"]`; with blanks in it, within quotes.'
)


def read_type(text: str, namespace: Mapping[str, Any]) -> Any:
    """The type, or the JSON Schema, that this text names.

    Args:
        text: what stands behind `--as`.
        namespace: the notebook's.

    Raises:
        InputError: if it names none, or is more than names, subscripts and literals.
    """
    if text.lstrip().startswith("{"):
        return _schema(text)
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        raise InputError(f"`{text}` is no type.", _HOW) from None
    return _Reading(text, namespace).type(tree)


def _schema(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"The JSON Schema behind `--as` is no JSON: {error}.", _HOW
        ) from None


class _Reading:
    """One text that is being read."""

    def __init__(self, text: str, namespace: Mapping[str, Any]) -> None:
        self._text = text
        self._namespace = namespace

    def type(self, node: ast.expr) -> Any:
        """What a type's expression stands for."""
        match node:
            case ast.Constant(value=None):
                return None
            case ast.Name() | ast.Attribute():
                return self._named(node)
            case ast.Subscript(value=origin, slice=argument):
                return self._subscripted(self.type(origin), argument)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self._either(self.type(left), self.type(right))
        raise self._refused(f"`{ast.unparse(node)}` is no type")

    def _named(self, node: ast.expr) -> Any:
        chain = ast.unparse(node)
        if isinstance(node, ast.Attribute) and not _is_chain(node):
            raise self._refused(f"`{chain}` is more than a name")
        try:
            return find(self._namespace, chain)
        except LookupError:
            pass
        found = getattr(builtins, chain, None)
        if isinstance(found, type):
            return found
        if chain in _FROM_TYPING:
            return getattr(typing, chain)
        raise self._refused(f"`{chain}` is not defined")

    def _subscripted(self, origin: Any, argument: ast.expr) -> Any:
        if not _is_type(origin):  # whatever else takes a subscript may do anything
            raise self._refused("only types take something in square brackets")
        many = argument.elts if isinstance(argument, ast.Tuple) else [argument]
        is_literal = origin is typing.Literal
        given = [
            self._literal(one)
            if is_literal or (origin is typing.Annotated and index)
            else self._argument(one)
            for index, one in enumerate(many)
        ]
        try:
            return origin[given[0] if len(given) == 1 else tuple(given)]
        except TypeError as error:
            raise self._refused(str(error)) from None

    def _argument(self, node: ast.expr) -> Any:
        is_dots = isinstance(node, ast.Constant) and node.value is ...
        return ... if is_dots else self.type(node)

    def _literal(self, node: ast.expr) -> Any:
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError):
            return self._named(node)  # such as a member of an Enum

    def _either(self, left: Any, right: Any) -> Any:
        if not all(one is None or _is_type(one) for one in (left, right)):
            raise self._refused("only types can be joined with `|`")
        try:
            return operator.or_(left, right)
        except TypeError as error:
            raise self._refused(str(error)) from None

    def _refused(self, why: str) -> InputError:
        return InputError(f"`{self._text}` cannot be used as a type: {why}.", _HOW)


def _is_chain(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) or (
        isinstance(node, ast.Attribute) and _is_chain(node.value)
    )


def _is_type(value: Any) -> bool:
    # `typing`'s own forms, such as `Literal` and `list[int]`, are no classes.
    kind = type(value)
    return issubclass(kind, type) or kind.__module__ in ("typing", "types")
