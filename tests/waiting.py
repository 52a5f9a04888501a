"""Waiting for what other threads do, however busy the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["wait_until"]


def wait_until(reached: Callable[[], object], seconds: float = 30) -> None:
    """Returns as soon as it is so, and fails if it does not come about.

    Args:
        reached: asked again and again.
        seconds: after which the test fails.
    """
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)
