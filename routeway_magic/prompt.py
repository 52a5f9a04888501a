"""A prompt with the notebook's values in place: text and references become blocks.

What is a word, such as a number or a short text, stands in its sentence. What is
more becomes a block of its own at that very place, with a label; mentioned again,
only its name is said. All values share one budget, and no value is scanned again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from routeway_magic.content import Described, Limits, describe
from routeway_magic.credentials import looks_like_credential
from routeway_magic.errors import InputError
from routeway_magic.spelling import near
from routeway_magic.tokens import block_tokens
from routeway_magic.types import ContentBlock

if TYPE_CHECKING:  # most prompts have no braces, and need none of it
    from routeway_magic.interpolate import Reference

__all__ = ["Budget", "Filled", "Inserted", "fair_share", "fill"]

# With more images than this in a request none may be larger (API.md 2.4).
_MANY_IMAGES, _EDGE_OF_MANY = 20, 2000
_REPAIR = "This cell failed. Say why in a sentence or two, then give it corrected."
_TOLD = 4  # values that the line under an answer names
_FAIR_ROUNDS = 4  # a share that one value leaves unused goes to the others


@dataclass(frozen=True, slots=True)
class Inserted:
    """A value that went into the prompt.

    Args:
        name: what the user typed, without braces.
        described: what it became.
        tokens: an estimate.
    """

    name: str
    described: Described
    tokens: int

    @property
    def text(self) -> str:
        """The value in a few words, such as "df (pandas DataFrame, 3 rows × 2 columns)"."""
        described = self.described
        facts = [described.kind, described.size] if not described.is_bare else []
        facts += ["shortened"] if described.left_out else []
        told = ", ".join(fact for fact in facts if fact)
        return f"{self.name} ({told})" if told else self.name


@dataclass(frozen=True, slots=True)
class Filled:
    """A prompt that is ready to be sent.

    Args:
        content: the user's content blocks.
        inserted: the values in it, in order.
        left: brace groups that look like expressions, left as typed.
        budget: tokens that the values may take, estimated; None if nobody counts.
    """

    content: list[ContentBlock]
    inserted: Sequence[Inserted] = ()
    left: Sequence[str] = ()
    budget: int | None = None

    @property
    def excess(self) -> int:
        """Tokens by which the values are over the budget: not all can be cut to it."""
        taken = sum(one.tokens for one in self.inserted)
        return 0 if self.budget is None else max(taken - self.budget, 0)

    @property
    def summary(self) -> str:
        """What was inserted and what was left, for the line under an answer."""
        told = [f"{one.text}" for one in self.inserted[:_TOLD]]
        if len(self.inserted) > _TOLD:
            told.append(f"{len(self.inserted) - _TOLD} more")
        parts = [f"with {', '.join(told)}"] if told else []
        if self.left:
            parts.append(f"left as typed: {' '.join(self.left[:_TOLD])}")
        return " · ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much the values of one request may take.

    Args:
        limits: for each value.
        tokens: for all values together, estimated.
        images_before: images that the conversation holds already.
    """

    limits: Limits = field(default_factory=Limits)
    tokens: int = 20_000
    images_before: int = 0


def fill(
    prompt: str,
    variables: Mapping[str, Any],
    *,
    attached: Sequence[str] = (),
    raw: bool = False,
    model: str = "",
    budget: Budget | None = None,
) -> Filled:
    """Puts the values of the references into the prompt.

    Args:
        prompt: as the user typed it.
        variables: the notebook's namespace; it is read only.
        attached: names whose values stand before the prompt.
        raw: whether braces mean nothing.
        model: who will read it, for estimates.
        budget: how much may be sent.

    Raises:
        InputError: if a name is unknown or looks like a credential, an expression
            raises, a value cannot be sent, or nothing is left to ask.
    """
    if not attached and (raw or "{" not in prompt):
        return Filled([_text(prompt)])
    from routeway_magic.interpolate import Reference, Text, left_as_typed, parse

    budget = budget or Budget()
    before = [_reference_to(name, variables) for name in attached]
    parts = [Text(prompt)] if raw else parse(prompt, variables)
    asked = [*before, *(part for part in parts if isinstance(part, Reference))]
    values = _values(asked, variables, prompt, budget.limits)
    described = _in_budget(values, budget, model)
    builder = _Builder(model)
    for reference in before:
        builder.attach(reference, described[_key(reference)])
    for part in parts:
        if isinstance(part, Text):
            builder.write(part.text)
        else:
            builder.insert(part, described[_key(part)])
    left = [] if raw else left_as_typed(prompt, variables)
    blocks = builder.blocks()
    if not blocks:
        raise InputError(
            "Nothing is left to ask: the values in the prompt are empty.",
            "Nothing was sent. `{{name}}` or `--raw` sends braces as typed.",
        )
    return Filled(blocks, builder.inserted, left, budget.tokens)


def _reference_to(name: str, variables: Mapping[str, Any]) -> Reference:
    """The reference that `--with name` makes."""
    from routeway_magic.interpolate import Reference, parse

    root = name.partition(".")[0].partition("[")[0]
    if root not in variables:
        raise InputError(
            f"`--with {name}`: there is no variable `{root}`.",
            near(root, [known for known in variables if not known.startswith("_")]),
        )
    parts = parse(f"{{{name}}}", variables)
    if len(parts) != 1 or not isinstance(parts[0], Reference):
        raise InputError(
            f"`--with` takes names of variables, not `{name}`.",
            "For instance `--with df,fig`.",
        )
    return parts[0]


