"""`%%claude` in a real kernel, seen as a front end sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kernels import Kernel, StartKernel
    from outputs import OutputArea

SHOW_CELL_ID = "print(get_ipython().get_parent()['metadata']['cellId'])"
MARKDOWN = "# Title\n\nSome *text*, `code` and $x^2$."


def _has_a_heading(area: OutputArea) -> bool:
    """Whether text of `emulate: long` is to be seen, not only a status line."""
    return any("<h" in output["data"]["text/html"] for output in area.outputs)


@pytest.fixture
def claude(kernel: Kernel) -> Kernel:
    """A kernel with the extension loaded and no settings."""
    loaded = kernel.run("%load_ext routeway_magic")
    assert (loaded.status, loaded.outputs) == ("ok", [])
    return kernel


def test_cell_id_reaches_the_kernel(kernel: Kernel) -> None:
    """The harness: a cell's id travels in the request, as JupyterLab sends it."""
    assert kernel.run(SHOW_CELL_ID, cell_id="be99abff").stdout == "be99abff\n"


def test_kernel_sees_no_settings(
    start_kernel: StartKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The harness: a kernel sees no key or proxy of ours, only what it is given."""
    for name in ("ROUTEWAY_API_KEY", "ANTHROPIC_API_KEY", "https_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    found = start_kernel(ROUTEWAY_MODEL="mine").run(
        "import os\n"
        "print([n for n in os.environ if n.startswith(('ROUTEWAY', 'ANTHROPIC'))\n"
        "       or n.upper().endswith('_PROXY')])"
    )
    assert found.stdout == "['ROUTEWAY_MODEL']\n"


def test_updates_reach_the_output_they_name(kernel: Kernel) -> None:
    """The harness: an update changes its output, also from a later cell."""
    first = kernel.run("d = display('one', display_id='x'); print('after')")
    kernel.run("d.update('two')")
    assert first.data("text/plain") == ["'two'"]
    assert first.stdout == "after\n"


def test_clearing_with_wait_keeps_the_last(kernel: Kernel) -> None:
    """The harness: clear_output(wait=True) clears when the next output comes."""
    result = kernel.run(
        "from IPython.display import clear_output\n"
        "display(1); clear_output(wait=True); display(2)"
    )
    assert result.data("text/plain") == ["2"]


def test_interrupt_ends_a_running_cell(kernel: Kernel) -> None:
    """The harness: an interrupt fails the cell and keeps what it had shown."""
    kernel.start("print('begun', flush=True)\nimport time\ntime.sleep(60)")
    kernel.wait_until(lambda area: bool(area.outputs))
    kernel.interrupt()
    result = kernel.wait(timeout=10)
    assert result.stdout == "begun\n"
    assert result.error is not None
    assert result.error["ename"] == "KeyboardInterrupt"


def test_answer_is_one_entry(claude: Kernel) -> None:
    """A cell keeps one entry: safe HTML to see, the Markdown as text, no Out[]."""
    result = claude.run(f"%%claude\nemulate: echo\n{MARKDOWN}")
    assert result.status == "ok"
    [entry] = result.outputs
    assert entry["output_type"] == "display_data"
    assert set(entry["data"]) == {"text/html", "text/plain"}
    assert entry["data"]["text/plain"] == MARKDOWN
    assert "<h1>Title</h1>" in entry["data"]["text/html"]
    assert "emulator" in entry["data"]["text/html"]


def test_line_answers_once_and_keeps_the_reply(claude: Kernel) -> None:
    """`%claude PROMPT` shows its answer once; assigned, it is a Reply with text."""
    shown = claude.run("%claude does it end in a question mark?")
    [text] = shown.data("text/plain")
    assert "does it end in a question mark?" in text
    claude.run("r = %claude say it again")
    assert "say it again" in claude.run("print(r.text)").stdout


def test_answer_is_shown_while_it_comes(claude: Kernel) -> None:
    """Text is there long before the answer ends, updated some ten times a second."""
    claude.start("%%claude\nemulate: long 2, slow 40")
    claude.wait_until(_has_a_heading)
    result = claude.wait()
    assert result.status == "ok"
    updates = [m for m in result.messages if m["msg_type"] == "update_display_data"]
    assert 3 <= len(updates) <= 11 * result.seconds + 3


def test_interrupt_keeps_what_came(claude: Kernel) -> None:
    """An interrupt ends the stream; what came is kept, marked, a failure."""
    claude.start("%%claude\nemulate: long 40, slow 20")
    claude.wait_until(_has_a_heading)
    claude.interrupt()
    result = claude.wait(timeout=20)  # the answer takes minutes
    assert result.error is not None
    assert result.error["ename"] == "Interrupted"
    answer, error = result.outputs
    assert len(answer["data"]["text/plain"]) > 50
    assert "interrupted" in answer["data"]["text/html"]
    assert len(error["traceback"]) <= 3


def test_kept_part_is_part_of_the_conversation(claude: Kernel) -> None:
    """After an interrupt the conversation goes on from what had arrived."""
    claude.start("%%claude\nemulate: long 40, slow 20")
    claude.wait_until(_has_a_heading)
    claude.interrupt()
    claude.wait(timeout=10)
    [text] = claude.run("%%claude\nand then?").data("text/plain")
    assert "| earlier messages | 2 (1 user, 1 assistant) |" in text


def test_error_is_two_or_three_lines(claude: Kernel) -> None:
    """A refused request says what happened and what to do, with no traceback."""
    result = claude.run("%%claude\nemulate: error 429 retry-after 120")
    assert result.error is not None
    assert result.error["ename"] == "RateLimitError"
    lines = "\n".join(result.error["traceback"]).splitlines()
    assert 2 <= len(lines) <= 3
    assert "120" in "".join(lines) or "2 min" in "".join(lines)
    assert [output["output_type"] for output in result.outputs][-1] == "error"


def test_running_a_cell_again_answers_again(claude: Kernel) -> None:
    """A cell that runs again answers from where it stood, not after itself."""
    claude.run("%%claude\nfirst", cell_id="a")
    [once] = claude.run("%%claude\nsecond", cell_id="b").data("text/plain")
    [again] = claude.run("%%claude\nsecond", cell_id="b").data("text/plain")
    assert "| earlier messages | 2 (1 user, 1 assistant) |" in once
    assert again == once
    third = claude.run("%%claude\nthird", cell_id="c")
    assert "| earlier messages | 4 (2 user, 2 assistant) |" in str(third.outputs)
    [shown] = claude.run("%%claude\nsecond", cell_id="b").data("text/html")
    number = third.reply["execution_count"]
    assert f"the answer of [{number}] left the conversation" in shown


def test_failed_line_shows_its_error_alone(claude: Kernel) -> None:
    """No empty output stands above the error of a cell that is one `%claude` line."""
    [output] = claude.run("%claude emulate: error 401").outputs
    assert output["ename"] == "AuthenticationError"


def test_front_end_gets_no_warning(claude: Kernel) -> None:
    """Where a front end shows the label, no warning is written to stderr."""
    assert claude.run("%%claude\nhello").stderr == ""


def test_unloading_leaves_the_kernel_as_it_was(claude: Kernel) -> None:
    """After %unload_ext the magics are gone; loading again brings them back."""
    claude.run("%unload_ext routeway_magic")
    assert "not found" in claude.run("%%claude\nhello").stderr
    claude.run("%load_ext routeway_magic")
    assert claude.run("%%claude\nhello").status == "ok"
