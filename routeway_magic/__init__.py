"""Talk to Claude from a notebook cell: `%load_ext routeway_magic`, then `%%claude`.

From Python: `ask(prompt, **options)` gives a `Reply`, `sweep(prompt, grid)` a `Sweep`;
`session()` is the kernel's one session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from routeway_magic.version import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from routeway_magic.panel.panel import Panel
    from routeway_magic.run.ask import ask
    from routeway_magic.run.reply import Reply
    from routeway_magic.run.session import session
    from routeway_magic.run.sweeping.start import sweep
    from routeway_magic.run.sweeping.sweep import Sweep

__all__ = [
    "Panel",
    "Reply",
    "Sweep",
    "__version__",
    "ask",
    "load_ipython_extension",
    "session",
    "sweep",
    "unload_ipython_extension",
]

_HOME = {
    "Panel": "panel.panel",
    "Reply": "run.reply",
    "Sweep": "run.sweeping.sweep",
    "ask": "run.ask",
    "session": "run.session",
    "sweep": "run.sweeping.start",
}


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Adds the magics to this shell (`%load_ext routeway_magic`)."""
    from routeway_magic.extension import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Leaves the shell as it was found (`%unload_ext routeway_magic`)."""
    from routeway_magic.extension import unload

    unload(shell)


def __getattr__(name: str) -> Any:
    # Imported when first used: loading the extension costs next to nothing.
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
