"""The panel in a real front end: type, send, stop, tune, reload, restart, insert."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from front_ends import FrontEnd, Notebook

CELLS = [
    "%load_ext routeway_magic",
    "from routeway_magic import Panel\nPanel()",
    "%config ClaudeSettings.temperature",
    "%config ClaudeSettings.top_k = 50",
    "import time\ntime.sleep(30)",
]
PANEL, READ, SET, BUSY = 1, 2, 3, 4
LONG = "emulate: long 60, slow 20"
_CELLS = "window.jupyterapp.shell.currentWidget.content.widgets"
_SOURCES = f"() => {_CELLS}.map((cell) => cell.model.sharedModel.getSource())"
_STOPPED = """() => new Promise((resolve) => {
  const turn = [...document.querySelectorAll('.rwp-turn')].at(-1);
  const begun = performance.now();
  new MutationObserver(() => resolve(performance.now() - begun))
    .observe(turn, {attributes: true, attributeFilter: ['data-status']});
  document.querySelector('.rwp-go .rwp-stop').click();
})"""
_RESTART = "() => jupyterapp.shell.currentWidget.sessionContext.restartKernel()"


class Frames:
    """What a page sends to its kernel.

    Args:
        notebook: on the page, before it is loaded again.
    """

    def __init__(self, notebook: Notebook) -> None:
        self.sent: list[str] = []
        notebook.page.on("websocket", self._listen)

    def asking(self) -> list[str]:
        """The messages that ask the model."""
        return [one for one in self.sent if '"send"' in one or '"again"' in one]

    def _listen(self, socket: Any) -> None:
        socket.on("framesent", self._note)

    def _note(self, frame: str | bytes) -> None:
        text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
        self.sent.append(text)


def panel(notebook: Notebook) -> Locator:
    """The panel, once it can be used."""
    shown = notebook.page.locator(".rwp[data-state=ready]")
    shown.wait_for()
    return shown


def send(notebook: Notebook, prompt: str) -> None:
    """Type a prompt and send it with the keyboard."""
    box = panel(notebook).get_by_label("Prompt", exact=True)
    box.fill("")
    box.press_sequentially(prompt)
    box.press("Shift+Enter")


def turns(notebook: Notebook, *statuses: str) -> Locator:
    """The turns, once they have ended like this."""
    shown = panel(notebook).locator(".rwp-turn")
    expect(shown).to_have_count(len(statuses), timeout=10_000)
    for index, status in enumerate(statuses):
        expect(shown.nth(index)).to_have_attribute(
            "data-status", status, timeout=10_000
        )
    return shown


def stop(notebook: Notebook) -> float:
    """Press Stop, once some of the answer is there; milliseconds until it has ended."""
    last = panel(notebook).locator(".rwp-turn").last
    expect(last.locator(".rwp-answer")).to_contain_text("Section 1")
    expect(
        panel(notebook).get_by_role("button", name="Stop", exact=True)
    ).to_be_visible()
    waited: float = notebook.page.evaluate(_STOPPED)
    return waited


def test_type_send_tune_stop_reload(front_end: FrontEnd) -> None:
    """The same settings on both sides; Stop while a cell runs; a reload shows all."""
    notebook = front_end.open(CELLS)
    notebook.run(0)
    notebook.run(PANEL)
    send(notebook, "What is a mean?")
    turns(notebook, "complete")
    assert notebook.execution_count(READ) is None  # Shift-Enter ran no cell

    panel(notebook).get_by_label("temperature, slider").fill("0.3")
    notebook.run(READ)
    assert notebook.text(READ).strip().endswith("0.3")
    notebook.run(SET)
    field = panel(notebook).get_by_label("top k", exact=True)
    expect(field).to_have_value("50")

    notebook.run(BUSY, wait=False)
    send(notebook, LONG)
    assert stop(notebook) < 5 * 500  # half a second, on a machine with much to do
    turns(notebook, "complete", "interrupted")
    assert notebook.page.evaluate("window.underWay")  # the cell runs on
    notebook.interrupt()
    notebook.wait()

    send(notebook, LONG)
    expect(panel(notebook).locator(".rwp-turn").last).to_contain_text("Section 1")
    notebook.save()
    notebook.reload()
    notebook.output(PANEL)
    stop(notebook)
    shown = turns(notebook, "complete", "interrupted", "interrupted")
    expect(shown.first).to_contain_text("What is a mean?")
    expect(shown.first.get_by_role("button", name="Ask again")).to_have_count(1)
    expect(shown.last).to_contain_text("interrupted, what arrived is kept")
    notebook.save()
    notebook.reload()
    notebook.output(PANEL)
    shown = turns(notebook, "complete", "interrupted", "interrupted")
    expect(shown.first.locator(".rwp-footer")).to_contain_text("tokens")
    assert notebook.errors == []


def test_insert_restart_reopen(front_end: FrontEnd) -> None:
    """A cell is put in and not run; without its kernel the panel asks nothing."""
    notebook = front_end.open(CELLS[: READ + 1])
    notebook.run(0)
    notebook.run(PANEL)
    send(notebook, "What is a mode?")
    last = turns(notebook, "complete").last
    last.get_by_role("button", name="Insert below").click()
    notebook.page.wait_for_function(f"() => {_CELLS}.length === 4")
    inserted = notebook.page.evaluate(_SOURCES)[PANEL + 1]
    assert inserted.startswith("%%claude")
    assert inserted.endswith("\nWhat is a mode?")
    assert notebook.execution_count(PANEL + 1) is None

    notebook.save()
    notebook.page.evaluate(_RESTART)
    notebook.output(PANEL)
    shown = notebook.page.locator(".rwp")
    expect(shown.get_by_role("status")).to_contain_text("kernel has ended")
    expect(shown.locator(".rwp-turn")).to_contain_text("What is a mode?")
    expect(shown.get_by_role("button", name="Send")).to_be_disabled()

    frames = Frames(notebook)
    notebook.reload()
    for _ in range(100):
        notebook.page.wait_for_timeout(200)
        if frames.sent:
            break
    notebook.page.wait_for_timeout(500)
    assert frames.sent
    assert frames.asking() == []
    notebook.run(0)
    notebook.run(PANEL)
    send(notebook, "And a mean?")
    turns(notebook, "complete")
    assert len(frames.asking()) == 1
