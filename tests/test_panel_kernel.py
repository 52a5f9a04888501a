"""The panel in a real kernel: Stop and Send while a cell runs, values, what is saved."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import nbformat
import pytest
from environment import clean_environment
from kernels import Kernel
from nbclient import NotebookClient
from nbconvert import HTMLExporter, MarkdownExporter
from widgets_of_kernel import Widgets

KEY = "sk-test-0123456789abcdef"
_SETTINGS = "import os, routeway_magic\nrouteway_magic.session().settings"
_SET_UP = """
from routeway_magic import Panel
text = "the value"
panel = Panel()
panel
"""


@pytest.fixture(scope="module")
def widgets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Widgets]:
    """The widgets of a kernel in which a panel was shown."""
    home = tmp_path_factory.mktemp("kernel")
    with Kernel(clean_environment(home), directory=home) as kernel:
        found = Widgets(kernel)
        found.run(_SET_UP)
        found.say(found.panel, type="hello")
        found.answer("state")
        yield found


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
def test_stop_works_whatever_runs(widgets: Widgets, *, busy: bool) -> None:
    """On a subshell's thread, and the answer ends before the cell does.

    Also right after a cell has set a trait, which ipykernel 7.4 would keep against it.
    """
    cell = widgets.busy("panel.top_k = (panel.top_k or 0) + 1") if busy else ""
    key = f"stop {busy}"
    widgets.say(widgets.panel, type="send", id=key, prompt="emulate: long 9, slow 20")
    widgets.answer("delta", id=key)
    widgets.say(widgets.stop, type="stop", id=key)
    assert widgets.answer("ack", stopped=[key])["thread"].startswith("subshell")
    assert widgets.answer("end", id=key)["status"] == "interrupted"
    if busy:
        widgets.release(cell)


def test_a_control_moves_while_a_cell_runs(widgets: Widgets) -> None:
    """What is set on the page meanwhile is what the next request sends."""
    cell = widgets.busy()
    widgets.set(widgets.panel, temperature=0.125)
    widgets.say(widgets.panel, type="preview", id="p", prompt="x")
    assert "0.125" in widgets.answer("preview", id="p")["html"]
    widgets.release(cell)


_LINGERS = """
import threading, time
session = get_ipython().kernel.session
def lingers(*args, **more):
    sent = type(session).send(session, *args, **more)
    if threading.current_thread() is threading.main_thread():
        time.sleep(0.2)
    return sent
session.send = lingers
"""


def test_an_answer_may_come_at_once(widgets: Widgets) -> None:
    """Also before the cell that has just sent something is done with sending."""
    cell = widgets.busy(_LINGERS)
    widgets.say(widgets.panel, type="preview", id="soon", prompt="x")
    assert widgets.answer("preview", id="soon")
    widgets.release(cell)
    widgets.run("del session.send")


def test_values_wait_for_the_cell(widgets: Widgets) -> None:
    """A prompt that names variables is filled on the main thread, and says so."""
    cell = widgets.busy("text = 'after'")
    widgets.say(widgets.panel, type="send", id="v", prompt="say {text}")
    waiting = widgets.answer("waiting", id="v")
    assert "cell" in waiting["reason"]
    widgets.release(cell)
    assert widgets.answer("end", id="v")["status"] == "complete"
    widgets.run("from routeway_magic import session")
    widgets.run("panel.hints = {'asked': session().turns[-1].question}")
    assert widgets.states[widgets.panel]["hints"] == {"asked": "say after"}


def test_a_prompt_that_waits_can_be_stopped(widgets: Widgets) -> None:
    """Nothing was sent then: the question is told to be stopped."""
    cell = widgets.busy()
    widgets.say(widgets.panel, type="send", id="w", prompt="say {text}")
    widgets.answer("waiting", id="w")
    widgets.say(widgets.stop, type="stop", id=None)
    assert widgets.answer("end", id="w")["status"] == "interrupted"
    widgets.release(cell)


def test_an_answer_is_kept_below(widgets: Widgets) -> None:
    """An ordinary output, which came with the panel, holds question and answer."""
    widgets.say(widgets.panel, type="send", id="k", prompt="keep this")
    turn = widgets.answer("end", id="k")["turn"]
    widgets.say(widgets.panel, type="keep", turn=turn)
    assert widgets.answer("kept")["turn"] == turn
    _panel, placed, kept = widgets.outputs
    assert kept["transient"] == placed["transient"]
    assert placed["data"]["text/html"] == ""
    assert "keep this" in kept["data"]["text/html"]
    assert "> keep this" in kept["data"]["text/plain"]


_FUNCTIONS = """
import threading, time
def where() -> str:
    "Says on which thread it runs."
    print("aside")
    return threading.current_thread().name
def sleeps() -> str:
    "Takes long."
    time.sleep(30)
