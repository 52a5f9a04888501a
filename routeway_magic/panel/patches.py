"""A growing answer as patches: what is finished once, of the rest what has changed.

The front end appends what is finished to what it has. The rest is replaced at each
update, but most of it is the same as before: so it keeps the beginning, and is sent
only what follows.
"""

from __future__ import annotations

from routeway_magic.answer import Answer
from routeway_magic.events import Event
from routeway_magic.markup.document import wrapped
from routeway_magic.types import JSONObject

__all__ = ["Patches", "units"]

_FINISHED = 400  # characters of text that are worth appending
_BEFORE, _AFTER = wrapped("\0").split("\0")
_SEAM = _AFTER + _BEFORE


class Patches:
    """One answer, and what a front end has of it.

    `is_rewritten` says whether the whole is otherwise than what was streamed, as it is
    where a link was defined late. Whoever uses it guards it.
    """

    def __init__(self) -> None:
        self.finished = ""
        self.tail = ""
        self.is_rewritten = False
        self._answer = Answer()

    @property
    def html(self) -> str:
        """What the front end has so far."""
        return self.finished + self.tail

    @property
    def is_silent(self) -> bool:
        """Whether something is going on that sends no text, such as hidden thinking."""
        return self._answer.is_silent

    def handle(self, event: Event) -> bool:
        """Takes an event; says whether there is something new to show."""
        return self._answer.handle(event)

    def next(self) -> JSONObject | None:
        """The patch to what there is now; None if nothing is new."""
        frozen = self._answer.freeze(_FINISHED)
        tail = self._answer.tail(timed=False)
        return self._patch(frozen, tail) if frozen or tail != self.tail else None

    def last(self) -> JSONObject | None:
        """The patch to the whole answer, which ends it; None if there is none to send."""
        whole, self._answer = self._answer.html(), Answer()  # it is not needed any more
        rest = _after(self.finished, whole)
        if rest is None:
            self.is_rewritten = True
            self.finished, self.tail = whole, ""
            return None
        return self._patch(rest, "") if rest or self.tail else None

    def _patch(self, frozen: str, tail: str) -> JSONObject:
        kept = _common(self.tail, tail)
        self.finished, self.tail = self.finished + frozen, tail
        return {"frozen": frozen, "keep": units(tail[:kept]), "tail": tail[kept:]}


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = zip(one, other, strict=False)
    return next(
        (at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other))
    )


def units(text: str) -> int:
    """The length of a text as JavaScript counts it, in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def _after(finished: str, whole: str) -> str | None:
    """The HTML that makes the whole of what is finished; None if it was otherwise."""
    begun = finished.replace(_SEAM, "").removesuffix(_AFTER)
    joined = whole.replace(_SEAM, "")
    if not joined.startswith(begun):
        return None
    rest = joined[len(begun) :]
    if not begun:
        return rest
    return wrapped(rest.removesuffix(_AFTER)) if rest != _AFTER else ""
