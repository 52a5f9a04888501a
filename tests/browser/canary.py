"""Whether a hostile answer got through: a canary that hears of it, and what to ask."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import nbformat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from front_ends import Notebook

__all__ = ["Canary", "asked_away", "nothing_happened", "untrust"]


class Canary:
    """A server on another port that should never be asked for anything."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Ask(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            do_POST = do_HEAD = do_GET  # noqa: N815 - the library's names

            def log_message(self, *_: Any) -> None:
                """Nothing is written."""

        class Listen(ThreadingHTTPServer):
            def get_request(self) -> Any:
                # A connection on which nothing is asked tells of the reader, too.
                asked.append("a connection")
                return super().get_request()

        self._server = Listen(("127.0.0.1", 0), Ask)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Frees the port."""
        self._server.shutdown()
        self._server.server_close()


def asked_away(notebook: Notebook, own: str) -> list[str]:
    """The addresses that the page asked for and that are none of the front end's.

    Args:
        notebook: on the page.
        own: the front end's address.
    """
    inside = (own, "data:", "blob:", "about:")
    asked = notebook.requests
    return [url for url in asked if not url.startswith(inside) or "canary" in url]


def nothing_happened(
    notebook: Notebook, asked: Sequence[str], own: str, *, stopped: tuple[str, ...] = ()
) -> None:
    """No script ran, and nobody was asked for anything or connected to.

    Args:
        notebook: on the page.
        asked: what the canary was asked for.
        own: the front end's address.
        stopped: what the browser says where it stopped something, as it should.
    """
    assert notebook.page.evaluate("window.canary === undefined")
    assert [e for e in notebook.errors if not any(it in e for it in stopped)] == []
    deadline = time.monotonic() + 2
    while asked_away(notebook, own) and time.monotonic() < deadline:
        notebook.page.wait_for_timeout(50)  # that a frame was kept from it comes next
    assert asked_away(notebook, own) == []
    assert list(asked) == []


def untrust(notebook: Notebook) -> None:
    """Changes the saved notebook, so that it is not what the server has signed.

    Args:
        notebook: as it was saved.
    """
    changed = nbformat.read(notebook.file, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    changed.cells[0].source += "  # no longer what was signed"
    nbformat.write(changed, notebook.file)  # type: ignore[no-untyped-call]  # see above
