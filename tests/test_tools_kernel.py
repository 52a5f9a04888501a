"""Tools in a real kernel: what they show stands in its place, and the user is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from environment import clean_environment
from kernels import Kernel
from outputs import CellResult

_TOOLS = '''
%load_ext routeway_magic
import logging, os, threading, time

log = logging.getLogger("mine")
log.addHandler(logging.StreamHandler())
log.setLevel("INFO")

def area(width: float) -> float:
    """The area of a strip that is 2 wide."""
    return width * 2

def noisy(word: str) -> str:
    """Prints, and displays."""
    from IPython.display import HTML, display
    print("printed", word)
    display(HTML("<b>shown</b>"))
    return word.upper()

def draws() -> str:
    """Leaves a plot open."""
    import matplotlib.pyplot as plt
    plt.plot([1, 2])
    return "drawn"

def plot():
    """Gives a plot back."""
    import matplotlib.pyplot as plt
    figure, axes = plt.subplots(figsize=(2, 2))
    axes.plot([1, 2])
    return figure

def logs() -> None:
    """Writes by a logger that was set up before."""
    log.info("written")

def execs() -> None:
    """Has another program write."""
    os.system("echo written")

def threads() -> None:
    """Writes in a thread of its own."""
    thread = threading.Thread(target=print, args=["written"])
    thread.start()
    thread.join()

def clears() -> None:
    """Shows progress by clearing the cell."""
    from IPython.display import clear_output
    for step in range(3):
        clear_output(wait=True)
        print("step", step)

def sleeps() -> None:
    """Takes long."""
    print("asleep", flush=True)
    time.sleep(30)
'''


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel that has the tools."""
    home = tmp_path_factory.mktemp("kernel")
    with ExitStack() as running:
        environment = clean_environment(home)
        environment.pop("PYTEST_CURRENT_TEST", None)  # ipykernel heeds it: no pipe then
        started = running.enter_context(Kernel(environment, directory=home))
        assert started.run(_TOOLS).status == "ok"
        yield started


def kinds(ran: CellResult) -> list[str]:
    """What stands in the cell, from top to bottom."""
    found = []
    for output in ran.outputs:
        if output["output_type"] == "stream":
            found.append(str(output["name"]))
        elif "image/png" in output["data"]:
            found.append("plot")
        else:
            ours = "rw" in output["data"].get("text/html", "")
            found.append("ours" if ours else "theirs")
    return found


def html(ran: CellResult) -> str:
    """All HTML of ours."""
    return "".join(
        output.get("data", {}).get("text/html", "") for output in ran.outputs
    )


def test_a_quiet_tool_leaves_one_output(kernel):
    """Call, arguments, result and duration are in it, folded, in their order."""
    ran = kernel.run(
        '%%claude --tools area --allow area\nemulate: tools area {"width": 3}\n'
        "emulate: echo\nIt is 6."
    )
    assert kinds(ran) == ["ours"]
    shown = html(ran)
    order = ["tool_use area", "&quot;width&quot;: 3", "area returned after", "6.0"]
    places = [shown.rindex(part) for part in [*order, "It is 6."]]
    assert places == sorted(places)
    assert "<details open>" not in shown
    assert "2 requests" in shown


def test_what_a_tool_shows_stands_in_its_place(kernel):
    """Prints and displays stand between the call and its result, as they are."""
    ran = kernel.run(
        '%%claude --tools noisy --allow noisy\nemulate: tools noisy {"word": "a"}\n'
        "emulate: echo\nEnd."
    )
    assert kinds(ran) == ["ours", "stdout", "theirs", "ours"]
    above, _, _, below = ran.outputs
    assert "tool_use noisy" in above["data"]["text/html"]
    assert "noisy returned" in below["data"]["text/html"]
    assert "End." in below["data"]["text/plain"]


@pytest.mark.parametrize("name", ["logs", "threads"])
def test_whoever_writes_stands_in_its_place(kernel, name):
    """A logger from before, or a thread: above the result, and one entry each."""
    code = f"%%claude --tools {name} --allow {name}\nemulate: tools {name}\n"
    ran = kernel.run(code + "emulate: echo\nEnd.")
    assert kinds(ran) in (["ours", "stdout", "ours"], ["ours", "stderr", "ours"])
    above, written, below = ran.outputs
    assert f"tool_use {name}" in above["data"]["text/html"]
    assert written["text"] == "written\n"
    assert "End." in below["data"]["text/plain"]


def test_what_a_program_writes_is_not_lost(kernel):
    """It comes through the kernel's pipe, a moment later than the result perhaps."""
    ran = kernel.run("%%claude --tools execs --allow execs\nemulate: tools execs")
    assert [one["text"] for one in ran.outputs if "text" in one] == ["written\n"]
    assert "execs returned" in html(ran)


