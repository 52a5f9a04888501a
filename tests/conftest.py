"""What every test may rely on: a clean environment, and kernels on request."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING

import hypothesis
import pytest
from environment import clean_environment, leaks
from kernels import Kernel, StartKernel

if TYPE_CHECKING:
    from collections.abc import Iterator

# The same examples each time, so that a change is judged by what it changes. New ones
# are looked for by hand: HYPOTHESIS_PROFILE=explore python -m pytest …
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

# A shell that starts this in the background has it ignore Ctrl-C, and all that it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _fresh_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each test runs as a new user: no keys, no proxies, an empty home."""
    environment = clean_environment(tmp_path_factory.mktemp("home"))
    # Not the `monkeypatch` fixture: hypothesis refuses what is made anew per test.
    with pytest.MonkeyPatch.context() as patch:
        for name in filter(leaks, tuple(os.environ)):
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        yield


@pytest.fixture
def start_kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartKernel]:
    """Starts a kernel whose user has set the variables given as arguments."""
    with ExitStack() as running:

        def start(**variables: str) -> Kernel:
            home = tmp_path_factory.mktemp("kernel")
            environment = clean_environment(home, **variables)
            return running.enter_context(Kernel(environment, directory=home))

        yield start


@pytest.fixture
def kernel(start_kernel: StartKernel) -> Kernel:
    """A kernel whose user has set nothing."""
    return start_kernel()
