"""A loopback server that speaks the Messages wire format and says what it received.

It answers when there is no key: at once, offline, and never as if it knew
things. What it shows is the request itself.
"""

from __future__ import annotations

from routeway_magic.sources.emulator.server import Emulator

__all__ = ["Emulator"]
