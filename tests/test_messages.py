"""Turns become messages that a server accepts: what stays, what goes, and with whom."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from said import chain, text, turn

from routeway_magic.conversation import Turn
from routeway_magic.messages import messages_of
from routeway_magic.types import ContentBlock


def answer_of(*blocks: ContentBlock) -> list[ContentBlock]:
    """What of an answer is sent back."""
    messages = messages_of([turn("q", *blocks)])
    return list(messages[1]["content"]) if messages else []  # type: ignore[arg-type]  # ours are blocks


@pytest.mark.parametrize("stop", ["refusal", "content_filter"])
def test_refusals_are_left_out(stop: str) -> None:
    """What the server withheld is not sent back, nor the question (API.md 3)."""
    assert messages_of([turn("bad", text("I wi"), stop=stop)]) == []


@pytest.mark.parametrize(
    "empty",
    [
        turn("q"),
        turn("q", text("")),
        turn("q", text(" \n")),
        turn("q", {"type": "thinking", "thinking": "hm", "signature": "E"}),
        turn("q", {"type": "tool_use", "id": "", "name": "f", "input": {}}),
        turn(" \n", text("a")),
    ],
    ids=["nothing", "empty", "blank", "thinking only", "no id", "blank question"],
)
def test_turn_without_both_halves_is_left_out(empty: Turn) -> None:
    """A turn whose question or answer would be empty goes with its other half."""
    kept = turn("before", text("said"))
    assert messages_of([kept, empty, kept]) == messages_of([kept, kept])


def test_empty_text_thinking_and_markers_are_dropped() -> None:
    """Empty text is dropped, thinking of finished turns, markers and empty members.

    Routeway's sample answer carries `"cache_control": {}`, which no server takes back.
    """
    sent = answer_of(
        {"type": "thinking", "thinking": "hm", "signature": "E"},
        {"type": "redacted_thinking", "data": "opaque"},
        text(""),
        text("a", cache_control={}, citations=None),
        text("b", cache_control={"type": "ephemeral"}, citations=[{"cited_text": "x"}]),
    )
    assert sent == [text("a"), text("b", citations=[{"cited_text": "x"}])]


def test_unknown_blocks_go_back_unchanged() -> None:
    """A block of a type that is not known goes back as it was received."""
    block = {"type": "fallback", "from": {"model": "a"}, "more": None}
    assert answer_of(block, text("a")) == [block, text("a")]


def test_unfinished_calls_of_a_server_are_left_out() -> None:
    """Such a call goes back only if it came whole and its result stands beside it.

    A server's own tools answer within the message; a cut call, and a result without
    its call, are refused by the server (API.md 2.6).
    """
    call: ContentBlock = {"type": "server_tool_use", "id": "s1", "input": {"q": "x"}}
    found: ContentBlock = {
        "type": "web_search_tool_result",
        "tool_use_id": "s1",
        "content": [],
    }
    said = text("said")
    assert answer_of(call, found, said) == [call, found, said]
    assert answer_of(call, said) == [said]
    assert answer_of(found, said) == [said]
    assert answer_of({**call, "input": '{"q": "x'}, found, said) == [said]
    assert answer_of({**call, "id": None}, {**found, "tool_use_id": "None"}) == []


def call(key: str, **more: Any) -> ContentBlock:
    """A call of a tool of ours."""
    return {"type": "tool_use", "id": key, "name": "f", "input": {}, **more}


def result(key: str, **more: Any) -> ContentBlock:
    """What our tool gave for it."""
    return {"type": "tool_result", "tool_use_id": key, **more}


def missing(key: str) -> ContentBlock:
    """What a model is told of a call that nobody has answered."""
    return result(key, is_error=True, content="This call has no result.")


THOUGHT = {"type": "thinking", "thinking": "hm", "signature": "E"}
HIDDEN = {"type": "redacted_thinking", "data": "opaque"}


def said_of(turns: list[Turn], **more: Any) -> list[Any]:
    """The contents of the messages, whose roles alternate."""
    messages = messages_of(turns, **more)
    roles = ["user", "assistant"] * len(messages)
    assert [message["role"] for message in messages] == roles[: len(messages)]
    return [message["content"] for message in messages]


@pytest.mark.parametrize("kind", ["image", "document", "search_result", "tool_result"])
def test_what_only_users_send_is_left_out_of_answers(kind: str) -> None:
    """Routeway lists such blocks in answers; no assistant message may hold them."""
    assert answer_of({"type": kind, "source": {}}, text("a")) == [text("a")]


def test_calls_stay_with_their_results() -> None:
    """A chain of turns is a loop of calls: all of it goes back, results first."""
    turns = chain(
        turn("q", text("let me see"), call("x"), call("y")),
        turn([text("and"), result("y"), result("x")], call("z")),
        turn([result("z", content="3")], text("done")),
        turn("next", text("yes")),
    )
    assert said_of(turns) == [
        [text("q")],
        [text("let me see"), call("x"), call("y")],
        [result("y"), result("x"), text("and")],
        [call("z")],
        [result("z", content="3")],
        [text("done")],
        [text("next")],
        [text("yes")],
    ]


def test_a_call_without_a_result_is_given_one() -> None:
    """It stands first in the next question; a second call or result of an id goes."""
    turns = chain(
        turn("q", call("x"), call("x"), call("y")),
        turn([result("x"), result("x", is_error=True), result("z")], text("done")),
    )
    assert said_of(turns) == [
        [text("q")],
        [call("x"), call("y")],
        [missing("y"), result("x")],
        [text("done")],
    ]


def test_a_call_that_was_cut_off_stays_with_its_result() -> None:
    """Its arguments are none that can be sent, so it has none (API.md 2.6)."""
    cut = turn("q", text("a"), call("x", input='{"a": '))
    assert said_of([cut]) == [[text("q")], [text("a")]]
    assert said_of(chain(cut, turn([result("x")], text("b"))))[1:3] == [
        [text("a"), call("x")],
        [result("x")],
    ]


def test_what_a_loop_has_come_to_is_kept_where_it_broke_off() -> None:
    """No question, no call and no result is forgotten; the next question joins them."""
    begun = turn("q", call("x"))
    silent = turn([result("x"), text("lost")])
    told = [[text("q")], [call("x")], [result("x")]]
    assert said_of(chain(begun, silent)) == told
    assert said_of(chain(begun, turn([result("y")]))) == [*told[:2], [missing("x")]]
    follows = turn("next", text("done"))
    joined = [*told[:2], [result("x"), text("next")], [text("done")]]
    assert said_of(chain(begun, silent, follows)) == joined
    failed = turn("unanswered")
    assert said_of(chain(begun, silent, failed, follows)) == joined
    called = chain(begun, turn([result("x")], call("y")))
    assert said_of(called)[2:] == [[result("x")], [call("y")], [missing("y")]]


def test_results_that_were_withheld_are_not_told_again() -> None:
    """The server has refused to answer them; their calls stay, with an error."""
    refused = turn([result("x", content="bad")], text("I wi"), stop="refusal")
    assert said_of(chain(turn("q", call("x")), refused)) == [
        [text("q")],
        [call("x")],
        [missing("x")],
    ]


def test_results_that_are_asked_now_are_not_told_twice() -> None:
    """Only what the next question does not bring stands before it."""
    turns = chain(turn("q", call("x"), call("y")))
    both = [result("x"), result("y")]
    assert len(said_of(turns, asked=both)) == 2
    assert said_of(turns, asked=both[1:])[2] == [missing("x")]


def test_results_without_a_call_are_left_out() -> None:
    """A turn that begins with results of nobody's call keeps what else was asked."""
    assert said_of([turn([result("x"), text("q")], text("a"))]) == [
        [text("q")],
        [text("a")],
    ]
    assert said_of([turn([result("x")], text("a"))]) == []


