"""Arrays of whatever library, recognised by a shape and a dtype; nothing is imported.

Values are read only where that is cheap: from memory that NumPy can look at in place
(DLPack), or a corner by slicing. Never from a lazy array or another device.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from routeway_magic.content.cells import cell, cut, one_line
from routeway_magic.content.corners import axes_text, corner_text
from routeway_magic.content.described import Described, Limits
from routeway_magic.content.guarded import kind_of

__all__ = ["describe_array_like"]

_CPU = 1  # DLPack's number of it
_NOTE = 100
_DTYPE = 100
_MOST_AXES = 64
_NOTED = ("device", "requires_grad", "nnz", "format", "numblocks", "chunksize")


def describe_array_like(value: Any, limits: Limits) -> Described | None:
    """An array of a library that we do not know; None if it is none.

    Args:
        value: anything.
        limits: how much may be sent.
    """
    shape = _shape(value)
    dtype = _asked(value, "dtype")
    if shape is None or dtype is None or isinstance(value, type):
        return None
    notes = cut(one_line("; ".join(_notes(value))), limits.characters)
    text, left_out = _values(value, shape, limits.characters - len(notes) - 1)
    axes = axes_text(shape) if shape else "a single value"
    return Described(
        kind=kind_of(value),
        size=f"{axes}, {cut(one_line(str(dtype)), _DTYPE)}",
        text="\n".join(filter(None, (notes, text))),
        left_out=left_out,
    )


def _asked(value: Any, name: str) -> Any:
    """An attribute, None if it is missing or cannot be read."""
    with suppress(Exception):
        return getattr(value, name)
    return None


def _shape(value: Any) -> tuple[int | None, ...] | None:
    """The shape as numbers, None for an axis of unknown length; None if it is none."""
    shape = _asked(value, "shape")
    if not isinstance(shape, Sequence) or isinstance(shape, (str, bytes)):
        return None
    if len(shape) > _MOST_AXES:
        return None
    with suppress(Exception):
        lengths = tuple(None if _is_unknown(one) else int(one) for one in shape)
        return None if any(one is not None and one < 0 for one in lengths) else lengths
    return None


def _is_unknown(length: Any) -> bool:
    return length is None or length != length  # noqa: PLR0124  # what NaN is


def _notes(value: Any) -> Iterator[str]:
    for name in _NOTED:
        given = _asked(value, name)
        if given is None or callable(given) or given is False:
            continue
        told = str(given) if name == "device" else given  # device(type='cpu')
        yield name if told is True else f"{name} {cell(told, _NOTE)}"


def _values(value: Any, shape: tuple[int | None, ...], room: int) -> tuple[str, str]:
    if _is_lazy(value) or not _is_on_cpu(value) or None in shape:
        return "", "values (not read)"
    with suppress(Exception):
        return _stored(value, room)
    with suppress(Exception):
        return _seen(value, room)
    with suppress(Exception):
        return _corner(value, [length or 0 for length in shape], room)
    return "", "values (they could not be read)"


def _is_lazy(value: Any) -> bool:
    """Whether values would have to be computed or fetched first."""
    if _asked(value, "chunks") is not None:
        return True
    return any(hasattr(type(value), name) for name in ("compute", "collect", "persist"))


def _is_on_cpu(value: Any) -> bool:
    device = _asked(value, "device")
    return device is None or callable(device) or "cpu" in str(device).lower()


def _stored(value: Any, room: int) -> tuple[str, str]:
    """The values that a sparse array stores.

    Raises:
        Exception: if it is none.
    """
    stored, count = value.data, int(value.nnz)
    from routeway_magic.content.numpy_arrays import array_text

    whole = 1
    for length in value.shape:
        whole *= length
    words = f"sparse, {count / max(whole, 1):.2%} stored:\n"
    text, left_out = array_text(stored, room - len(words))
    return words + text, left_out or "their positions"


def _seen(value: Any, room: int) -> tuple[str, str]:
    """The values as NumPy sees them in place, if the user has imported it.

    Raises:
        Exception: if they cannot be seen so.
    """
    numpy = sys.modules["numpy"]
    detach = _asked(value, "detach")
    tensor = detach() if callable(detach) else value
    if tensor.__dlpack_device__()[0] != _CPU:
        raise BufferError
    from routeway_magic.content.numpy_arrays import array_text

    return array_text(numpy.from_dlpack(tensor), room)


def _corner(value: Any, shape: Sequence[int], room: int) -> tuple[str, str]:
    """A corner by slicing.

    Raises:
        Exception: if it cannot be sliced or gives no lists.
    """

    def read(at: tuple[int | slice, ...]) -> Any:
        return value[at].tolist()

    if not shape:
        return cut(cell(value.item(), _NOTE), room), ""
    return corner_text(read, shape, room)
