"""Recorded exchanges: writing them down, and giving them in place of a server's.

A cassette (`%claude record`, `%claude replay`, ROUTEWAY_CASSETTE) is a file of its
own; with `ClaudeSettings.reuse` the notebook's journal serves as one.
"""

from __future__ import annotations

from routeway_magic.sources.replay.deck import Deck
from routeway_magic.sources.replay.playing import Playing

__all__ = ["Deck", "Playing"]
