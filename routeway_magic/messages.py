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

from collections.abc import Iterable, Iterator, Sequence

from routeway_magic.answer_tool import said
from routeway_magic.origin import EMULATOR, is_offline, original
from routeway_magic.turn import Turn, answers_of
from routeway_magic.types import ContentBlock, JSONObject, UserOrAssistantMessage

__all__ = ["is_formed", "messages_of"]

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
    answer are left out: thinking, empty text, calls that nothing answers, and markers
    of a cache (API.md 2.2, 2.6, 2.8). An answer given as a value is text here.

    Args:
        turns: what was said, oldest first.
        asked: what is asked next; if these are results of tools, the calls that they
            answer stay, with the thinking before them.
        parameters: the next request's other fields; thinking is kept only if it was
            made with the same model, system prompt and tools.
        resumes: whether the last answer is given back as it came, for the server to
            go on with: it has paused for its own tools (API.md 3).
    """
    said = list(turns)
    messages: list[UserOrAssistantMessage] = []
    loops = _loops(answers_of(said))
    for index, loop in enumerate(loops):
        if index < len(loops) - 1:
            messages += _loop_messages(loop, (), thinks=False)
        else:
            is_open = resumes or bool(_results(asked))
            thinks = is_open and _is_bound(said, loop, parameters or {})
            messages += _loop_messages(loop, asked, thinks=thinks)
    if resumes and messages and said[-1].message:
        messages[-1]["content"] = _as_it_came(messages[-1]["content"], said[-1])
    return messages


def _as_it_came(
    content: str | list[ContentBlock], turn: Turn
) -> str | list[ContentBlock]:
    """An answer with the server's call at its end that has no result yet."""
    last = _content(turn)[-1:]
    is_open = last and _is_call(last[0]) and not _is_call_of_ours(last[0])
    return [*content, _unmarked(last[0])] if is_open else content


def _loops(answers: list[_Answer]) -> list[list[_Answer]]:
    """The answers in groups: one to a question, and those to results for it."""
    loops: list[list[_Answer]] = []
    for answer in answers:
        if loops and _results(answer[0].content):
            loops[-1].append(answer)
        else:
            loops.append([answer])
    return loops


def _loop_messages(
    loop: list[_Answer], asked: Sequence[ContentBlock], *, thinks: bool
) -> list[UserOrAssistantMessage]:
    """A question with its answers, as far as each call has a result that was answered.

    It is read from the end: a call stays if its result does, and a result can stay only
    if something was answered to it.
    """
    kept: list[tuple[Turn, list[ContentBlock]]] = []
    results = _results(asked)
    for turns in reversed(loop):
        answer = _answer(turns, results, thinks=thinks)
        if not answer:
            kept, results = [], {}
            continue
        goes_on = any(_is_call_of_ours(block) for block in answer)
        kept = [(turns[0], answer), *(kept if goes_on else [])]
        results = _results(turns[0].content)
    return list(_alternating(kept))


def _alternating(
    kept: list[tuple[Turn, list[ContentBlock]]],
) -> Iterator[UserOrAssistantMessage]:
    called: set[str] = set()
    for turn, answer in kept:
        question = _question(turn.content, called)
        if not question:  # only a first one: others hold the results of calls
            return
        yield {"role": "user", "content": question}
        yield {"role": "assistant", "content": answer}
        called = {str(block["id"]) for block in answer if _is_call_of_ours(block)}


def _question(content: list[ContentBlock], called: set[str]) -> list[ContentBlock]:
    """What the user sent; results come first, and only those that were called for."""
    results = [found for key, found in _results(content).items() if key in called]
    others = [block for block in content if not _is_result_of_ours(block)]
    return [
        _without_empty(block) for block in [*results, *others] if not _is_blank(block)
    ]


def _answer(
    turns: _Answer, results: dict[str, ContentBlock], *, thinks: bool
) -> list[ContentBlock]:
    """What the model said; empty if there is nothing to send back but thinking."""
    content: list[ContentBlock] = []
    for turn in turns:
        content = _joined(content, _given(turn))
    whole = _answered_calls(content, results)
    found = [
        _with_input(_unmarked(block))
        for block in content
        if (id(block) in whole or not _belongs_to_call(block))
        and (thinks or block["type"] not in _THINKING)
    ]
    return found if any(block["type"] not in _THINKING for block in found) else []


def _given(turn: Turn) -> list[ContentBlock]:
    """The blocks that came and may stand in an answer; none if it was refused."""
    stopped = str((turn.message or {}).get("stop_reason"))
    given = [] if stopped in _WITHHELD else _content(turn)
    return [said(block) for block in given if _has_place(block)]


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


def _answered_calls(
    content: list[ContentBlock], results: dict[str, ContentBlock]
) -> set[int]:
    """Which blocks are calls with a result, and results with a call, by identity.

    Results of our tools come with the next question; a server's own tools answer
    within the message.
    """
    found: set[int] = set()
    awaited = set(results)
    servers: dict[str, ContentBlock] = {}
    for block in content:
        if not _is_call(block):
            call = servers.pop(str(block.get("tool_use_id")), None)
            found |= {id(call), id(block)} if call else set()
        elif block.get("id"):
            key = str(block["id"])
            if not _is_call_of_ours(block):
                servers |= {key: block} if isinstance(block.get("input"), dict) else {}
            elif key in awaited:
                awaited.remove(key)  # a second call of this id has no result
                found.add(id(block))
    return found


def _results(content: Sequence[ContentBlock]) -> dict[str, ContentBlock]:
    """The results of tools of ours, the first for each call."""
    found: dict[str, ContentBlock] = {}
    for block in content:
        if _is_result_of_ours(block) and block.get("tool_use_id"):
            found.setdefault(str(block["tool_use_id"]), block)
    return found


def _is_bound(turns: list[Turn], loop: list[_Answer], parameters: JSONObject) -> bool:
    """Whether the thinking of this loop, the last, is bound to what is sent now.

    It begins the loop, or none of it is sent: it may have been turned on later.
    """
    called = [turn for answer in loop for turn in answer]
    first = [block for turn in loop[0] for block in _given(turn)][:1]
    same = all(
        turn.parameters.get(key) == parameters.get(key)
        for turn in called
        for key in _BINDING
    ) and all(is_formed(turn.parameters) == is_formed(parameters) for turn in called)
    return (
        same
        and any(block["type"] in _THINKING for block in first)
        and _was_sent(turns, {original(turn.source) for turn in called})
        and all(_is_signed(block) for turn in called for block in _content(turn))
    )


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


def _is_call(block: ContentBlock) -> bool:
    return str(block.get("type")).endswith("tool_use")


def _is_call_of_ours(block: ContentBlock) -> bool:
    return block.get("type") == "tool_use"


def _is_result_of_ours(block: ContentBlock) -> bool:
    return block.get("type") == "tool_result"


def _belongs_to_call(block: ContentBlock) -> bool:
    return _is_call(block) or "tool_use_id" in block


def _is_blank(block: ContentBlock) -> bool:
    text = block.get("text")
    blank = not isinstance(text, str) or not text.strip()
    return block.get("type") == "text" and blank


def _with_input(block: ContentBlock) -> ContentBlock:
    """A call whose arguments were cut off has none: its result says so."""
    if _is_call_of_ours(block) and not isinstance(block.get("input"), dict):
        return {**block, "input": {}}
    return block


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
