"""A key that comes back in pieces is taken out of the answer."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers import ASK, HELLO, KEY, Peer, answering, serving

from routeway_magic.accumulate import MessageAccumulator, text_of
from routeway_magic.errors import APIStreamError
from routeway_magic.events import ContentBlockDelta, Event
from routeway_magic.key_forms import KeyForms
from routeway_magic.secret import KeyRemover

DELTAS = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "input_json_delta": "partial_json",
}


@pytest.mark.parametrize(("kind", "member"), DELTAS.items())
@pytest.mark.parametrize("size", [1, 5, len(KEY) - 1])
def test_a_key_in_pieces(kind: str, member: str, size: int) -> None:
    """A key that is echoed over several frames is taken out all the same."""
    text = f"say {KEY} sk-of-this and {KEY[:-1]}"
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    deltas = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": kind, member: it}}
        for it in pieces
    ]
    with serving(answering([*HELLO[:2], *deltas, *HELLO[3:]])) as (_, client):
        said = "".join(
            event.delta[member]
            for event in client.stream(ASK)
            if isinstance(event, ContentBlockDelta)
        )
    assert KEY not in said
    assert "[API key] sk-of-this and " in said
    assert said.endswith(KEY[:-1])


@pytest.mark.parametrize("size", [3, 7, len(KEY) - 1])
@pytest.mark.parametrize("starts_full", [False, True])
def test_a_key_over_several_blocks(size: int, *, starts_full: bool) -> None:
    """A reply's text joins its blocks: the key is not whole there either."""
    text = f"say {KEY} and {KEY[:-1]}"
    frames = [HELLO[0]]
    for index, at in enumerate(range(0, len(text), size)):
        piece = text[at : at + size]
        block = {"type": "text", "text": piece if starts_full else ""}
        frames.append(
            {"type": "content_block_start", "index": index, "content_block": block}
        )
        delta = {"type": "text_delta", "text": "" if starts_full else piece}
        frames.append({"type": "content_block_delta", "index": index, "delta": delta})
        frames.append({"type": "content_block_stop", "index": index})
    whole = MessageAccumulator()
    with serving(answering([*frames, *HELLO[4:]])) as (_, client):
        for event in client.stream(ASK):
            whole.feed(event)
    said = text_of(whole.message)
    assert KEY not in said
    assert said.startswith("say ")
    assert said.endswith(f"[API key] and {KEY[:-1]}")


def test_the_end_that_waits_is_not_lost() -> None:
    """Text held back because a key may begin with it comes before an error, too."""
    delta = {"type": "text_delta", "text": KEY[:12]}
    frame = {"type": "content_block_delta", "index": 0, "delta": delta}
    said: list[Event] = []
    cut = serving(answering([*HELLO[:2], frame]))
    with cut as (_, client), pytest.raises(APIStreamError):
        said.extend(client.stream(ASK))
    texts = [one.delta["text"] for one in said if isinstance(one, ContentBlockDelta)]
    assert "".join(texts) == KEY[:12]


PARTS = ["aabaabaac", "a", "b", "c", "aab", "aabaabaa", "x", "[API"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=12), st.data())
def test_any_cut(parts: list[str], data: st.DataObject) -> None:
    """However a text is cut, no key is in what is shown, and nothing else is lost."""
    key, text = PARTS[0], "".join(parts)
    places = st.lists(st.integers(0, len(text)), max_size=8)
    cuts = [0, *sorted(data.draw(places)), len(text)]
    remover = KeyRemover(KeyForms(key))
    shown = [remover.feed(text[start:end]) for start, end in pairwise(cuts)]
    said = "".join([*shown, remover.rest()])
    assert key not in said
    assert said.count("[API key]") == text.count(key)
    if key not in text:
        assert said == text


def test_a_key_that_a_block_begins_with() -> None:
    """What a block holds from the start, and its first piece, are one text."""
    start = {"type": "text", "text": KEY[:12]}
    began = {"type": "content_block_start", "index": 0, "content_block": start}
    delta = {"type": "text_delta", "text": KEY[12:]}
    frame = {"type": "content_block_delta", "index": 0, "delta": delta}
    sent = [HELLO[0], began, {"type": "ping"}, HELLO[4], frame, HELLO[3], HELLO[5]]
    fold = MessageAccumulator()
    with serving(answering(sent)) as (_, client):
        for event in client.stream(ASK):
            fold.feed(event)
    assert text_of(fold.message) == f"{KEY[:4]}[API key]"


def test_a_list_of_models_without_the_key() -> None:
    """What is no stream is looked at as well."""

    def models(peer: Peer) -> None:
        peer.reply(json.dumps({"data": [{"id": f"for {KEY}"}]}).encode())

    with serving(models) as (_, client):
        assert client.models() == [{"id": "for [API key]"}]
