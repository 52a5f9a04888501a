"""What becomes of a journal's lines, damaged ones above all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from journaled import HELLO, asked, conversation, lines, lived, only, whole

from routeway_magic import records
from routeway_magic.conversation import Conversation
from routeway_magic.events import from_data
from routeway_magic.recovery import read


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
    assert recovered.conversations["main"].dropped == {"a"}
    assert recovered.conversations["main"].shown == []
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