panel.tools = ["where"]
"""


def test_calls_run_on_the_main_thread_between_cells(widgets: Widgets) -> None:
    """While a cell runs the call waits, and says so; what it prints stands with it."""
    cell = widgets.busy(_FUNCTIONS)
    widgets.say(widgets.panel, type="send", id="t", prompt="emulate: tools")
    assert "cell" in widgets.answer("waiting", id="t")["reason"]
    widgets.release(cell)
    assert widgets.answer("end", id="t")["status"] == "complete"
    shown = "".join(
        one["frozen"] + one["tail"]
        for _, one, _ in widgets.heard
        if one["type"] == "delta" and one["id"] == "t"
    )
    assert "MainThread" in shown
    assert "aside" in shown


_SHOWS = """
from IPython.display import HTML, SVG, display
def shows() -> int:
    "Shows."
    drawing = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    display({"image/png": DOT, "text/plain": "<Figure>"}, raw=True)
    display(SVG(drawing))
    display({"image/png": "?!"}, raw=True)
    display({"text/html": "<img src=x onerror=alert(1)>", "text/plain": "1 row"}, raw=True)
    handle = display({"image/png": DOT}, raw=True, display_id="one")
    display({"image/png": DOT}, raw=True, display_id="one", update=True)
    return 1
panel.tools = ["shows"]
"""


def test_what_a_call_displays_is_shown(widgets: Widgets) -> None:
    """Pictures as images of their bytes, of all else the text; no HTML of a function's."""
    dot = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
    widgets.run(_SHOWS.replace("DOT", repr(dot)))
    published = len(widgets.outputs)
    widgets.say(widgets.panel, type="send", id="d", prompt="emulate: tools")
    widgets.answer("end", id="d")
    begun = len(widgets.heard)
    widgets.say(widgets.panel, type="hello")
    html = widgets.answer("state", since=begun)["turns"][-1]["answer_html"]
    assert html.count(f'src="data:image/png;base64,{dot}"') == 2
    assert html.count('src="data:image/svg+xml;base64,') == 1
    assert html.count("<img") == 3
    assert "displayed (text/html): 1 row" in html
    assert "<script" not in html
    assert len(widgets.outputs) == published
    widgets.run("panel.tools = None")


def test_stop_interrupts_a_call(widgets: Widgets) -> None:
    """Within half a second, and the next question is asked as ever."""
    widgets.run(f"{_FUNCTIONS}\npanel.tools = ['sleeps']")
    widgets.say(widgets.panel, type="send", id="z", prompt="emulate: tools")
    widgets.answer("waiting", id="z", reason="running sleeps")
    widgets.say(widgets.stop, type="stop", id="z")
    assert widgets.answer("end", id="z")["status"] == "interrupted"
    widgets.run("panel.tools = None")
    widgets.say(widgets.panel, type="send", id="n", prompt="and now?")
    assert widgets.answer("end", id="n")["status"] == "complete"


def test_the_first_state_is_whole(widgets: Widgets) -> None:
    """The page can draw the panel from what the connection opens with."""
    state = widgets.opened[widgets.panel]
    assert state["controls"]
    assert state["control"].startswith("IPY_MODEL_")
    assert not {"prompt", "api_key", "turns"} & set(state)


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """A notebook with a panel that was run without a front end, with a key about."""
    cells = [
        "%load_ext routeway_magic",
        "%claude panel",
        "from routeway_magic import Panel\nsecret = 'of the notebook'\nPanel()",
        f"{_SETTINGS}.system = os.environ['ROUTEWAY_API_KEY']",
        "%config ClaudeSettings.temperature = 0.375",
        f"{_SETTINGS}.system = None",
        "%%claude\nfrom a cell",
    ]
    notebook = nbformat.v4.new_notebook(
        cells=list(map(nbformat.v4.new_code_cell, cells))
    )
    home = tmp_path_factory.mktemp("nbclient")
    environment = clean_environment(
        home, ROUTEWAY_API_KEY=KEY, ROUTEWAY_SOURCE="emulator"
    )
    client = NotebookClient(notebook, kernel_name="python3")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        client.execute(cwd=str(home))
    return notebook


def test_no_secret_is_saved(executed: nbformat.NotebookNode) -> None:
    """Neither in outputs nor in the widgets' state, which nbclient always saves."""
    assert KEY not in nbformat.writes(executed)
    assert "application/vnd.jupyter.widget-state+json" in executed.metadata.widgets
    state = str(executed.metadata.widgets)
    assert "0.375" in state
    for word in ("of the notebook", "from a cell", KEY):
        assert word not in state


def test_the_last_state_is_there_without_a_widget(
    executed: nbformat.NotebookNode,
) -> None:
    """The panel's output has a twin to read, which nbconvert shows as it was at the end."""
    panel = executed.cells[2].outputs[0]
    assert set(panel.data) == {
        "application/vnd.jupyter.widget-view+json",
        "text/html",
        "text/plain",
    }
    below = executed.cells[2].outputs[1]
    for kind in ("text/html", "text/plain"):
        assert "below" in panel.data[kind]
        assert "0.375" in below.data[kind]
        assert "from a cell" in below.data[kind]
    executed.cells[-1].outputs = []
    executed.cells[1].outputs = []
    for exporter in (MarkdownExporter(), HTMLExporter()):
        text, _ = exporter.from_notebook_node(executed)
        assert text.count("conversation main") == 1
