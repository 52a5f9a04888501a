"""The notebook renderer: one entry, at most ten updates a second, nothing late."""

from __future__ import annotations

import re
import time

import pytest
from waiting import wait_until

from routeway_magic.events import (
    ContentBlockDelta,
    ContentBlockStart,
    Waiting,
    from_message,
)
from routeway_magic.footer import Footer
from routeway_magic.render import notebook
from routeway_magic.render.notebook import NotebookRenderer
from routeway_magic.sources.emulator.markdown import long_markdown

START = ContentBlockStart(0, {"type": "text", "text": ""})
FOOTER = Footer(model="m", source="emulator", seconds=1.0)


def piece(text: str) -> ContentBlockDelta:
    """A delta of text."""
    return ContentBlockDelta(0, {"type": "text_delta", "text": text})


@pytest.fixture
def published(monkeypatch):
    """What is displayed: (time, data, whether it updates)."""
    seen: list[tuple[float, dict, bool, str]] = []

    def publish(data, *, transient, update):
        seen.append((time.monotonic(), data, update, transient["display_id"]))

    monkeypatch.setattr(notebook, "publish_display_data", publish)
    return seen


def test_one_display_is_updated(published):
    """The first shows, all others update it: one saved entry."""
    renderer = NotebookRenderer()
    for event in (Waiting("connecting"), START, piece("a"), piece("b")):
        renderer.handle(event)
    renderer.close(FOOTER)
    assert [update for _, _, update, _ in published] == [False] + [True] * (
        len(published) - 1
    )
    assert len({display_id for *_, display_id in published}) == 1


def test_the_final_output_holds_the_markdown(published):
    """text/plain is what the model wrote; text/html ends in the footer."""
    renderer = NotebookRenderer()
    for event in (START, piece("**a** "), piece("$x$")):
        renderer.handle(event)
    renderer.close(FOOTER)
    final = published[-1][1]
    assert final["text/plain"] == "**a** $x$"
    assert "<strong>a</strong>" in final["text/html"]
    assert "m · emulator · 1.0 s" in final["text/html"]


def test_the_first_text_is_shown_at_once(published):
    """Nothing waits for the timer when nothing was shown before."""
    renderer = NotebookRenderer()
    renderer.handle(START)
    renderer.handle(piece("ZQ"))
    assert "ZQ" in published[-1][1]["text/html"]
    renderer.close(FOOTER)


def test_the_first_text_does_not_wait_behind_the_status_line(published):
    """The status line takes nothing of the pace: the first words replace it at once."""
    renderer = NotebookRenderer()
    renderer.handle(Waiting("connecting"))
    renderer.handle(START)
    renderer.handle(piece("ZQ"))
    assert "ZQ" in published[-1][1]["text/html"]
    renderer.close(FOOTER)


def test_at_most_ten_updates_a_second(published):
    """Deltas that come faster are shown together."""
    renderer = NotebookRenderer()
    renderer.handle(START)
    began = time.monotonic()
    while time.monotonic() - began < 0.55:
        renderer.handle(piece("x"))
        time.sleep(0.001)
    streaming = len(published)
    renderer.close(FOOTER)
    assert 2 <= streaming <= 7


def test_pending_text_does_not_wait_for_the_next_delta(published):
    """A timer shows what came within the interval."""
    renderer = NotebookRenderer()
    renderer.handle(START)
    renderer.handle(piece("one "))
    renderer.handle(piece("two"))
    assert "two" not in published[-1][1]["text/html"]
    wait_until(lambda: "two" in published[-1][1]["text/html"])
    renderer.close(FOOTER)


def test_status_line_until_something_arrives(published):
    """What is being waited for is shown, and gone with the first text."""
    renderer = NotebookRenderer()
    renderer.handle(Waiting("rate limit, trying again in 3 s", 3))
    assert "rate limit, trying again in 3 s …" in published[-1][1]["text/html"]
    renderer.handle(START)
    renderer.handle(piece("text"))
    renderer.close(FOOTER)
    assert "rate limit" not in published[-1][1]["text/html"]


