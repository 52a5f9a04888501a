"""Files by their path: text and PDF as documents, images as images."""

from __future__ import annotations

import difflib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import register
from routeway_magic.content.images import IMAGE_SUFFIXES, describe_image
from routeway_magic.content.open_files import describe_binary
from routeway_magic.errors import InputError
from routeway_magic.pictures import media_type_of

__all__ = ["describe_path"]

_LOOKED_AT = 2000  # names in a folder
_NAMED = 5
_LIKE = 3
_NEAR = 0.7
_HEAD = 32


@register(Path)
def describe_path(path: Path, limits: Limits) -> Described:
    """The file that is at a path; of a large text only what is sent is read.

    Args:
        path: to a file; `~` is the user's home.
        limits: how much of it may be sent.

    Raises:
        InputError: if there is no such file, it cannot be read, or it is of a kind
            that no model reads.
    """
    with _said(path):
        found = path.expanduser()
        _must_be_file(found, found.stat().st_mode)
        with found.open("rb") as file:
            head = file.read(_HEAD)
            kind = media_type_of(head).removeprefix("image/").upper()
            if kind or found.suffix.lower() in IMAGE_SUFFIXES:
                kind = f"{kind} image {found.name}".strip()
                return describe_image(found, kind, limits)
            file.seek(0)
            return describe_binary(file, found.name, limits)


@contextmanager
def _said(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"There is no file {path}.", _near(path)) from error
    except (OSError, RuntimeError, ValueError) as error:  # "~nobody", a null byte
        why = getattr(error, "strerror", None) or error
        raise InputError(f"The file {path} cannot be read: {why}.") from error


def _must_be_file(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        names = ", ".join(_names(path)[:_NAMED])
        holds = f"It holds {names}, …" if names else "It is empty."
        raise InputError(f"{path} is a folder: name a file in it.", holds)
    if not stat.S_ISREG(mode):
        raise InputError(f"{path} is a device or a pipe, not a file.")


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in islice(entries, _LOOKED_AT))
    except OSError:
        return []


def _near(path: Path) -> str:
    folder = path.expanduser().parent
    if not folder.is_dir():
        return f"Nor is there a folder {folder}; you are in {Path.cwd()}."
    near = difflib.get_close_matches(path.name, _names(folder), n=_LIKE, cutoff=_NEAR)
    where = "" if path.is_absolute() else f" (you are in {Path.cwd()})"
    return f"Did you mean {' or '.join(near)}?{where}" if near else where.strip(" ()")
