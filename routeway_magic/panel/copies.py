"""What was asked, and what stands in the box, written as a cell or as a program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from routeway_magic.export import to_code
from routeway_magic.settings import RequestOptions, quoted
from routeway_magic.sources import DEFAULT_BASE_URL
from routeway_magic.types import JSONObject, Request

if TYPE_CHECKING:
    from routeway_magic.run.session import Session

__all__ = ["cell_text", "options_of", "program"]

_SAME = ("model", "temperature", "top_p", "top_k", "max_tokens", "system")
_TYPES = {"adaptive": "adaptive", "disabled": "off"}


def cell_text(
    prompt: str,
    options: RequestOptions,
    *,
    conversation: str = "",
    tools: Sequence[str] = (),
) -> str:
    """The `%%claude` cell that asks this.

    Args:
        prompt: as typed.
        options: what is set.
        conversation: the one to go on with, "" for the current one.
        tools: names of the functions that may be called.
    """
    names = ",".join(tools)
    called = f" --tools {names} --allow {names}" if tools else ""
    named = f" --conversation {quoted(conversation)}" if conversation else ""
    return f"{options.as_line()}{named}{called}\n{prompt}"


def program(request: Request, way: str, session: Session) -> str:
    """A program that sends this, to the service where the emulator answers here.

    Args:
        request: what to send.
        way: one of `export.WAYS`.
        session: knows where to.

    Raises:
        ClaudeError: if the request cannot be sent so.
    """
    client, source = session.sources.client()
    endpoint = client.endpoint
    if source == "emulator":  # its port and token are gone with this kernel
        endpoint = replace(endpoint, base_url=DEFAULT_BASE_URL)
    made = to_code(request, way, endpoint)
    lines = [
        f"# It reads {name}, which `%claude code {way}` writes." for name in made.files
    ]
    return "\n".join([*lines, made.text])


def options_of(parameters: JSONObject) -> RequestOptions:
    """The options that make these fields of a request.

    Args:
        parameters: all of them but the messages.
    """
    rest = {key: value for key, value in parameters.items() if key != "stream"}
    found = {
        key: rest.pop(key) for key in _SAME if not isinstance(rest.get(key, []), list)
    }
    if stops := rest.pop("stop_sequences", None):
        found["stop"] = stops
    thinking = rest.get("thinking")
    if isinstance(thinking, dict) and (known := _thinking(thinking)) is not None:
        found["thinking"] = known
        del rest["thinking"]
    effort = rest.get("output_config")
    if isinstance(effort, dict) and effort.keys() == {"effort"}:
        found["effort"] = rest.pop("output_config")["effort"]
    bare = {key: value for key, value in found.items() if key != "max_tokens"}
    if found.get("max_tokens") == RequestOptions(parameters=bare).max_tokens:
        del found["max_tokens"]
    if rest:
        found["param"] = rest
    return RequestOptions(parameters=found, stream=bool(parameters.get("stream")))


def _thinking(field: JSONObject) -> str | int | None:
    """What was set to make this field; None if it was no setting of ours."""
    kind, budget = field.get("type"), field.get("budget_tokens")
    if kind == "enabled" and type(budget) is int and len(field) == 2:  # noqa: PLR2004 - these two
        return budget
    return _TYPES.get(str(kind)) if len(field) == 1 else None
