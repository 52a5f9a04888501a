"""Who answered, as turns and footers tell it: a host's name, or `emulator`.

What was recorded once and is given again says so: `api.routeway.ai, replayed`.
"""

from __future__ import annotations

__all__ = [
    "EMULATOR",
    "LOCAL",
    "is_free",
    "is_offline",
    "is_replayed",
    "original",
    "replayed",
]

EMULATOR = "emulator"
LOCAL = "local"
"""How the name begins that a model on this machine goes by."""
_REPLAYED = ", replayed"


def replayed(source: str) -> str:
    """What a reply is marked with that this source gave when it was recorded.

    Args:
        source: who answered then.
    """
    return f"{original(source)}{_REPLAYED}"


def is_replayed(source: str) -> bool:
    """Whether a reply marked so was given from a recording."""
    return source.endswith(_REPLAYED)


def original(source: str) -> str:
    """Who answered in the first place."""
    return source.removesuffix(_REPLAYED)


def is_offline(source: str) -> bool:
    """Whether no model has read the question, now or when it was recorded."""
    return original(source) == EMULATOR


def is_free(source: str) -> bool:
    """Whether nothing is paid for its answers."""
    is_here = source == EMULATOR or source.partition(",")[0] == LOCAL
    return is_here or is_replayed(source)