def test_an_answer_that_goes_on_is_one_answer() -> None:
    """Turns that ask nothing belong to the answer before them, in the middle of a word."""
    asked, first, second = chain(
        turn("q", text("It is re"), stop="max_tokens"),
        turn([], text("markable. \n")),
        turn([], text("Isn't it?")),
    )
    turns = [asked, first, second]
    assert said_of(turns) == [[text("q")], [text("It is remarkable.Isn't it?")]]
    assert said_of([asked, second]) == [[text("q")], [text("It is re")]]
    refused = turn([], text("no"), stop="refusal", parent=first.id)
    assert said_of([asked, first, refused])[1] == [text("It is remarkable. \n")]
    assert (asked.message or {})["content"] == [text("It is re")]


def test_an_answer_that_goes_on_may_call() -> None:
    """What is not plain text stands behind what was said, and its results are found."""
    turns = chain(
        turn("q", text("a", citations=[{"cited_text": "x"}])),
        turn([], text("b"), call("x")),
        turn([result("x")], text("c")),
    )
    cited = text("a", citations=[{"cited_text": "x"}])
    assert said_of(turns)[1] == [cited, text("b"), call("x")]
    assert said_of(turns)[3] == [text("c")]


SET = {"model": "m", "system": "s", "tools": [{"name": "f"}]}


