r"""How temperature, top_k and top_p change what a model says next.

A model gives each token $i$ of its vocabulary a logarithm of a likelihood, $l_i$, with
$\sum_i e^{l_i} = 1$. Then, in the order in which the local model does it:

- **top_k** keeps the $k$ likeliest tokens;
- **top_p** keeps the likeliest tokens of which the likelihoods $p_i$ first add up to at
  least $p$ (the nucleus), at least one;
- **temperature** $T$ reshapes those that are left:
  $q_i = e^{l_i / T} / \sum_j e^{l_j / T}$. With $T < 1$ the likely ones gain, with
  $T > 1$ the unlikely ones, and $T \to 0$ leaves the likeliest alone.

One token is drawn by $q$, and the next one is looked at in the same way. Anthropic does
not say in which order its models do it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Distribution", "Token", "reshaped"]


@dataclass(frozen=True, slots=True)
class Token:
    """A token that may come next.

    Args:
        text: what it adds to the text.
        logprob: the natural logarithm of its likelihood.
    """

    text: str
    logprob: float


@dataclass(frozen=True, slots=True)
class Distribution:
    """All tokens that may come next, the likeliest first.

    Args:
        prompt: the text that they would go on with.
        tokens: the model's vocabulary.
    """

    prompt: str
    tokens: Sequence[Token]

    def before(self) -> list[float]:
        """The model's own likelihoods, 0..1."""
        return [math.exp(token.logprob) for token in self.tokens]

    def after(
        self,
        *,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
    ) -> list[float]:
        """The likelihoods with which a token is drawn, 0..1; see `reshaped`."""
        logprobs = [token.logprob for token in self.tokens]
        return reshaped(logprobs, temperature=temperature, top_k=top_k, top_p=top_p)


def reshaped(
    logprobs: Sequence[float],
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
) -> list[float]:
    """The likelihoods with which each token is drawn; they add up to 1.

    Args:
        logprobs: natural logarithms of likelihoods, the largest first; at least one.
        temperature: 0 or more; 0 leaves the likeliest token alone, 1 changes nothing.
        top_k: how many tokens are kept; 0 keeps all.
        top_p: 0..1; 1 keeps all.
    """
    kept = len(logprobs) if top_k <= 0 else min(top_k, len(logprobs))
    kept = _nucleus(logprobs[:kept], top_p)
    drawn = _drawn(logprobs[:kept], temperature)
    return drawn + [0.0] * (len(logprobs) - kept)


def _nucleus(logprobs: Sequence[float], top_p: float) -> int:
    """How many of the likeliest tokens make up this part of what is there."""
    if top_p >= 1:
        return len(logprobs)
    wanted = top_p * math.fsum(map(math.exp, logprobs))
    total = 0.0
    for count, logprob in enumerate(logprobs, start=1):
        total += math.exp(logprob)
        if total >= wanted:
            return count
    return len(logprobs)


def _drawn(logprobs: Sequence[float], temperature: float) -> list[float]:
    if temperature <= 0:
        return [1.0] + [0.0] * (len(logprobs) - 1)
    # The largest is taken off first, so that no power is too large to be written.
    powers = [math.exp((each - logprobs[0]) / temperature) for each in logprobs]
    total = math.fsum(powers)
    return [power / total for power in powers]
