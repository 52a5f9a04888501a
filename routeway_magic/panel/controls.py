"""The panel's controls, made from the settings' own metadata."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from traitlets import Dict, TraitType

from routeway_magic.models import model_named
from routeway_magic.settings import ClaudeSettings, RequestOptions
from routeway_magic.traits import Number, Texts, Thinking, WholeNumber
from routeway_magic.types import JSONObject

__all__ = ["NAMES", "TOOLS", "controls", "notes"]

NAMES: tuple[str, ...] = tuple(
    name
    for name in vars(ClaudeSettings)
    if name in ClaudeSettings.class_traits(parameter=True)
)
"""The settings that have a control, in the order they are declared."""

TOOLS: JSONObject = {
    "name": "tools",
    "label": "tools",
    "kind": "functions",
    "help": "Names of functions that may be called without asking.",
    "min": None,
    "max": None,
    "step": None,
    "words": [],
    "default": "",
}
"""The control of the panel's own `tools`."""

_WAYS = {"enabled": "a number of tokens", "disabled": "off"}
_STEP = 0.05  # of a slider; what is typed may be finer
_KINDS: tuple[tuple[type, str], ...] = (
    (Number, "number"),
    (WholeNumber, "integer"),
    (Texts, "texts"),
    (Thinking, "thinking"),
    (Dict, "json"),
)


def controls(settings: ClaudeSettings) -> list[JSONObject]:
    """What a front end needs to draw a control for each parameter.

    `min` and `max` are the ends of a slider, None without one; what is typed may lie
    beyond, for ranges are the server's to judge. `default` is what is sent where
    nothing is set, "" for nothing.

    Args:
        settings: those of the magics.
    """
    bare = replace(settings.snapshot(), parameters={})
    sent = {"model": bare.model, "max_tokens": str(bare.max_tokens)}
    traits = settings.traits(parameter=True)
    return [
        {**_control(name, traits[name]), "default": sent.get(name, "")}
        for name in NAMES
    ]


def _control(name: str, trait: TraitType[Any, Any]) -> JSONObject:
    least, most = trait.metadata["slider"] or (None, None)
    return {
        "name": name,
        "label": name.replace("_", " "),
        "kind": _kind(name, trait),
        "help": trait.help,
        "min": least,
        "max": most,
        "step": None if least is None else _STEP,
        "words": list(trait.metadata["words"]),
    }


def _kind(name: str, trait: TraitType[Any, Any]) -> str:
    if name == "model":
        return "model"
    for kind, word in _KINDS:
        if isinstance(trait, kind):
            return word
    if trait.metadata["words"]:
        return "choice"
    return "longtext" if trait.metadata["lines"] else "text"


def notes(options: RequestOptions) -> dict[str, str]:
    """What the model is known to refuse, by control; the server is the judge.

    Args:
        options: what is set; what cannot be chosen at all is told of in any case.
    """
    known = model_named(options.model)
    if known is None:
        return {}
    found = {}
    if not known.sampling:
        refused = f"{known.name} is known to refuse it."
        found = dict.fromkeys(("temperature", "top_p", "top_k"), refused)
    if options.max_tokens > known.max_output:
        found["max_tokens"] = f"{known.name} writes at most {known.max_output:,}."
    thinking = options.parameters.get("thinking")
    if thinking is not None and _field_of(thinking) not in known.thinking:
        ways = ", ".join(_WAYS.get(kind, kind) for kind in known.thinking)
        found["thinking"] = f"{known.name} is known to take {ways}."
    effort = options.parameters.get("effort")
    if effort is not None and effort not in known.efforts:
        words = ", ".join(known.efforts) or "none"
        found["effort"] = f"{known.name} is known to take {words}."
    return found


def _field_of(thinking: str | int) -> str:
    """The request's word for what is set."""
    if isinstance(thinking, int):
        return "enabled"
    return "disabled" if thinking == "off" else thinking
