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


def test_it_is_short():
    """At most 120 lines, with two set-up commands."""
    assert len(README.splitlines()) <= 120
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
