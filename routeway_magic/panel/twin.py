"""The panel without a widget: what is set and what was said, to read."""

from __future__ import annotations

from routeway_magic.columns import columns
from routeway_magic.conversation import Conversation
from routeway_magic.history import as_html, as_markdown
from routeway_magic.markup import STYLE, escape, printable
from routeway_magic.markup.document import wrapped
from routeway_magic.turn import loops_of
from routeway_magic.types import JSONObject

__all__ = ["BELOW", "bundle"]

_BELOW = "A panel, in Jupyter; what it shows is below."
BELOW = {"text/html": wrapped(f"<p>{_BELOW}</p>"), "text/plain": _BELOW}
"""What stands in the panel's place if its twin is an output by itself."""

_NOTHING = "nothing is set"


def bundle(values: JSONObject, conversation: Conversation) -> dict[str, str]:
    """The mime bundle of a panel as it is now.

    Args:
        values: what is set, by setting; None for what is not.
        conversation: the one that it goes on with.
    """
    rows = [(name, str(value)) for name, value in values.items() if value is not None]
    answers = loops_of(conversation.path(conversation.head))
    heading = f"Panel of routeway_magic, conversation {conversation.name}"
    said_html = as_html(answers) if answers else STYLE
    said = [as_markdown(answers)] if answers else []
    listed = columns(rows) if rows else [_NOTHING]
    return {
        "text/html": wrapped(f"<p>{escape(heading)}</p>{_table(rows)}") + said_html,
        "text/plain": "\n\n".join([heading, printable("\n".join(listed)), *said]),
    }


def _table(rows: list[tuple[str, str]]) -> str:
    if not rows:
        return f"<p>{_NOTHING}</p>"
    cells = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(printable(value))}</td></tr>"
        for name, value in rows
    )
    return f"<table><tbody>{cells}</tbody></table>"
