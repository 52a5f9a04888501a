"""Whether a request fits into what its model reads, reckoned before it is sent.

The server has counted what was said up to its last answer; only what is new is
estimated, so that the check costs the same at any length. The server is the judge:
nothing is ever cut, and only what is clearly too long is held back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from routeway_magic.errors import InputError
from routeway_magic.messages import messages_of
from routeway_magic.models import model_named
from routeway_magic.tokens import block_tokens, input_tokens
from routeway_magic.turn import Turn
from routeway_magic.types import ContentBlock, JSONObject
from routeway_magic.usage import counts_of

__all__ = ["Estimate", "check_context", "context_of", "contexts_of", "estimate"]

_DOUBT = 1.1  # an estimate may be too high by a tenth
_SAME = ("model", "system", "tools")
_AROUND = 6  # tokens of the two messages that are new


@dataclass(frozen=True, slots=True)
class Estimate:
    """The tokens of a request's input.

    Args:
        counted: those that the server has counted before.
        guessed: those that were estimated from the text.
    """

    counted: int
    guessed: int

    @property
    def least(self) -> int:
        """What it certainly has: an estimate may be too high."""
        return self.counted + int(self.guessed / _DOUBT)

    @property
    def text(self) -> str:
        """The number in words."""
        about = f"about {self.counted + self.guessed:,} tokens"
        told = f"{self.counted:,} counted by the server, the rest estimated"
        return f"{about} ({told if self.counted else 'estimated'})"


def estimate(body: JSONObject, before: Turn | None, source: str = "") -> Estimate:
    """How long a request is.

    Args:
        body: the request; its last message is new.
        before: the turn that it answers to, None for a first one.
        source: who will be asked.
    """
    counted = _counted(body, before, source) if before else 0
    if not counted:
        return Estimate(0, input_tokens(body))
    model = str(body["model"])
    return Estimate(counted, _AROUND + _estimated(body["messages"][-1:], model))


def _counted(body: JSONObject, before: Turn, source: str) -> int:
    """The tokens up to the last answer, if the server counted just these; else 0."""
    said = messages_of([before])
    messages = body.get("messages")
    same = all(before.parameters.get(key) == body.get(key) for key in _SAME)
    goes_on = isinstance(messages, list) and bool(said) and messages[-3:-1] == said
    if not (same and goes_on and before.source == source and before.message):
        return 0
    usage = before.message.get("usage") or {}
    counts = counts_of(usage, finished=before.status == "complete")
    answer = said[-1]["content"]
    if counts.uncounted or len(answer) < len(before.message["content"]):
        output = _estimated([{"content": answer}], str(body["model"]))
    else:
        output = counts.output
    return counts.all_input + output if counts.all_input else 0


def _estimated(messages: list[JSONObject], model: str) -> int:
    block: ContentBlock = {"messages": messages}
    return block_tokens(block, model)


def contexts_of(models: Iterable[JSONObject]) -> dict[str, int]:
    """The context sizes that a list of models gives, in tokens, by id."""
    told = {
        str(model.get("id")): model.get("context_length")
        or model.get("max_input_tokens")
        for model in models
    }
    return {name: size for name, size in told.items() if isinstance(size, int) and size}


def context_of(model: str, listed: dict[str, int]) -> int | None:
    """How many tokens a model reads; None if nobody has said.

    Args:
        model: its id.
        listed: what the server's list says, which comes first.
    """
    known = model_named(model)
    return listed.get(model) or (known.context if known else None)


def check_context(body: JSONObject, length: Estimate, context: int | None) -> None:
    """Refuses what is clearly too long for its model.

    Args:
        body: the request.
        length: how long it is.
        context: how many tokens its model reads, None if that is not known.

    Raises:
        InputError: with the numbers and what to do.
    """
    if context is None or length.least <= context:
        return
    ways = ["`%claude new` starts afresh, `--no-history` asks this by itself."]
    ways = ways if len(body["messages"]) > 1 else []
    smaller = "`%config ClaudeSettings.request_budget = 5000` sends less of values"
    ways += [
        f"{smaller}; `%claude models` shows who reads more.",
        "`%config ClaudeSettings.check_context = False` leaves it to the server.",
    ]
    raise InputError(
        f"This is {length.text}, and `{body['model']}` reads {context:,}: "
        "nothing was sent.",
        "\n".join(ways),
    )
