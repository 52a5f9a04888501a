"""The panel's twin: an output below it, brought up to date, that needs no widget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from environment import clean_environment
from kernels import Kernel
from shells import Shell
from widgets_of_kernel import Widgets

from routeway_magic.panel.panel import Panel
from routeway_magic.panel.reading import Reading
from routeway_magic.panel.twin import Twin
from routeway_magic.run.session import session

MOST = 100_000
LONG = "word " * 400


@pytest.fixture(scope="module")
def widgets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Widgets]:
    """The widgets of a kernel in which a panel is shown and seen."""
    home = tmp_path_factory.mktemp("kernel")
    with Kernel(clean_environment(home), directory=home) as kernel:
        found = Widgets(kernel)
        found.run("from routeway_magic import Panel\npanel = Panel()\npanel")
        found.say(found.panel, type="hello")
        found.answer("state")
        yield found


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A shell with the extension."""
    with Shell.opened() as opened:
        yield opened


def ask(widgets: Widgets, key: str, prompt: str) -> None:
    """Asks in the panel and waits for the end."""
    widgets.say(widgets.panel, type="send", id=key, prompt=prompt)
    widgets.answer("end", id=key)


def says(widgets: Widgets, text: str) -> bool:
    """Whether the twin has this now, in both forms."""
    data = widgets.twins[-1]["data"]
    return text in data["text/html"] and text in data["text/plain"]


def test_it_follows_the_panel(widgets: Widgets) -> None:
    """Empty at first, then what is set and said; what is only typed is not in it."""
    assert widgets.twins[0]["data"]["text/plain"] == ""
    widgets.set(widgets.panel, temperature=0.375)
    widgets.say(widgets.panel, type="preview", id="p", prompt="only typed")
    ask(widgets, "q", "emulate: echo\nthat was said")
    widgets.until(lambda: says(widgets, "that was said") and says(widgets, "0.375"))
    assert not says(widgets, "only typed")
    assert len({str(one["transient"]) for one in widgets.twins}) == 1
    assert widgets.stop in widgets.twins[-1]["data"]["text/html"]


def test_questions_are_as_typed(widgets: Widgets) -> None:
    """The value of a variable goes to the model, and not into the notebook."""
    widgets.run("remark = 'con' + 'fidential'")
    ask(widgets, "t", "emulate: long 1\nabout {remark}")
    widgets.until(lambda: says(widgets, "about {remark}"))
    assert "confidential" not in plain(widgets)
    widgets.run("from routeway_magic import session")
    widgets.run("panel.hints = {'asked': session().turns[-1].question}")
    assert "confidential" in widgets.states[widgets.panel]["hints"]["asked"]


def test_it_says_how_the_last_of_many_ended(widgets: Widgets) -> None:
    """Of forty turns the last ones; fewer updates than turns, each of bounded size."""
    begun = len(widgets.twins)
    for number in range(40):
        ask(widgets, f"m{number}", f"emulate: echo\n<{number}> {LONG}")
    widgets.until(lambda: "<39>" in plain(widgets))
    updates = widgets.twins[begun:]
    assert 0 < len(updates) < 40
    assert all(len(one["data"]["text/html"]) < 1.1 * MOST for one in updates)
    assert says(widgets, "earlier answers are in the conversation")
    assert "<1>" not in plain(widgets)


def plain(widgets: Widgets) -> str:
    """The twin's text now."""
    return str(widgets.twins[-1]["data"]["text/plain"])


def test_another_cell_does_not_capture_it(widgets: Widgets) -> None:
    """What is brought up to date meanwhile goes to its own place."""
    capture = "%%capture got\nimport time\npanel.top_k = 3\ntime.sleep(1.5)"
    widgets.run(capture)
    widgets.until(lambda: "top_k" in plain(widgets))
    widgets.run("panel.hints = {'got': str(len(got.outputs))}")
    assert widgets.states[widgets.panel]["hints"] == {"got": "0"}


def test_an_answer_is_never_cut(shell: Shell) -> None:
    """The last one is whole, however long; all before it are counted."""
    shell.run("%%claude\nemulate: echo\nshort")
    shell.run(f"%%claude\nemulate: echo\n{LONG * 60}")
    made = Reading().bundle({}, session().conversation("main"), typed={})
    assert len(made["text/html"]) > MOST
    assert made["text/plain"].count("word") > len(LONG.split()) * 60
    assert "1 earlier answer is in the conversation." in made["text/html"]
    assert "short" not in made["text/html"]


def test_what_is_said_is_safe(shell: Shell) -> None:
    """Neither settings nor prompts nor answers are HTML of their own."""
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    session().settings.system = hostile
    shell.run(f"%%claude\nemulate: echo\n{hostile}")
    panel = Panel()
    html = panel._repr_mimebundle_()[0]["text/html"]
    panel.close()
    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert "<img" not in html


class Cells:
    """A shell and a publisher, of which the test says what cell runs."""

    def __init__(self) -> None:
        self.display_pub = self
        self.user_ns: dict[str, Any] = {}
        self.published: list[Any] = []
        self.run("panel", "first")

    def run(self, cell: str, execution: str) -> None:
        """A cell begins to run."""
        header = {"msg_id": execution}
        self.parent = {"header": header, "metadata": {"cellId": cell}}

    def get_parent(self) -> dict[str, Any]:
        """What IPython says of the execution."""
        return self.parent

    def publish(self, **display: Any) -> None:
        """Takes an output."""
        self.published.append(display)


def test_a_cell_that_runs_anew_has_it_no_more() -> None:
    """It is brought up to date after other cells, and only if something has changed."""
    cells = Cells()
    made = {"text/html": "a", "text/plain": "a"}
    twin = Twin("x", lambda: made)
    twin.place(cells)
    for cell, execution, text, count in (
        ("panel", "first", "a", 2),
        ("other", "second", "a", 2),
        ("other", "third", "b", 3),
        ("panel", "fourth", "c", 3),
        ("other", "fifth", "d", 3),
    ):
        cells.run(cell, execution)
        made = {"text/html": text, "text/plain": text}
        twin.leave()
        twin.refresh()
        assert len(cells.published) == count
