"""plotly and Altair charts: a picture where it can be drawn, else the specification."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sent_media import accepted, seen

from routeway_magic.content import rendering
from routeway_magic.content.chart_specs import spec_text
from routeway_magic.content.described import Limits
from routeway_magic.content.dispatch import describe
from routeway_magic.content.rendering import can_import, rendered

EXTRA = "needs the extra [test-all]"
CHROME = any(map(shutil.which, ("chromium", "google-chrome", "chrome")))

anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.fixture
def plotly() -> Any:
    """Plotly's graph objects."""
    return pytest.importorskip("plotly.graph_objects", reason=EXTRA)


@pytest.fixture
def altair() -> Any:
    """Altair."""
    return pytest.importorskip("altair", reason=EXTRA)


@pytest.fixture
def cannot_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither kaleido nor vl-convert is there."""
    monkeypatch.setattr(rendering, "find_spec", lambda name: None)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take its time to draw."""
    for module in ("plotly_charts", "altair_charts"):
        drawing = pytest.importorskip(f"routeway_magic.content.{module}", reason=EXTRA)
        monkeypatch.setattr(drawing, "_SECONDS", 200.0)


@settings(deadline=None)
@given(anything, st.integers(0, 500))
def test_spec_is_short(spec: Any, characters: int) -> None:
    """A specification never exceeds its characters, but by the mark of what is missing."""
    text, left_out = spec_text(spec, characters)
    assert len(text) <= max(characters, 50)
    if not left_out:
        assert json.dumps(json.loads(text)) == json.dumps(spec)


def test_spec_loses_data_first() -> None:
    """Long lists go before names do, and say how long they are."""
    spec = {
        "title": "T" * 100,
        "x": list(range(5000)),
        "when": np.arange("2020", "2023", dtype="M8[Y]"),
    }
    text, left_out = spec_text(spec, 260)
    told = json.loads(text)
    assert told["title"] == spec["title"]
    assert told["x"][0] == 0
    assert told["x"][-1] == "… 5,000 in all"
    assert told["when"] == ["2020", "2021", "2022"]
    assert left_out.startswith("all but the first")


def test_rendered() -> None:
    """A drawing process reads the specification and gives what it writes."""
    code = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])"
    assert rendered(code, b"abc", seconds=60) == b"cba"
    assert rendered("print(1); raise SystemExit(3)", b"", seconds=60) == b""


def test_drawing_ends_in_time(tmp_path: Path) -> None:
    """A process that takes too long is ended, and what it has started with it."""
    told = tmp_path / "pid"
    code = (
        "import pathlib, subprocess, sys, time\n"
        "sleeper = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'])\n"
        f"pathlib.Path({str(told)!r}).write_text(str(sleeper.pid))\n"
        "time.sleep(99)\n"
    )
    for seconds in (2, 20, 60):  # the last for a machine that is very busy
        assert rendered(code, b"", seconds=seconds) == b""
        if told.exists():
            break
    assert _has_ended(int(told.read_text()))


def _has_ended(pid: int) -> bool:
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if ") Z " in Path(f"/proc/{pid}/stat").read_text():  # nobody reaps it here
            return True
        time.sleep(0.05)
    return False


def test_nothing_is_imported() -> None:
    """Whether a package is there is seen without importing it."""
    assert can_import("this")
    assert not can_import("no_such_package")
    assert "this" not in sys.modules


@pytest.mark.usefixtures("cannot_draw")
def test_plotly_spec(plotly: Any) -> None:
    """Where nothing can draw it, a figure is its JSON without the template."""
    figure = plotly.Figure(plotly.Bar(x=["a", "b"], y=[1, 2], name="n"))
    figure.update_layout(title="Sales", template="plotly_dark")
    before = figure.to_json()
    described = accepted(describe(figure))
    assert described.label() == "[plotly Figure as JSON, 1 trace, 2 points]"
    told = json.loads(described.text)
    assert told["layout"] == {"title": {"text": "Sales"}}
    assert told["data"] == [{"name": "n", "type": "bar", "x": ["a", "b"], "y": [1, 2]}]
    assert figure.to_json() == before


