"""What was asked and answered, on disk: one file per kernel, written while it comes.

A file holds JSON, an object a line (see `records`). It lies in the Jupyter data
directory, readable by its user alone, and is begun when there is something to write.
"""

from __future__ import annotations

import json
import os
import re
import socket
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routeway_magic import records
from routeway_magic.types import JSONObject

__all__ = ["Found", "Journal", "default_folder", "forget_old", "journals"]

_NAME = re.compile(r"\d{8}T\d{6}-\d+-[0-9a-f]{8}\.jsonl")
_SECONDS_A_DAY, _BYTES_A_MEGABYTE = 86_400, 1_000_000
_RECENT = 3600  # seconds since the last change in which no file is taken for old


def default_folder() -> Path:
    """Where journals lie: below the Jupyter data directory (JUPYTER_DATA_DIR)."""
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "routeway_magic" / "journal"


class Journal:
    """This kernel's file; begun by the first record, and anew in a forked process.

    When it is begun, old files of the folder are deleted (see `forget_old`). A disk
    that is full or cannot be written to turns it off, with one warning.

    Args:
        folder: where the files lie; made if need be, for its user alone (0700).
        notebook: the path of the notebook, where it is known.
        days: how old a file of another kernel may become.
        megabytes: how much all files together may hold.
        warn: takes the one sentence that says why the journal is off.
        redact: takes out of a line what must not be stored.
    """

    def __init__(
        self,
        folder: Path,
        *,
        notebook: str | None = None,
        days: float = 30,
        megabytes: float = 500,
        warn: Callable[[str], None] = lambda _: None,
        redact: Callable[[str], str] = str,
    ) -> None:
        self.folder = folder
        self.failure = ""
        self.days, self.megabytes = days, megabytes
        self._notebook = notebook
        self._warn, self._redact = warn, redact
        self._start_over()

    def _start_over(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._path: Path | None = None
        self._file: int | None = None
        self._blobs = records.Blobs()

    @property
    def path(self) -> Path | None:
        """The file; None before the first record, and in a process just forked."""
        return self._path if self._process == os.getpid() else None

    def ready(self) -> Path | None:
        """The file, begun if there is none or it is gone; None if it cannot be."""
        self._leave_parents_file()
        with self._lock:
            if self._path and not self._path.exists():
                self._let_go()
            self._guarded(self._open)
            return None if self.failure else self._path

    def append(self, record: JSONObject, *, path: Path | None = None) -> None:
        """Writes a record through to the system; what fails turns the journal off.

        Args:
            record: see `records`.
            path: the file that it belongs into, and no other: it is left out if that
                has been deleted; None for whatever is the file now.
        """
        self._leave_parents_file()
        with self._lock:
            if path in (None, self._path):
                self._guarded(lambda: self._write(record))

    def close(self) -> None:
        """Closes the file; the next record goes on in it."""
        self._leave_parents_file()
        with self._lock:
            self._close()

    def delete(self) -> Path | None:
        """Deletes this kernel's file and gives its path; None if there is none.

        What was in it is gone; the next record begins a new one.

        Raises:
            OSError: if it cannot be deleted.
        """
        self._leave_parents_file()
        with self._lock:
            path = self._path
            self._let_go()
        if path:
            path.unlink(missing_ok=True)
        return path

    def _leave_parents_file(self) -> None:
        if self._process != os.getpid():
            self._close()  # the descriptor is a copy: the parent keeps its own
            self._start_over()

    def _guarded(self, write: Callable[[], None]) -> None:
        if self.failure:
            return
        try:
            write()
        except (OSError, ValueError, TypeError, RecursionError) as error:
            told = getattr(error, "strerror", None) or str(error)
            self.failure = f"{told} ({self._path or self.folder})"
            with suppress(OSError):
                self._close()
            self._warn(
                f"The journal is off: {self.failure}. Cells go on, and what is said "
                "from now on is kept in memory only."
            )

    def _write(self, record: JSONObject) -> None:
        self._open()
        for each in self._blobs.apart(record):
            self._put(each)

    def _put(self, record: JSONObject) -> None:
        content = self._redact(records.encode(record)).encode() + b"\n"
        while content and self._file is not None:
            content = content[os.write(self._file, content) :]

    def _open(self) -> None:
        if self._file is not None:
            return
        if self._path:
            with suppress(FileNotFoundError):
                self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND)
                return
        self._begin()

    def _begin(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        forget_old(self.folder, days=self.days, megabytes=self.megabytes)
        began = time.strftime("%Y%m%dT%H%M%S")
        name = f"{began}-{self._process}-{uuid.uuid4().hex[:8]}.jsonl"
        path = self.folder / name
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
        self._file = os.open(path, flags, 0o600)
        self._path, self._blobs = path, records.Blobs()
        self._put(
            records.journal(
                kernel=self._process,
                host=socket.gethostname(),
                notebook=self._notebook,
                started=time.time(),
            )
        )

    def _let_go(self) -> None:
        self._close()
        self._path = None

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            os.close(file)


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the journal.

    Args:
        path: where it is.
        changed: when it was written to last, seconds since the epoch.
        size: in bytes.
        header: its first line; {} if that cannot be read.
    """

    path: Path
    changed: float
    size: int
    header: JSONObject

    @property
    def is_living(self) -> bool:
        """Whether its kernel may still write: it runs, or wrote within the hour."""
        if time.time() - self.changed < _RECENT:
            return True
        here = self.header.get("host") == socket.gethostname()
        return here and _is_running(self.header.get("kernel"))


def journals(folder: Path, *, notebook: str | None) -> list[Found]:
    """The files that kernels of this notebook have left, the newest first.

    Args:
        folder: where they lie.
        notebook: its path; None for those of no notebook.
    """
    return [
        found for found in _files(folder) if found.header.get("notebook") == notebook
    ][::-1]


def forget_old(folder: Path, *, days: float, megabytes: float) -> None:
    """Deletes old files, and the oldest ones until the rest is small enough.

    Files of living kernels are never touched: those whose process runs on this
    machine, and those written to within the last hour.

    Args:
        folder: where they lie; nothing else in it is touched.
        days: how long after its last line a file is kept.
        megabytes: how many millions of bytes all files may hold together.
    """
    files = _files(folder)
    total = sum(found.size for found in files)
    oldest = time.time() - days * _SECONDS_A_DAY
    for found in files:
        is_old = found.changed < oldest or total > megabytes * _BYTES_A_MEGABYTE
        if is_old and not found.is_living:
            with suppress(OSError):  # another kernel may have been quicker
                found.path.unlink()
                total -= found.size


def _files(folder: Path) -> list[Found]:
    """All journals, the oldest first."""
    if not folder.is_dir():
        return []
    paths = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    found = []
    for path in paths:
        with suppress(OSError):
            told = path.stat()
            found.append(Found(path, told.st_mtime, told.st_size, _header(path)))
    return sorted(found, key=lambda each: (each.changed, each.path.name))


def _header(path: Path) -> JSONObject:
    with path.open("rb") as file, suppress(ValueError, RecursionError):
        told: Any = json.loads(file.readline(65_536))
        return told if isinstance(told, dict) else {}
    return {}


def _is_running(process: Any) -> bool:
    # On Windows the question would end the process; an open file stays there anyway.
    if not isinstance(process, int) or process <= 0 or os.name == "nt":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
