"""Turns and conversations by what the user typed for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routeway_magic.commands.command import NotTaken

if TYPE_CHECKING:
    from routeway_magic.conversation import Conversation
    from routeway_magic.run.session import Session
    from routeway_magic.turn import Turn

__all__ = ["conversation_named", "turn_of"]

_MOST_NAMED = 5


def conversation_named(session: Session, name: str) -> Conversation:
    """The conversation of that name; none is begun.

    Raises:
        NotTaken: if there is none.
    """
    found = session.conversations.get(name)
    if found is None and name == session.current:
        return session.conversation()
    if found is None:
        known = ", ".join(f"`{one}`" for one in session.conversations)
        told = f" (there are {known})" if known else ""
        raise NotTaken(f"there is no conversation `{name}`{told}")
    return found


def turn_of(
    session: Session, typed: str, *, or_named: bool = False
) -> tuple[Conversation, Turn]:
    """The turn of that id in any conversation; its beginning will do if it is clear.

    Args:
        session: where to look.
        typed: what the user typed.
        or_named: whether it might have been the name of a conversation, too.

    Raises:
        NotTaken: if there is none, or more than one.
    """
    found = [
        (conversation, turn)
        for conversation in list(session.conversations.values())
        for turn in conversation.turns
        if typed and turn.id.startswith(typed)
    ]
    exact = [one for one in found if one[1].id == typed]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if not found:
        what = "neither a conversation nor a turn's id" if or_named else "no turn's id"
        raise NotTaken(f"`{typed}` is {what} (`%claude branches` shows them)")
    ids = ", ".join(turn.id for _, turn in found[:_MOST_NAMED])
    raise NotTaken(f"`{typed}` may be one of {len(found)} turns: {ids}")
