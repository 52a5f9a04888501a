"""A hostile server in JupyterLab: every string that it may send is only text."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any, Self

import pytest
from canary import nothing_happened, untrust
from front_ends import FrontEnd, Notebook
from playwright.sync_api import expect
from servers import KEY, Peer, Server, sse

from routeway_magic.markup import STYLE

# `@@` is the server's own address: it serves as the canary, too.
HOSTILE = (
    '"><script>window.canary=1</script><img src="@@i.png" onerror="window.canary=1">'
    "<style>@import url(@@s.css);body{display:none}</style>"
    '<button data-commandlinker-command="notebook:run-all-cells">Copy</button>'
    "</summary></pre></details></div> ![](@@m.png) ![](/api/contents/canary) "
    "[go](javascript:window.canary=1) $\\gdef\\sin{POISON}$ \\(\\def\\sin{POISON}\\) "
    "$\\href{@@h}{x}$ \x00\x1b[38;5;77m\x1b]0;title\x07 \u202e\u2066 end"
)

MESSAGE = {
    "id": HOSTILE,
    "type": "message",
    "role": "assistant",
    "model": HOSTILE,
    "content": [],
    "stop_reason": None,
    "usage": {"input_tokens": 1, "output_tokens": 1},
}
CITATION = {
    "type": HOSTILE,
    "title": HOSTILE,
    "url": '@@"onclick="window.canary=1',
    "cited_text": HOSTILE,
    "start_page_number": HOSTILE,
}
# Each block as it begins, and what follows.
BLOCKS: tuple[tuple[dict[str, Any], tuple[dict[str, Any], ...]], ...] = (
    (
        {"type": "thinking", "thinking": ""},
        ({"type": "thinking_delta", "thinking": HOSTILE},),
    ),
    ({"type": "redacted_thinking", "data": HOSTILE}, ()),
    (
        {"type": "tool_use", "id": HOSTILE, "name": HOSTILE, "input": {}},
        ({"type": "input_json_delta", "partial_json": f"{{{HOSTILE}"},),
    ),
    ({"type": HOSTILE, HOSTILE: HOSTILE, "name": HOSTILE}, ()),
    ({"type": "document", "title": HOSTILE, "source": {"url": "@@d.pdf"}}, ()),
    ({"type": "image", "source": {"type": "url", "url": "@@b.png"}}, ()),
    ({"type": "image", "source": {"media_type": HOSTILE, "data": "QQ=="}}, ()),
    ({"type": "image", "source": {"media_type": "image/png", "data": HOSTILE}}, ()),
    (
        {"type": "text", "text": ""},
        (
            {"type": "text_delta", "text": HOSTILE},
            {"type": HOSTILE, "text": HOSTILE},
            {"type": "citations_delta", "citation": CITATION},
        ),
    ),
)
ERROR = {"type": HOSTILE, "message": HOSTILE, "tip": HOSTILE}
CALM = "so: $\\sin x$, \\(\\cos x\\)"

# What may stand in an answer on the page, and with which attributes.
WATCH = """style => {
  const allowed = {div: 'class', p: '', span: 'class', code: '', pre: '', small: '',
    details: 'open', summary: '', sup: '', strong: '', em: '', br: '',
    a: 'href rel target'};
  const isStrange = element => {
    const tag = element.localName;
    if (element.closest('mjx-container'))
      return ['a', 'img', 'script', 'iframe', 'image', 'svg'].includes(tag);
    if (tag === 'style') return element.outerHTML !== style;
    return !(tag in allowed)
      || (tag === 'a' && !/^(https?:\\/\\/|mailto:)/.test(element.getAttribute('href')))
      || [...element.attributes].some(({name}) => !allowed[tag].split(' ').includes(name));
  };
  const rendered = '.jp-OutputArea-output.jp-RenderedHTMLCommon';
  window.look = () => [...document.querySelectorAll(`${rendered} *`)]
    .filter(isStrange).map(element => element.outerHTML.slice(0, 300));
  window.strange = []; window.looks = 0;
  new MutationObserver(() => { window.strange.push(...look()); window.looks += 1; })
    .observe(document.body, {childList: true, subtree: true});
}"""
# Elements like ours, but outside of any output, and the page's own.
SENTINELS = """() => {
  const sentinel = document.createElement('div');
  sentinel.className = 'sentinel jp-RenderedHTMLCommon';
  sentinel.style = 'position: absolute; width: 300px; visibility: hidden';
  sentinel.innerHTML = `<p>p</p><pre><code>c</code></pre><a href="#">a</a>
    <div class="highlight"><pre><span class="k">k</span></pre></div>
    <details><summary>s</summary></details><table><tr><td>t</td></tr></table>`;
  document.body.append(sentinel);
}"""
STYLES = """() => [document.body, document.querySelector('.jp-Toolbar'),
    document.querySelector('.jp-Cell .jp-InputArea'),
    ...document.querySelectorAll('.sentinel, .sentinel *')]
  .map(element => { const style = getComputedStyle(element);
    return [...style].map(name => `${name}: ${style.getPropertyValue(name)}`) })"""
CLICK_ALL = """() => document.querySelectorAll('.jp-OutputArea-output *').forEach(
  element => element.closest('a') || element.click?.())"""


def _frames(url: str) -> Iterator[dict[str, Any]]:
    """A whole answer of this server."""
    yield {"type": "message_start", "message": MESSAGE}
    for index, (block, deltas) in enumerate(BLOCKS):
        yield {"type": "content_block_start", "index": index, "content_block": block}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    stop = {"stop_reason": HOSTILE, "stop_details": {"explanation": HOSTILE}}
    yield {"type": "message_delta", "delta": stop, "usage": {"output_tokens": 5}}
    yield {"type": "message_stop"}


def _calm() -> Iterator[dict[str, Any]]:
    yield {"type": "message_start", "message": {**MESSAGE, "model": "calm"}}
    block = {"type": "text", "text": CALM}
    yield {"type": "content_block_start", "index": 0, "content_block": block}
    yield {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {}}
    yield {"type": "message_stop"}


class Adversary:
    """Answers as its prompts ask; what else is asked of it, no test has asked for."""

    def __init__(self) -> None:
        self._server = Server(self._answer)
        self.url = f"{self._server.base_url}/"

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.__exit__(*exception)

    @property
    def asked(self) -> list[str]:
        """The requests that are none of the API's."""
        lines = [received.line for received in self._server.requests]
        own = ("POST /v1/messages ", "GET /v1/models ")
        return [line for line in lines if not line.startswith(own)]

    def _own(self, text: str) -> bytes:
        return text.replace("@@", self.url).encode()

    def _answer(self, peer: Peer) -> None:
        line = peer.received.line
        if not line.startswith("POST /v1/messages"):
            models = [{"id": HOSTILE, "name": HOSTILE, "context_length": 1}]
            peer.reply(self._own(json.dumps({"data": models})))
            return
        prompt = json.dumps(peer.received.json["messages"][-1])
        if "refuse" in prompt:
            peer.reply(self._own(json.dumps({"error": ERROR})), status=400)
            return
        self._stream(peer, prompt)

    def _stream(self, peer: Peer, prompt: str) -> None:
        peer.head()
        frames = list(_calm() if "calm" in prompt else _frames(self.url))
        if "break" in prompt:
            frames[-2:] = [{"type": "error", "error": ERROR}]
        for frame in frames:
            peer.chunk(self._own(sse([frame]).decode()))
            time.sleep(0.0 if "calm" in prompt else 0.05)  # so that most are shown
        peer.chunk(b"")


