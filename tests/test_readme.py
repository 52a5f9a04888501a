"""The README's code is run: it cannot lie."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from shells import Shell

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_every_code_block_runs():
    """Python and magic blocks run in order, in one kernel, on the emulator."""
    cells = [code for language, code in BLOCKS if language in ("python", "")]
    assert len(cells) >= 3
    with Shell.opened() as shell:
        for cell in cells:
            ran = shell.run(cell)
            assert ran.ok, (cell, ran.error)


LINES = re.findall(r"`(%(?:claude|config) [^`]+)`", README)
# What must have happened before a line makes sense.
BEFORE = {
    "%claude fix": "1 / 0",
    "%claude continue": "%%claude\nemulate: stop max_tokens\nA story.",
    "%claude sweep resume": "%claude --sweep temperature=0,1 Hello",
}
ELSEWHERE = {
    "%claude prompt",  # whatever one asks
    "%claude use ID",  # an id: tests/test_commands_conversations.py
    "%claude load 1",  # what another kernel left: tests/test_commands_journal.py
    "%claude login",  # asks for a key: tests/test_commands.py
    "%claude local",  # the real model: tests/local
    '%claude tokens "The sky is" --temperature 0.5 --live',
}


def test_every_line_runs(tmp_path, monkeypatch):
    """What stands in the text as a line to type does what it says, in its order."""
    monkeypatch.chdir(tmp_path)
    assert set(LINES) >= ELSEWHERE | set(BEFORE)
    with Shell.opened() as shell:
        assert shell.run("%claude Hello").ok
        for line in dict.fromkeys(LINES):
            if line not in ELSEWHERE:
                shell.run(BEFORE.get(line, "pass"))
                ran = shell.run(line)
                assert ran.ok, (line, ran.error)


def test_it_is_short():
    """At most 130 lines, with two set-up commands."""
    assert len(README.splitlines()) <= 130
    assert len([code for language, code in BLOCKS if language == "sh"]) == 2


@pytest.mark.parametrize(
    "command", [code for language, code in BLOCKS if language == "sh"]
)
def test_commands_install_extras_that_exist(command):
    """The extras that the commands name are declared."""
    pyproject = (Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8")
    (extra,) = re.findall(r'"\.\[(\w+)\]"', command)
    assert f"\n{extra} = [" in pyproject


def test_variables_and_options_exist():
    """Every environment variable, option and subcommand that is named is real."""
    with Shell.opened() as shell:
        known = shell.run("%claude help").stdout
    named = set(
        re.findall(r"ROUTEWAY_\w+|(?<=`)--[a-z-]+|(?<=`%claude )[a-z]+", README)
    )
    assert {"ROUTEWAY_API_KEY", "--append", "status"} <= named
    assert {word for word in named if word not in known} <= {
        "prompt",
        "--allow-root",
        "--any-key",
    }