def test_a_tool_that_clears_the_cell_costs_nothing_of_the_answer(kernel):
    """All of it is shown once more, below what the tool has left."""
    ran = kernel.run("%%claude --tools clears --allow clears\nemulate: tools clears")
    assert kinds(ran) == ["stdout", "ours"]
    assert ran.outputs[0]["text"] == "step 2\n"
    assert "tool_use clears" in html(ran)
    assert "clears returned" in html(ran)


@pytest.mark.parametrize(
    ("call", "left"),
    [
        ('area {"width": 3}', ["ours"]),
        ('noisy {"word": "a"}', ["ours", *["stdout", "theirs", "ours"] * 2]),
    ],
    ids=["quiet", "noisy"],
)
def test_a_long_answer_ends_as_one_entry(kernel, call, left):
    """On either side of what a tool has shown, and altogether where it has not."""
    name = call.split()[0]
    ran = kernel.run(
        f"%%claude --tools {name} --allow {name} --max-tokens 20000\n"
        f"emulate: long 5, slow 400, tools {call}\n"
        f"emulate: long 5, slow 400, tools {call}\nemulate: echo\nEnd."
    )
    assert kinds(ran) == left
    assert html(ran).count("Section 1:") == 2
    assert html(ran).count(f"{name} returned") == 2


def test_plots_stand_in_their_place(kernel):
    """One left open is shown after its call, one given back is in the result alone."""
    ran = kernel.run(
        "%%claude --tools draws,plot --allow draws,plot\nemulate: tools draws, tools plot"
    )
    assert kinds(ran) == ["ours", "plot", "ours"]
    assert html(ran).count("data:image/png;base64") == 1
    assert ran.outputs[2]["data"]["text/html"].index("draws returned") < ran.outputs[2][
        "data"
    ]["text/html"].index("plot returned")


def test_the_user_is_asked_below_the_call(kernel):
    """What is typed counts; the call's arguments are seen before it runs."""
    kernel.start(
        '%%claude --tools area\nemulate: tools area {"width": 3}, tools area {"width": 4}',
        stdin=True,
    )
    question = kernel.answer("y")
    assert question == "Run area(width=3)? [y]es, [a]lways area, [n]o: "
    assert "width=4" in kernel.answer("n")
    ran = kernel.wait()
    assert "area returned" in html(ran)
    assert "<summary>area denied</summary>" in html(ran)


def test_always_holds_until_it_is_defined_anew(kernel):
    """A cell that runs again asks no more; a new function of that name does."""
    code = '%%claude --tools twice\nemulate: tools twice {"n": 3}'
    define = "def twice(n: int) -> int: return 2 * n"
    kernel.run(define)
    kernel.start(code, stdin=True)
    kernel.answer("a")
    assert "twice returned" in html(kernel.wait())
    assert "twice returned" in html(kernel.run(code))
    kernel.run(define)
    assert "twice denied: nobody can be asked here" in html(kernel.run(code))


def test_an_interrupt_stops_a_tool(kernel):
    """The cell fails in two lines, what was printed stays, and the next cell works."""
    kernel.start("%%claude --tools sleeps --allow sleeps\nemulate: tools sleeps")
    kernel.wait_until(lambda area: "asleep" in str(area.outputs))
    kernel.interrupt()
    ran = kernel.wait(timeout=10)
    assert ran.status == "error"
    assert "sleeps stopped" in html(ran)
    assert re.search("Interrupted: a tool was stopped", str(ran.outputs))
    assert kernel.run("%%claude\nand now?").status == "ok"


@pytest.mark.parametrize(
    ("name", "written"), [("noisy", "printed a\n"), ("clears", "step 2\n")]
)
def test_a_sweep_stands_below_what_its_functions_wrote(kernel, name, written):
    """Also where one has cleared the cell: the comparison is the last output."""
    arguments = '{"word": "a"}' if name == "noisy" else ""
    ran = kernel.run(
        f"%%claude --sweep temperature=0,1 --tools {name} --allow {name}\n"
        f"emulate: tools {name} {arguments}\nemulate: echo\nEnd."
    )
    assert written in [output.get("text") for output in ran.outputs]
    assert kinds(ran)[-1] == "ours"
    shown = ran.outputs[-1]["data"]["text/html"]
    assert shown.count(f"{name} returned") == 2
    assert shown.count("End.") >= 2


def test_an_interrupt_in_a_function_stops_its_sweep(kernel):
    """One runs at a time; what it printed stays, and the sweep can be finished."""
    kernel.start(
        "%%claude --sweep temperature=0,1 --tools sleeps --allow sleeps\n"
        "emulate: tools sleeps"
    )
    kernel.wait_until(lambda area: "asleep" in str(area.outputs))
    kernel.interrupt()
    ran = kernel.wait(timeout=10)
    assert ran.status == "error"
    assert "the sweep was stopped: 0 of 2 complete" in str(ran.outputs)
    assert str(ran.outputs).count("asleep") == 1
    kernel.run("time.sleep = lambda seconds: None")
    done = kernel.run("%claude sweep resume")
    assert "2 answers" in html(done)
