"""The quiet line under an answer: who answered, what it cost, how it stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from routeway_magic.pricing import money
from routeway_magic.types import Status, Usage
from routeway_magic.usage import counts_of, usage_together

__all__ = ["Footer"]

_MOST_NAMED = 10
_NEARLY_FULL = 0.9
_STOPS = {
    "max_tokens": "stopped at max_tokens: `%claude continue` goes on; or --max-tokens",
    "refusal": "refused by the model: rephrase, or choose another model",
    "content_filter": "withheld by a content filter: rephrase",
    "pause_turn": "paused by the server: to go on, `%claude continue`",
    "model_context_window_exceeded": "the context is full: `%claude new` starts afresh",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """The facts of one exchange that stand under its answer.

    Args:
        model: who the server says has answered, else who was asked.
        source: "emulator" or the host's name, marked where it was replayed.
        usage: token counts as received.
        seconds: how long it took.
        stop_reason: as received, None if the answer did not end.
        status: how the exchange ended.
        explanation: the server's own words on why it stopped, or "".
        has_content: whether anything of an answer came.
        left: the cells whose answers left the path with this one, each by the
            number in its prompt, None for a question that came from no cell.
        inserted: what of the notebook was in the prompt, in words, or "".
        cost: in US dollars, None where no price is known.
        fill: how much of the model's context is filled, 0..1.
        requests: how many there were; counts, seconds and cost are of them together.
    """

    model: str
    source: str
    usage: Usage = field(default_factory=dict)
    seconds: float = 0.0
    stop_reason: str | None = None
    status: Status = "complete"
    explanation: str = ""
    has_content: bool = True
    left: Sequence[int | None] = ()
    inserted: str = ""
    cost: float | None = None
    fill: float = 0.0
    requests: int = 1

    def after(self, first: Footer) -> Footer:
        """This one, for an answer that had another one before it; both as one.

        Args:
            first: what would stand under the first of them.
        """
        known = first.cost is not None and self.cost is not None
        return replace(
            self,
            usage=usage_together([first.usage, self.usage]),
            seconds=first.seconds + self.seconds,
            requests=first.requests + self.requests,
            has_content=first.has_content or self.has_content,
            left=first.left,
            inserted=first.inserted,
            cost=(first.cost or 0) + (self.cost or 0) if known else None,
        )

    @property
    def text(self) -> str:
        """The line itself."""
        parts = [self.model, self.source, self._tokens(), f"{self.seconds:.1f} s"]
        parts += [f"{self.requests} requests"] if self.requests > 1 else []
        parts += [money(self.cost)] if self.cost is not None else []
        if self.status != "complete":
            kept = "what arrived is kept" if self.has_content else "nothing had arrived"
            parts.append(f"{self.status}, {kept}")
        elif self.stop_reason not in (None, "end_turn"):
            stop = str(self.stop_reason)
            parts += [_STOPS.get(stop, f"stop: {stop}"), self.explanation]
        if self.fill >= _NEARLY_FULL:
            full = f"{self.fill:.0%} of the context is used"
            parts.append(f"{full}: `%claude new` starts afresh")
        parts.append(self._left())
        parts.append(self.inserted)
        return " · ".join(part for part in parts if part)

    def _left(self) -> str:
        if not self.left:
            return ""
        known = [f"[{number}]" for number in self.left if number is not None]
        named = ", ".join(known[:_MOST_NAMED])
        more = len(self.left) - len(known[:_MOST_NAMED])
        whose = " and ".join(filter(None, (named, f"{more} more" if more else "")))
        if not named:
            whose = f"{more} earlier question{'s' if more > 1 else ''}"
        plural = "s" if len(self.left) > 1 else ""
        return f"the answer{plural} of {whose} left the conversation"

    def _tokens(self) -> str:
        counts = counts_of(self.usage)
        sent, received = counts.all_input, counts.output
        if self.status != "complete":  # only a complete answer has been counted
            return f"{sent:,} tokens sent" if sent else ""
        return f"{sent:,} → {received:,} tokens" if sent or received else ""