def test_plotly_large(plotly: Any) -> None:
    """Millions of points are neither drawn nor copied."""
    zeros = np.zeros(3_000_000)
    figure = plotly.Figure(plotly.Scattergl(x=zeros, y=zeros, name="flat"))
    describe(figure)
    tracemalloc.start()
    described = describe(figure, Limits(tokens=60))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000
    assert "1 trace, 3,000,000 points" in described.label()
    assert '"name":"flat"' in described.text
    assert "… 3,000,000 in all" in described.text


@pytest.mark.skipif(not CHROME, reason="kaleido draws with a browser")
@pytest.mark.usefixtures("patient")
def test_plotly_picture(plotly: Any) -> None:
    """Where kaleido has a browser, a figure is a picture of the size that is useful."""
    pytest.importorskip("kaleido", reason=EXTRA)
    figure = plotly.Figure(plotly.Scatter(x=[1, 2], y=[2, 1]))
    described = describe(figure, Limits(tokens=600))
    assert described.kind == "plotly Figure, 1 trace, 2 points"
    assert seen(described).size == (769, 549)


@pytest.mark.usefixtures("patient")
def test_altair_picture(altair: Any) -> None:
    """Where vl-convert is there, a chart is a picture; the user's settings are kept."""
    pytest.importorskip("vl_convert", reason=EXTRA)
    rows = pd.DataFrame({"a": [1, 2, 3], "b": [4, 5, 6]})
    chart = altair.Chart(rows).mark_point().encode(x="a", y="b")
    altair.data_transformers.enable("json")  # would write a file
    try:
        described = describe(chart)
        assert altair.data_transformers.active == "json"
    finally:
        altair.data_transformers.enable("default")
    assert described.kind == "altair Chart, 3 rows"
    assert seen(described).width > 500


def test_altair_address(altair: Any) -> None:
    """A chart whose data are at an address is its specification; nothing is loaded."""
    point = altair.Chart("http://127.0.0.1:9/a.json").mark_point().encode(x="a:Q")
    values = altair.Chart(altair.Data(values=[{"b": 1}])).mark_bar().encode(x="b:Q")
    found = values.transform_lookup(
        "b", from_=altair.LookupData("http://127.0.0.1:9/a.json", "b", ["c"])
    )
    for chart in (point, point | point, point.facet("b:N"), values & point, found):
        described = accepted(describe(chart))
        assert "as JSON" in described.kind
        assert "http://127.0.0.1:9/a.json" in described.text


@pytest.mark.parametrize("tokens", [4000, 60])
def test_altair_large(altair: Any, tokens: int) -> None:
    """A chart of many rows is its specification with the first rows, types inferred."""
    rows = pd.DataFrame({"a": np.zeros(1_000_000), "b": "x"})
    point = altair.Chart(rows).mark_point().encode(x="a", color="b")
    described = accepted(describe(point, Limits(tokens=tokens)))
    assert described.size == "1,000,000 rows"
    assert described.left_out.startswith("all ")
    told = json.loads(described.text) if tokens > 60 else {}
    if told:
        assert told["encoding"]["x"] == {"field": "a", "type": "quantitative"}
    assert "… 1,000,000 rows in all" in described.text
    assert len(rows) == len(point.data)


@pytest.mark.usefixtures("cannot_draw")
def test_altair_parts(altair: Any) -> None:
    """Charts of charts are shortened as simple ones are."""
    values = [{"a": number} for number in range(300)]
    inline = altair.Chart(altair.Data(values=values)).mark_bar().encode(x="a:Q")
    rows = altair.Chart(pd.DataFrame(values)).mark_line().encode(x="a")
    for chart in (inline + inline, rows | inline, inline & rows, rows.facet("a:N")):
        described = accepted(describe(chart, Limits(tokens=200)))
        assert len(described.text) <= 800
        assert described.left_out
