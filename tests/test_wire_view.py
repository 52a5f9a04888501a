"""The wire view as a pure function: times, drawing, tree, page."""

from __future__ import annotations

import base64
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from events_drawn import ANY_JSON, EVENTS
from hypothesis import given, settings
from hypothesis import strategies as st
from journaled import HELLO, asked, lived
from pages import words

from routeway_magic.events import (
    Event,
    MessageStart,
    Ping,
    Responded,
    Waiting,
    from_data,
)
from routeway_magic.types import Request
from routeway_magic.wire_view import Wire, as_html, as_text, events_text
from routeway_magic.wire_view.drawing import svg, ticks
from routeway_magic.wire_view.json_tree import tree
from routeway_magic.wire_view.lines import timeline_lines
from routeway_magic.wire_view.timeline import (
    duration,
    timeline_of,
    tokens_per_second,
)

HOSTILE = "<script>alert(1)</script>\x1b[2J\x00\ud800"
HEAD = Responded(200, {"server": "s"}, {"url": "http://h/v1/messages"})


def _delta(text: str, index: int = 0, kind: str = "text") -> Event:
    delta = {"type": f"{kind}_delta", kind: text}
    return from_data({"type": "content_block_delta", "index": index, "delta": delta})


def _start(kind: str = "text", index: int = 0, **more: Any) -> Event:
    block = {"type": kind, **more}
    return from_data(
        {"type": "content_block_start", "index": index, "content_block": block}
    )


CAME = [
    (100, HEAD),
    (110, MessageStart({"content": [], "usage": {"input_tokens": 9}})),
    (110, Ping()),
    (120, _start("thinking", thinking="")),
    *((130 + 10 * n, _delta("hm", kind="thinking")) for n in range(10)),
    (1500, _start("text", 1, text="")),
    *((1510 + 10 * n, _delta("ha", 1)) for n in range(50)),
]


def wire(events: Any = CAME, **more: Any) -> Wire:
    """What is known of an exchange that came like this."""
    turn = lived([event for _, event in events] or HELLO, asked())
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    return Wire(**({"turn": turn, "request": Request(body), "events": events} | more))


def test_times():
    """The first token is the first piece that says something; a long pause is told."""
    found = timeline_of(CAME, seconds=2.5)
    assert found.first_event == 110
    assert found.first_token == 130
    assert found.end == 2500
    assert [(lane.label, lane.pieces) for lane in found.lanes] == [
        ("thinking", 11),
        ("text", 51),
    ]
    assert found.silences == [(220, 1500)]
    assert found.pings == [110]


def test_rate():
    """Tokens per second count from the first piece to the last, where there is time."""
    found = timeline_of(CAME, seconds=9)
    assert tokens_per_second(found, {"output_tokens": 187}) == 100
    assert tokens_per_second(found, {}) is None
    at_once = timeline_of([(5, _delta("a")), (6, _delta("b"))], seconds=1)
    assert tokens_per_second(at_once, {"output_tokens": 9}) is None


@pytest.mark.parametrize("end", [1, 7, 8, 9, 80, 81, 999, 12_345, 600_000])
def test_ticks(end):
    """The axis has a few round times, from 0, within the end."""
    found = ticks(end)
    assert found[0] == 0
    assert found[-1] <= end
    assert 1 <= len(found) <= 9
    assert end < 9 or len(found) >= 4


@pytest.mark.parametrize(
    ("ms", "said"), [(0, "0 ms"), (999, "999 ms"), (1500, "1.50 s"), (12_340, "12.3 s")]
)
def test_duration(ms, said):
    """A time is said in the unit that fits it."""
    assert duration(ms) == said


def test_drawing():
    """The drawing is XML by itself: a row for each block, a stroke for each piece."""
    root = ET.fromstring(svg(timeline_of(CAME, seconds=2.5)))
    said = [element.text for element in root.findall(".//{*}text")]
    assert {"waiting", "thinking", "text", "ping", "first token 130 ms"} <= set(said)
    assert "silent 1.28 s" in said
    assert not {"script", "style", "foreignObject", "image", "a"} & {
        element.tag.rpartition("}")[2] for element in root.iter()
    }


