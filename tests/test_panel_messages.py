"""What the front end says is checked: a malformed message is refused, and does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from panels import Page

from routeway_magic.panel.messages import TO_PANEL, TO_STOP, Refused, checked
from routeway_magic.run.session import session

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "id", "prompt", "turn", "as", "text"]), inner
        )
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A panel in a shell of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        with Page.opened() as opened:
            yield opened


@pytest.mark.parametrize(
    "content",
    [
        None,
        "hello",
        [],
        {},
        {"type": "no such"},
        {"type": ["send"]},
        {"type": "send"},
        {"type": "send", "id": "1"},
        {"type": "send", "id": 1, "prompt": "x"},
        {"type": "send", "id": "", "prompt": "x"},
        {"type": "send", "id": "i" * 101, "prompt": "x"},
        {"type": "send", "id": "1", "prompt": None},
        {"type": "send", "id": "1", "prompt": "x", "options": {}},
        {"type": "send", "id": "1", "prompt": "x" * 1_000_001},
        {"type": "send", "id": "1", "prompt": "é" * 600_000},
        {"type": "copy", "id": "1", "turn": None, "as": "rm", "prompt": "x"},
        {"type": "copy", "id": "1", "turn": None, "as": ["cell"], "prompt": "x"},
        {"type": "keep"},
        {"type": "keep", "turn": "no such"},
        {"type": "again", "id": "1", "turn": "no such"},
        {"type": "copy", "id": "1", "turn": "no such", "as": "cell"},
        {"type": "take", "id": "1"},
        {"type": "__init__"},
    ],
)
def test_malformed_messages_are_refused(page, content):
    """The page is told why, with the id if there is one; nothing else happens."""
    page.sent.clear()
    page.panel._take(page.panel, content, None)
    [refused] = page.sent
    assert refused["type"] == "refused"
    assert refused["why"]
    named = content.get("id") if isinstance(content, dict) else None
    assert refused.get("id") == (named if isinstance(named, str) else None)
    assert session().turns == []


@given(content=JSON)
def test_any_json_is_answered_or_refused(page, content):
    """Whatever comes, no handler raises."""
    is_question = isinstance(content, dict) and content.get("type") in ("send", "again")
    if not is_question:
        page.panel._take(page.panel, content, None)
    page.panel.control._take(page.panel.control, content, None)


@pytest.mark.parametrize("known", [TO_PANEL, TO_STOP])
@given(content=JSON)
def test_what_is_let_through_is_whole(known, content):
    """All members of its type and no other."""
    with suppress(Refused):
        message = checked(content, known)
        assert message.keys() == {"type", *known[message["type"]]}


def test_stop_answers_with_its_thread(page):
    """`hello` and `stop` are acknowledged; the front end sees where it is handled."""
    heard = []
    page.panel.control._send = lambda msg, buffers=None: heard.append(msg["content"])
    for content in ({"type": "hello"}, {"type": "stop", "id": None}, {"type": "stop!"}):
        page.panel.control._take(page.panel.control, content, None)
    assert [one["type"] for one in heard] == ["ack", "ack", "refused"]
    assert heard[0] == {"type": "ack", "thread": "MainThread", "stopped": []}
