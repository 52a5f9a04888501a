"""The real weights, where they have been fetched; without them these tests skip."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from platformdirs import user_cache_path

from routeway_magic.sources.local.weights import cached

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Before a test has a home of its own.
WEIGHTS = cached()
HAS_ALL = WEIGHTS is not None and find_spec("xllamacpp") is not None


@pytest.fixture
def weights() -> Iterator[Path]:
    """The weights, in the cache of this test's user."""
    if WEIGHTS is None or not HAS_ALL:
        pytest.skip(
            "needs the extra [local] and its weights: "
            "python -m routeway_magic.sources.local --fetch"
        )
    place = user_cache_path("routeway_magic", appauthor=False) / WEIGHTS.name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(WEIGHTS)
    yield place
    place.unlink()