def test_a_question_within_a_loop_keeps_its_thinking() -> None:
    """The server takes it for the same loop, and the tools are sent again with it."""
    turns = chain(turn("q", THOUGHT, call("x")), turn([result("x")]), **SET)
    without = {key: value for key, value in SET.items() if key != "tools"}
    for now in (SET, without):
        assert said_of(turns, asked=[text("n")], parameters=now)[1:] == [
            [THOUGHT, call("x")],
            [result("x")],
        ]
    other = {**SET, "tools": []}
    assert said_of(turns, asked=[text("n")], parameters=other)[1] == [call("x")]


def test_a_loop_under_way_keeps_its_thinking() -> None:
    """While results are sent, all thinking of the loop goes back, and no earlier one."""
    turns = chain(
        turn("before", THOUGHT, text("a")),
        turn("q", THOUGHT, call("x")),
        turn([result("x")], HIDDEN, {**THOUGHT, "thinking": ""}, call("y")),
        **SET,
    )
    said = said_of(turns, asked=[result("y")], parameters={**SET, "max_tokens": 9})
    assert said[1] == [text("a")]
    assert said[3] == [THOUGHT, call("x")]
    assert said[5] == [HIDDEN, {**THOUGHT, "thinking": ""}, call("y")]
    over = said_of([*turns, *chain(turn([result("y")], text("b")))])
    assert not any(THOUGHT in blocks or HIDDEN in blocks for blocks in over)


@pytest.mark.parametrize("changed", ["model", "system"])
def test_thinking_goes_when_what_it_is_bound_to_changed(changed: str) -> None:
    """With another model, system prompt or tools, it would be refused (API.md 2.8)."""
    turns = chain(turn("q", THOUGHT, call("x")), **SET)
    now = {key: value for key, value in SET.items() if key != changed}
    assert said_of(turns, asked=[result("x")], parameters=now)[1] == [call("x")]


@pytest.mark.parametrize(
    ("sources", "sent", "kept"),
    [
        (["host", "host"], slice(None), True),
        (["emulator", "emulator"], slice(None), True),
        (["emulator", "host"], slice(1, None), True),
        (["emulator", "host"], slice(None), False),
        (["emulator", "emulator"], slice(1, None), False),
    ],
    ids=["a model", "offline", "without what was offline", "with it", "a gap"],
)
def test_thinking_stays_behind_the_messages_that_it_followed(
    sources: list[str], sent: slice, kept: bool
) -> None:
    """What was said offline is told to the emulator alone: then, and now."""
    said = chain(turn("a", text("b")), turn("q", THOUGHT, call("x")), **SET)
    turns = [
        replace(one, source=source) for one, source in zip(said, sources, strict=True)
    ]
    answer = said_of(turns[sent], asked=[result("x")], parameters=SET)[-1]
    assert answer == ([THOUGHT] if kept else []) + [call("x")]


@pytest.mark.parametrize("seal", [None, ""])
def test_unsigned_thinking_goes_with_all_thinking_of_its_loop(seal: str | None) -> None:
    """It may go back complete or not at all, and unsigned it is refused."""
    turns = chain(
        turn("q", THOUGHT, call("x")),
        turn([result("x")], {**THOUGHT, "signature": seal}, call("y")),
        **SET,
    )
    sent = said_of(turns, asked=[result("y")], parameters=SET)
    assert sent[1::2] == [[call("x")], [call("y")]]


def test_thinking_that_was_turned_on_within_a_loop_is_left_out() -> None:
    """A loop begins with thinking or has none (API.md 2.8)."""
    turns = chain(
        turn("q", text("a"), call("x")),
        turn([result("x")], THOUGHT, call("y")),
        **SET,
    )
    sent = said_of(turns, asked=[result("y")], parameters=SET)
    assert sent[1::2] == [[text("a"), call("x")], [call("y")]]


def test_thinking_goes_when_a_form_is_asked_for_within_its_loop() -> None:
    """Documents are not cited then, which changes what the thinking followed."""
    turns = chain(turn("q", THOUGHT, call("x")), **SET)
    formed = {**SET, "output_config": {"format": {"type": "json_schema"}}}
    eager = {**SET, "output_config": {"effort": "low"}}
    sent = [
        said_of(turns, asked=[result("x")], parameters=now)[1]
        for now in (formed, eager)
    ]
    assert sent == [[call("x")], [THOUGHT, call("x")]]
