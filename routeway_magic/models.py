"""The models that are known by name, and what each accepts (API.md 6).

Only hints and estimates are made of this: the server is the judge.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MODELS", "Eye", "Model", "eye_of", "model_named"]

_LATEST = ("low", "medium", "high", "xhigh", "max")
_FORMER = ("low", "medium", "high", "max")
_FIRST = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Eye:
    """How a model reads: what its tokens hold (API.md 2.4 and 6.1).

    Args:
        characters_per_token: of ordinary text, about.
        image_edge: pixels of an image's longer side; a larger one is made smaller.
        image_tokens: most tokens of one image.
    """

    characters_per_token: int = 4
    image_edge: int = 1568
    image_tokens: int = 1568


_RECENT_EYE = Eye(characters_per_token=3, image_edge=2576, image_tokens=4784)


@dataclass(frozen=True, slots=True)
class Model:
    """What one model accepts.

    Args:
        id: without a suffix.
        thinking: the accepted values of `thinking.type`.
        thinks: whether it thinks when `thinking` is left out.
        efforts: the accepted values of `output_config.effort`.
        context: tokens of input and output together.
        max_output: the highest `max_tokens`.
        sampling: whether temperature, top_p and top_k may be chosen.
        prefill: whether the last message may be the assistant's.
        forced_tools: whether `tool_choice` may be `any` or `tool`.
        shows_thinking: whether thinking is summarized by default.
        binds_thinking: whether thinking may go back only behind what it was bound to.
    """

    id: str
    thinking: tuple[str, ...] = ("adaptive",)
    thinks: bool = True
    efforts: tuple[str, ...] = _LATEST
    context: int = 1_000_000
    max_output: int = 128_000
    sampling: bool = False
    prefill: bool = False
    forced_tools: bool = True
    shows_thinking: bool = False
    binds_thinking: bool = False

    @property
    def name(self) -> str:
        """The id in words, such as `Claude Opus 4.5`."""
        words = [word for word in self.id.split("-") if len(word) < 8]  # noqa: PLR2004 - a date has eight digits
        names = [word.capitalize() for word in words if not word.isdigit()]
        return " ".join([*names, ".".join(word for word in words if word.isdigit())])


def _latest(name: str, *further: str) -> Model:
    return Model(
        name,
        thinking=("adaptive", *further),
        forced_tools=False,
        binds_thinking=True,
    )


def _may_rest(name: str, *, thinks: bool) -> Model:
    return Model(name, thinking=("adaptive", "disabled"), thinks=thinks)


def _sampled(name: str) -> Model:
    return Model(
        name,
        thinking=("adaptive", "enabled", "disabled"),
        thinks=False,
        efforts=_FORMER,
        sampling=True,
        shows_thinking=True,
    )


def _oldest(name: str, efforts: tuple[str, ...] = ()) -> Model:
    return Model(
        name,
        thinking=("enabled", "disabled"),
        thinks=False,
        efforts=efforts,
        context=200_000,
        max_output=64_000,
        sampling=True,
        prefill=True,
        shows_thinking=True,
    )


MODELS: tuple[Model, ...] = (
    _latest("claude-fable-5-2"),
    _latest("claude-mythos-5-2"),
    Model("claude-haiku-5-5", binds_thinking=True),
    _latest("claude-sonnet-5-5", "between_tools"),
    _latest("claude-opus-5-5"),
    _latest("claude-fable-5-1"),
    _latest("claude-mythos-5-1"),
    _may_rest("claude-opus-5", thinks=True),
    _may_rest("claude-sonnet-5", thinks=True),
    Model("claude-fable-5"),
    Model("claude-mythos-5"),
    _may_rest("claude-opus-4-8", thinks=False),
    _may_rest("claude-opus-4-7", thinks=False),
    _sampled("claude-opus-4-6"),
    _sampled("claude-sonnet-4-6"),
    _oldest("claude-opus-4-5", _FIRST),
    _oldest("claude-sonnet-4-5"),
    _oldest("claude-haiku-4-5"),
    _oldest("claude-opus-4-5-20251101", _FIRST),
    _oldest("claude-sonnet-4-5-20250929"),
    _oldest("claude-haiku-4-5-20251001"),
)
"""API.md 6.1 and 6.2, newest first."""


def model_named(name: str) -> Model | None:
    """The model of that id, with or without Routeway's `:free`; None if unknown."""
    wanted = name.removesuffix(":free")
    return next((model for model in MODELS if model.id == wanted), None)


def eye_of(name: str) -> Eye:
    """How the model of that id reads; an unknown one as the older ones do.

    The models from Claude 4.7 on are those whose sampling cannot be chosen.
    """
    model = model_named(name)
    return _RECENT_EYE if model and not model.sampling else Eye()
