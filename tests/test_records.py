"""What a journal's lines say, and what becomes of damaged ones."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from events_drawn import ANY_JSON, EVENTS
from hypothesis import given
from hypothesis import strategies as st

from routeway_magic import records
from routeway_magic.accumulate import MessageAccumulator
from routeway_magic.conversation import Cell, Conversation, Turn
from routeway_magic.events import Event, MessageStart, Waiting, from_data, to_data
from routeway_magic.recovery import Recovered, events_of, read

HELLO: list[Event] = [
    from_data(frame)
    for frame in (
        {"type": "message_start", "message": {"id": "m", "content": []}},
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "text", "text": ""},
        },
        *(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": text},
            }
            for text in ("Hel", "lo", "!")
        ),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {}},
        {"type": "message_stop"},
    )
]


def asked(text: str = "hi", **more: Any) -> Turn:
    """A question before its answer."""
    told: dict[str, Any] = {
        "parent": None,
        "cell": Cell("cell", "run"),
        "content": [{"type": "text", "text": text}],
        "parameters": {"model": "m"},
        "message": None,
        "status": "interrupted",
        "source": "emulator",
        "started": 1.5,
    }
    return Turn(**(told | more))


def lived(events: list[Event], question: Turn, status: Any = "complete") -> Turn:
    """The turn that a session makes of these events."""
    accumulator = MessageAccumulator()
    for event in events:
        accumulator.feed(event)
    came = any(isinstance(event, MessageStart) for event in events)
    message = accumulator.message if came else None
    return replace(question, message=message, status=status, seconds=0.25)


def lines(*found: dict[str, Any] | None) -> list[bytes]:
    """The lines of these records, as a file has them."""
    blobs = records.Blobs()
    return [
        records.encode(part).encode() + b"\n"
        for record in found
        if record
        for part in blobs.apart(record)
    ]


def whole(turn: Turn, events: list[Event] = HELLO, name: str = "main") -> list[Any]:
    """The records of a turn that came as these events, each a millisecond apart."""
    return [
        records.request(turn, conversation=name),
        records.EventRun(turn.id).record(enumerate(events)),
        records.end(lived(events, turn)),
    ]


def only(recovered: Recovered) -> Turn:
    """The one turn that was read."""
    (conversation,) = recovered.conversations.values()
    (turn,) = conversation.turns
    return turn


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


def conversation(*turns: Turn) -> list[bytes]:
    """The lines of these turns."""
    return lines(*[record for turn in turns for record in whole(turn)])


def test_a_torn_last_line_is_skipped():
    """What the disk did not take is no harm to the rest."""
    found = conversation(asked(id="a"), asked(id="b", parent="a"))
    recovered = read([*found[:-1], found[-1][:10]])
    assert recovered.skipped == 1
    turns = recovered.conversations["main"].turns
    assert [(turn.id, turn.status) for turn in turns] == [
        ("a", "complete"),
        ("b", "interrupted"),
    ]


def test_a_lost_line_takes_nothing_else_along():
    """Pieces after a lost line go to their own block."""
    question = asked()
    run, came = records.EventRun(question.id), list(enumerate(HELLO))
    other = from_data(
        {"type": "content_block_start", "index": 1, "content_block": {"type": "text"}}
    )
    more = from_data(
        {
            "type": "content_block_delta",
            "index": 1,
            "delta": {"type": "text_delta", "text": "again"},
        }
    )
    told = [run.record(came[:4]), run.record([(5, other)]), run.record([(6, more)])]
    found = lines(records.request(question, conversation="main"), *told)
    message = only(read([*found[:2], b"{torn\n", found[3]])).message
    assert message is not None
    assert [block["text"] for block in message["content"]] == ["Hello", "again"]


def test_a_turn_whose_parent_is_lost_begins_a_path():
    """Its question and answer are kept, and that is told."""
    found = conversation(asked(id="a"), asked(id="b", parent="a"))
    recovered = read(found[1:])
    assert only(recovered).id == "b"
    assert only(recovered).parent is None
    assert recovered.skipped == 2
    assert "1 turns answered" in recovered.notes[0]


def test_a_turn_whose_end_is_lost_still_has_its_answers():
    """A child's question says that its parent had ended."""
    found = conversation(asked(id="a"), asked(id="b", parent="a"))
    recovered = read([*found[:2], *found[3:]])
    kept = recovered.conversations["main"]
    assert [turn.id for turn in kept.path("b")] == ["a", "b"]
    assert kept.head == "b"


