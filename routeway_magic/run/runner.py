"""A question and its answer: sent, shown while it comes, and kept. The one loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from routeway_magic.footer import Footer
from routeway_magic.run.going_on import go_on, said_before
from routeway_magic.run.interrupts import one_interrupt
from routeway_magic.run.place import Place
from routeway_magic.run.reply import Reply, cells_of, footer_of
from routeway_magic.run.shown import Shown, close
from routeway_magic.settings import RequestOptions
from routeway_magic.turn import Turn
from routeway_magic.types import ContentBlock

if TYPE_CHECKING:
    from routeway_magic.run.exchange import Exchange
    from routeway_magic.run.session import Session

__all__ = ["converse"]


@one_interrupt()
def converse(
    session: Session,
    prompt: str | list[ContentBlock],
    *,
    options: RequestOptions,
    place: Place,
    shown: Shown | None = None,
    inserted: str = "",
) -> Reply:
    """Asks, shows the answer while it comes, and keeps both.

    Args:
        session: who sends and keeps it.
        prompt: the user's text, or content blocks; none to go on with an answer
            that broke off, with the settings of its request.
        options: what the user set.
        place: what it goes on from.
        shown: what displays the answer; None for nothing. Where the model goes
            on with its own text, it is given the whole answer.
        inserted: what of the notebook is in the prompt, in words.

    Raises:
        ClaudeError: if the exchange fails; the turn is kept.
        InputError: if there is nothing to go on with.
        Interrupted: if the user stops it; the turn is kept.
    """
    if prompt == []:
        prompt, options = go_on(place, options)
    request = session.compose(prompt, options=options, place=place)
    exchange: Exchange | None = None
    try:
        with session.send(
            request,
            conversation=place.conversation,
            parent=place.parent,
            cell=place.cell,
            aside=place.aside,
            concurrent=place.concurrent,
        ) as exchange:
            for event in chain(said_before(request, place), exchange):
                if shown:
                    shown.handle(event)
    finally:
        turn = exchange.turn if exchange else None
        if shown:
            left = exchange.left if exchange and not place.fresh else []
            cells = cells_of(left, place.cell)
            footer = _footer(session, turn, cells, inserted) if turn else None
            close(shown, footer)
    if turn is None:  # the exchange above ended without error: it has a turn
        raise AssertionError
    return Reply(turn, cost=session.guard.cost(turn))


def _footer(
    session: Session, turn: Turn, left: Sequence[int | None], inserted: str
) -> Footer:
    cost, fill = session.guard.cost(turn), session.guard.fill(turn)
    return replace(footer_of(turn, left, inserted), cost=cost, fill=fill)