def test_quiet_shows_the_answer_alone(published):
    """No status line, no footer."""
    renderer = NotebookRenderer(quiet=True)
    renderer.handle(Waiting("connecting"))
    assert published == []
    renderer.handle(START)
    renderer.handle(piece("text"))
    renderer.close(FOOTER)
    assert "emulator" not in published[-1][1]["text/html"]


def test_the_timer_ends_with_the_renderer(published):
    """After `close` nothing is published and no thread is left."""
    import threading

    renderer = NotebookRenderer()
    renderer.handle(START)
    renderer.handle(piece("a"))
    renderer.handle(piece("b"))
    renderer.close(FOOTER)
    count = len(published)
    time.sleep(0.15)
    assert len(published) == count
    assert not [t for t in threading.enumerate() if t.name == "routeway-display"]


def test_every_block_is_visible(published):
    """Thinking, tool calls, citations and unknown blocks are shown, escaped."""
    renderer = NotebookRenderer()
    message = {
        "content": [
            {"type": "thinking", "thinking": "hm <b>", "signature": "s"},
            {"type": "redacted_thinking", "data": "x"},
            {
                "type": "text",
                "text": "hi",
                "citations": [{"title": "T<i>", "cited_text": "c"}],
            },
            {"type": "tool_use", "id": "t", "name": "f", "input": {"a": "<script>"}},
            {"type": "novelty", "x": 1},
        ]
    }
    for event in from_message(message):
        renderer.handle(event)
    renderer.close(FOOTER)
    html = published[-1][1]["text/html"]
    for shown in (
        "hm &lt;b&gt;",
        "withheld",
        "T&lt;i&gt;",
        "tool_use f",
        "&lt;script&gt;",
        "novelty",
    ):
        assert shown in html
    assert "<script>" not in html


@pytest.fixture
def cleared(monkeypatch):
    """How often outputs were cleared, and how."""
    seen: list[bool] = []
    monkeypatch.setattr(notebook, "clear_output", lambda *, wait: seen.append(wait))
    return seen


def stream(renderer: NotebookRenderer, size: int) -> str:
    """Streams so much Markdown, shown after every piece."""
    text = long_markdown(size)
    renderer.handle(START)
    for at in range(0, len(text), 2000):
        renderer.handle(piece(text[at : at + 2000]))
        renderer._pace._due = 0.0
    renderer.close(FOOTER)
    return text


@pytest.mark.parametrize("size", [20_000, 300_000])
def test_at_most_forty_displays(published, cleared, size):
    """Whatever the length; then all are cleared at once for the one that remains."""
    text = stream(NotebookRenderer(alone=True), size)
    streamed, final = published[:-1], published[-1]
    assert 1 < len({display_id for *_, display_id in streamed}) <= 40
    assert cleared == [True]
    assert final[1]["text/plain"] == text
    assert final[2] is False


def test_only_the_end_is_sent_again(published, cleared):
    """The bytes of 160 kB are a small multiple of it, though shown 80 times."""
    text = stream(NotebookRenderer(alone=True), 160_000)
    sent = sum(len(data["text/html"]) for _, data, *_ in published)
    assert sent < 12 * len(text)


def test_the_displays_together_show_the_text_once(published, cleared):
    """What moves from the end into the display before it is never lost or doubled."""
    text = long_markdown(60_000)
    renderer = NotebookRenderer(alone=True)
    renderer.handle(START)
    for at in range(0, len(text), 700):
        renderer.handle(piece(text[at : at + 700]))
        renderer._pace._due = 0.0
        shown = {name: data["text/html"] for _, data, _, name in published}
        headings = re.findall(r"Section (\d+):", "".join(shown.values()))
        assert headings == [str(number + 1) for number in range(len(headings))]
    renderer.close(FOOTER)
    assert len(headings) > 20


def test_a_cell_with_other_outputs_is_not_cleared(published, cleared):
    """`%claude` in the middle of code uses one display throughout."""
    stream(NotebookRenderer(alone=False), 20_000)
    assert cleared == []
    assert len({display_id for *_, display_id in published}) == 1


def test_a_short_answer_is_not_cleared(published, cleared):
    """One display is simply updated: the page does not move."""
    stream(NotebookRenderer(alone=True), 1_500)
    assert cleared == []
    assert len({display_id for *_, display_id in published}) == 1
