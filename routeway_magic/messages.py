"""Turns become the messages that a server accepts, whatever happened in them.

A turn is one request and its answer. Where the model calls tools of ours, the results
are the question of the next turn: a chain of turns, one for each request of the loop.
A turn that asks nothing goes on with the answer before it, and makes one with it.

Thinking is left out of all that is finished, which a server always accepts, whatever
model, system prompt or tools come next (API.md 2.8): kept, it would have to be bound to
exactly what came before it, and any edit in a notebook changes that. Only while a loop
is under way must it go back complete; it does, as long as nothing before it changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from routeway_magic.answer_tool import said
from routeway_magic.call_blocks import (
    Results,
    belongs_to_call,
    calls_of_ours,
    is_call,
    is_call_of_ours,
    is_result_of_ours,
    results_of_ours,
    whole_calls,
    with_input,
)
from routeway_magic.origin import EMULATOR, is_offline, original
from routeway_magic.turn import Turn, answers_of
from routeway_magic.types import ContentBlock, JSONObject, UserOrAssistantMessage

__all__ = ["is_formed", "messages_of", "tools_before"]

_WITHHELD = frozenset({"refusal", "content_filter"})
_THINKING = {"thinking": "signature", "redacted_thinking": "data"}
# What an assistant's message cannot hold (API.md 2.3), though Routeway lists it as
# content of answers (API.md 3).
_USERS_ALONE = frozenset({"image", "document", "search_result", "tool_result"})
# What thinking is bound to, besides the messages before it (API.md 2.8).
_BINDING = ("model", "system", "tools")

_Answer = list[Turn]


def messages_of(
    turns: Iterable[Turn],
    *,
    asked: Sequence[ContentBlock] = (),
    parameters: JSONObject | None = None,
    resumes: bool = False,
) -> list[UserOrAssistantMessage]:
    """The messages that tell the server what was said, always legal to send.

    User and assistant alternate, the user first: a turn without an answer that can be
    sent back, or one that the server refused, is left out with its question. Of an
    answer are left out: thinking, empty text, and markers of a cache (API.md 2.2, 2.8).
    Each call has a result: what came of it also where nothing was answered to that,
    else an error that says that there is none (API.md 2.6). Where the last calls wait
    for results that `asked` does not bring, these are a last message of the user's,
    which what is asked belongs into. An answer given as a value is text here.

    Args:
        turns: what was said, oldest first.
        asked: what is asked next.
        parameters: the next request's other fields; thinking is kept only if it was
            made with the same model, system prompt and tools.
        resumes: whether the last answer is given back as it came, for the server to
            go on with: it has paused for its own tools (API.md 3).
    """
    said = list(turns)
    exchanges, waiting = _exchanges(answers_of(said), asked)
    start = _start_of_loop(exchanges)
    thinks = (resumes or bool(waiting)) and _is_bound(
        said, exchanges[start:], parameters or {}
    )
    messages: list[UserOrAssistantMessage] = []
    for index, one in enumerate(exchanges):
        answer = one.answer if thinks and index >= start else _unthought(one.answer)
        messages.append({"role": "user", "content": one.question})
        messages.append({"role": "assistant", "content": answer})
    missing = _without(waiting, results_of_ours(asked))
    if missing:
        messages.append({"role": "user", "content": missing})
    elif resumes and messages and said[-1].message:
        messages[-1]["content"] = _as_it_came(messages[-1]["content"], said[-1])
    return messages


@dataclass(frozen=True, slots=True)
class _Exchange:
    """What the user says in one message, and what is answered in the next.

    Args:
        question: results of the calls before it come first.
        answer: with all thinking.
        turns: those that make the answer.
    """

    question: list[ContentBlock]
    answer: list[ContentBlock]
    turns: _Answer


def _exchanges(
    answers: Sequence[_Answer], asked_next: Sequence[ContentBlock]
) -> tuple[list[_Exchange], Results]:
    """What can be told, and the results that the next question has to begin with."""
    found: list[_Exchange] = []
    waiting: Results = {}
    following = [*(turns[0].content for turns in answers[1:]), asked_next]
    for turns, then in zip(answers, following, strict=False):
        asked, answer = turns[0].content, _answer(turns, results_of_ours(then))
        question = _question(asked, waiting)
        if answer and question:
            found.append(_Exchange(question, answer, turns))
            waiting = {key: _unknown_result(key) for key in calls_of_ours(answer)}
        elif not any(map(_is_withheld, turns)):
            waiting |= {
                key: one
                for key, one in results_of_ours(asked).items()
                if key in waiting
            }
    return found, waiting


def _start_of_loop(exchanges: Sequence[_Exchange]) -> int:
    """Which exchange the last answer's loop began with: its question has no results."""
    for index in range(len(exchanges) - 1, -1, -1):
        if not is_result_of_ours(exchanges[index].question[0]):
            return index
    return 0


def _as_it_came(
    content: str | list[ContentBlock], turn: Turn
) -> str | list[ContentBlock]:
    """An answer with the server's call at its end that has no result yet."""
    last = _content(turn)[-1:]
    is_open = last and is_call(last[0]) and not is_call_of_ours(last[0])
    return [*content, _unmarked(last[0])] if is_open else content


