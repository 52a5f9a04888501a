"""Tab behind `--sweep` and `%claude sweep`."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from shells import Shell
from tabs import completions, tab

from routeway_magic.run.session import session


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """One shell with the extension loaded and a variable."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        with Shell.opened() as opened:
            opened.ip.user_ns["apple"] = SimpleNamespace(x=1)
            yield opened


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("--sweep tem|", ["temperature="]),
        ("--sweep temperature=0 --sweep top_|", ["top_k=", "top_p="]),
        ("--sweep=ci|\nthe {city} and {city}", ["city="]),
        ("--sweep ci|\nno `{city}`, no $x_{city}$", []),
        ("--sweep temperature=0,|", ["unset"]),
        ("--sweep thinking=off, a|", ["adaptive"]),
        ("--sweep thinking=off,|", ["adaptive", "unset"]),
        ("--sweep 'effort=low,h|", ["high"]),
        ("--sweep effort=low |", None),
        ("--sweep city=|\n{city}", []),
    ],
)
def test_an_axis_is_a_name_then_its_values(shell, typed, words):
    """Names in the prompt's braces and settings; values that the setting knows."""
    found = tab(shell, f"%%claude {typed}")
    assert found == words if words is not None else "--repeat" in found


def test_names_in_the_prompt_come_first(shell):
    """Then the settings that are parameters, and no other options."""
    found = tab(shell, "%%claude --sweep |\nIn a {tone} voice, about {apple.x!r}")
    assert found[:2] == ["tone=", "apple="]
    assert {"model=", "temperature="} < set(found)
    assert "param=" not in found
    assert "quiet=" not in found


def test_models_are_values_of_an_axis(shell, monkeypatch):
    """Each once."""
    monkeypatch.setattr(session().settings, "model", "mine-1")
    assert tab(shell, "%claude --sweep model=mi|") == ["mine-1"]
    assert tab(shell, "%claude --sweep model=mine-1,mi|") == []


def test_the_last_sweep_can_be_finished_or_compared(shell):
    """With the numbers of its answers behind `against`, and nothing behind the rest."""
    shell.run("%%claude --sweep temperature=0,1\nhi")
    assert tab(shell, "%claude sweep |") == ["resume", "against"]
    assert tab(shell, "%claude sweep resume |") == []
    found = completions(shell, "%claude sweep against |")
    assert [(one.text, one.type) for one in found] == [
        ("0", "temperature=0"),
        ("1", "temperature=1"),
    ]
    assert tab(shell, "%claude sweep against 1 |") == []
