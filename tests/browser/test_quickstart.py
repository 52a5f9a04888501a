"""What a user of JupyterLab and Notebook 7 sees, in a real browser."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from front_ends import FrontEnd, Notebook

QUICKSTART = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"
LOAD = "%load_ext routeway_magic"

MARKDOWN = r"""# Rotation

A turn by $\theta$ costs $5 and $10, and \(e^{i\pi} = -1\).

```python
def turn(angle: float) -> float:
    return angle % 360  # degrees
```

| a < b | Vec<T> |
|---|---|
| 1 | 2 |
"""

# Each would run script, load something, or run kernel code as live Markdown.
HOSTILE = """<script>window.poisoned = 1</script>
<img src=x onerror="window.poisoned = 2">
<iframe srcdoc="<script>parent.poisoned = 3</script>"></iframe>

![tracked](http://tracker.invalid/pixel.png) and [a][r]

<style>body { background: url(http://tracker.invalid/style.png) }</style>

[click](javascript:window.poisoned=4)

<button data-commandlinker-command="notebook:run-all-cells">Copy code</button>

$\\href{javascript:window.poisoned=5}{x} \\def\\sin{POISON}$ then $\\sin x$

```mermaid
graph TD; A["<img src=http://tracker.invalid/mermaid.png>"]
```

[r]: http://tracker.invalid/reference.png
"""


def _outside(notebook: Notebook, front_end: FrontEnd) -> list[str]:
    """The addresses asked for beyond the front end's own server."""
    own = (front_end.url, "data:", "blob:")
    return [url for url in notebook.requests if not url.startswith(own)]


def test_quickstart_runs(front_end: FrontEnd) -> None:
    """Run All answers every cell, with one saved entry each, and asks nobody else."""
    notebook = front_end.open(QUICKSTART)
    notebook.run_all()
    notebook.save()
    answers = [
        cell.outputs
        for cell in notebook.saved().cells
        if cell.source.startswith("%%claude")
    ]
    assert answers
    for outputs in answers:
        assert [output.output_type for output in outputs] == ["display_data"]
        assert outputs[0].data["text/plain"].strip()
        assert '<div class="rw' in outputs[0].data["text/html"]
        assert "<div" not in outputs[0].data["text/plain"]
        assert "text/markdown" not in outputs[0].data
    assert notebook.errors == []
    assert _outside(notebook, front_end) == []


def _is_typeset(notebook: Notebook, index: int) -> None:
    """The page shows MARKDOWN as it is meant to be read."""
    shown = notebook.output(index)
    expect(shown.locator("mjx-container")).to_have_count(2)
    expect(shown.locator("h1")).to_have_text("Rotation")
    text = notebook.text(index)
    assert "costs $5 and $10" in text
    assert "Vec<T>" in text
    keyword = shown.locator(".highlight .k", has_text="def")
    plain = shown.locator(".highlight pre")
    colour = "element => getComputedStyle(element).color"
    assert keyword.first.evaluate(colour) != plain.first.evaluate(colour)
    assert shown.locator(".rw-footer").count() == 1


def test_answer_is_typeset_and_reopens(front_end: FrontEnd) -> None:
    """Math is typeset and code coloured, live and in the reopened notebook."""
    notebook = front_end.open([LOAD, f"%%claude\nemulate: echo\n{MARKDOWN}"])
    notebook.run_all()
    _is_typeset(notebook, 1)
    notebook.save()
    [saved] = notebook.saved().cells[1].outputs
    assert saved.data["text/plain"].strip() == MARKDOWN.strip()
    again = front_end.reopen(notebook)
    _is_typeset(again, 1)
    assert notebook.errors == again.errors == []
    assert _outside(notebook, front_end) == _outside(again, front_end) == []


def test_hostile_answer_is_only_text(front_end: FrontEnd) -> None:
    """Nothing that a model writes runs, loads, or becomes a command or a link."""
    notebook = front_end.open([LOAD, f"%%claude\nemulate: echo\n{HOSTILE}"])
    notebook.run_all()
    shown = notebook.output(1)
    expect(shown.locator("mjx-container").first).to_be_visible()
    forbidden = "script, img, iframe, button, [onerror], a[href^='javascript:']"
    assert shown.locator(forbidden).count() == 0
    assert shown.locator("[data-commandlinker-command]").count() == 0
    assert "POISON" not in shown.locator("mjx-container").all_inner_texts()
    assert notebook.page.evaluate("window.poisoned === undefined")
    assert notebook.errors == []
    assert _outside(notebook, front_end) == []


def test_interrupt_keeps_what_came(front_end: FrontEnd) -> None:
    """The stop button ends a stream within 2 s: kept, marked, and a failure."""
    notebook = front_end.open(
        [LOAD, "%%claude\nemulate: long 40, slow 20", "print('never')"]
    )
    notebook.run_all(wait=False)
    expect(notebook.output(1).first).to_contain_text(
        re.compile(r"\w{2}.{150}", re.DOTALL)
    )
    pressed = time.monotonic()
    notebook.interrupt()
    notebook.wait(timeout=10)
    assert time.monotonic() - pressed < 2
    answer = notebook.outputs(1)[0]
    assert len(answer["data"]["text/plain"]) > 100
    expect(notebook.output(1).first.locator(".rw-footer")).to_contain_text(
        re.compile("interrupted", re.IGNORECASE)
    )
    assert notebook.execution_count(2) is None
    assert "Traceback" not in notebook.text(1)


def test_error_is_short(front_end: FrontEnd) -> None:
    """A refused request takes two or three lines, no traceback, and fails the cell."""
    notebook = front_end.open(
        [LOAD, "%%claude\nemulate: error 429 retry-after 120", "print('never')"]
    )
    notebook.run_all()
    text = notebook.text(1).strip()
    assert 2 <= len(text.splitlines()) <= 3
    assert "Traceback" not in text
    assert notebook.execution_count(2) is None