def _key(reference: Reference) -> str:
    """References that are the same value; what is called may differ each time."""
    return f"{reference.source}@{reference.at}" if reference.calls else reference.source


def _values(
    references: Sequence[Reference],
    variables: Mapping[str, Any],
    prompt: str,
    limits: Limits,
) -> dict[str, Any]:
    """Evaluates each reference once, and those only that may be sent."""
    from routeway_magic.interpolate import evaluate, formatted

    values: dict[str, Any] = {}
    for reference in references:
        _refuse_credentials(reference, limits.allowed)
        if _key(reference) not in values:
            value = evaluate(reference, variables, prompt)
            if reference.conversion or reference.spec:
                value = formatted(reference, value)
            values[_key(reference)] = value
    return values


def _refuse_credentials(reference: Reference, allowed: frozenset[str]) -> None:
    for name in reference.path:
        if name not in allowed and looks_like_credential(name):
            raise InputError(
                f"`{reference.source}` was not sent: `{name}` looks like a credential.",
                f"`--allow-secret {name}` sends it; "
                f"`{{{reference.source}}}` or `--raw` sends the braces as typed.",
            )


def _in_budget(
    values: Mapping[str, Any], budget: Budget, model: str
) -> dict[str, Described]:
    """Describes all values; the larger ones give way until the sum fits, told so."""
    limits = dict.fromkeys(values, budget.limits)
    found = {key: describe(values[key], limits[key]) for key in values}
    images = budget.images_before + sum(map(_images, found.values()))
    if images > _MANY_IMAGES and budget.limits.edge > _EDGE_OF_MANY:
        fewer = replace(budget.limits, image_edge=_EDGE_OF_MANY)
        limits = dict.fromkeys(values, fewer)
        found |= {
            key: describe(values[key], fewer) for key in values if _images(found[key])
        }
    for _ in range(_FAIR_ROUNDS):
        tokens = {key: _tokens(found[key], key, model) for key in found}
        share = fair_share(list(tokens.values()), budget.tokens)
        if share is None:
            break
        for key in found:
            label = max(tokens[key] - limits[key].tokens, 0)  # what limits do not count
            room = max(share - label, 0)
            if tokens[key] > share and limits[key].tokens > room:
                limits[key] = limits[key].within(room)
                shorter = describe(values[key], limits[key])
                if _tokens(shorter, key, model) < tokens[key]:
                    found[key] = shorter
    return found


def fair_share(wanted: Sequence[int], total: int) -> int | None:
    """The most that one may have so that all fit; None if all fit as they are.

    Those that want less than their share leave the rest to the others.

    Args:
        wanted: what each would take.
        total: what there is.
    """
    if sum(wanted) <= total:
        return None
    left, rest = total, sorted(wanted)
    while rest and rest[0] * len(rest) <= left:
        left -= rest.pop(0)
    return left // len(rest) if rest else total


def _images(described: Described) -> int:
    return sum(block.get("type") == "image" for block in described.blocks)


def _tokens(described: Described, name: str, model: str) -> int:
    return sum(block_tokens(block, model) for block in described.as_blocks(name))


class _Builder:
    """Content blocks in the making: words are joined, other values stand apart."""

    def __init__(self, model: str) -> None:
        self.inserted: list[Inserted] = []
        self._model = model
        self._blocks: list[ContentBlock] = []
        self._words = ""
        self._sent: set[str] = set()

    def write(self, text: str) -> None:
        """Goes on with the text."""
        self._words += text

    def attach(self, reference: Reference, described: Described) -> None:
        """Puts a value before the prompt, always with a label: it is in no sentence."""
        if _key(reference) not in self._sent:
            self._put(reference, replace(described, bare=False))

    def insert(self, reference: Reference, described: Described) -> None:
        """Puts a value at this place, or its name if it has been sent already."""
        if described.is_bare:
            self._note(reference, described)
            self._words += described.text
        elif _key(reference) in self._sent:
            self._words += reference.expression
        else:
            self._put(reference, described)

    def _put(self, reference: Reference, described: Described) -> None:
        self._note(reference, described)
        self._sent.add(_key(reference))
        self._end_words()
        self._blocks += described.as_blocks(reference.expression)

    def _note(self, reference: Reference, described: Described) -> None:
        name = reference.expression
        tokens = _tokens(described, name, self._model)
        self.inserted.append(Inserted(name, described, tokens))

    def blocks(self) -> list[ContentBlock]:
        """All blocks; the last words included."""
        self._end_words()
        return self._blocks

    def _end_words(self) -> None:
        if self._words.strip():  # a blank text block is refused (API.md 2.2)
            self._blocks.append(_text(self._words))
        self._words = ""


def _text(text: str) -> ContentBlock:
    return {"type": "text", "text": text}


def about_failure(source: str, error: BaseException, limits: Limits) -> Filled:
    """The question that has a failed cell repaired.

    Args:
        source: the cell that was run.
        error: what it raised, with its traceback.
        limits: how much may be sent.
    """
    from routeway_magic.content.failures import describe_for_repair

    described = describe_for_repair(error, limits, source)
    shown = Inserted("the failed cell", described, 0)
    asked = _text(_REPAIR)
    return Filled([*described.as_blocks(), asked], [shown])
