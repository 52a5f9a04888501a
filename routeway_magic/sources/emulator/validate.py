"""What a request may be: its JSON, its members, their ranges (API.md 2)."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from routeway_magic.models import Model, model_named
from routeway_magic.sources.emulator.checks import (
    Check,
    any_object,
    array,
    boolean,
    filled_text,
    integer,
    number,
    one_of,
    optional_text,
    record,
    text,
    variant,
)
from routeway_magic.sources.emulator.output_schema import check_output_schema
from routeway_magic.sources.emulator.refusal import RefusedError, refuse
from routeway_magic.sources.emulator.seal import check_seals
from routeway_magic.sources.emulator.validate_content import (
    CACHE_CONTROL,
    MESSAGE,
    SYSTEM,
    tool_name,
)
from routeway_magic.sources.emulator.validate_model import (
    VERSIONS,
    check_model,
    check_version,
)
from routeway_magic.sources.emulator.validate_turns import check_turns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from routeway_magic.types import JSONObject

__all__ = ["parse_body", "validate_count", "validate_request"]

_LEAST_BUDGET = 1024
_MOST_MESSAGES = 100_000
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def parse_body(data: bytes) -> JSONObject:
    """The JSON object of a body.

    Raises:
        RefusedError: for anything else.
    """
    try:
        body = json.loads(data.decode(), parse_constant=_no_number, parse_float=_finite)
        if _SURROGATE.search(data):  # half a character would fail in the answer
            json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        sentence = f"The request body is not valid JSON: {_reason(error)}"
        raise RefusedError(400, sentence) from None
    if not isinstance(body, dict):
        raise RefusedError(400, "The request body should be a JSON object.")
    return body


def validate_request(body: JSONObject, version: str) -> Model:
    """The model that a valid request names.

    Args:
        body: of `POST /v1/messages`.
        version: the header `anthropic-version`, or an empty string.

    Raises:
        RefusedError: 400 that names the member, or 404 for an unknown model.
    """
    record({**_REQUIRED, "max_tokens": integer(1)}, {**_SHARED, **_OPTIONAL})(body, "")
    return _validated(body, version)


def validate_count(body: JSONObject, version: str) -> Model:
    """The same for `POST /v1/messages/count_tokens`: nothing about the output."""
    record(_REQUIRED, _SHARED)(body, "")
    return _validated(body, version)


def _validated(body: JSONObject, version: str) -> Model:
    if version not in VERSIONS:
        raise refuse("anthropic-version", f'"{version}" is not a valid version')
    model = model_named(body["model"])
    if model is None:
        raise RefusedError(404, f"model: {body['model']}")
    check_version(body, version)
    check_turns(body, model)
    check_seals(body, model)
    check_model(body, model)
    return model


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError("a number is too large")
    return value


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeError):
        return "it is not UTF-8 text"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(error)


def _budget(value: Any, path: str) -> None:
    integer(_LEAST_BUDGET)(value, path)


def _schema(value: Any, path: str) -> None:
    any_object(value, path)
    if value.get("type") != "object":
        raise refuse(f"{path}.type", "Input should be 'object'")
    if not isinstance(value.get("properties", {}), dict):
        raise refuse(f"{path}.properties", "Input should be an object")


_DISPLAY = {"display": one_of("summarized", "omitted")}
_PARALLEL = {"disable_parallel_tool_use": boolean}
_THINKING = variant(
    "type",
    {
        "enabled": record({"type": text, "budget_tokens": _budget}, _DISPLAY),
        "adaptive": record({"type": text}, _DISPLAY),
        "between_tools": record({"type": text}, _DISPLAY),
        "disabled": record({"type": text}),
    },
)
_TOOL_CHOICE = variant(
    "type",
    {
        "auto": record({"type": text}, _PARALLEL),
        "any": record({"type": text}, _PARALLEL),
        "tool": record({"type": text, "name": text}, _PARALLEL),
        "none": record({"type": text}),
    },
)
_TOOL = variant(
    "type",
    {
        "custom": record(
            {"name": tool_name, "input_schema": _schema},
            {
                "type": text,
                "description": text,
                "cache_control": CACHE_CONTROL,
                "strict": boolean,
                "input_examples": array(any_object),
                "eager_input_streaming": boolean,
                "defer_loading": boolean,
                "allowed_callers": array(text),
            },
        )
    },
    default="custom",
)


def _output_schema(value: Any, path: str) -> None:
    any_object(value, path)
    check_output_schema(value, path)


_FORMAT = variant(
    "type",
    {"json_schema": record({"type": text, "schema": _output_schema}, {"name": text})},
)
_EFFORTS = ("low", "medium", "high", "xhigh", "max")

_REQUIRED: Mapping[str, Check] = {
    "model": filled_text,
    "messages": array(MESSAGE, least=1, most=_MOST_MESSAGES),
}
_SHARED: Mapping[str, Check] = {
    "system": SYSTEM,
    "tools": array(_TOOL),
    "tool_choice": _TOOL_CHOICE,
    "disable_parallel_tool_use": boolean,
    "thinking": _THINKING,
    "output_config": record({}, {"effort": one_of(*_EFFORTS), "format": _FORMAT}),
    "cache_control": CACHE_CONTROL,
}
_OPTIONAL: Mapping[str, Check] = {
    "stream": boolean,
    "stop_sequences": array(filled_text),
    "temperature": number(0, 1),
    "top_p": number(0, 1),
    "top_k": integer(0),
    "metadata": record({}, {"user_id": optional_text}),
    "service_tier": one_of("auto", "standard_only"),
}
