"""The emulator starts, closes and is forked; its command serves and ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from contextlib import closing

import pytest
from emulation import asking, connect, emulator_threads, exchange

from routeway_magic.sources.emulator import Emulator


def test_start_and_close_repeat():
    """Starting and closing twice is the same as once; it can be started again."""
    emulator = Emulator()
    emulator.close()
    emulator.start()
    first = emulator.base_url
    emulator.start()
    assert emulator.base_url == first
    emulator.close()
    emulator.close()
    with pytest.raises(RuntimeError, match="start"):
        _ = emulator.base_url
    with emulator:
        assert exchange(emulator, asking()).status == 200


def test_close_frees_everything():
    """Closing ends idle connections and slow streams at once, and frees the port."""
    before = set(emulator_threads())
    emulator = Emulator()
    emulator.start()
    port = int(emulator.base_url.rpartition(":")[2])
    body = asking("emulate: slow 0.01", stream=True)
    with closing(connect(emulator)) as idle, closing(connect(emulator)) as busy:
        idle.connect()
        headers = {"x-api-key": emulator.token}
        busy.request("POST", "/v1/messages", json.dumps(body), headers)
        with busy.getresponse() as response:
            response.readline()
            emulator.close()
    assert set(emulator_threads()) <= before
    with Emulator(port) as again:
        assert exchange(again, asking()).status == 200


def test_port_in_use():
    """A port that is taken is an OSError, and nothing is left open."""
    with Emulator() as first:
        port = int(first.base_url.rpartition(":")[2])
        with pytest.raises(OSError, match=r"in use|once"):
            Emulator(port).start()


def test_loopback_only():
    """It listens on 127.0.0.1 and nowhere else."""
    with Emulator() as emulator:
        assert emulator.base_url.startswith("http://127.0.0.1:")
        assert emulator._listener.getsockname()[0] == "127.0.0.1"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are POSIX")
def test_forked_child():
    """A forked child's close leaves the parent's emulator running."""
    code = (
        "import os, urllib.request\n"
        "from routeway_magic.sources.emulator import Emulator\n"
        "emulator = Emulator(); emulator.start(); parent = emulator.base_url\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    emulator.start(); own = emulator.base_url != parent\n"
        "    emulator.close(); os._exit(0 if own else 1)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "request = urllib.request.Request(parent + '/v1/models')\n"
        "request.add_header('x-api-key', emulator.token)\n"
        "assert urllib.request.urlopen(request, timeout=5).status == 200\n"
        "emulator.close()\n"
    )
    # The warning of newer versions about forking with threads is the very case.
    python = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code]
    done = subprocess.run(python, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
def test_command():
    """The command prints one line that says how to use it, and ends on Ctrl-C."""
    command = [sys.executable, "-m", "routeway_magic.sources.emulator", "--any-key"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        line = process.stdout.readline()
        settings = dict(word.split("=") for word in line.split() if "=" in word)
        request = urllib.request.Request(settings["ROUTEWAY_BASE_URL"] + "/v1/models")
        request.add_header("x-api-key", "any")
        with urllib.request.urlopen(request, timeout=5) as response:
            assert response.status == 200
        assert settings["ROUTEWAY_API_KEY"].startswith("emulator-")
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=10) == ("", "")
    assert process.returncode == 0


def test_command_refuses_port():
    """The command says in one sentence that a port cannot be used."""
    with Emulator() as taken:
        port = taken.base_url.rpartition(":")[2]
        command = [sys.executable, "-m", "routeway_magic.sources.emulator"]
        done = subprocess.run(
            [*command, "--port", port], capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} cannot be used")
    assert done.stderr.count("\n") == 1
