"""The panel without a widget: what is set and what was said last, to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from routeway_magic.columns import columns
from routeway_magic.conversation import Conversation
from routeway_magic.history import as_html, as_markdown
from routeway_magic.markup import READING_STYLE, STYLE, escape, printable
from routeway_magic.markup.document import wrapped
from routeway_magic.turn import Turn, loops_of
from routeway_magic.types import JSONObject

__all__ = ["BELOW", "Reading"]

_MOST = 100_000  # characters of HTML, unless the last answer alone has more
_STYLES = STYLE + READING_STYLE
_NOTHING = "nothing is set"
_BELOW = "A panel, in Jupyter; what it shows is below."
BELOW = {"text/html": wrapped(f"<p>{_BELOW}</p>"), "text/plain": _BELOW}
"""What stands in the panel's place if what it shows is an output by itself."""

_Written = tuple[str, str]  # an answer as HTML and as Markdown


class Reading:
    """Writes what a panel shows; an answer is written once."""

    def __init__(self) -> None:
        self._written: dict[tuple[str, str | None], _Written] = {}

    def bundle(
        self,
        values: JSONObject,
        conversation: Conversation,
        *,
        typed: Mapping[str, str],
    ) -> dict[str, str]:
        """The mime bundle of a panel as it is now, with the last of its answers.

        Args:
            values: what is set, by setting; None for what is not.
            conversation: the one that it goes on with.
            typed: questions as typed, by the turn that ended the answer; of others, what
                was sent is shown.
        """
        rows = [
            (name, str(value)) for name, value in values.items() if value is not None
        ]
        answers = loops_of(conversation.path(conversation.head))
        said = self._last(answers, typed)
        heading = f"Panel of routeway_magic, conversation {conversation.name}"
        left = _left_out(len(answers) - len(said))
        listed = printable("\n".join(columns(rows) if rows else [_NOTHING]))
        html = [f"<p>{escape(heading)}</p>{_table(rows)}"]
        html += [f"<p>{left}</p>"] if left else []
        texts = [heading, listed, left, *(text for _, text in said)]
        return {
            "text/html": _STYLES + wrapped(*html) + "".join(one for one, _ in said),
            "text/plain": "\n\n".join(filter(None, texts)),
        }

    def _last(
        self, answers: Sequence[Sequence[Turn]], typed: Mapping[str, str]
    ) -> list[_Written]:
        """As many as there is room for, oldest first."""
        known, self._written = self._written, {}
        said: list[_Written] = []
        size = 0
        for loop in reversed(answers):
            key = (loop[-1].id, typed.get(loop[-1].id))
            written = known.get(key) or _write(loop, key[1])
            size += len(written[0])
            if said and size > _MOST:
                break
            self._written[key] = written
            said.insert(0, written)
        return said


def _write(loop: Sequence[Turn], question: str | None) -> _Written:
    if question is not None:
        content = [{"type": "text", "text": question}]
        loop = [replace(loop[0], content=content), *loop[1:]]
    return as_html([loop]).removeprefix(_STYLES), as_markdown([loop])


def _left_out(count: int) -> str:
    if count <= 0:
        return ""
    told = "1 earlier answer is" if count == 1 else f"{count} earlier answers are"
    return f"{told} in the conversation."


def _table(rows: list[tuple[str, str]]) -> str:
    if not rows:
        return f"<p>{_NOTHING}</p>"
    cells = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(printable(value))}</td></tr>"
        for name, value in rows
    )
    return f"<table><tbody>{cells}</tbody></table>"
