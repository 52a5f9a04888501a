"""What a call prints and displays, where there is no cell to show it in.

Pictures are kept as such; of everything else the text is, and never its HTML.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from io import StringIO
from typing import Any

from routeway_magic.events import ToolResult
from routeway_magic.types import JSONObject

__all__ = ["Displayed"]

_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml")
_TEXTS = ("text/markdown", "text/latex", "text/plain")
_MOST = 20  # pictures of a call that are shown


class Displayed:
    """What is written and displayed inside `over`, as far as it can be shown."""

    def __init__(self) -> None:
        self._written = StringIO()
        self._pictures: dict[object, JSONObject] = {}  # by what they were called

    def with_result(self, result: ToolResult) -> ToolResult:
        """The result with it, for the user alone.

        Args:
            result: what came of the call.
        """
        pictures = tuple(self._pictures.values())
        left = len(pictures) - _MOST
        more = f"{left} more pictures are not shown" if left > 0 else ""
        told = [result.details, self._written.getvalue(), more]
        details = "\n".join(filter(None, (one.rstrip() for one in told)))
        return replace(result, details=details, pictures=pictures[:_MOST])

    @contextmanager
    def over(self, shell: Any) -> Iterator[None]:
        """Takes what is written, and what this thread displays.

        Args:
            shell: whose displays; None where there is none.
        """
        publisher = getattr(shell, "display_pub", None)
        hooks = hasattr(publisher, "register_hook")
        if publisher and hooks:
            publisher.register_hook(self._note)
        try:
            with redirect_stdout(self._written), redirect_stderr(self._written):
                yield
        finally:
            if publisher and hooks:
                publisher.unregister_hook(self._note)

    def _note(self, message: Any) -> None:
        """Takes a display's message; None in its place: it is not published."""
        content = message["content"]
        data = content.get("data") or {}
        if picture := _picture(data):
            called = (content.get("transient") or {}).get("display_id")
            self._pictures[called or len(self._pictures)] = picture
            return
        text = next((str(data[kind]) for kind in _TEXTS if data.get(kind)), "")
        others = ", ".join(kind for kind in data if kind not in _TEXTS)
        head = f"displayed ({others}):" if others else "displayed:"
        gap = "\n" if "\n" in text else " "
        self._written.write(f"{head}{gap}{text}\n")


def _picture(data: Mapping[str, Any]) -> JSONObject | None:
    """The source of the first picture in a mime bundle."""
    kind = next((kind for kind in _PICTURES if data.get(kind)), None)
    if kind is None:
        return None
    given = data[kind]
    if kind == "image/svg+xml":
        given = str(given).encode()
    if isinstance(given, bytes):
        given = base64.b64encode(given).decode()
    encoded = "".join(str(given).split())
    try:
        base64.b64decode(encoded, validate=True)
    except ValueError:
        return None
    return {"type": "base64", "media_type": kind, "data": encoded}
