"""An exchange as it went over the wire, drawn and told: pure, and safe to show."""

from __future__ import annotations

from routeway_magic.wire_view.page import as_html, as_text, events_text
from routeway_magic.wire_view.wire import Wire

__all__ = ["Wire", "as_html", "as_text", "events_text"]
