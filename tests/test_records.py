"""What a journal's lines say: all that was sent and all that came."""

from __future__ import annotations

import json
from itertools import pairwise

from events_drawn import ANY_JSON, EVENTS
from hypothesis import given
from hypothesis import strategies as st
from journaled import HELLO, asked, lines, lived, only, whole

from routeway_magic import records
from routeway_magic.events import Waiting, from_data, to_data
from routeway_magic.recovery import events_of, read


def test_runs_of_pieces_are_pairs_and_all_else_is_as_received():
    """`[ms, text]` for a piece of the open block, `[ms, {event}]` for all else."""
    record = records.EventRun("t").record(enumerate(HELLO))
    assert record is not None
    assert record["events"][2:5] == [(2, "Hel"), (3, "lo"), (4, "!")]
    assert [entry[1]["type"] for entry in record["events"] if entry[0] not in (2, 3, 4)]
    assert record["events"][0] == (0, to_data(HELLO[0]))


@given(EVENTS)
def test_an_event_is_its_data_and_back(events):
    """`from_data` of `to_data` is the same event."""
    for event in events:
        again = from_data(to_data(event))
        assert to_data(again) == to_data(event)
        assert type(again) is type(event)


@given(EVENTS, st.lists(st.integers(0, 25)), st.sampled_from(["complete", "failed"]))
def test_what_is_recorded_reads_as_the_same_turn(events, cuts, status):
    """Any sequence of events, written in any pieces, gives the live session's turn."""
    question = asked()
    run, came = records.EventRun(question.id), list(enumerate(events))
    places = [0, *sorted(cut for cut in cuts if cut < len(came)), len(came)]
    told = [run.record(came[start:stop]) for start, stop in pairwise(places)]
    turn = lived(events, question, status)
    found = [records.request(question, conversation="main"), *told, records.end(turn)]
    recovered = read(lines(*found))
    assert not recovered.skipped
    assert only(recovered) == turn


@given(EVENTS)
def test_a_copied_turn_is_the_same_turn(events):
    """A turn that is over is written as a whole and reads as it was."""
    turn = lived(events, asked())
    assert only(read(lines(*records.whole_turn(turn, conversation="main")))) == turn


@given(EVENTS)
def test_a_stream_without_an_end_is_an_interrupted_turn(events):
    """The kernel died: what had arrived is the answer."""
    question = asked()
    request, told, _ = whole(question, events)
    turn = only(read(lines(request, told)))
    assert turn.message == lived(events, question).message
    assert turn.status == "interrupted"


@given(EVENTS)
def test_events_come_back_with_their_times(events):
    """Each event, with its milliseconds: what a cassette needs."""
    record = records.EventRun("t").record(enumerate(events))
    found = list(events_of(json.loads(records.encode(record)))) if record else []
    assert [ms for ms, _ in found] == list(range(len(events)))
    assert [to_data(event) for _, event in found] == [to_data(one) for one in events]


def test_waiting_is_ours_and_is_not_written():
    """Only what came over the wire is kept."""
    assert records.EventRun("t").record([(0, Waiting("connecting"))]) is None


@given(ANY_JSON, ANY_JSON)
def test_content_and_parameters_are_kept_exactly(value, other):
    """Whatever JSON was sent, references to blobs and their like included."""
    content = [{"type": "x", "source": {"data": "y" * 3000}, "value": value}]
    content.append({"sha256": other})
    parameters = {"a": value, "sha256": other, "tools": ["z" * 2000, value]}
    question = asked(content=content, parameters=parameters)
    assert only(read(lines(*whole(question)))) == lived(HELLO, question)


def test_a_long_value_is_stored_once():
    """A picture that is asked about twice is one blob; a system prompt as well."""
    content = [{"type": "image", "source": {"type": "base64", "data": "A" * 5000}}]
    more = {"content": content, "parameters": {"system": "B" * 5000}}
    found = lines(*whole(asked(**more)), *whole(asked(**more)))
    assert b"".join(found).count(b"A" * 5000) == 1
    assert b"".join(found).count(b"B" * 5000) == 1
    assert b"A" * 5000 not in found[2]


def test_text_that_has_no_utf8_is_kept():
    """A lone surrogate is written as JSON's escape."""
    question = asked("\ud800")
    assert only(read(lines(*whole(question)))).content == question.content
