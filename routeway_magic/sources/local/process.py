"""The local model's process: started, found, and ended with the one that wants it."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from routeway_magic.errors import ClaudeError, ConfigurationError
from routeway_magic.origin import LOCAL
from routeway_magic.secret import ApiKey
from routeway_magic.sources.local.weights import MODEL_NAME

__all__ = ["LocalModel"]

_END_SECONDS = 5.0
_ERROR = re.compile(r"^[\d.]+ E \s*(?:\w+\s+)?\w+: (.+)$", re.MULTILINE)  # llama.cpp's
_EXTRA = "Install it: `%pip install 'routeway_magic[local]'`, and run this again."


class LocalModel:
    """A model that llama.cpp runs in a process of its own, on 127.0.0.1.

    The process ends with this one, also if this one is killed: it reads a pipe that
    nobody else holds, and looks whether its parent is still there.

    Args:
        weights: a GGUF file.
        name: how the model is called in answers.
        port: where it listens; 0 takes a free port.
    """

    def __init__(self, weights: Path, *, name: str = "", port: int = 0) -> None:
        self.name = name or weights.stem
        self.base_url = ""
        self.key = ApiKey(f"local-{secrets.token_hex(16)}")
        self._weights = weights
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def is_tiny(self) -> bool:
        """Whether it is the model that this package fetches."""
        return self.name == MODEL_NAME

    @property
    def label(self) -> str:
        """What stands beside its answers."""
        return f"{LOCAL}, a tiny model, often wrong" if self.is_tiny else LOCAL

    @property
    def is_running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Loads the weights and waits until it answers.

        Raises:
            ConfigurationError: if llama.cpp is not installed, or it cannot start.
        """
        self.check_installed()
        self.close()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        self._process = _begin(self._log)
        try:
            self._tell(self._process)
        except BaseException:
            self.close()
            raise

    @staticmethod
    def check_installed() -> None:
        """Makes sure that llama.cpp is there.

        Raises:
            ConfigurationError: if it is not.
        """
        if find_spec("xllamacpp") is None:
            raise ConfigurationError(
                "A local model needs llama.cpp, which is not installed.", _EXTRA
            )

    def close(self) -> None:
        """Ends the process; once is enough."""
        process, self._process = self._process, None
        if process is not None:
            _end(process)
        if self._log is not None:
            self._log.close()
            self._log = None

    def check(self) -> None:
        """Makes sure that it can be asked.

        Raises:
            ConfigurationError: if its process has ended.
        """
        if not self.is_running:
            raise ConfigurationError(
                f"The local model's process has ended{self._last_words()}.",
                "`%claude local` starts it again, `%claude local stop` leaves it.",
            )

    def _tell(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is None or process.stdout is None:
            raise AssertionError
        what: dict[str, Any] = {
            "weights": str(self._weights),
            "name": self.name,
            "port": self._port,
            "key": self.key.reveal(),
            "parent": os.getpid(),
        }
        try:
            process.stdin.write(json.dumps(what).encode() + b"\n")
            process.stdin.flush()
        except OSError:
            pass  # it has ended already: the next line says so
        answer = process.stdout.readline()
        said = json.loads(answer) if answer.strip() else {}
        if "base_url" not in said:
            raise self._failure(str(said.get("error", "")))
        self.base_url = said["base_url"]

    def _failure(self, error: str) -> ClaudeError:
        why = f": {error}" if error else self._last_words()
        return ConfigurationError(
            f"The local model did not start{why.rstrip('.')}.",
            "Is the port free, and the file a GGUF model that fits into memory? "
            f"{_EXTRA if 'xllamacpp' in why else ''}".strip(),
        )

    def _last_words(self) -> str:
        if self._log is None:
            return ""
        self._log.seek(0)
        log = self._log.read().decode(errors="replace")
        told = _ERROR.findall(log) or log.strip().splitlines()[-1:]
        return f": {self.key.redact(told[0].strip())}" if told else ""


def _begin(log: IO[bytes]) -> subprocess.Popen[bytes]:
    # A session of its own: an interrupt of the kernel is not meant for it.
    return subprocess.Popen(
        [sys.executable, "-m", "routeway_magic.sources.local"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                continue  # what was not written is of no interest to it any more
    waiter = threading.Timer(_END_SECONDS, process.kill)
    waiter.daemon = True
    waiter.start()
    process.wait()
    waiter.cancel()
