"""A request as it was sent, put together again from the turn that it became."""

from __future__ import annotations

from routeway_magic.compose import compose
from routeway_magic.conversation import Conversation
from routeway_magic.origin import is_offline
from routeway_magic.run.going_on import options_again
from routeway_magic.turn import Turn
from routeway_magic.types import JSONObject, Request

__all__ = ["request_of"]


def request_of(turn: Turn, conversation: Conversation) -> Request:
    """The request that this turn began with, its members in the order of sending.

    It differs from what was sent only where `--param messages=…` has replaced the
    messages, or another version of this package has sent it.

    Args:
        turn: the question; its parameters are all but the messages.
        conversation: what it goes on from is there.
    """
    history = conversation.path(turn.parent)
    if not is_offline(turn.source):  # what was said to the emulator is not sent on
        history = [said for said in history if not is_offline(said.source)]
    options = options_again(turn.parameters)
    made = compose(turn.content, options=options, history=history)
    messages = made.body["messages"]
    body: JSONObject = {}
    for name, value in turn.parameters.items():
        body[name] = value
        if name == "max_tokens":
            body["messages"] = messages
    return Request({**body, "messages": messages}, goes_on=made.goes_on)
