"""xarray: named axes and coordinates; what is lazy stays so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from routeway_magic.content import Described, Limits, describe

xr = pytest.importorskip("xarray", reason="needs the extra [test-all]")


def told(value: object, tokens: int = 4000) -> Described:
    """What is told of a value, which fits the limit."""
    described = describe(value, Limits(tokens=tokens))
    assert len(described.text) <= Limits(tokens=tokens).characters
    return described


def _array():
    return xr.DataArray(
        np.array([[1.0, 2.0], [3.0, 4.0]]),
        dims=("time", "x"),
        coords={"time": pd.date_range("2024", periods=2)},
        name="heat",
        attrs={"units": "K"},
    )


def test_an_array():
    """An array tells its axes, coordinates and attributes, then its values."""
    described = told(_array())
    assert described.label() == "[xarray DataArray, time 2 × x 2, float64]"
    lines = described.text.splitlines()
    assert lines[0] == "name heat"
    assert lines[1].startswith("coordinate time (time 2) datetime64")
    assert lines[1].endswith(": 2024-01-01 … 2024-01-02")
    assert lines[2:] == [
        "attribute units: 'K'",
        "1 … 4, mean 2.5 ± 1.12",
        "[[1, 2],",
        "[3, 4]]",
    ]


def test_a_dataset():
    """A dataset tells each variable with its axes and ends."""
    text = told(xr.Dataset({"heat": _array()})).text
    assert "variable heat (time 2 × x 2) float64: 1 … 4" in text


def test_lazy_values_are_not_loaded():
    """Values of Dask within are not computed."""
    dask = pytest.importorskip("dask", reason="needs the extra [test-all]")

    def fail(*_: object) -> None:
        raise AssertionError("the lazy array was computed")

    with dask.config.set(scheduler=fail):
        lazy = _array().chunk({"x": 1})
        assert told(lazy).left_out == "values (not loaded)"
        assert "float64, not loaded" in told(xr.Dataset({"heat": lazy})).text


def test_little_space():
    """In fifty tokens the values still come."""
    assert "[[1, 2]" in told(_array(), 50).text
