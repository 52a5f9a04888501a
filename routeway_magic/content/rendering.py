"""Charts that are drawn by a process of their own, which is ended in time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec

__all__ = ["can_import", "rendered"]


def can_import(package: str) -> bool:
    """Whether the user has installed a package; it is not imported."""
    with suppress(ImportError, ValueError):
        return find_spec(package) is not None
    return False


def rendered(code: str, spec: bytes, *, seconds: float) -> bytes:
    """What the code writes on its standard output, or no bytes if it fails.

    Whatever the code has started, a browser for one, is ended with it.

    Args:
        code: Python, run by this interpreter.
        spec: what it reads on its standard input.
        seconds: how long it may take.
    """
    if not sys.executable:
        return b""
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(  # noqa: S603 - our own code
            [sys.executable, "-P", "-c", code],
            stdin=pipe,
            stdout=pipe,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return b""
    return _answer(process, spec, seconds)


def _answer(process: subprocess.Popen[bytes], spec: bytes, seconds: float) -> bytes:
    with process:
        try:
            written, _ = process.communicate(spec, timeout=seconds)
        except subprocess.TimeoutExpired:
            return b""
        finally:
            _end(process)
    return written if process.returncode == 0 else b""


def _end(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
