"""A cassette that is being recorded: a file that grows by whole exchanges."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from routeway_magic import cassette
from routeway_magic.cassette import Cassette, Writer
from routeway_magic.errors import InputError
from routeway_magic.origin import is_offline
from routeway_magic.recorded import Recorded

__all__ = ["Tape", "read_cassette"]


def read_cassette(path: Path) -> Cassette:
    """What a file holds.

    Args:
        path: the file.

    Raises:
        InputError: if it cannot be read, is no cassette, or of a later version.
    """
    try:
        with path.open("rb") as lines:
            found = cassette.read(lines)
    except OSError as error:
        raise InputError(
            f"`{path}` cannot be read: {error.strerror}.",
            f"`%claude record {path.name}` records what is asked from then on.",
        ) from error
    if not found.version:
        raise InputError(
            f"`{path}` is no cassette.",
            "`%claude load` takes up conversations that were saved.",
        )
    if found.version > cassette.VERSION:
        raise InputError(
            f"`{path}` was recorded by a later version of routeway_magic.",
            "Update this one: `pip install -U routeway_magic`.",
        )
    return found


class Tape:
    """Appends exchanges to a file, each with a single write.

    Args:
        path: the file; one that is there must be a cassette, and goes on.
        redact: takes out of a line what must not be stored.

    Raises:
        InputError: if it cannot be written to, or holds something else.
    """

    def __init__(self, path: Path, *, redact: Callable[[str], str] = str) -> None:
        self.path = path
        self.count = 0
        self.offline: set[bool] = set()  # whether a model has answered, or none has
        self.has_told = False  # that both are in it
        self._redact = redact
        self._writer = Writer()
        self._lock = threading.Lock()
        try:
            if path.exists() and path.stat().st_size:
                read_cassette(path)
            self._append([self._writer.header()])
        except OSError as error:
            raise InputError(
                f"`{path}` cannot be written: {error.strerror}.", "Choose another file."
            ) from error

    def put(self, exchange: Recorded) -> None:
        """Appends an exchange; several threads may.

        Args:
            exchange: with the body of its request.

        Raises:
            OSError: if the file cannot be written to.
            ValueError, TypeError, RecursionError: if there is no JSON for it.
        """
        with self._lock:
            self._append(self._writer.lines(exchange))
            self.count += 1
            self.offline.add(is_offline(exchange.source))

    def _append(self, lines: Sequence[str]) -> None:
        content = "".join(f"{self._redact(line)}\n" for line in lines).encode()
        with self.path.open("ab+") as file:
            if file.tell() and not _ends_a_line(file.fileno(), file.tell()):
                content = b"\n" + content
            file.write(content)


def _ends_a_line(file: int, size: int) -> bool:
    os.lseek(file, size - 1, os.SEEK_SET)
    return os.read(file, 1) == b"\n"