def test_drawing_of_retries():
    """Another try is in the drawing, with the status that asked for it."""
    events = [(10, Responded(529, {}, {})), (11, Waiting("busy", 2.0)), *CAME[2:]]
    drawn = svg(timeline_of(events, seconds=3))
    assert "HTTP 529" in drawn
    assert "retry in 2.0 s" in as_text(wire(events))


def test_much_comes_small():
    """Ten thousand pieces take no more room than there are pixels."""
    many = [(n, _delta("a")) for n in range(10_000)]
    assert len(svg(timeline_of(many, seconds=10))) < 20_000
    shown = as_html(wire(many))
    assert len(shown) < 200_000
    assert "9,700 more" in shown
    assert len(events_text(wire(many)).splitlines()) == 10_000


def test_terminal_rows():
    """A terminal has a row for each lane, all of one width."""
    rows = timeline_lines(timeline_of(CAME, seconds=2.5))
    assert len({len(row) for row in rows[1:]}) == 1
    assert [row.split("|")[0].strip() for row in rows[1:]] == [
        "waiting",
        "thinking",
        "text",
        "ping",
    ]
    assert rows[2].count("#") == 3


def test_page():
    """The page has the facts, the drawing as an image, and the rest folded."""
    shown = as_html(wire())
    text = words(shown)
    for said in ("HTTP 200", "first token", "input tokens", "request: POST http://h"):
        assert said in text
    assert "<svg" not in shown
    (data,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', shown)
    ET.fromstring(base64.b64decode(data))
    assert shown.count("<details") >= 4


def test_no_events():
    """Where nothing is written down it says so, and shows what it has."""
    bare = wire([], why_no_events="The journal is off.")
    for shown in (as_html(bare), as_text(bare)):
        assert "The journal is off." in shown
        assert "not known" in shown
        assert "<img" not in shown
    assert events_text(bare) == "The journal is off."


def test_exactness():
    """Whether the request is what was sent is told by its digest."""
    request = Request({"a": 1})
    digest = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
    sent = {"sha256": digest, "bytes": 7}
    exact = wire([(1, Responded(200, {}, sent)), *CAME[1:]], request=request)
    assert exact.exactness == "Byte for byte what was sent (7 bytes)."
    other = wire([(1, Responded(200, {}, sent)), *CAME[1:]])
    assert "7 others were sent" in other.exactness


def test_hostile():
    """Nothing that a model, a tool or a server says acts in a page or a terminal."""
    events = [
        (1, Responded(200, {HOSTILE: HOSTILE}, {"headers": {"a": HOSTILE}})),
        (2, MessageStart({"content": [], "model": HOSTILE})),
        (3, _start("tool_use", name=HOSTILE)),
        (4, _start(HOSTILE, 1)),
        (5, _delta(HOSTILE)),
    ]
    request = Request({"model": HOSTILE, HOSTILE: [HOSTILE * 20], "messages": []})
    hostile = wire(events, request=request)
    shown = as_html(hostile)
    assert "<script" not in shown
    shown.encode()
    (data,) = re.findall(r'base64,([^"]+)"', shown)
    drawn = base64.b64decode(data).decode()
    ET.fromstring(drawn)
    assert "<script" not in drawn
    for text in (as_text(hostile), events_text(hostile)):
        assert "\x1b" not in text
        text.encode()


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 100_000), EVENTS), max_size=4))
def test_any_events(drawn):
    """Whatever comes, in whatever order, there is a page and a drawing."""
    events = [(ms, each) for ms, some in drawn for each in _listed(some)]
    shown = wire(events, turn=asked())
    ET.fromstring(svg(timeline_of(events, seconds=0)))
    assert as_html(shown)
    assert as_text(shown)
    events_text(shown)


def _listed(some: Any) -> list[Event]:
    return list(some) if isinstance(some, list) else [some]


@given(st.dictionaries(st.text(max_size=5), ANY_JSON, max_size=4))
def test_any_tree(value):
    """Any JSON has a tree, whose elements are closed."""
    found = tree(value)
    assert found.count("<details") == found.count("</details>")
    assert found.count("<li>") == found.count("</li>")


def test_tree_is_bounded():
    """A large value is shown in part, the rest counted."""
    assert "… 8,001 more" in tree({"a": 1, "b": list(range(9_999))})
