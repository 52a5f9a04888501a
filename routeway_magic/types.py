"""Names for what is on the wire and for the values that pass between layers.

Wire values stay plain dictionaries, kept as received: a `TypedDict` names the
members that we read and promises nothing about the others.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

__all__ = [
    "ContentBlock",
    "JSONObject",
    "Message",
    "Request",
    "Role",
    "Status",
    "Usage",
    "UserOrAssistantMessage",
]

JSONObject = dict[str, Any]
"""A JSON object as it was parsed."""

ContentBlock = dict[str, Any]
"""One member of a message's `content`; its `type` says which (API.md 2.3).

The `input` of a `tool_use` whose JSON was cut is the text that did arrive, a
string: so a call that cannot be run is told from one that can.
"""

Usage = dict[str, Any]
"""Token counts as the server gave them; every member may be absent or null."""

Role = Literal["user", "assistant"]

Status = Literal["complete", "interrupted", "failed"]
"""How an exchange ended."""


class UserOrAssistantMessage(TypedDict):
    """One message of a request."""

    role: Role
    content: str | list[ContentBlock]


class Message(TypedDict, total=False):
    """An answer; other members are kept as received."""

    id: str
    type: str
    role: str
    model: str
    content: list[ContentBlock]
    stop_reason: str | None
    stop_sequence: str | None
    stop_details: JSONObject | None
    usage: Usage


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it will be sent.

    Args:
        body: the JSON object of `POST /v1/messages`.
        goes_on: whether it asks nothing, but has the model go on with its last answer.
        carried: how many blocks the last message begins with that are no part of the
            question: results of calls that were not told yet.
    """

    body: JSONObject
    goes_on: bool = False
    carried: int = 0

    @property
    def stream(self) -> bool:
        """Whether the answer is asked for as a stream of events."""
        return bool(self.body.get("stream"))

    @property
    def model(self) -> str:
        """The model asked for."""
        return str(self.body["model"])

    def encode(self) -> bytes:
        """The bytes that go over the wire; the same body gives the same bytes.

        Raises:
            ValueError: if the body holds NaN or an infinity, which are no JSON.
        """
        compact = (",", ":")
        text = json.dumps(
            self.body, ensure_ascii=False, separators=compact, allow_nan=False
        )
        try:
            return text.encode()
        except UnicodeEncodeError:  # a lone surrogate: let the server judge "\udcff"
            return json.dumps(self.body, separators=compact, allow_nan=False).encode()
