"""A real, tiny model on this machine: true sampling, with no key and no network.

llama.cpp (the wheel `xllamacpp`) runs it in a process of its own and speaks the
Messages API on a loopback port, so that the real client code runs.
"""

from __future__ import annotations

from routeway_magic.sources.local.process import LocalModel

__all__ = ["LocalModel"]
