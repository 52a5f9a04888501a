"""The terminal `ipython` loads the extension, answers, and can be interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from environment import clean_environment
from terminals import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# pexpect forks, and execs at once: the threads that nbclient left do no harm.
pytestmark = pytest.mark.filterwarnings(
    "ignore:This process .* is multi-threaded:DeprecationWarning"
)


@pytest.fixture(params=["simple prompt", "true colour"])
def terminal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    """A terminal without settings, of either kind, with the extension loaded."""
    environment = clean_environment(tmp_path)
    colour = request.param == "true colour"
    with Terminal(environment, directory=tmp_path, colour=colour) as opened:
        opened.run("%load_ext routeway_magic")
        yield opened


def test_cell_is_answered_by_the_emulator(terminal: Terminal) -> None:
    """Without a key a `%%claude` cell is answered at once, and says by whom."""
    shown = terminal.run("%%claude\nWhat is a monad?")
    assert "emulator" in shown.lower()
    assert "Traceback" not in shown


def test_the_line_that_ends_a_cell_is_no_prompt(terminal: Terminal) -> None:
    """The blank line that a terminal wants at the end is not part of the prompt."""
    assert "| 5 characters |" in terminal.run("%%claude\nhello")


def test_line_shows_its_answer_once(terminal: Terminal) -> None:
    """`%claude PROMPT` shows the answer, and not a second time as Out[]."""
    shown = terminal.run("%claude What does a line magic do?")
    assert shown.count("no model has read this") == 1
    assert "Reply(" not in shown


def test_question_mark_ends_a_prompt(terminal: Terminal) -> None:
    """A `?` at the end of a line belongs to the prompt, not to IPython's help."""
    shown = terminal.run("%claude is this sent?")
    assert "Your text:" in shown
    assert "is this sent?" in shown.split("Your text:", 1)[1]


def test_interrupt_keeps_what_came(terminal: Terminal) -> None:
    """Ctrl-C ends a stream within a moment; what came stays and is marked."""
    start = terminal.start("%%claude\nemulate: long 40, slow 20")
    terminal.wait_until(start, lambda text: len(text) > 300)
    terminal.interrupt()
    shown = terminal.wait(start)
    assert "interrupted" in shown.lower()
    assert "Traceback" not in shown
    assert terminal.run("1 + 1").count("2") > 0


def test_error_is_two_or_three_lines(terminal: Terminal) -> None:
    """A refused request says what happened and what to do, with no traceback."""
    shown = terminal.run("%%claude\nemulate: error 429 retry-after 120")
    said = shown.split("retry-after 120", 1)[1]
    said = said.split("RateLimitError", 1)[1].split("In [", 1)[0]
    assert 1 <= len(said.strip().splitlines()) <= 3
    assert "Traceback" not in shown


def test_control_characters_do_not_reach_the_terminal(terminal: Terminal) -> None:
    """An escape sequence in an answer is shown, not obeyed."""
    shown = terminal.run(
        "get_ipython().run_cell_magic('claude', '', "
        "'emulate: echo\\n' + chr(27) + ']0;POI' 'SON' + chr(7) + ' end')"
    )
    assert "\x1b]0;POISON" not in terminal.raw
    assert "POISON" in shown


def test_code_is_offered_as_the_next_input(terminal: Terminal) -> None:
    """`--next-cell` fills the prompt with the code, or prints it where none can be."""
    shown = terminal.run("%%claude -f code --next-cell\nemulate: echo\n~~~\nx = 1\n~~~")
    assert shown.split("tokens")[-1].count("x = 1") == 1


def test_exit_is_clean(terminal: Terminal) -> None:
    """After an answer, `exit` ends ipython with status 0 and without a word."""
    terminal.run("%%claude\nhello")
    before = len(terminal.text)
    assert terminal.leave() == 0
    said = terminal.text[before:]
    assert "Error" not in said
    assert "Exception" not in said
