"""The code that is measured: this package, and what one would write without it."""

from __future__ import annotations

__all__ = [
    "SHELL",
    "claude",
    "first_call_claude",
    "first_call_sdk",
    "load_only",
    "raw_loop",
    "sdk_loop",
    "whole_markdown_loop",
]

SHELL = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
"""
"""Makes a bare shell in a fresh process."""

_BEGIN = "import time as _time; _begun = _time.process_time()\n"
_END = "print('CPU', _time.process_time() - _begun, flush=True)\n"


def claude(model: str) -> str:
    """A `%%claude` cell that takes nothing along from earlier cells.

    Args:
        model: says what the server streams.
    """
    return f"%%claude --model {model} --no-history\nwrite something long"


def raw_loop(model: str, url: str) -> str:
    """The shortest loop by hand: httpx, and each delta printed at once.

    Args:
        model: says what the server streams.
        url: of the server.
    """
    return f"""
import json, httpx
body = {{"model": {model!r}, "max_tokens": 4096, "stream": True,
         "messages": [{{"role": "user", "content": "write something long"}}]}}
with httpx.stream("POST", {url!r} + "/v1/messages", json=body, timeout=60) as response:
    for line in response.iter_lines():
        if line.startswith("data: "):
            event = json.loads(line[6:])
            if event["type"] == "content_block_delta":
                print(event["delta"]["text"], end="", flush=True)
"""


def sdk_loop(model: str, url: str) -> str:
    """The loop of the official SDK's own README.

    Args:
        model: says what the server streams.
        url: of the server.
    """
    return f"""
import anthropic
client = anthropic.Anthropic(base_url={url!r}, api_key="fake")
with client.messages.stream(model={model!r}, max_tokens=4096,
        messages=[{{"role": "user", "content": "write something long"}}]) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)
"""


def whole_markdown_loop(model: str, url: str) -> str:
    """The common display by hand, throttled: all of the Markdown at each update.

    Args:
        model: says what the server streams.
        url: of the server.
    """
    return f"""
import json, time, httpx
from IPython.display import Markdown, display
body = {{"model": {model!r}, "max_tokens": 4096, "stream": True,
         "messages": [{{"role": "user", "content": "write something long"}}]}}
text, shown, handle = "", 0.0, display(Markdown(""), display_id=True)
with httpx.stream("POST", {url!r} + "/v1/messages", json=body, timeout=60) as response:
    for line in response.iter_lines():
        if line.startswith("data: "):
            event = json.loads(line[6:])
            if event["type"] == "content_block_delta":
                text += event["delta"]["text"]
                if time.monotonic() - shown > 0.1:
                    handle.update(Markdown(text))
                    shown = time.monotonic()
handle.update(Markdown(text))
"""


def load_only() -> str:
    """Loading the extension, as `%load_ext routeway_magic` does; tells its CPU time."""
    return _BEGIN + _load() + _END


def first_call_claude(model: str) -> str:
    """Loading the extension and the first cell; tells its CPU time.

    Args:
        model: says what the server streams.
    """
    line, body = claude(model).removeprefix("%%claude ").split("\n")
    call = f"shell.run_cell_magic('claude', {line!r}, {body!r})\n"
    return _BEGIN + _load() + call + _END


def first_call_sdk(model: str, url: str) -> str:
    """Importing the official SDK and its first stream; tells its CPU time.

    Args:
        model: says what the server streams.
        url: of the server.
    """
    return _BEGIN + sdk_loop(model, url) + _END


def _load() -> str:
    return (
        "shell = get_ipython() if 'get_ipython' in globals() else shell\n"
        "shell.extension_manager.load_extension('routeway_magic')\n"
    )
