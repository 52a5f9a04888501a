"""The lines of a cassette: what is written is read again, however the file ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from events_drawn import ANY_JSON, EVENTS
from hypothesis import given
from hypothesis import strategies as st
from servers import HELLO

from routeway_magic.cassette import VERSION, Writer, read
from routeway_magic.events import Event, from_data
from routeway_magic.fingerprint import VOLATILE, fingerprint
from routeway_magic.recorded import Recorded

STOP: Event = from_data({"type": "message_stop"})
ANSWER = [from_data(dict(frame)) for frame in HELLO]


def message(text: str, role: str = "user") -> dict[str, Any]:
    """A message of one text."""
    return {"role": role, "content": [{"type": "text", "text": text}]}


def exchange(*said: str, events: list[Event] | None = None, **members: Any) -> Recorded:
    """What was asked after what was said before, and an answer."""
    body = {"model": "m", "messages": [message(text) for text in said], **members}
    came = list(enumerate(ANSWER if events is None else events))
    return Recorded(fingerprint(body), "a.host", came, body)


def written(*exchanges: Recorded) -> list[bytes]:
    """The lines of a recording."""
    writer = Writer()
    lines = [writer.header()]
    for one in exchanges:
        lines += writer.lines(one)
    return [line.encode() + b"\n" for line in lines]


BODIES = st.dictionaries(
    st.sampled_from(["model", "system", "metadata", "stream", "top_k", "messages"]),
    ANY_JSON | st.text(min_size=250, max_size=300),
) | st.fixed_dictionaries(
    {
        "messages": st.lists(
            st.fixed_dictionaries({"role": st.text(), "content": ANY_JSON})
        )
    }
)


@given(BODIES, EVENTS, st.lists(st.integers(0, 10**7), min_size=26, max_size=26))
def test_what_is_written_is_read(
    body: dict[str, Any], events: list[Event], times: list[int]
) -> None:
    """Any request and any events, with their times, images and thinking among them."""
    came = list(zip(sorted(times), [*events, STOP], strict=False))
    came = came if came[-1][1] == STOP else [*came, (0, STOP)]
    before = Recorded(fingerprint(body), "a.host", came, body)
    (found,) = read(written(before)).recordings
    told = [json.dumps(one, sort_keys=True) for one in (found[0].body, body)]
    assert told[0] == told[1]
    ours, theirs = Writer().lines(before), Writer().lines(found[0])
    assert theirs == ours
    assert (found[0].key, found[0].source) == (before.key, before.source)


@given(st.data())
def test_a_cut_file_loses_what_was_cut_off(data: st.DataObject) -> None:
    """Wherever it is cut, the exchanges before are all there, and nothing is invented."""
    whole = [exchange("one"), exchange("one", "two"), exchange("x" * 400, system="s")]
    content = b"".join(written(*whole))
    cut = data.draw(st.integers(0, len(content)))
    found = read(content[:cut].splitlines(keepends=True))
    kept = [one for recording in found.recordings for one in recording]
    assert kept == whole[: len(kept)]
    ends = content[:cut].count(b'\n{"kind":"end"')
    assert len(kept) in (ends, ends - 1)  # an end may be cut itself


@given(st.data())
def test_a_damaged_line_loses_what_it_is_part_of(data: st.DataObject) -> None:
    """The others are as they were; what is lost is counted."""
    whole = [exchange("one"), exchange("two"), exchange("three")]
    lines = written(*whole)
    at = data.draw(st.integers(0, len(lines) - 1))
    found = read([*lines[:at], b"{damaged\n", *lines[at + 1 :]])
    kept = [one for recording in found.recordings for one in recording]
    assert len(kept) == (2 if at else 3)
    assert all(one in whole for one in kept)
    assert found.skipped > 0
    assert found.lost == 3 - len(kept)


@given(st.binary(max_size=200))
def test_anything_at_all_is_read(content: bytes) -> None:
    """No bytes raise; what is no cassette has no version."""
    found = read(content.splitlines(keepends=True))
    assert found.recordings == [] or found.version > 0


def test_the_first_line_says_what_it_is() -> None:
    """Kind and version of the format, and nothing that differs from day to day."""
    assert json.loads(written()[0]) == {"kind": "cassette", "version": VERSION}


def test_what_was_said_before_is_written_once() -> None:
    """A conversation of many turns takes lines in proportion, images included."""
    image = {"type": "image", "source": {"type": "base64", "data": "A" * 9000}}
    first = exchange()
    said = [{"role": "user", "content": [image]}, message("a"), message("b")]
    asked = [
        Recorded("", "a.host", first.came, {"model": "m", "messages": said[:count]})
        for count in (1, 2, 3)
    ]
    content = b"".join(written(*asked))
    assert content.count(b"A" * 9000) == 1
    (found,) = read(content.splitlines()).recordings
    assert [one.body for one in found] == [one.body for one in asked]


def test_an_answer_that_changed_differs_in_its_words() -> None:
    """A line for each piece: a comparison of two files shows what was said otherwise."""

    def saying(*pieces: str) -> list[bytes]:
        deltas = [
            {"index": 0, "delta": {"type": "text_delta", "text": piece}}
            for piece in pieces
        ]
        events = [
            *ANSWER[:2],
            *(from_data({"type": "content_block_delta", **one}) for one in deltas),
            *ANSWER[3:],
        ]
        return written(exchange("why", events=events))

    one, other = saying("The sky", " is blue."), saying("The sky", " is grey.")
    assert set(one) ^ set(other) == {b'" is blue."\n', b'" is grey."\n'}


def test_a_line_may_be_put_in_by_hand() -> None:
    """A teacher may reword an answer: pieces more or less are no damage."""
    lines = written(exchange("why"))
    at = next(i for i, line in enumerate(lines) if line.startswith(b'"'))
    (found,) = read(
        [*lines[:at], b'"Because"\n', b'" so."\n', *lines[at + 1 :]]
    ).recordings
    deltas = [event.delta["text"] for _, event in found[0].came[2:4]]  # type: ignore[union-attr]
    assert deltas == ["Because", " so."]


@pytest.mark.parametrize("name", sorted(VOLATILE))
def test_volatile_members_do_not_matter(name: str) -> None:
    """The same question with another such member has the same answer."""
    assert exchange("why", **{name: "x"}).key == exchange("why", **{name: "y"}).key


@pytest.mark.parametrize(
    "members",
    [{"system": "s"}, {"temperature": 0}, {"tools": []}, {"model": "n"}, {"new": 1}],
)
def test_everything_else_matters(members: dict[str, Any]) -> None:
    """Whatever else is in a request may change its answer."""
    assert exchange("why", **members).key != exchange("why").key
    assert exchange("Why").key != exchange("why").key


def test_the_order_of_members_does_not_matter() -> None:
    """Nor whether a whole number is written as 1 or as 1.0."""
    one = {"model": "m", "temperature": 1, "messages": []}
    assert fingerprint(one) == fingerprint(
        {"messages": [], "temperature": 1.0, "model": "m"}
    )
