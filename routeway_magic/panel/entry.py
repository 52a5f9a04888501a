"""What stands in the panel's list: questions with what came of them, as safe HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from routeway_magic.answer import bundle_of_turns
from routeway_magic.errors import ClaudeError
from routeway_magic.markup import STYLE, escape, printable
from routeway_magic.markup.document import wrapped
from routeway_magic.run.reply import footer_of
from routeway_magic.settings import RequestOptions
from routeway_magic.turn import Turn
from routeway_magic.types import JSONObject

__all__ = ["Entry", "entry_of", "error_html", "question_html"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A question that has ended, however.

    Args:
        id: what the front end calls it.
        question: as typed; of a cell's question, as sent.
        model: who was asked.
        status: how it ended.
        answer_html: what came.
        footer_html: the line under it.
        error_html: what went wrong, and what to do.
        turn: the id of the turn that was kept; None if nothing was sent.
        options: what was set when it was asked; None if it was not asked here.
        beside: whether it is on no path, and is shown all the same.
        tools: names of the functions that could be called.
    """

    id: str
    question: str
    model: str
    status: str
    answer_html: str = ""
    footer_html: str = ""
    error_html: str = ""
    turn: str | None = None
    options: RequestOptions | None = None
    beside: bool = False
    tools: tuple[str, ...] = ()

    @property
    def shown_id(self) -> str:
        """What the front end calls it, now that it has ended."""
        return self.turn or self.id

    def as_json(self) -> JSONObject:
        """What the front end is told that has lost it."""
        return {
            "id": self.shown_id,
            "question_html": question_html(self.question),
            "answer_html": self.answer_html,
            "footer_html": self.error_html + self.footer_html,
            "status": self.status,
            "model": self.model,
        }

    def as_known(self) -> JSONObject:
        """What the front end is told that has it."""
        return {"id": self.shown_id, "status": self.status}

    def as_end(self, *, rewritten: bool) -> JSONObject:
        """What the front end is told that has seen it coming.

        Args:
            rewritten: whether the answer is otherwise than what was streamed.
        """
        told: JSONObject = {"id": self.id, "turn": self.shown_id, "status": self.status}
        if rewritten:
            told["answer_html"] = self.answer_html
        if self.error_html:
            html = self.error_html + self.footer_html
            return {"type": "failed", "html": html, **told}
        return {"type": "end", "footer_html": self.footer_html, **told}


def entry_of(turns: Sequence[Turn], *, cost: float | None = None) -> Entry:
    """What is shown of an answer that was asked for elsewhere, as in a cell.

    Args:
        turns: those that make it; the first one asked.
        cost: in US dollars, None where no price is known.
    """
    last = turns[-1]
    footer = replace(footer_of(turns), cost=cost)
    return Entry(
        id=last.id,
        turn=last.id,
        question=turns[0].question,
        model=footer.model,
        status=last.status,
        answer_html=bundle_of_turns(turns)["text/html"].removeprefix(STYLE),
        footer_html=line_html(footer.text),
    )


def question_html(question: str) -> str:
    """A question as it was typed."""
    text = escape(printable(question))
    return wrapped(f'<pre class="rw-question">{text}</pre>')


def line_html(text: str) -> str:
    """The quiet line under an answer."""
    return wrapped(f'<div class="rw-footer">{escape(text)}</div>') if text else ""


def error_html(error: BaseException) -> str:
    """What went wrong, and what to do about it.

    Args:
        error: ours, or any other that should not have come.
    """
    name, what, hint = type(error).__name__, str(error), ""
    if isinstance(error, ClaudeError):
        what, hint = error.what, error.hint
    lines = [f"<strong>{escape(name)}</strong>: {escape(printable(what))}"]
    lines += [escape(printable(line)) for line in hint.splitlines()]
    return wrapped(f'<div class="rw-error" role="alert">{"<br>".join(lines)}</div>')
