"""A function's parameters as JSON Schema, and JSON as its arguments."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import GenericAlias
from typing import TYPE_CHECKING, Any, NotRequired

from routeway_magic.content.guarded import reason
from routeway_magic.errors import InputError
from routeway_magic.tools.hints import described, readable, reason_against, typed_dict
from routeway_magic.types import JSONObject

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["Parameters", "Unfit", "parameters_of"]

_Parameter = inspect.Parameter
_MOST_ERRORS = 5


class Unfit(Exception):  # noqa: N818 - it says what is wrong with arguments, and is always caught
    """Arguments that do not fit; the message says why, for the model to read."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a model may give to a function.

    Args:
        schema: of the object that holds its arguments.
        signature: of the function.
        adapter: validates such an object against the function's type hints.
        rest: the name of `*args`, "" if there are none.
    """

    schema: JSONObject
    signature: inspect.Signature
    adapter: TypeAdapter[dict[str, Any]] = field(repr=False)
    rest: str = ""

    def bind(self, given: Any) -> inspect.BoundArguments:
        """The arguments that stand for this JSON, converted to what the hints say.

        Args:
            given: what the model wrote, parsed; a text where it was cut off.

        Raises:
            Unfit: if it is none that the function takes.
        """
        from pydantic import ValidationError

        try:
            found = self.adapter.validate_json(json.dumps(given))
        except ValidationError as error:
            raise Unfit(_told(error.errors(include_url=False))) from None
        except Exception as error:  # noqa: BLE001 - a class of the user's may raise anything
            raise Unfit(f"they cannot be read: {reason(error)}") from None
        return self._bound(found)

    def _bound(self, found: dict[str, Any]) -> inspect.BoundArguments:
        if self.rest in found:
            found = {**found, self.rest: tuple(found[self.rest])}
        bound = inspect.BoundArguments(self.signature, {})
        named = self.signature.parameters
        bound.arguments.update({name: found[name] for name in named if name in found})
        bound.apply_defaults()
        return bound


def parameters_of(
    function: Callable[..., Any], descriptions: Mapping[str, str]
) -> Parameters:
    """What a model may give to this function.

    A parameter whose type has no JSON is left out if it has a default, which then
    always holds; so is `**options`.

    Args:
        function: anything that can be called.
        descriptions: of its parameters, by name.

    Raises:
        InputError: if it cannot be called with what a model can write.
    """
    from pydantic import ConfigDict, TypeAdapter

    signature = _signature(function)
    members: dict[str, Any] = {}
    rest = ""
    for name, parameter in signature.parameters.items():
        member = _member(parameter, descriptions.get(name, ""))
        if member is not None:
            members[name] = member
            rest = name if parameter.kind is _Parameter.VAR_POSITIONAL else rest
    arguments = typed_dict("arguments", members)
    arguments.__pydantic_config__ = ConfigDict(extra="forbid")
    adapter: TypeAdapter[dict[str, Any]] = TypeAdapter(arguments)
    return Parameters(_schema(adapter), signature, adapter, rest)


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    try:
        return inspect.signature(function, eval_str=True)
    except (ValueError, TypeError):  # written in C, often
        raise InputError(
            "it does not tell its parameters.",
            "Call it from a function of yours that has type hints.",
        ) from None
    except Exception as error:  # noqa: BLE001 - a hint in quotes may raise anything
        raise InputError(f"a type hint of it cannot be read: {error}.") from None


def _member(parameter: inspect.Parameter, description: str) -> Any:
    """The type of a parameter's JSON; None if the model cannot give it."""
    if parameter.kind is _Parameter.VAR_KEYWORD:
        return None
    hint = Any if parameter.annotation is _Parameter.empty else parameter.annotation
    hint = readable(hint)
    if parameter.kind is _Parameter.VAR_POSITIONAL:
        hint = GenericAlias(list, (hint,))
    is_optional = parameter.default is not _Parameter.empty
    reason = reason_against(hint)
    if reason and is_optional:
        return None
    if reason:
        raise InputError(
            f"no JSON stands for its parameter `{parameter.name}` ({reason}).",
            "Give it a default, which then always holds, or take a name or a number "
            "and look the value up in the function.",
        )
    member = described(hint, description, _default(parameter, hint))
    is_optional = is_optional or parameter.kind is _Parameter.VAR_POSITIONAL
    return NotRequired[member] if is_optional else member


def _default(parameter: inspect.Parameter, hint: Any) -> JSONObject:
    """The default for the schema, where JSON has a form of it."""
    from pydantic import TypeAdapter

    if parameter.default is _Parameter.empty:
        return {}
    try:
        value = TypeAdapter(hint).dump_python(
            parameter.default, mode="json", warnings="error"
        )
        json.dumps(value, allow_nan=False)
    except Exception:  # noqa: BLE001 - it need not be of the parameter's type
        return {}
    return {"default": value}


def _schema(adapter: TypeAdapter[dict[str, Any]]) -> JSONObject:
    from pydantic.json_schema import GenerateJsonSchema

    class Untitled(GenerateJsonSchema):
        """Without titles that only repeat the names of parameters."""

        def field_title_should_be_set(self, schema: Any) -> bool:
            del schema  # the name is pydantic's
            return False

    schema = adapter.json_schema(schema_generator=Untitled)
    schema.pop("title", None)
    return {"type": "object", "properties": {}, **schema}


def _told(errors: list[Any]) -> str:
    """What is wrong, argument by argument."""
    lines = [
        f"{'.'.join(map(str, error['loc'])) or 'arguments'}: {error['msg']}"
        for error in errors[:_MOST_ERRORS]
    ]
    more = len(errors) - len(lines)
    return "; ".join([*lines, *([f"{more} more"] if more else [])])
