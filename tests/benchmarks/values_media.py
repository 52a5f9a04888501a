"""Pictures, charts and files, small and huge, to be measured."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

__all__ = ["cases"]

_TEN_GB = 10_000_000_000


def cases() -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """What is measured: name -> what makes a small value, and a huge one."""
    return {
        "matplotlib Figure": (partial(_figure, 10), partial(_figure, 1_000_000)),
        "PIL image, 180 megapixels": (partial(_photo, 60), partial(_photo, 11_600)),
        "PIL image, 16 bits": (partial(_grey, 60), partial(_grey, 13_400)),
        "plotly Figure, 10M points": (partial(_plotly, 10), partial(_plotly, 10**7)),
        "Altair chart, 10M rows": (partial(_altair, 10), partial(_altair, 10**7)),
        "Path of text, 10 GB": (partial(_text, 100), partial(_text, _TEN_GB)),
        "Path of a JPEG, 100 megapixels": (partial(_jpeg, 60), partial(_jpeg, 8_700)),
        "Path of a PDF, 1,000 pages": (partial(_pdf, 2), partial(_pdf, 1000)),
        "open file, 10 GB": (lambda: _text(100).open(), lambda: _text(_TEN_GB).open()),
    }


def _figure(points: int) -> Any:
    import matplotlib.pyplot as plt
    import numpy as np

    plt.switch_backend("agg")
    figure, axes = plt.subplots()
    axes.plot(np.random.default_rng(0).normal(size=points).cumsum())
    axes.set(title="A walk", xlabel="step", ylabel="where")
    return figure


def _photo(side: int) -> Any:
    from PIL import Image

    bands = [Image.effect_noise((100, 75), 60) for _ in range(3)]
    return Image.merge("RGB", bands).resize((side * 4 // 3, side))


def _grey(side: int) -> Any:
    import numpy as np
    from PIL import Image

    return Image.fromarray(np.add.outer(*[np.arange(side, dtype=np.uint16)] * 2))


def _plotly(points: int) -> Any:
    import numpy as np
    import plotly.graph_objects as go

    return go.Figure(go.Scattergl(x=np.arange(points), y=np.zeros(points)))


def _altair(rows: int) -> Any:
    import altair as alt
    import numpy as np
    import pandas as pd

    table = pd.DataFrame({"a": np.arange(rows), "b": np.zeros(rows)})
    return alt.Chart(table).mark_point().encode(x="a", y="b")


def _file(name: str) -> Path:
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder) / name


def _text(length: int) -> Path:
    path = _file("log.txt")
    lines = "".join(f"{number}: all is well\n" for number in range(10_000)).encode()
    with path.open("wb") as file:
        file.write(lines[:length])
        if length > len(lines):  # holes between the ends: it takes no room on the disk
            file.seek(length - len(lines))
            file.write(lines)
    return path


def _jpeg(side: int) -> Path:
    path = _file("photo.jpg")
    _photo(side).save(path)
    return path


def _pdf(pages: int) -> Path:
    from pypdf import PdfWriter

    writer, path = PdfWriter(), _file("report.pdf")
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    writer.write(path)
    return path
