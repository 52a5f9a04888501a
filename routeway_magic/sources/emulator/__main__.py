"""Serve the emulator to anything that speaks the Messages API."""

from __future__ import annotations

import argparse
import sys
import threading
from typing import TYPE_CHECKING

from routeway_magic.sources.emulator.server import Emulator

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C; say in one line how to reach it.

    Args:
        arguments: the command line, without the program's name.
    """
    parser = argparse.ArgumentParser(
        prog="python -m routeway_magic.sources.emulator", description=__doc__
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--any-key", action="store_true", help="accept any key")
    options = parser.parse_args(arguments)
    try:
        with Emulator(options.port, any_key=options.any_key) as emulator:
            sys.stdout.write(_invitation(emulator) + "\n")
            sys.stdout.flush()
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    except (OSError, OverflowError) as error:
        sys.stderr.write(f"Port {options.port} cannot be used: {error}\n")
        return 1
    return 0


def _invitation(emulator: Emulator) -> str:
    settings = (
        f"ROUTEWAY_BASE_URL={emulator.base_url} ROUTEWAY_API_KEY={emulator.token}"
    )
    return f"Emulator at {emulator.base_url} (Ctrl-C ends it); use it with: {settings}"


if __name__ == "__main__":
    sys.exit(main())
