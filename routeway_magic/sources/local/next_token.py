"""What the local model would say next: every token with its likelihood."""

from __future__ import annotations

import json
from typing import Any

from routeway_magic.client import Client
from routeway_magic.errors import APIError
from routeway_magic.sampling import Distribution, Token

__all__ = ["next_token"]

_ALL = 1_000_000  # more than any vocabulary has
_MISSING = -1e9  # what llama.cpp cannot write as a number has no likelihood


def next_token(client: Client, prompt: str) -> Distribution:
    """How likely each token is to follow this text.

    The text goes to the model as it is, without the roles of a conversation:
    llama.cpp's own endpoint `/completion` tells the likelihoods.

    Args:
        client: of the local model.
        prompt: any text.

    Raises:
        APIError: if it does not tell.
    """
    body = {"prompt": prompt, "n_predict": 1, "n_probs": _ALL, "temperature": 1.0}
    answer = client.post("/completion", body) or b""
    try:
        found = json.loads(answer)["completion_probabilities"][0]["top_logprobs"]
        tokens = [Token(str(each["token"]), _logprob(each)) for each in found]
    except (ValueError, LookupError, TypeError) as error:
        raise APIError(
            "The local model did not tell its likelihoods.",
            "Another version of `xllamacpp` may: `%pip install -U xllamacpp`.",
        ) from error
    return Distribution(prompt, sorted(tokens, key=lambda each: -each.logprob))


def _logprob(token: dict[str, Any]) -> float:
    value = token["logprob"]
    return float(value) if value is not None else _MISSING
