"""JupyterLab and Notebook 7 as processes of this interpreter, on loopback."""

from __future__ import annotations

import json
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["APPLICATIONS", "Application", "Server", "serve"]

# The user's own settings are read by both applications; no share directory is touched.
_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "docmanager-extension/plugin": {"autosave": False},
}


@dataclass(frozen=True, slots=True)
class Application:
    """A front end and how it is started.

    Args:
        module: the Python module that runs it.
        trait: the class that its command line options belong to.
        page: the path at which it shows one notebook alone.
    """

    module: str
    trait: str
    page: str


APPLICATIONS = {
    "lab": Application("jupyterlab", "LabApp", "doc/tree"),
    "notebook7": Application("notebook", "JupyterNotebookApp", "notebooks"),
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running application.

    Args:
        application: what runs.
        url: where, ending in a slash.
        token: what lets a browser in.
        root: the directory with the notebooks.
        process: the server process.
    """

    application: Application
    url: str
    token: str
    root: Path
    process: subprocess.Popen[bytes]

    def page(self, path: str) -> str:
        """The address at which one notebook opens.

        Args:
            path: below the root.
        """
        return f"{self.url}{self.application.page}/{path}?reset&token={self.token}"

    def ask(self, path: str, method: str = "GET") -> Any:
        """What the server's own API answers.

        Args:
            path: below `/api/`.
            method: the HTTP method.
        """
        request = urllib.request.Request(self.url + "api/" + path, method=method)
        request.add_header("Authorization", f"token {self.token}")
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=10) as response:
            return json.loads(response.read() or b"null")

    def end_kernels(self) -> None:
        """Shut down every kernel, so that the next notebook gets a new one."""
        for session in self.ask("sessions"):
            self.ask(f"sessions/{session['id']}", "DELETE")


@contextmanager
def serve(
    application: Application, environment: Mapping[str, str], root: Path
) -> Iterator[Server]:
    """Run an application until the block is left.

    Args:
        application: which one.
        environment: the whole environment of the server and its kernels.
        root: the directory with the notebooks; its parent gets the log.
    """
    _write_settings(Path(environment["JUPYTERLAB_SETTINGS_DIR"]))
    log = root.parent / f"{application.module}.log"
    port, token = _free_port(), secrets.token_hex(16)
    command = _command(application, port, token, root)
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, env=dict(environment), cwd=root, stdout=output, stderr=output
        ) as process,
    ):
        url = f"http://127.0.0.1:{port}/"
        server = Server(application, url, token, root, process)
        try:
            _wait_until_up(server, log)
            yield server
        finally:
            _end(process)


def _write_settings(directory: Path) -> None:
    for name, settings in _SETTINGS.items():
        file = directory / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings), encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _command(app: Application, port: int, token: str, root: Path) -> list[str]:
    return [
        *(sys.executable, "-m", app.module, "--no-browser", "--allow-root"),
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={root}",
        f"--IdentityProvider.token={token}",
        f"--{app.trait}.expose_app_in_browser=True",
    ]


def _wait_until_up(server: Server, log: Path) -> None:
    for _attempt in range(600):
        if server.process.poll() is not None:
            break
        try:
            server.ask("status")
        except urllib.error.URLError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{server.application.module} did not start:\n{log.read_text()}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """The server stops its kernels when it is asked to end."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
