"""The list of models that the emulator offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routeway_magic.models import MODELS, Model

if TYPE_CHECKING:
    from routeway_magic.types import JSONObject

__all__ = ["catalogue"]


def catalogue() -> JSONObject:
    """The body of `GET /v1/models`, in Routeway's shape (API.md 6.3), unpriced."""
    return {"data": [_entry(model) for model in MODELS]}


def _entry(model: Model) -> JSONObject:
    return {
        "id": model.id,
        "name": model.name,
        "short_name": model.name.removeprefix("Claude "),
        "description": "Emulated: no model runs here.",
        "context_length": model.context,
        "max_output_tokens": model.max_output,
        "available": True,
        "endpoints": ["/v1/messages"],
        "capabilities": {"vision": True, "function_call": True, "reasoning": True},
    }
