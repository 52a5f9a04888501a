"""The rules that depend on the model, or on two members together (API.md 2.8, 6.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routeway_magic.sources.emulator.refusal import RefusedError, refuse
from routeway_magic.tokens import input_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from routeway_magic.models import Model
    from routeway_magic.types import ContentBlock, JSONObject

__all__ = ["LATEST_VERSION", "VERSIONS", "check_model", "check_version"]

LATEST_VERSION = "2026-10-21"
"""The version that knows no sampling parameters (API.md 1)."""

VERSIONS = ("", "2023-06-01", LATEST_VERSION)
"""Accepted values of `anthropic-version`; a missing one counts as the older."""

_SAMPLING = ("temperature", "top_p", "top_k")
_DEFAULTS = {"temperature": 1, "top_p": 1, "top_k": 0}
_LOWEST_TOP_P = 0.95
_MOST_BREAKPOINTS = 4


def check_version(body: JSONObject, version: str) -> None:
    """Refuse what the newer API version has taken away.

    Args:
        body: a request whose members are valid each by itself.
        version: the header's value, one of `VERSIONS`.
    """
    if version != LATEST_VERSION:
        return
    for name in _SAMPLING:
        if name in body:
            raise refuse(name, "Extra inputs are not permitted")
    for path, block, role in _blocks(body):
        if role == "assistant" and block["type"] == "document":
            raise refuse(path, "a document cannot stand in an assistant message")
        if role == "user" and block["type"] == "text" and block.get("citations"):
            raise refuse(f"{path}.citations", "Extra inputs are not permitted")


def check_model(body: JSONObject, model: Model) -> None:
    """Refuse what the model does not take.

    Args:
        body: a request whose members are valid each by itself.
        model: the one that it names.
    """
    _check_length(body, model)
    _check_thinking(body, model)
    _check_sampling(body, model)
    _check_effort(body, model)
    _check_tools(body, model)
    _check_citations(body)
    _check_breakpoints(body)


def _check_length(body: JSONObject, model: Model) -> None:
    asked = body.get("max_tokens", 0)
    if asked > model.max_output:
        limit = f"{asked} > {model.max_output}, which is the maximum allowed number"
        raise refuse("max_tokens", f"{limit} of output tokens for {model.id}")
    length = input_tokens(body)
    if length > model.context:
        sentence = f"prompt is too long: {length} tokens > {model.context} maximum"
        raise RefusedError(400, sentence)


def _kind(body: JSONObject) -> str:
    return str((body.get("thinking") or {}).get("type", ""))


def _check_thinking(body: JSONObject, model: Model) -> None:
    kind = _kind(body)
    if kind and kind not in model.thinking:
        if kind == "adaptive":
            sentence = "adaptive thinking is not supported on this model"
            raise RefusedError(400, sentence)
        raise RefusedError(
            400, f'"thinking.type.{kind}" is not supported for this model.'
        )
    if kind == "enabled" and body["thinking"]["budget_tokens"] >= body.get(
        "max_tokens", float("inf")
    ):
        raise RefusedError(
            400, "`max_tokens` must be greater than `thinking.budget_tokens`."
        )


def _check_sampling(body: JSONObject, model: Model) -> None:
    chosen = [
        name for name in _SAMPLING if body.get(name, _DEFAULTS[name]) != _DEFAULTS[name]
    ]
    if chosen and not model.sampling:
        raise refuse(chosen[0], f"only the default may be used with {model.id}")
    if model.prefill and "temperature" in body and "top_p" in body:
        sentence = "`temperature` and `top_p` cannot both be specified for this model."
        raise RefusedError(400, sentence)
    if _kind(body) not in ("enabled", "adaptive") or not model.sampling:
        return
    for name in chosen:
        if name != "top_p" or body["top_p"] < _LOWEST_TOP_P:
            rule = (
                "`top_p` may be 0.95 to 1" if name == "top_p" else "it may not be set"
            )
            raise refuse(name, f"{rule} when thinking is enabled")


def _check_effort(body: JSONObject, model: Model) -> None:
    effort = (body.get("output_config") or {}).get("effort")
    if effort is None:
        return
    if not model.efforts:
        raise RefusedError(400, "This model does not support the effort parameter.")
    if effort not in model.efforts:
        sentence = f"{model.id} takes {', '.join(model.efforts)}"
        raise refuse("output_config.effort", sentence)
    if _kind(body) == "disabled" and model.thinks and effort in ("xhigh", "max"):
        raise RefusedError(
            400, f'"thinking.type.disabled" is not supported with effort {effort}.'
        )


def _check_tools(body: JSONObject, model: Model) -> None:
    names = [tool["name"] for tool in body.get("tools") or []]
    if len(names) != len(set(names)):
        raise refuse("tools", "Tool names must be unique.")
    choice = body.get("tool_choice") or {}
    if choice.get("type") not in ("any", "tool"):
        return
    if not names:
        raise refuse("tool_choice", "it may only be specified while providing tools")
    if choice["type"] == "tool" and choice["name"] not in names:
        raise refuse(
            "tool_choice", f"Tool '{choice['name']}' not found in provided tools"
        )
    if not model.forced_tools:
        raise refuse("tool_choice", f"{model.id} does not take a forced choice")
    if _kind(body) == "enabled":
        sentence = "Thinking may not be enabled when tool_choice forces tool use."
        raise RefusedError(400, sentence)


def _check_citations(body: JSONObject) -> None:
    documents = [b for _, b, role in _blocks(body) if b["type"] == "document"]
    cited = {bool((b.get("citations") or {}).get("enabled")) for b in documents}
    if len(cited) > 1:
        raise RefusedError(
            400, "Citations must be enabled on all documents or on none."
        )
    if True in cited and (body.get("output_config") or {}).get("format"):
        raise refuse("output_config.format", "it cannot be used with citations")


def _check_breakpoints(body: JSONObject) -> None:
    system = body.get("system")
    listed = system if isinstance(system, list) else []
    places = [body, *listed, *(body.get("tools") or [])]
    places += [block for _, block, _ in _blocks(body)]
    found = sum("cache_control" in place for place in places)
    if found > _MOST_BREAKPOINTS:
        most = f"A maximum of {_MOST_BREAKPOINTS} blocks with cache_control"
        raise RefusedError(400, f"{most} may be provided. Found {found}.")


def _blocks(body: JSONObject) -> Iterator[tuple[str, ContentBlock, str]]:
    for index, message in enumerate(body["messages"]):
        content = message["content"]
        for position, block in enumerate(content if isinstance(content, list) else []):
            yield f"messages.{index}.content.{position}", block, message["role"]
