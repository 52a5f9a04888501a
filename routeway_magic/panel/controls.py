"""The panel's controls, made from the settings' own metadata."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from traitlets import Dict, TraitType

from routeway_magic.models import model_named
from routeway_magic.settings import ClaudeSettings
from routeway_magic.traits import Number, Texts, Thinking, WholeNumber
from routeway_magic.types import JSONObject

__all__ = ["NAMES", "controls", "notes"]

NAMES: tuple[str, ...] = tuple(ClaudeSettings.class_traits(parameter=True))
"""The settings that have a control, in the order they are declared."""

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
        {**_control(name, trait), "default": sent.get(name, "")}
        for name, trait in traits.items()
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


def notes(model: str) -> dict[str, str]:
    """What a model is known not to take, by control; the server is the judge.

    Args:
        model: its id.
    """
    known = model_named(model)
    if known is None:
        return {}
    found = {"max_tokens": f"{known.name} writes at most {known.max_output:,}."}
    if not known.sampling:
        for name in ("temperature", "top_p", "top_k"):
            found[name] = f"{known.name} is known to refuse it."
    ways = ", ".join(_WAYS.get(kind, kind) for kind in known.thinking)
    found["thinking"] = f"{known.name} is known to take: {ways}."
    efforts = ", ".join(known.efforts) or "none"
    found["effort"] = f"{known.name} is known to take: {efforts}."
    return found
