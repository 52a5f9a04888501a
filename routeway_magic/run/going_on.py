"""Going on with an answer that broke off, in the way that its model allows.

Some models take their own partial answer as the last message and go on with it
(API.md 2.2, prefill); the others are asked to. Thinking and tool calls cannot be gone
on with (API.md 4.1): they are left out, as always.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from routeway_magic.errors import InputError
from routeway_magic.events import Event, from_message
from routeway_magic.messages import messages_of
from routeway_magic.models import model_named
from routeway_magic.run.place import Place
from routeway_magic.settings import RequestOptions
from routeway_magic.turn import Turn, one_message
from routeway_magic.types import ContentBlock, JSONObject, Request

__all__ = ["ASK_TO_GO_ON", "go_on", "options_again", "said_before"]

ASK_TO_GO_ON = (
    "Your last answer broke off before its end. Go on exactly where it stopped: "
    "repeat nothing of it and do not introduce what follows."
)
"""What a model is asked that cannot be given the beginning of its answer."""

_BROKE_OFF = frozenset({"max_tokens", "pause_turn"})
_WITHHELD = frozenset({"refusal", "content_filter"})
_HOW = "To ask for more all the same: `%claude -- continue`."


def go_on(
    place: Place, options: RequestOptions
) -> tuple[list[ContentBlock], RequestOptions]:
    """What to send to go on with the answer at this place, and with what settings.

    No blocks mean that the model goes on by itself. The settings are those of the
    answer's own request, whatever they are now.

    Args:
        place: the answer is that of its parent.
        options: say how to show it.

    Raises:
        InputError: if there is nothing to go on with.
    """
    if place.parent is None:
        raise InputError("There is no answer to go on with.", "Ask something.")
    answer = place.conversation.answer(place.parent)
    prompt = [] if _waits(place) else _way_to_go_on(answer)
    if answer[-1] not in place.history[-1:]:
        raise InputError(
            "The last answer came from the emulator, and no model has read it.",
            "Run the cell that asked once more.",
        )
    return prompt, options_again(answer[-1].parameters, quiet=options.quiet)


def said_before(request: Request, place: Place) -> Iterator[Event]:
    """The beginning of the answer, where the model goes on with it in the same text."""
    if request.goes_on and place.parent:
        turns = place.conversation.answer(place.parent)
        yield from from_message(one_message(turns))


def _waits(place: Place) -> bool:
    """Whether the model waits for results of calls: any model goes on with these."""
    return len(messages_of(place.history)) % 2 == 1


def _way_to_go_on(answer: Sequence[Turn]) -> list[ContentBlock]:
    """What to send after this answer: nothing where the model goes on by itself.

    Args:
        answer: the turns that make it, oldest first; the last one broke off.

    Raises:
        InputError: if it is complete, or holds nothing that can be gone on with.
    """
    last = answer[-1]
    if last.stop_reason in _WITHHELD:
        raise InputError("The last answer was withheld.", "Rephrase the question.")
    if last.status == "complete" and last.stop_reason not in _BROKE_OFF:
        raise InputError(
            f"The last answer, {last.short}, is complete.",
            f"`%claude continue` goes on with one that broke off. {_HOW}",
        )
    said = messages_of(answer)
    if not said:
        raise InputError(
            f"Of the last answer, {last.short}, nothing came that can be gone on with.",
            "Run the cell that asked once more.",
        )
    if last.stop_reason == "pause_turn":
        return []  # any model goes on with what it is given back (API.md 3)
    if _takes_prefill(last.parameters) and said[-1]["content"][-1]["type"] == "text":  # type: ignore[index]  # blocks, as `messages_of` makes them
        return []
    return [{"type": "text", "text": ASK_TO_GO_ON}]


def options_again(parameters: JSONObject, *, quiet: bool = False) -> RequestOptions:
    """The options that send these fields again, whatever the settings are now.

    Args:
        parameters: a request's fields but its messages.
        quiet: whether status line and footer are left out.
    """
    names = [name for name in ("model", "max_tokens") if name in parameters]
    named: JSONObject = {name: parameters[name] for name in names}
    own = {*named, "stream", "messages"}
    param = {key: value for key, value in parameters.items() if key not in own}
    return RequestOptions(
        parameters={**named, "param": param},
        stream=bool(parameters.get("stream")),
        quiet=quiet,
    )


def _takes_prefill(parameters: JSONObject) -> bool:
    """Prefill goes neither with thinking nor with a format for the output."""
    model = model_named(str(parameters.get("model")))
    return (
        model is not None
        and model.prefill
        and _member(parameters, "thinking", "type") in (None, "disabled")
        and _member(parameters, "output_config", "format") is None
    )


def _member(parameters: JSONObject, name: str, key: str) -> object:
    value = parameters.get(name)
    return value.get(key) if isinstance(value, dict) else None
