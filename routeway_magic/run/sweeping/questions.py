"""What each variant asks: the prompt with its values in place, and its options."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from routeway_magic.errors import InputError
from routeway_magic.models import Eye, eye_of
from routeway_magic.settings import ClaudeSettings, RequestOptions
from routeway_magic.sweeps.grid import Axis
from routeway_magic.sweeps.plan import Plan, Variant
from routeway_magic.types import ContentBlock

__all__ = [
    "Prompt",
    "Question",
    "Roles",
    "filled",
    "filled_once",
    "questions",
    "roles_of",
]

Prompt = str | Callable[[Variant, RequestOptions], str | list[ContentBlock]]
"""A text whose braces the variant fills, or what gives each variant its own: how much
of a value is sent depends on the model that it is asked of."""


@dataclass(frozen=True, slots=True)
class Question:
    """What one variant asks.

    Args:
        content: the prompt, with its values in place.
        options: what it is asked with.
    """

    content: str | list[ContentBlock]
    options: RequestOptions

    @property
    def model(self) -> str:
        """Who is asked."""
        param = self.options.parameters.get("param") or {}
        return str(param.get("model") or self.options.model)


@dataclass(frozen=True, slots=True)
class Roles:
    """What the axes of a sweep name.

    Args:
        settings: settings, such as `temperature`, by the axis's name.
        variables: names in the prompt's braces.
        fields: other fields of the request.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    variables: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()


def roles_of(
    axes: Iterable[Axis], prompt: str, *, variables: Collection[str] = ()
) -> Roles:
    """What each axis names: a setting, else a name in the braces, else a field.

    Args:
        axes: what is varied.
        prompt: as typed.
        variables: names that the prompt has besides.

    Raises:
        InputError: if one names a setting and stands in the braces as well.
    """
    names = [axis.name for axis in axes]
    known = {*ClaudeSettings.class_traits(parameter=True), "stream"}
    settings = {name: name.replace("-", "_") for name in names}
    settings = {name: it for name, it in settings.items() if it in known}
    mentioned = {*variables, *_mentioned(prompt, names)}
    if both := [name for name in settings if name in mentioned]:
        raise InputError(
            f"`{both[0]}` is a setting, and stands in the braces of the prompt as "
            "well: a sweep varies one of them.",
            f"`{{{{{both[0]}}}}}` sends the braces as typed; for a word of the prompt "
            "take another name.",
        )
    others = frozenset(names) - set(settings)
    return Roles(settings, others & mentioned, others - mentioned)


def questions(
    plan: Plan,
    prompt: Prompt,
    roles: Roles,
    *,
    settings: ClaudeSettings,
    options: Mapping[str, Any],
) -> list[Question]:
    """What each variant asks, in the plan's order; repeats share theirs.

    Args:
        plan: the variants.
        prompt: the text, or what gives each variant its own.
        roles: what the axes name.
        settings: read once for each combination.
        options: settings by name, in their place.

    Raises:
        InputError: if an option has the wrong type, or a value cannot be filled in.
    """
    found: list[Question] = []
    for variant in plan.variants:
        if variant.repeat:
            found.append(found[-1])
            continue
        chosen = settings.snapshot(**_overrides(variant.values, roles, options))
        content = (
            filled(prompt, variant, roles.variables)
            if isinstance(prompt, str)
            else prompt(variant, chosen)
        )
        if isinstance(content, str) and not content.strip():
            raise InputError("There is no prompt to sweep.", "Write one.")
        found.append(Question(content, chosen))
    return found


def filled_once(
    prompt: str,
    axes: Iterable[Axis],
    fill: Callable[[Mapping[str, Any], RequestOptions], list[ContentBlock]],
) -> Callable[[Variant, RequestOptions], list[ContentBlock]]:
    """What fills a prompt once for each combination that it can tell apart.

    Args:
        prompt: as typed.
        axes: what is varied.
        fill: gives the prompt the values that it names; how much of one is sent
            depends on the model.
    """
    named = [axis.name for axis in axes if axis.name in prompt]
    known: dict[tuple[str, Eye], list[ContentBlock]] = {}

    def content(variant: Variant, options: RequestOptions) -> list[ContentBlock]:
        values = {name: variant.values[name] for name in named}
        key = json.dumps(values), eye_of(options.model)
        if key not in known:
            known[key] = fill(values, options)
        return known[key]

    return content


def filled(prompt: str, variant: Variant, names: Collection[str]) -> str:
    """The prompt of one variant; braces with any other name stay as typed.

    Args:
        prompt: its text.
        variant: has the values.
        names: those that the braces may name.

    Raises:
        InputError: if a value cannot be filled in as the braces ask.
    """
    if not names:
        return prompt
    from routeway_magic.interpolate import Text, evaluate, formatted, parse

    values = {name: variant.values[name] for name in names}
    return "".join(
        part.text
        if isinstance(part, Text)
        else formatted(part, evaluate(part, values, prompt))
        for part in parse(prompt, values, only=True)
    )


def _mentioned(prompt: str, names: Collection[str]) -> Sequence[str]:
    if not names or "{" not in prompt:
        return []
    from routeway_magic.interpolate import Reference, parse

    parts = parse(prompt, names, only=True)
    return [part.name for part in parts if isinstance(part, Reference)]


def _overrides(
    values: Mapping[str, Any], roles: Roles, options: Mapping[str, Any]
) -> dict[str, Any]:
    chosen = dict(options)
    chosen |= {to: values[name] for name, to in roles.settings.items()}
    if roles.fields:
        param = dict(chosen.get("param") or {})
        chosen["param"] = param | {name: values[name] for name in sorted(roles.fields)}
    return chosen
