"""The form that an answer must have, and how it is asked for.

A model gives such an answer through a tool that it must call, or in a format that the
server holds it to, whichever the model takes (API.md 2.7, 2.9). What has come is then
read and tested here: only the type knows all its own rules.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Protocol

from routeway_magic import answer_tool
from routeway_magic.accumulate import text_of
from routeway_magic.answer_types import AnswerType, UnfitError
from routeway_magic.errors import InputError
from routeway_magic.fences import first_fence
from routeway_magic.models import model_named
from routeway_magic.settings import RequestOptions
from routeway_magic.strict_schema import strict_schema
from routeway_magic.types import ContentBlock, JSONObject, Message

__all__ = ["ObjectWanted", "TypeWanted", "Wanted"]


class Wanted(Protocol):
    """A form that an answer must have."""

    @property
    def label(self) -> str:
        """What it is called."""

    def options(
        self,
        options: RequestOptions,
        content: str | list[ContentBlock],
        *,
        tools: bool = False,
    ) -> RequestOptions:
        """The options that ask for it."""

    def read(self, message: Message) -> Any:
        """The value that the answer stands for, or `UnfitError`."""


@dataclass(frozen=True, slots=True)
class ObjectWanted:
    """Any JSON, in the text of the answer, bare or in a fence."""

    label: str = "JSON"

    def options(
        self,
        options: RequestOptions,
        content: str | list[ContentBlock],
        *,
        tools: bool = False,
    ) -> RequestOptions:
        """The same options: the prompt asks for it."""
        del content, tools
        return options

    def read(self, message: Message) -> Any:
        """The object.

        Raises:
            UnfitError: if the text holds no JSON.
        """
        return _parsed(text_of(message))


@dataclass(frozen=True, slots=True)
class TypeWanted:
    """A value of this type."""

    type: AnswerType

    @property
    def label(self) -> str:
        """The type's name."""
        return self.type.label

    def options(
        self,
        options: RequestOptions,
        content: str | list[ContentBlock],
        *,
        tools: bool = False,
    ) -> RequestOptions:
        """The options that have the model answer so, in the way that it takes.

        Args:
            options: what the user set.
            content: the prompt; where it is to be cited, no format goes with it.
            tools: whether there are others, which are to be called before.

        Raises:
            InputError: if they ask for another form already.
        """
        param = dict(options.parameters.get("param") or {})
        _check(param)
        forced = not tools and _may_be_forced(options, param)
        strict = None
        if not forced and not _is_cited(content):
            strict = strict_schema(_object(self.type.schema)[1])
        if strict is None:
            param |= self._through_tool(param, forced=forced)
        else:
            form = {"type": "json_schema", "schema": strict}
            param["output_config"] = (param.get("output_config") or {}) | {
                "format": form
            }
        return replace(options, parameters={**options.parameters, "param": param})

    def read(self, message: Message) -> Any:
        """The value.

        Raises:
            UnfitError: if the answer is none, or not one.
        """
        calls = [
            block
            for block in message.get("content") or []
            if answer_tool.is_answer(block)
        ]
        if len(calls) > 1:
            raise UnfitError(f"there are {len(calls)} answers in place of one")
        if calls:
            value = answer_tool.given(calls[0])
        else:
            value = _parsed(text_of(message))
            if not _is_object(self.type.schema) and _is_wrapped(value):
                value = value[answer_tool.WRAPPED]
        return self.type.read(value)

    def _through_tool(self, param: JSONObject, *, forced: bool) -> JSONObject:
        name, schema = _object(self.type.schema)
        tool = {
            "name": name,
            "description": f"Gives your answer, as {self.label}. Call it once, with "
            "the whole answer: it is not seen otherwise.",
            "input_schema": schema,
        }
        fields: JSONObject = {"tools": [*(param.get("tools") or []), tool]}
        if forced:
            fields["tool_choice"] = {"type": "tool", "name": name}
        return fields


def _check(param: JSONObject) -> None:
    form = param.get("output_config")
    if "tool_choice" in param or (isinstance(form, dict) and "format" in form):
        name = "tool_choice" if "tool_choice" in param else "output_config.format"
        raise InputError(
            f"`{name}` says in another way how to answer.",
            "With a type for the answer it is chosen for you: take it back, with "
            f"`--param {name.split('.', maxsplit=1)[0]}=unset`.",
        )


def _may_be_forced(options: RequestOptions, param: JSONObject) -> bool:
    """Whether the model can be made to call one tool, at once (API.md 2.7)."""
    model = model_named(str(param.get("model") or options.model))
    thinking = param.get("thinking", options.parameters.get("thinking"))
    if isinstance(thinking, dict):
        thinks = thinking.get("type") == "enabled"
    else:
        thinks = isinstance(thinking, int)
    return (model is None or model.forced_tools) and not thinks and "tools" not in param


def _is_cited(content: str | list[ContentBlock]) -> bool:
    blocks = [] if isinstance(content, str) else content
    return any((block.get("citations") or {}).get("enabled") for block in blocks)


def _is_object(schema: JSONObject) -> bool:
    return schema.get("type") == "object"


def _is_wrapped(value: Any) -> bool:
    return isinstance(value, dict) and [*value] == [answer_tool.WRAPPED]


def _object(schema: JSONObject) -> tuple[str, JSONObject]:
    """The tool's name, and a schema of an object that holds the answer or is it."""
    if _is_object(schema):
        return answer_tool.OBJECT, schema
    named = ("$defs", "definitions")
    shared = {key: schema[key] for key in named if key in schema}
    inner = {key: schema[key] for key in schema if key not in named}
    wrapped: JSONObject = {
        "type": "object",
        "properties": {answer_tool.WRAPPED: _moved(inner)},
        "required": [answer_tool.WRAPPED],
        **shared,
    }
    return answer_tool.VALUE, wrapped


def _moved(part: Any) -> Any:
    """The schema with its references to itself, now that it stands in another."""
    if isinstance(part, list):
        return [_moved(one) for one in part]
    if not isinstance(part, dict):
        return part
    moved = {key: _moved(value) for key, value in part.items()}
    target = part.get("$ref")
    if isinstance(target, str) and not target.startswith(
        ("#/$defs/", "#/definitions/")
    ):
        moved["$ref"] = f"#/properties/{answer_tool.WRAPPED}{target.removeprefix('#')}"
    return moved


def _parsed(text: str) -> Any:
    inside = first_fence(text)
    try:
        return json.loads(inside)
    except (ValueError, RecursionError) as error:
        raise UnfitError(f"it is no JSON: {error}") from None
