"""What is measured of answers, and drawn."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64decode
from collections import Counter
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from compared import made, several
from hypothesis import given
from hypothesis import strategies as st

from routeway_magic.comparison.chart import chart
from routeway_magic.comparison.measures import Series, diversity, series_of
from routeway_magic.comparison.plots import plots

WORDS = st.lists(st.sampled_from("abc"), min_size=1, max_size=6).map(" ".join)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], None),
        (["a"], None),
        (["a b", "a b"], 0.0),
        (["a b", "c d"], 1.0),
        (["a b", "a c"], 0.5),
        (["", ""], 0.0),
    ],
)
def test_diversity(texts, expected):
    """0 for the same words, 1 for none in common."""
    assert diversity(texts) == expected


@given(st.lists(WORDS, min_size=2, max_size=6))
def test_diversity_is_that_of_all_pairs(texts):
    """It is counted by words, and equals the count over every two texts."""
    bags = [Counter(text.split()) for text in texts]
    pairs = list(combinations(bags, 2))
    shared = sum((one & other).total() for one, other in pairs)
    total = sum(one.total() + other.total() for one, other in pairs)
    assert diversity(texts) == pytest.approx(1 - 2 * shared / total)


def by_name(results) -> dict[str, Series]:
    """The series by what they measure."""
    return {series.measure: series for series in series_of(results)}


def test_each_measure_over_each_axis():
    """Tokens and seconds for every value; what never differs is not drawn."""
    found = by_name(
        [
            made(index, f"t{index}", output=10 + index, seconds=1 + index)
            for index in range(3)
        ]
    )
    assert set(found) == {"output tokens", "seconds"}
    assert found["output tokens"].values == [0.0, 0.5, 1.0]
    assert found["output tokens"].points == [[10], [11], [12]]
    assert "0.5: 11" in found["output tokens"].told


def test_diversity_of_repeats_is_within_each_combination():
    """Answers to other values do not count as repeats."""
    texts = {0: ("a b", "a b"), 1: ("a b", "c d")}
    results = [
        made(2 * value + repeat, text, repeat=repeat, values={"temperature": value})
        for value, pair in texts.items()
        for repeat, text in enumerate(pair)
    ]
    assert by_name(results)["diversity of repeats (0–1)"].points == [[0.0], [1.0]]


def test_what_failed_is_not_measured():
    """A value without a complete answer stays on the axis, without a point."""
    results = [*several(2), made(2, "cut", status="interrupted", output=99)]
    series = by_name(results)["output tokens"]
    assert series.values == [0.0, 0.5, 1.0]
    assert series.points[-1] == []
    ET.fromstring(chart(series))


@pytest.mark.parametrize(
    ("values", "is_numeric"),
    [([0, 0.5], True), (["unset", 1], False), ([True, False], False)],
)
def test_only_numbers_have_distances(values, is_numeric):
    """All else is set beside one another."""
    assert Series("m", "a", values, [[1.0], [2.0]]).is_numeric is is_numeric


@given(
    st.lists(
        st.lists(st.floats(0, 1e9), min_size=1, max_size=3), min_size=2, max_size=30
    )
)
def test_every_point_lies_within_the_chart(points):
    """Whatever the size of the numbers, and however many values there are."""
    series = Series("m", "k", list(range(len(points))), points)
    tree = ET.fromstring(chart(series))
    dots = [one for one in tree if one.tag.endswith("circle")]
    assert len(dots) == sum(map(len, points))
    assert all(0 <= float(dot.get("cx", -1)) <= 300 for dot in dots)
    assert all(20 <= float(dot.get("cy", -1)) <= 155 for dot in dots)


def test_values_that_would_touch_are_left_out():
    """Fifty values are no grey smear below the chart, and long names are cut."""
    many = Series("m", "k", list(range(50)), [[float(one)] for one in range(50)])
    written = [one for one in ET.fromstring(chart(many)) if one.text]
    assert len(written) < 30


def test_long_names_are_slanted_below_a_chart():
    """With both ends, as many as can be read, and room for them; short ones are level."""
    names = ["claude-opus-4-5-20251101", "claude-haiku-4-5-20251001", "gpt"]
    drawn = chart(Series("m", "model", names, [[1.0], [2.0], [3.0]]))
    assert drawn.count("rotate(") == 3
    assert "claude-o…-20251101" in drawn
    level = chart(Series("m", "model", ["a", "b"], [[1.0], [2.0]]))
    assert "rotate(" not in level
    assert float(ET.fromstring(drawn).get("height")) > float(
        ET.fromstring(level).get("height")
    )
    many = chart(Series("m", "n", [f"name {one}" for one in range(90)], [[1.0]] * 90))
    assert many.count("rotate(") <= 17


def test_names_in_a_chart_are_escaped():
    """A chart is a document of its own, but still one that we wrote."""
    drawn = chart(Series("m", "<a>", ["<b>", "&"], [[1.0], [2.0]]))
    ET.fromstring(drawn)
    assert "<b>" not in drawn


def test_matplotlib_draws_if_it_is_imported():
    """One image in the user's style; none of the user's figures is touched."""
    import matplotlib as mpl

    with mpl.rc_context({"figure.facecolor": "black"}):
        html = plots(series_of(several(3)))
    data = b64decode(html.partition("base64,")[2].partition('"')[0])
    assert data.startswith(b"\x89PNG")
    assert 'alt="output tokens by temperature, on average: 0.0: 10' in html


def test_without_matplotlib_it_is_not_imported():
    """A comparison in a fresh process draws its own charts."""
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from compared import several\n"
        "from routeway_magic.comparison import bundle\n"
        "print(bundle(several(3))['text/html'].count('data:image/svg+xml;base64,'))\n"
        "print('matplotlib' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["1", "False"]


@pytest.mark.parametrize(
    "style",
    [{}, {"text.usetex": True, "text.latex.preamble": "\\nonsense"}],
    ids=["plain", "no TeX"],
)
def test_no_value_and_no_style_stops_matplotlib(style, recwarn):
    """Dollars are no formula, letters without a font no warning; else ours is drawn."""
    import matplotlib as mpl

    values = ["$x$", "a$b", "\\frac{", "東京", "x" * 90]
    results = [
        made(index, "a", output=index, values={"k": value})
        for index, value in enumerate(values)
    ]
    with mpl.rc_context(style):
        html = plots(series_of(results))
    assert ("image/png" in html) != bool(style)
    assert ("image/svg+xml" in html) == bool(style)
    assert list(recwarn) == []
