"""The panel's page side on a page of its own, with a kernel that the test plays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import routeway_magic

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["CONTROLS", "STATE", "PanelPage"]

_SOURCE = Path(routeway_magic.__file__).parent / "panel"
_ADDRESS = "http://127.0.0.1:9/"  # nobody is there: every request is answered here

CONTROLS: list[dict[str, Any]] = [
    {"name": "model", "label": "Model", "kind": "model", "help": "Model id.",
     "default": "claude-opus-4-5"},
    {"name": "temperature", "label": "Temperature", "kind": "number",
     "help": "Randomness of the sampling, 0..1.", "min": 0, "max": 1, "step": 0.05},
    {"name": "top_k", "label": "Top k", "kind": "integer", "help": "Likeliest tokens."},
    {"name": "max_tokens", "label": "Max tokens", "kind": "integer",
     "help": "Most tokens.", "min": 1, "max": 8192, "step": 1, "default": "4096"},
    {"name": "stop", "label": "Stop sequences", "kind": "texts", "help": "Ends it."},
    {"name": "thinking", "label": "Thinking", "kind": "thinking", "help": "Thinks.",
     "words": ["adaptive", "off"]},
    {"name": "effort", "label": "Effort", "kind": "choice", "help": "How hard.",
     "words": ["low", "medium", "high"]},
    {"name": "tools", "label": "Tools", "kind": "functions", "help": "Called freely."},
    {"name": "param", "label": "Further", "kind": "json", "help": "Any other field."},
    {"name": "system", "label": "System prompt", "kind": "longtext", "help": "Who."},
]  # fmt: skip
STATE: dict[str, Any] = {
    **{control["name"]: None for control in CONTROLS},
    "controls": CONTROLS,
    "models": ["claude-opus-4-5", "claude-haiku-4-5"],
    "conversation": "main",
    "conversations": ["main", "poems"],
    "notes": {},
    "hints": {},
    "control": "IPY_MODEL_stop",
    "stop_note": "",
}
_PAGE = """<!doctype html><html lang="en"><head><title>Panel</title>
<style>body { margin: 8px; font-family: sans-serif; background: white }</style>
<link rel="stylesheet" href="panel.css"></head><body><main></main><script type="module">
import panel from "./panel.js";
class Model {
  constructor(state) {
    this.state = state; this.sent = []; this.heard = []; this.comm_live = true;
    this.widget_manager = { get_model: async (id) => stops[id] };
  }
  get(name) { return structuredClone(this.state[name]) }
  set(name, value) {
    this.state[name] = value;
    this.heard.filter(([event]) => event === `change:${name}`).forEach(([, f]) => f());
  }
  save_changes() { this.sent.push({ saved: structuredClone(this.state) }) }
  on(name, f) { this.heard.push([name, f]) }
  off(name, f) { this.heard = this.heard.filter(([n, g]) => n !== name || g !== f) }
  send(message) { this.sent.push(message) }
  hear(message) {
    this.heard.filter(([event]) => event === "msg:custom").forEach(([, f]) => f(message));
  }
}
window.show = (state, stops = { stop: new Model({}) }) => {
  window.closeView?.();
  window.stops = stops;
  window.model = new Model(state);
  const el = document.createElement("div");
  document.querySelector("main").replaceChildren(el);
  window.closeView = panel.render({ model, el });
};
</script></body></html>"""


# A panel knows its size, by which it opens its settings, after its first frame.
_SHOW = """async (state) => {
  show(state);
  for (const _ of [1, 2]) await new Promise((resolve) => requestAnimationFrame(resolve));
}"""


class PanelPage:
    """One panel on a page.

    Args:
        browser: a running Chromium.
    """

    def __init__(self, browser: Browser) -> None:
        self.errors: list[str] = []
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.route("**/*", _answer)
        self.root = self.page.locator(".rwp")
        self.box = self.page.get_by_label("Prompt", exact=True)
        self.load()

    def load(self) -> None:
        """Loads the page, which shows nothing yet."""
        self.page.goto(_ADDRESS)
        self.page.wait_for_function("window.show !== undefined")

    def show(self, *, width: int = 1000, forgets: bool = True, **state: Any) -> None:
        """Shows a new panel, in place of the last one.

        Args:
            width: of the page, in pixels.
            forgets: whether the browser's tab is a new one.
            **state: what differs from `STATE`.
        """
        self.page.set_viewport_size({"width": width, "height": 900})
        if forgets:
            self.page.evaluate("sessionStorage.clear()")
        self.page.evaluate(_SHOW, {**STATE, **state})

    def say(self, type: str, **fields: Any) -> None:  # noqa: A002 - the message's field
        """The kernel sends a message.

        Args:
            type: of the message.
            **fields: of the message.
        """
        self.page.evaluate("message => model.hear(message)", {"type": type, **fields})

    def ready(self, *turns: dict[str, Any], running: list[Any] | None = None) -> None:
        """The kernel says where things stand.

        Args:
            *turns: that have ended.
            running: requests that have not.
        """
        self.say("state", turns=list(turns), running=running or [], usage="")

    def set(self, name: str, value: Any) -> None:
        """The kernel sets a trait.

        Args:
            name: of the trait.
            value: the new one.
        """
        self.page.evaluate("([name, value]) => model.set(name, value)", [name, value])

    def sent(self, type: str) -> list[dict[str, Any]]:  # noqa: A002 - the message's field
        """The messages of one type that the page sent.

        Args:
            type: which.
        """
        found: list[dict[str, Any]] = self.page.evaluate(
            "type => model.sent.filter((one) => one.type === type)", type
        )
        return found

    def asked(self, type: str) -> dict[str, Any]:  # noqa: A002 - the message's field
        """The last message of one type, once it is there.

        Args:
            type: which.
        """
        found = "type => model.sent.findLast((one) => one.type === type)"
        handle = self.page.wait_for_function(found, arg=type)
        asked: dict[str, Any] = json.loads(
            handle.evaluate("(one) => JSON.stringify(one)")
        )
        return asked

    def saved(self, name: str) -> Any:
        """What the kernel was last told of a trait.

        Args:
            name: of the trait.
        """
        return self.page.evaluate(
            "name => model.sent.findLast((one) => one.saved)?.saved[name]", name
        )


def _answer(route: Any) -> None:
    name = route.request.url.removeprefix(_ADDRESS)
    if not name:
        route.fulfill(body=_PAGE, content_type="text/html")
    elif (_SOURCE / name).is_file():
        route.fulfill(path=_SOURCE / name)
    else:
        route.fulfill(status=404)
