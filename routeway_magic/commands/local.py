"""A real, tiny model on this machine: `%claude local`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from routeway_magic.commands.command import Command, NotTaken, parted
from routeway_magic.errors import InputError
from routeway_magic.grammar import Option

if TYPE_CHECKING:  # the session's imports are heavy, and completion only reads names
    from routeway_magic.run.session import Session
    from routeway_magic.sources.local import LocalModel

__all__ = ["COMMANDS"]

_LABEL = "on this machine, with no key and no network"
_HOW_TO_STOP = "`%claude local stop` ends it."
_VALUED = ("--model-file", "--port")
_MOST_PORTS = 65535


def _local(session: Session, _options: Sequence[Option], arguments: list[str]) -> str:
    if arguments == ["stop"]:
        return _stop(session)
    chosen = _read(arguments)
    running = session.sources.local
    if running and running.is_running and not chosen:
        return f"{running.name} answers already, {_LABEL}. {_HOW_TO_STOP}"
    model = _made(chosen)
    model.start()
    session.sources.use_local(model)
    return f"{model.name} answers from now on, {_LABEL}. {_HOW_TO_STOP}{_hint(model)}"


def _hint(model: LocalModel) -> str:
    if not model.is_tiny:
        return ""
    return "\nIt is tiny and often wrong; at `-t 0.2` it rambles less than by itself."


def _stop(session: Session) -> str:
    if session.sources.local is None:
        return "No local model is running."
    session.sources.use_local(None)
    return "The local model has been stopped."


def _read(arguments: Sequence[str]) -> dict[str, str]:
    """The options by name.

    Raises:
        NotTaken: if they are none.
    """
    chosen, others = parted(arguments, valued=_VALUED, bare=("--yes",))
    if others:
        raise NotTaken(f"it does not take `{others[0]}`")
    for name, value in chosen:
        if name in _VALUED and not value:
            raise NotTaken(f"`{name}` needs a value")
    return dict(chosen)


def _made(chosen: dict[str, str]) -> LocalModel:
    from routeway_magic.sources.local import LocalModel
    from routeway_magic.sources.local.weights import MODEL_NAME

    port = _port(chosen.get("--port", "0"))
    LocalModel.check_installed()
    own = chosen.get("--model-file")
    if own is None:
        return LocalModel(_weights("--yes" in chosen), name=MODEL_NAME, port=port)
    path = Path(own).expanduser()
    if not path.is_file():
        raise InputError(f"There is no file `{path}`.", "It is a model in GGUF format.")
    return LocalModel(path, port=port)


def _port(word: str) -> int:
    if not word.isdecimal() or int(word) > _MOST_PORTS:
        raise InputError(f"`{word}` is no port.", "Leave `--port` out to take any.")
    return int(word)


def _weights(agreed: bool) -> Path:
    """Those in the cache, else downloaded, after asking."""
    from routeway_magic.sources.local.weights import DOWNLOAD_BYTES, cached, fetch

    found = cached()
    if found:
        return found
    if not agreed and not _agreed(f"{DOWNLOAD_BYTES / 1e6:.0f} MB"):
        raise InputError(
            "Nothing was downloaded, so there is no local model.",
            "`%claude local --yes` downloads without asking; `--model-file FILE` "
            "takes a model that you have.",
        )
    return fetch(_progress(DOWNLOAD_BYTES))


def _agreed(size: str) -> bool:
    question = f"Download the model's weights once ({size})? [y/N] "
    try:
        return input(question).strip().lower() in ("y", "yes")
    except Exception:  # noqa: BLE001 - kernels raise an error of their own where nobody can answer
        return False


def _progress(total: int) -> Callable[[int], None]:
    from IPython.display import ProgressBar

    bar = ProgressBar(total)  # type: ignore[no-untyped-call]
    bar.display()  # type: ignore[no-untyped-call]

    def show(size: int) -> None:
        bar.progress = min(size, total)

    return show


COMMANDS = {
    "local": Command(
        "local [--model-file FILE] [--port N] [--yes] | local stop",
        "a real, tiny model on this machine answers: often wrong, but truly sampled",
        _local,
        most=6,
    ),
}