def test_a_lost_blob_leaves_a_question_that_can_be_sent():
    """The block says that it was lost; the others stay."""
    content = [
        {"type": "text", "text": "look"},
        {"type": "image", "source": {"type": "base64", "data": "A" * 5000}},
    ]
    found = lines(*whole(asked(content=content, parameters={"system": "B" * 5000})))
    recovered = read([line for line in found if b'"blob"' not in line])
    turn = only(recovered)
    assert turn.content[0] == content[0]
    assert turn.content[1]["type"] == "text"
    assert turn.parameters == {}
    assert recovered.notes == ["2 questions have lost a part."]


def test_a_damaged_blob_is_not_believed():
    """Its name is its SHA-256."""
    content = [{"type": "text", "text": "A" * 5000}]
    found = b"".join(lines(*whole(asked(content=content))))
    recovered = read(found.replace(b"A" * 10, b"A" * 9 + b"C", 1).splitlines())
    assert recovered.skipped == 1
    assert "lost" in only(recovered).content[0]["text"]


def test_heads_move_as_they_did():
    """Answers move the head; `use`, `undo` and `new` are written; asides do not."""
    a, b, c = asked(id="a"), asked(id="b", parent="a"), asked(id="c")
    aside = [records.request(c, conversation="main", aside=True), *whole(c)[1:]]
    first = [*whole(a), *whole(b)]
    heads = {
        "b": [*first, *aside],
        "a": [*first, records.head("main", "a")],
        None: [*first, records.head("main", None)],
    }
    for head, found in heads.items():
        assert read(lines(*found)).conversations["main"].head == head


def test_a_head_that_leads_nowhere_stays_where_it_is():
    """It is told."""
    recovered = read(lines(*whole(asked(id="a")), records.head("main", "gone")))
    assert recovered.conversations["main"].head == "a"
    assert "1 moves" in recovered.notes[0]


def test_dropped_turns_are_kept_and_named():
    """Nothing is deleted from a file; listings leave them out."""
    found = [*whole(asked(id="a")), records.head("main", None, drop="a")]
    recovered = read(lines(*found))
    assert recovered.dropped == {"main": frozenset({"a"})}
    assert only(recovered).id == "a"


def test_conversations_keep_their_names():
    """Each turn is in its own."""
    one, two = whole(asked(id="a"), name="x"), whole(asked(id="b"), name="y")
    recovered = read(lines(*one, *two))
    found = recovered.conversations
    assert {name: [turn.id for turn in found[name].turns] for name in found} == {
        "x": ["a"],
        "y": ["b"],
    }


def test_the_header_tells_of_notebook_and_time():
    """A file says whose it is."""
    header = records.journal(kernel=1, host="h", notebook="n.ipynb", started=2.0)
    recovered = read(lines(header, *whole(asked())))
    assert (recovered.notebook, recovered.started) == ("n.ipynb", 2.0)


@pytest.mark.parametrize(
    "line",
    [
        b"\0\0\0",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b'{"kind": "later"}',
        b'{"kind": ["x"]}',
        b'{"kind": "request"}',
        b'{"kind": "events", "turn": "nobody", "events": []}',
        b'{"kind": "end", "turn": "nobody", "status": "complete", "seconds": 1}',
        b'{"kind": "blob", "sha256": "x", "data": 1}',
        b"[" * 100_000,
    ],
)
def test_what_makes_no_sense_is_skipped_and_counted(line):
    """Any bytes may stand in a line."""
    recovered = read([line, *conversation(asked())])
    assert recovered.skipped == 1
    assert only(recovered).status == "complete"


@given(st.data())
def test_damage_never_raises_and_spares_other_turns(data):
    """One damaged line of the second turn leaves the first as it was."""
    first, second = asked(id="a"), asked("A" * 2000, id="b", parent="a")
    found = conversation(first, second)
    at = data.draw(st.integers(3, len(found) - 1))
    line = bytearray(found[at])
    for _ in range(data.draw(st.integers(1, 3))):
        line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.integers(0, 255))
    recovered = read([*found[:at], bytes(line), *found[at + 1 :]])
    turns = [turn for each in recovered.conversations.values() for turn in each.turns]
    assert lived(HELLO, first) in turns


def test_reading_is_what_a_live_conversation_is():
    """The same turns in the same order, with the same head."""
    live = Conversation()
    turns = [asked(id="a"), asked(id="b", parent="a"), asked(id="c", parent="a")]
    for turn in turns:
        live.append(lived(HELLO, turn))
    kept = read(conversation(*turns)).conversations["main"]
    assert kept.turns == live.turns
    assert kept.head == live.head
