"""Tables, arrays and estimators, small and huge, to be measured."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

__all__ = ["cases"]

_ROWS = 10_000_000


def cases() -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """What is measured: name -> what makes a small value, and a huge one."""
    return {
        "pandas DataFrame, 10M × 20": _sizes(_pandas),
        "pandas DataFrame, 10,000 columns": (partial(_pandas, 5), _wide),
        "pandas Series of text": _sizes(_texts),
        "pandas GroupBy": _sizes(_grouped),
        "polars DataFrame, 10M × 20": _sizes(_polars),
        "polars LazyFrame": _sizes(_lazy),
        "Arrow Table, 10M × 20": _sizes(_arrow),
        "Dask DataFrame": _sizes(_dask),
        "DuckDB relation": _sizes(_relation),
        "NumPy array, 1 GB": (partial(_array, 12), partial(_array, 125_000_000)),
        "NumPy array, 2 GB, axes swapped": (_swapped, partial(_swapped, 50_000)),
        "xarray DataArray, 1 GB": (partial(_named, 12), partial(_named, 12_500_000)),
        "scikit-learn forest": (partial(_forest, 3), partial(_forest, 300)),
    }


def _sizes(make: Callable[[int], Any]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    return partial(make, 5), partial(make, _ROWS)


def _columns(rows: int) -> dict[str, Any]:
    """Twenty columns: numbers, codes, moments, categories and text."""
    import numpy as np

    random = np.random.default_rng(0)
    codes = random.integers(0, 4, rows)
    texts = np.array(["Berlin", "Paris", "Rome", "a longer text"], object)[codes]
    moments = np.arange(rows).astype("datetime64[s]").astype("datetime64[ns]")
    columns = {f"number{at}": random.normal(size=rows) for at in range(10)}
    columns |= {f"code{at}": codes for at in range(4)}
    columns |= {"when": moments, "then": moments}
    return columns | {f"text{at}": texts for at in range(4)}


def _pandas(rows: int) -> Any:
    import pandas as pd

    return pd.DataFrame(_columns(rows), copy=False)


def _wide() -> Any:
    import numpy as np
    import pandas as pd

    names = [f"column{at}" for at in range(10_000)]
    return pd.DataFrame(np.random.default_rng(0).random((5000, 10_000)), columns=names)


def _texts(rows: int) -> Any:
    import pandas as pd

    return pd.Series([f"text {at % 1000}" for at in range(rows)])


def _grouped(rows: int) -> Any:
    return _pandas(rows).groupby(["text0", "code0"])


def _polars(rows: int) -> Any:
    import polars as pl

    return pl.DataFrame(_columns(rows))


def _lazy(rows: int) -> Any:
    import polars as pl

    return _polars(rows).lazy().group_by("text0").agg(pl.col("number0").mean())


def _arrow(rows: int) -> Any:
    return _polars(rows).to_arrow()


def _dask(rows: int) -> Any:
    import dask.dataframe as dd

    return dd.from_pandas(_pandas(rows), npartitions=4)


def _relation(rows: int) -> Any:
    import duckdb

    return duckdb.sql(f"select range as n, range % 7 as day from range({rows})")


def _array(length: int) -> Any:
    import numpy as np

    return np.arange(length, dtype=np.float64)


def _swapped(side: int = 5) -> Any:
    import numpy as np

    return np.arange(side * 5000, dtype=np.float64).reshape(side, 5000).T


def _named(rows: int) -> Any:
    import xarray as xr

    return xr.DataArray(_array(rows * 10).reshape(rows, 10), dims=("time", "x"))


def _forest(trees: int) -> Any:
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier

    points = np.arange(300.0).reshape(100, 3)
    return RandomForestClassifier(trees).fit(points, np.arange(100) % 2)
