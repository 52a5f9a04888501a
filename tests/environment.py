"""The environment that tests, and the programs they start, may see."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["clean_environment", "leaks"]

# Keys, addresses, proxies and personal Jupyter settings: none may reach a test.
_LEAKING = re.compile(
    r"(ROUTEWAY|ANTHROPIC|JUPYTER|IPYTHON|JPY|XDG)_?.*|.*_PROXY|FORCE_COLOR|NO_COLOR",
    re.IGNORECASE,
)


def leaks(name: str) -> bool:
    """Whether a variable of this name must not reach a test.

    Args:
        name: the variable's name.
    """
    return _LEAKING.fullmatch(name) is not None


def clean_environment(home: Path, **variables: str) -> dict[str, str]:
    """The whole environment of a fresh user who has set nothing.

    Args:
        home: the user's home directory; everything personal is below it.
        variables: what this user has set after all.
    """
    kept = {name: value for name, value in os.environ.items() if not leaks(name)}
    personal = {
        "HOME": home,
        "USERPROFILE": home,
        "IPYTHONDIR": home / "ipython",
        "JUPYTER_CONFIG_DIR": home / "jupyter" / "config",
        "JUPYTER_DATA_DIR": home / "jupyter" / "data",
        "JUPYTER_RUNTIME_DIR": home / "jupyter" / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "jupyter" / "lab" / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "jupyter" / "lab" / "workspaces",
    }
    paths = {name: str(path) for name, path in personal.items()}
    return {**kept, **paths, **variables}
