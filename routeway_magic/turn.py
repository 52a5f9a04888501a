"""A turn: a question, where it came from, and what came of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from routeway_magic.types import ContentBlock, JSONObject, Message, Status, Usage

__all__ = [
    "Cell",
    "Turn",
    "answers_of",
    "counted",
    "loops_of",
    "one_message",
    "told_by",
]

_SHORT = 8  # characters of an id that lists show


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a prompt came from.

    Args:
        id: the notebook's id of the cell; None in a terminal or a script.
        execution: one run of that cell.
        number: what stands in the cell's prompt after that run, `In [number]`.
    """

    id: str | None = None
    execution: str | None = None
    number: int | None = None

    @property
    def label(self) -> str:
        """The cell as its prompt names it, such as `[3]`; "" if that is not known."""
        return f"[{self.number}]" if self.number is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question and what came of it; it never changes.

    Args:
        parent: the id of the turn that this one answers to, None for a first one.
        cell: where the question came from.
        content: the user's content blocks; none if it goes on with the answer of its
            parent, as `%claude continue` does.
        parameters: the request's other fields, as sent.
        message: the answer, as far as it came; None if nothing came.
        status: how it ended.
        error: what went wrong, a sentence, or "".
        source: who answered: "emulator" or the host's name, and whether it was
            replayed (see `origin`).
        started: seconds since the epoch.
        seconds: how long it took.
        id: unique in the kernel.
    """

    parent: str | None
    cell: Cell
    content: list[ContentBlock]
    parameters: JSONObject
    message: Message | None
    status: Status
    error: str = ""
    source: str = ""
    started: float = 0.0
    seconds: float = 0.0
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])

    @property
    def short(self) -> str:
        """The beginning of its id, as lists show it."""
        return self.id[:_SHORT]

    @property
    def usage(self) -> Usage:
        """Token counts as received; empty if none came."""
        return (self.message or {}).get("usage") or {}

    @property
    def stop_reason(self) -> str | None:
        """Why the answer ended, as received; None if it did not end."""
        return (self.message or {}).get("stop_reason")

    @property
    def goes_on(self) -> bool:
        """Whether it asks nothing, but goes on with the answer of its parent."""
        return not self.content

    @property
    def has_content(self) -> bool:
        """Whether anything of an answer came; a block that only began is nothing."""
        return any(map(_says_something, (self.message or {}).get("content") or []))

    @property
    def brings_results(self) -> bool:
        """Whether it tells what came of calls."""
        return any(block.get("type") == "tool_result" for block in self.content)

    @property
    def counts(self) -> bool:
        """Whether a conversation goes on from it: something came, or calls were run."""
        return self.has_content or self.brings_results

    @property
    def question(self) -> str:
        """The user's text; what is no text is named, such as `[image]`."""
        return "".join(map(_worded, self.content))


def counted(turns: int) -> str:
    """So many turns, in words."""
    return "1 turn" if turns == 1 else f"{turns} turns"


def answers_of(turns: Iterable[Turn]) -> list[list[Turn]]:
    """The turns in groups that make one answer each.

    Args:
        turns: those of a path, oldest first; some may be left out.
    """
    answers: list[list[Turn]] = []
    for turn in turns:
        if answers and turn.goes_on and turn.parent == answers[-1][-1].id:
            answers[-1].append(turn)
        else:
            answers.append([turn])
    return answers


def loops_of(turns: Iterable[Turn]) -> list[list[Turn]]:
    """The turns in groups that begin with a question each.

    What follows are the results of calls, and answers that were gone on with.

    Args:
        turns: those of a path, oldest first; some may be left out.
    """
    loops: list[list[Turn]] = []
    for turn in turns:
        follows = turn.goes_on or turn.brings_results
        if loops and follows and turn.parent == loops[-1][-1].id:
            loops[-1].append(turn)
        else:
            loops.append([turn])
    return loops


def one_message(turns: Sequence[Turn]) -> Message:
    """The answer that these turns make together, as if it had come at once.

    Args:
        turns: the one that asked, and those that went on with its answer.
    """
    messages = [turn.message or {} for turn in turns]
    whole = Message(**messages[-1])
    whole["content"] = [
        block for message in messages for block in message.get("content") or []
    ]
    return whole


def _says_something(block: ContentBlock) -> bool:
    kind = block.get("type")
    if kind in ("text", "thinking"):
        return bool(block.get(kind) or block.get("signature"))
    return True


def _worded(block: ContentBlock) -> str:
    if block.get("type") == "text":
        return str(block.get("text") or "")
    if block.get("type") == "tool_result":
        return f"[{'error' if block.get('is_error') else 'result'}: {told_by(block)}]"
    return f"[{block.get('type')}]"


def told_by(result: ContentBlock) -> str:
    """The text of a call's result; what is no text is named, such as `[image]`."""
    content = result.get("content") or ""
    if isinstance(content, str):
        return content
    return " ".join(_worded(one).strip() for one in content if isinstance(one, dict))
