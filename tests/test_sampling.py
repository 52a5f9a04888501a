"""What temperature, top_k and top_p do to the likelihoods of the next token."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from routeway_magic.likelihoods import Bars
from routeway_magic.sampling import Distribution, Token, reshaped

THREE = [math.log(0.6), math.log(0.3), math.log(0.1)]


@st.composite
def _logprobs(draw: st.DrawFn) -> list[float]:
    weights = draw(st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=30))
    return sorted((math.log(each / sum(weights)) for each in weights), reverse=True)


def test_nothing_set_changes_nothing() -> None:
    """Temperature 1, no top_k, top_p 1: the model's own likelihoods."""
    assert reshaped(THREE) == pytest.approx([0.6, 0.3, 0.1])


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"temperature": 0}, [1, 0, 0]),
        ({"temperature": 0.5}, [0.36 / 0.46, 0.09 / 0.46, 0.01 / 0.46]),
        ({"top_k": 2}, [0.6 / 0.9, 0.3 / 0.9, 0]),
        ({"top_k": 1, "temperature": 2}, [1, 0, 0]),
        ({"top_p": 0.6}, [1, 0, 0]),
        ({"top_p": 0.61}, [0.6 / 0.9, 0.3 / 0.9, 0]),
        ({"top_p": 0}, [1, 0, 0]),
        ({"top_k": 2, "top_p": 0.7}, [0.6 / 0.9, 0.3 / 0.9, 0]),
        ({"top_k": 99, "top_p": 2}, [0.6, 0.3, 0.1]),
    ],
)
def test_by_hand(settings: dict[str, float], expected: list[float]) -> None:
    """Figures that one can check on paper; the cuts come before the temperature."""
    assert reshaped(THREE, **settings) == pytest.approx(expected)


@given(_logprobs(), st.floats(0, 5), st.integers(0, 40), st.floats(0, 1))
def test_it_stays_a_distribution(
    logprobs: list[float], temperature: float, top_k: int, top_p: float
) -> None:
    """It adds up to 1, keeps the order, and never loses the likeliest."""
    drawn = reshaped(logprobs, temperature=temperature, top_k=top_k, top_p=top_p)
    assert len(drawn) == len(logprobs)
    assert sum(drawn) == pytest.approx(1)
    assert sorted(drawn, reverse=True) == drawn
    assert drawn[0] > 0
    assert top_k == 0 or sum(each > 0 for each in drawn) <= top_k


@given(_logprobs(), st.floats(0.05, 3), st.floats(0.05, 3))
def test_colder_is_surer(logprobs: list[float], one: float, other: float) -> None:
    """With a lower temperature the likeliest token gains."""
    assume(one < other)
    colder, warmer = (reshaped(logprobs, temperature=each) for each in (one, other))
    assert colder[0] >= warmer[0] - 1e-12


def test_bars() -> None:
    """Both forms show the likeliest and what is left, and text is only text."""
    texts = (" <b>Paris</b>", "\n", "\x1b[31m")
    tokens = [Token(text, each) for text, each in zip(texts, THREE, strict=True)]
    distribution = Distribution("The capital is", tokens)
    html = Bars(distribution, top=2, temperature=0).html
    assert "␣&lt;b&gt;Paris&lt;/b&gt;" in html
    assert "<b>" not in html
    assert "60.0%" in html
    assert "temperature 0" in html
    assert "1␣others" in html
    text = Bars(distribution, top=3, temperature=0).text
    assert "\x1b" not in text
    assert "████████████ " in text
    assert "↵" in text
    heading = Bars(distribution, top_k=5, top_p=0.9).text.splitlines()[1]
    assert heading.split("  ")[-1] == "top_k 5, top_p 0.9, temperature 1"


def test_sliders_reshape_it() -> None:
    """Moving one changes the bars, and what is shown where there are no widgets."""
    from routeway_magic.reshaping import Reshaping

    tokens = [Token(text, each) for text, each in zip("abc", THREE, strict=True)]
    sliders = Reshaping(Distribution("x", tokens), top=3, temperature=3)
    assert sliders.values == {"temperature": 3, "top_k": 0, "top_p": 1}
    top_k = sliders.children[1]
    top_k.value = 1
    assert "100.0%" in sliders.children[-1].value
    bundle = sliders._repr_mimebundle_()
    assert "100.0%" in bundle["text/html"]
    assert "top_k 1, temperature 3" in bundle["text/plain"]
    sliders.close()
