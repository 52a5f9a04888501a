"""Kinds of settings: what a value may be, before any server judges it."""

from __future__ import annotations

import re
from typing import Any

from traitlets import Float, Int, List, TraitError, TraitType, Unicode

__all__ = [
    "Axes",
    "Names",
    "Number",
    "Texts",
    "Thinking",
    "WholeNumber",
    "parameter",
]

# A comma within brackets or quotes parts nothing: `df["a,b"]` is one name.
_NAME = re.compile(r"""(?:"[^"]*"|'[^']*'|[^,])+""")


class Thinking(TraitType[Any, Any]):
    """`adaptive`, `off`, or a budget in tokens."""

    words = ("adaptive", "off")
    info_text = "`adaptive`, `off` or a number of tokens"

    def validate(self, obj: Any, value: Any) -> str | int:
        """Takes a word, a whole number, or a whole number's digits.

        Raises:
            TraitError: for anything else.
        """
        del obj  # the name is traitlets'
        if isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value):
            value = int(value)
        if value in self.words or type(value) is int:
            return value  # type: ignore[no-any-return]  # one of the two, just tested
        raise TraitError(f"expected {self.info_text}, not {value!r}")

    def from_string(self, s: str) -> Any:
        """The same from a command line."""
        return s


class Number(Float[Any, Any]):
    """A number; true and false are none."""

    def validate(self, obj: Any, value: Any) -> Any:
        """Takes an int or a float.

        Raises:
            TraitError: for anything else.
        """
        if isinstance(value, bool) or value != value:  # noqa: PLR0124 - only NaN is not itself
            self.error(obj, value)
        try:
            return super().validate(obj, value)
        except OverflowError:  # an int beyond what a float holds
            self.error(obj, value)


class WholeNumber(Int[Any, Any]):
    """A whole number; true and false are none."""

    def validate(self, obj: Any, value: Any) -> Any:
        """Takes an int, or a float that is one.

        Raises:
            TraitError: for anything else.
        """
        if isinstance(value, bool):
            self.error(obj, value)
        return super().validate(obj, value)


class Texts(List[Any]):
    """Several texts; a single one stands for a list of it."""

    def validate(self, obj: Any, value: Any) -> Any:
        """Takes a list of texts, or a text.

        Raises:
            TraitError: for anything else.
        """
        return super().validate(obj, [value] if isinstance(value, str) else value)


class Names(List[Any]):
    """Several names; commas part them too."""

    def __init__(self, **more: Any) -> None:
        super().__init__(Unicode(), **more)

    def validate(self, obj: Any, value: Any) -> Any:
        """Takes a list of texts, or one text, each with one name or several.

        Raises:
            TraitError: for anything else.
        """
        given = super().validate(obj, [value] if isinstance(value, str) else value)
        names = [name.strip() for text in given or () for name in _NAME.findall(text)]
        return [name for name in names if name]


class Axes(Texts):
    """Several texts of `KEY=VALUES`, as a sweep's axes are written."""


def parameter(
    kind: Any,
    /,
    *flags: str,
    help: str,  # noqa: A002 - traitlets' word
    words: tuple[str, ...] = (),
    slider: tuple[float, float] | None = None,
    lines: bool = False,
    **more: Any,
) -> Any:
    """A trait that becomes a field of the request when the user sets it.

    Args:
        kind: of the trait; None is allowed as well, and means that it is not set.
        *flags: how the option is written, such as `-t`.
        help: one sentence.
        words: values to offer.
        slider: the usual range, which is not checked.
        lines: whether it is a text of several lines.
        **more: what the kind takes.
    """
    return kind(default_value=None, allow_none=True, help=help, **more).tag(
        config=True,
        flags=flags,
        parameter=True,
        words=words,
        slider=slider,
        lines=lines,
    )
