"""Which description a value gets: the user's own first, then by type, then by shape.

In this order: `_repr_llm_`; a function registered for the type, ours for known types
included; whatever has a shape and a dtype; `_repr_png_` and `_repr_jpeg_`;
`_repr_markdown_`; the members of dataclasses and their like; `repr`. Where the repr
says nothing but the type: `_repr_latex_`, `_repr_html_`, `_repr_svg_`, the public
attributes.

A way that gives None or raises is passed over for the next; what was raised is told
in the label. An InputError is not passed over: it stops the request.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial, singledispatch
from importlib import import_module
from threading import RLock
from typing import Any, TypeVar, overload

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.guarded import Failed, call, classes_of, name_of, package_of
from routeway_magic.types import ContentBlock

__all__ = ["describe", "register", "to_blocks"]

Given = str | Described | ContentBlock | Sequence[ContentBlock] | None
"""What a describing function may give; None leaves the value to the next way."""

Describer = TypeVar("Describer", bound=Callable[..., Given])

_OURS = __name__.rpartition(".")[0]

# The package that a type is from -> our modules that describe such types, imported
# when the first such value comes: nobody else needs them.
_KNOWN_BY = {
    "builtins": ("plain", "binary", "containers", "code", "modules", "failures"),
    "pathlib": ("files",),
    "_io": ("open_files",),
    "numpy": ("numpy_arrays",),
    "pandas": ("pandas_frames",),
    "polars": ("polars_frames",),
    "pyarrow": ("arrow_tables",),
    "dask": ("lazy_frames",),
    "duckdb": ("lazy_frames",),
    "_duckdb": ("lazy_frames",),
    "ibis": ("lazy_frames",),
    "pyspark": ("lazy_frames",),
    "xarray": ("labelled_arrays",),
    "sklearn": ("estimators",),
    "PIL": ("pil_images",),
    "matplotlib": ("figures",),
    "seaborn": ("seaborn_grids",),
    "plotly": ("plotly_charts",),
    "altair": ("altair_charts",),
}


def describe(value: Any, limits: Limits | None = None) -> Described:
    """What this value becomes in a request.

    Args:
        value: anything; it is neither changed nor copied whole.
        limits: how much of it may be sent.

    Raises:
        InputError: if it cannot be sent at all, such as a missing file.
    """
    from routeway_magic.content.protocols import describe_unknown, own_words

    limits = limits or Limits()
    failures: list[str] = []
    for way in (own_words, _by_type):
        try:
            described = way(value, limits)
        except Failed as failure:
            failures.append(str(failure))
            continue
        if described is not None:
            return _telling(described, failures)
    return _telling(describe_unknown(value, limits, failures), failures)


class ToBlocks:
    """The function `to_blocks`, which can be taught further types."""

    def __init__(self) -> None:
        self._functions = singledispatch(_nobody)
        self._lock = RLock()  # a registration while another thread looks one up

    def __call__(self, value: Any, limits: Limits | None = None) -> list[ContentBlock]:
        """The content blocks of a value, with a label where it is more than a word.

        Args:
            value: anything.
            limits: how much of it may be sent.

        Raises:
            InputError: if it cannot be sent at all, such as a missing file.
        """
        return describe(value, limits).as_blocks()

    @overload
    def register(self, kind: type) -> Callable[[Describer], Describer]: ...
    @overload
    def register(self, kind: type, function: Describer) -> Describer: ...
    def register(self, kind: type, function: Any = None) -> Any:
        """Registers a function for a type and its subclasses; a decorator too.

        The function takes the value, or the value and its `limits`, and gives text, a
        content block or several, or None to leave it to the next way. The function of
        the nearest class counts; a later one for the same class takes its place. Ours
        never take the place of the user's. If it raises, the value is described
        without it, and the label says so; an InputError stops the request.

        Args:
            kind: a class, abstract or not.
            function: the function; without it, a decorator is given.
        """
        if function is None:
            return partial(self.register, kind)
        with self._lock:
            known = self._functions.registry.get(kind, _nobody)
            if not is_ours(function) or is_ours(known):
                self._functions.register(kind, function)
        return function

    def dispatch(self, kind: type) -> Callable[..., Given]:
        """The function for a class; one that gives None for a class unknown."""
        with self._lock, suppress(Exception):  # a metaclass may raise anything
            return self._functions.dispatch(kind)
        return _nobody


def is_ours(function: Callable[..., Any]) -> bool:
    """Whether a describing function is the package's own."""
    return str(getattr(function, "__module__", "")).startswith(_OURS)


def describer_of(value: Any) -> Callable[..., Given]:
    """The function registered for the value's class or the nearest of its bases."""
    for base in classes_of(value):
        if (
            base is not object
        ):  # every class is one, and few need what is of Python's own
            _learn_quietly(package_of(base))
    found = to_blocks.dispatch(type(value))
    if found is _nobody:
        _learn_quietly("builtins")
        found = to_blocks.dispatch(type(value))
    return found


def _nobody(_value: Any) -> Given:
    """What is registered for a class of which nobody knows."""
    return None


def _learn_quietly(package: str) -> None:
    with suppress(Exception):  # a foreign package of that name, or an old version
        _learn_about(package)


@cache
def _learn_about(package: str) -> None:
    for name in _KNOWN_BY.get(package, ()):
        import_module(f"{_OURS}.{name}")


def _by_type(value: Any, limits: Limits) -> Described | None:
    from routeway_magic.content.protocols import from_user

    describer = describer_of(value)
    arguments = (value, limits) if _takes_limits(describer) else (value,)
    try:
        given = call(describer, *arguments)
        if isinstance(given, Described) and is_ours(describer):
            return given
        return None if given is None else from_user(given, value, limits)
    except Failed as failure:
        name = name_of(type(value))
        raise Failed(f"what the function for {name} would say ({failure})") from None


def _takes_limits(describer: Callable[..., Given]) -> bool:
    try:
        _, second, *_ = inspect.signature(describer).parameters.values()
    except (TypeError, ValueError):  # fewer, or a builtin that does not tell
        return False
    return second.name == "limits" or second.default is second.empty


def _telling(described: Described, failures: Sequence[str]) -> Described:
    told = "; ".join(part for part in (described.left_out, *failures) if part)
    return replace(described, left_out=told)


to_blocks = ToBlocks()
register = to_blocks.register