def _question(content: list[ContentBlock], waiting: Results) -> list[ContentBlock]:
    """What the user sent; results come first, one for each call and no other."""
    brought = results_of_ours(content)
    results = [one for key, one in brought.items() if key in waiting]
    others = [block for block in content if not is_result_of_ours(block)]
    return [
        _without_empty(block)
        for block in [*_without(waiting, brought), *results, *others]
        if not _is_blank(block)
    ]


def _without(waiting: Results, brought: Results) -> list[ContentBlock]:
    return [block for key, block in waiting.items() if key not in brought]


def _unknown_result(key: str) -> ContentBlock:
    return {
        "type": "tool_result",
        "tool_use_id": key,
        "is_error": True,
        "content": "This call has no result.",
    }


def _answer(turns: _Answer, results: Results) -> list[ContentBlock]:
    """What the model said; empty if there is nothing to send back but thinking."""
    content: list[ContentBlock] = []
    for turn in turns:
        content = _joined(content, _given(turn))
    whole = whole_calls(content, results)
    found = [
        with_input(_unmarked(block))
        for block in content
        if id(block) in whole or not belongs_to_call(block)
    ]
    return found if _unthought(found) else []


def _unthought(answer: list[ContentBlock]) -> list[ContentBlock]:
    return [block for block in answer if block["type"] not in _THINKING]


def _given(turn: Turn) -> list[ContentBlock]:
    """The blocks that came and may stand in an answer; none if it was refused."""
    given = [] if _is_withheld(turn) else _content(turn)
    return [said(block) for block in given if _has_place(block)]


def _is_withheld(turn: Turn) -> bool:
    return str((turn.message or {}).get("stop_reason")) in _WITHHELD


def _joined(
    before: list[ContentBlock], after: list[ContentBlock]
) -> list[ContentBlock]:
    """One answer's blocks: plain text goes on in the block where it stopped."""
    ends = [*before[-1:], *after[:1]]
    if not before or not after or any(set(end) != {"type", "text"} for end in ends):
        return [*before, *after]
    # It was sent without the blanks at its end (API.md 2.2), and goes on from there.
    text = str(before[-1]["text"]).rstrip() + str(after[0]["text"])
    return [*before[:-1], {"type": "text", "text": text}, *after[1:]]


def _has_place(block: ContentBlock) -> bool:
    kind = block.get("type")
    return isinstance(kind, str) and kind not in _USERS_ALONE and not _is_blank(block)


def _is_bound(
    turns: list[Turn], loop: Sequence[_Exchange], parameters: JSONObject
) -> bool:
    """Whether the thinking of this loop, the last, is bound to what is sent now.

    It begins the loop, or none of it is sent: it may have been turned on later.
    """
    called = [turn for one in loop for turn in one.turns]
    first = loop[0].answer[0] if loop else {}
    now = _with_tools_again(parameters, turns, loop)
    same = all(
        turn.parameters.get(key) == now.get(key) for turn in called for key in _BINDING
    ) and all(is_formed(turn.parameters) == is_formed(now) for turn in called)
    return (
        same
        and first.get("type") in _THINKING
        and _was_sent(turns, {original(turn.source) for turn in called})
        and all(_is_signed(block) for turn in called for block in _content(turn))
    )


def _with_tools_again(
    parameters: JSONObject, turns: list[Turn], loop: Sequence[_Exchange]
) -> JSONObject:
    """The parameters as they are sent: what was called stays known (see `compose`)."""
    if "tools" in parameters or not any(calls_of_ours(one.answer) for one in loop):
        return parameters
    return {**parameters, "tools": tools_before(turns)}


def tools_before(turns: Sequence[Turn]) -> object:
    """The tools that were offered last; None if there were never any."""
    given = (turn.parameters.get("tools") for turn in reversed(turns))
    return next((tools for tools in given if tools), None)


def is_formed(parameters: JSONObject) -> bool:
    """Whether a request wants its output in a form; no document is cited then."""
    form = parameters.get("output_config")
    return isinstance(form, dict) and "format" in form


def _was_sent(turns: list[Turn], sources: set[str]) -> bool:
    """Whether all of this was told to those who thought, and nothing else.

    The emulator is told everything, and a model nothing that was said offline.
    """
    if sources == {EMULATOR}:
        parents = [None, *(turn.id for turn in turns[:-1])]
        return [turn.parent for turn in turns] == parents
    return len(sources) == 1 and not any(is_offline(turn.source) for turn in turns)


def _content(turn: Turn) -> list[ContentBlock]:
    return (turn.message or {}).get("content") or []


def _is_signed(block: ContentBlock) -> bool:
    seal = _THINKING.get(str(block.get("type")))
    return seal is None or bool(block.get(seal))


def _is_blank(block: ContentBlock) -> bool:
    text = block.get("text")
    blank = not isinstance(text, str) or not text.strip()
    return block.get("type") == "text" and blank


def _unmarked(block: ContentBlock) -> ContentBlock:
    # Where to cache is the request's to say; Routeway's replies carry an empty marker,
    # which no server takes back (API.md 3).
    bare = block
    if "cache_control" in block:
        bare = {key: value for key, value in block.items() if key != "cache_control"}
    return _without_empty(bare)


def _without_empty(block: ContentBlock) -> ContentBlock:
    # A null `citations` is no list.
    empty = [
        key for key in ("cache_control", "citations") if key in block and not block[key]
    ]
    if not empty:
        return block
    return {key: value for key, value in block.items() if key not in empty}