@pytest.fixture
def adversary() -> Iterator[Adversary]:
    """A server that means harm."""
    with Adversary() as running:
        yield running


def _cells(adversary: Adversary) -> list[str]:
    address = {"ROUTEWAY_BASE_URL": adversary.url, "ROUTEWAY_API_KEY": KEY}
    return [
        f"import os\nos.environ.update({address})\n%load_ext routeway_magic",
        "%%claude --no-history\nanswer",
        "%%claude --no-history\nbreak off",
        "%%claude --no-history\nrefuse",
        "%claude models",
        "%claude usage",
        "%%claude --no-history\ncalm down",
    ]


def _nothing_is_strange(notebook: Notebook, *, cells: int) -> None:
    """The answers on the page are made of our own elements alone."""
    for index in range(1, cells):
        expect(notebook.output(index).first).to_be_visible()
        assert notebook.page.evaluate("window.look()") == []
    formulas = notebook.output(cells - 1).locator("mjx-container")
    expect(formulas).to_have_text(["sin\u2061x", "cos\u2061x"])


def _as_text(output: dict[str, Any]) -> str:
    """What of an output a terminal may get to show."""
    data = output.get("data", {})
    told = (data.get("text/plain"), output.get("text"), output.get("traceback"))
    return "".join("".join(part or ()) for part in told)


def test_whatever_a_server_sends_is_text(lab: FrontEnd, adversary: Adversary) -> None:
    """Names, titles, reasons and errors: at each moment, clicked, and opened again."""
    cells = _cells(adversary)
    notebook = lab.open(cells)
    notebook.page.evaluate(WATCH, STYLE)
    notebook.page.evaluate(SENTINELS)
    before = notebook.page.evaluate(STYLES)
    for index in range(len(cells)):
        notebook.run(index)
    assert notebook.page.evaluate("window.looks") > 20
    assert notebook.page.evaluate("window.strange") == []
    _nothing_is_strange(notebook, cells=len(cells))
    shown = notebook.outputs(1)[0]["data"]["text/html"]
    # All of it is there to be read, as it was sent.
    assert shown.count("&lt;script&gt;window.canary=1") > 10
    notebook.page.evaluate(CLICK_ALL)
    counts = [notebook.execution_count(index) for index in range(len(cells))]
    assert counts == list(range(1, len(cells) + 1))
    nothing_happened(notebook, adversary.asked, lab.url)
    for index in range(1, len(cells)):
        for output in notebook.outputs(index):
            assert "\x1b[38;5;77m" not in _as_text(output)
    notebook.output(0)
    assert notebook.page.evaluate(STYLES) == before
    notebook.save()
    untrust(notebook)

    untrusted = lab.reopen(notebook)
    untrusted.page.evaluate(WATCH, STYLE)
    _nothing_is_strange(untrusted, cells=len(cells))
    nothing_happened(untrusted, adversary.asked, lab.url)
