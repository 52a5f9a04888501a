"""What is asked before a request is sent: does it fit, and may it be spent?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from routeway_magic.bill import Bill, Prices, counts_of_turn
from routeway_magic.context import (
    Estimate,
    check_context,
    context_of,
    contexts_of,
    estimate,
)
from routeway_magic.errors import ConfigurationError
from routeway_magic.origin import is_free, is_replayed
from routeway_magic.pricing import Price, money, prices_of
from routeway_magic.settings import ClaudeSettings
from routeway_magic.turn import Turn
from routeway_magic.types import JSONObject, Request

__all__ = ["Guard"]

_NOTHING_SENT = "nothing was sent."
_SEE = "`%claude usage` shows what they went to"


class Guard:
    """Keeps count of what a kernel spends, and holds back what would go too far.

    Requests that run at the same time are counted when they end: several of them may
    go beyond a limit together.

    Args:
        settings: read at each request.
    """

    def __init__(self, settings: ClaudeSettings) -> None:
        self.bill = Bill()
        self._settings = settings
        self._prices: dict[tuple[str, str], Price] = {}
        self._contexts: dict[str, dict[str, int]] = {}
        self._told: set[tuple[str, str]] = set()

    @property
    def prices(self) -> Prices:
        """The prices that are known, by source and model."""
        return self._prices

    def knows(self, source: str) -> bool:
        """Whether a source has been asked for its list; the emulator need not be."""
        return is_free(source) or source in self._contexts

    def learn(self, source: str, models: Sequence[JSONObject]) -> None:
        """Takes in what a source's list says of prices and contexts.

        Args:
            source: whose list it is.
            models: entries of `GET /v1/models`.
        """
        listed = prices_of(models)
        self._prices |= {(source, name): price for name, price in listed.items()}
        self._contexts[source] = contexts_of(models)

    def check(
        self,
        request: Request,
        *,
        before: Turn | None,
        source: str,
        ask: Callable[[], None],
    ) -> None:
        """Lets a request through, or says what stands in its way.

        Args:
            request: what would be sent.
            before: the turn that it answers to.
            source: who would be asked.
            ask: has the source's list of models learnt, where a price is wanted.

        Raises:
            InputError: if it is longer than its model reads.
            ConfigurationError: if the session's budget is used up, or would be.
        """
        settings = self._settings
        if not isinstance(request.body.get("messages"), list):
            return  # `--param messages=…` may be anything
        if is_replayed(source):
            return  # it has been answered
        limits = (settings.max_session_tokens, settings.max_session_cost)
        if not settings.check_context and limits == (None, None):
            return  # an estimate may have to read the whole conversation
        length = estimate(request.body, before, source)
        if settings.check_context:
            listed = self._contexts.get(source, {})
            check_context(request.body, length, context_of(request.model, listed))
        if settings.max_session_tokens is not None:
            self._check_tokens(length, settings.max_session_tokens)
        if settings.max_session_cost is not None and not is_free(source):
            if not self.knows(source):
                ask()
            self._check_cost(length, settings.max_session_cost, source, request.model)

    def cost(self, turn: Turn) -> float | None:
        """What a turn cost in US dollars; None where that is not known."""
        counts = counts_of_turn(turn)
        model = str(turn.parameters.get("model", ""))
        price = self._prices.get((turn.source, model))
        return price.cost(counts) if price and not counts.uncounted else None

    def fill(self, turn: Turn) -> float:
        """How much of its model's context a turn has filled, 0..1; 0 if not known."""
        listed = self._contexts.get(turn.source, {})
        context = context_of(str(turn.parameters.get("model", "")), listed)
        return counts_of_turn(turn).tokens / context if context else 0.0

    def _check_tokens(self, length: Estimate, most: int) -> None:
        used = self.bill.tokens
        raise_it = (
            f"{_SEE}; `%config ClaudeSettings.max_session_tokens = {2 * most}` allows "
            "more, `None` ends the limit."
        )
        limit = f"`max_session_tokens` allows {most:,}"
        if used >= most:
            sentence = f"This session has used {used:,} tokens, and {limit}"
            raise ConfigurationError(f"{sentence}: {_NOTHING_SENT}", raise_it)
        if used + length.least > most:
            sentence = (
                f"This would be {length.text} after {used:,} that the session has used, "
                f"and {limit}"
            )
            raise ConfigurationError(f"{sentence}: {_NOTHING_SENT}", raise_it)

    def _check_cost(
        self, length: Estimate, most: float, source: str, model: str
    ) -> None:
        spent = self.bill.cost(self._prices)
        raise_it = (
            f"{_SEE}; `%config ClaudeSettings.max_session_cost = {2 * most:g}` allows "
            "more, `None` ends the limit."
        )
        limit = f"`max_session_cost` allows {money(most)}"
        if spent >= most:
            sentence = f"This session has cost at least {money(spent)}, and {limit}"
            raise ConfigurationError(f"{sentence}: {_NOTHING_SENT}", raise_it)
        price = self._prices.get((source, model))
        if price is None or price.input is None or price.output is None:
            self._say_once(source, model)
        elif spent + price.least(length.least) > most:
            sentence = (
                f"This would be {length.text}, at least "
                f"{money(price.least(length.least))} after {money(spent)}, and {limit}"
            )
            raise ConfigurationError(f"{sentence}: {_NOTHING_SENT}", raise_it)

    def _say_once(self, source: str, model: str) -> None:
        """A guard that cannot guard stops once, so that nobody relies on it."""
        if (source, model) in self._told:
            return
        self._told.add((source, model))
        raise ConfigurationError(
            f"`max_session_cost` is set, but {source} lists no price of `{model}`, so "
            f"that its cost cannot be counted: {_NOTHING_SENT}",
            "Ask again to send it without a limit of cost; "
            "`%config ClaudeSettings.max_session_tokens = 1000000` limits tokens "
            "instead; `%claude models` asks for the list again.",
        )
