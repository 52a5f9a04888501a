"""`%claude tokens`: what the local model would say next, as it is drawn."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from shells import Shell

from routeway_magic import session
from routeway_magic.sources.local.next_token import next_token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROMPT = "The capital of France is"
DRAWS = 60


@pytest.fixture(scope="module")
def _shared() -> Iterator[list[Shell]]:
    """One model for all of these tests, which only ask it."""
    shells: list[Shell] = []
    yield shells
    for shell in shells:
        shell.close()


@pytest.fixture
def shell(weights: Path, _shared: list[Shell]) -> Shell:
    """A shell in which the local model answers."""
    if not _shared:
        _shared.append(Shell())
        assert _shared[0].run("%claude local").ok
    return _shared[0]


def test_all_tokens_have_a_likelihood(shell: Shell) -> None:
    """They are the whole vocabulary, the likeliest first, and add up to 1."""
    client, _ = session().sources.client()
    distribution = next_token(client, PROMPT)
    assert distribution.tokens[0].text == " Paris"
    before = distribution.before()
    assert math.fsum(before) == pytest.approx(1, abs=1e-3)
    assert sorted(before, reverse=True) == before


def test_it_is_what_the_model_draws(shell: Shell) -> None:
    """Of many draws, the likeliest come about as often as was computed."""
    client, _ = session().sources.client()
    distribution = next_token(client, PROMPT)
    settings = {"temperature": 1.5, "top_k": 3}
    after = distribution.after(temperature=1.5, top_k=3)
    body = {"prompt": PROMPT, "n_predict": 1, **settings}
    answers = [client.post("/completion", body) or b"" for _ in range(DRAWS)]
    drawn = Counter(json.loads(answer)["content"] for answer in answers)
    share = max(drawn.values()) / DRAWS
    assert len(drawn) <= 3
    deviation = math.sqrt(after[0] * (1 - after[0]) / DRAWS)
    assert abs(share - after[0]) < 4 * deviation


def test_the_command_shows_bars(shell: Shell) -> None:
    """Before and after, as many as asked for, in words and numbers."""
    ran = shell.run(f'%claude tokens "{PROMPT}" --top 3 --temperature 0.5 --top-p 0.9')
    assert ran.ok, ran.error
    text = ran.outputs[0]["text/plain"]
    assert "␣Paris" in text
    assert "top_p 0.9, temperature 0.5" in text
    assert len(text.splitlines()) == 6
    assert "<table>" in ran.outputs[0]["text/html"]


def test_sliders_reshape_it(shell: Shell) -> None:
    """`--live` gives a widget, and its bars for where there are no widgets."""
    ran = shell.run(f"%claude tokens {PROMPT} --live -t 0.5")
    bundle = ran.outputs[0]
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "temperature 0.5" in bundle["text/plain"]


@pytest.mark.parametrize("line", ["tokens", "tokens Hi --top many", "tokens Hi -t -1"])
def test_what_it_does_not_take(shell: Shell, line: str) -> None:
    """Both readings are shown."""
    assert f"%claude -- {line}" in str(shell.run(f"%claude {line}").error)
