"""What goes with `--sweep`, what does not, and what never comes out of it."""

from __future__ import annotations

import base64
import json

import pytest
from servers import KEY
from shells import Shell
from sweeps import opened, unsent

from routeway_magic.errors import InputError
from routeway_magic.run.session import session
from routeway_magic.run.sweeping.sweep import Sweep


@pytest.fixture
def shell():
    """A shell in which the extension is loaded."""
    with Shell.opened() as opened_shell:
        yield opened_shell


@pytest.fixture
def key(monkeypatch):
    """A key in the environment, though the emulator answers."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    monkeypatch.setenv("ROUTEWAY_SOURCE", "emulator")
    return KEY


ESCAPED = json.dumps(["".join(f"\\u{ord(it):04x}" for it in KEY)]).replace("\\\\", "\\")


@pytest.mark.parametrize(
    "axis",
    [
        f"who={KEY},b",
        f"who={KEY},{KEY}",
        f'who=["{KEY}", "{KEY}"]',
        f"who={ESCAPED}",
        f"{KEY.replace(' ', '')}=1",
        f'who="a",{KEY}=',
        f'who=["{KEY}',
        f"who=x{KEY}y",
        f"who={base64.b64encode(KEY.encode()).decode()}",
        f"temperature={KEY}",
    ],
)
@pytest.mark.parametrize("more", ["", " --dry-run", " --yes"])
def test_a_key_is_in_no_title(shell, key, axis, more):
    """It is refused before a label is made of it, and the refusal does not say it."""
    ran = shell.run(f"%%claude --sweep '{axis}' -o s{more}\nemulate: echo\n{{who}}")
    assert not ran.ok
    shown = f"{ran.stdout}{ran.stderr}{ran.outputs}"
    told = "\n".join(ran.error._render_traceback_())
    assert key not in f"{shown}{told}{ran.error!r}{vars(ran.error)}{ran.error.args}"
    assert session().turns == []
    assert "s" not in shell.ip.user_ns


def test_a_key_is_in_no_sweep_of_python(key):
    """Not in its plan, hence not in its repr; the prompt is refused when it is sent."""
    with opened() as here:
        for grid in ({"who": [key, "b"]}, {"who": [{"deep": [key]}]}, {"who": key}):
            with pytest.raises(InputError) as raised:
                unsent(here, "hi {who}", grid)
            assert "holds an API key" in str(raised.value)
            assert key not in str(raised.value)


def test_a_key_comes_from_no_file(tmp_path, monkeypatch):
    """A sweep that was saved where the word was none is not shown where it is one."""
    with opened() as here:
        unsent(here, "hi {who}", {"who": [KEY, "b"]}).save(tmp_path / "s.jsonl")
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    monkeypatch.setenv("ROUTEWAY_SOURCE", "emulator")
    with opened() as here, pytest.raises(InputError) as raised:
        Sweep.load(tmp_path / "s.jsonl", session=here)
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    ("option", "flag"),
    [
        ("--as int", "--as"),
        ("-f code --next-cell", "--next-cell"),
        ("--dry-run --count", "--count"),
    ],
)
def test_what_does_not_go_with_a_sweep_is_refused(shell, option, flag):
    """By name, with a reason; nothing is sent."""
    ran = shell.run(f"%%claude --sweep temperature=0,1 {option}\nhi")
    assert f"`{flag}` does not go with `--sweep`: " in str(ran.error)
    assert session().turns == []


def test_a_go_ahead_without_a_sweep_is_refused(shell):
    """Nothing that is typed is silently of no effect."""
    assert "belongs to `--sweep`" in str(shell.run("%%claude --yes\nhi").error)


def test_the_format_holds_wherever_the_sweep_is_shown(shell):
    """In the result, once more, against another, compared, and after a resume."""
    shell.run(
        '%%claude --sweep what=["echo", "error 400"] -f code -o s\n'
        "emulate: {what}\nLook:\n```python\nx = 1\n```"
    )
    sweep = shell.ip.user_ns["s"]
    shown = [
        shell.run("%claude sweep").outputs[0]["text/html"],
        shell.run("%claude sweep against 0").outputs[0]["text/html"],
        sweep.compare(0)._repr_mimebundle_()["text/html"],
        sweep._repr_mimebundle_()["text/html"],
    ]
    assert ["Look:" in html for html in shown] == [False] * 4
    assert all('class="highlight"' in html for html in shown)


def test_a_kernel_is_asked_about_many(kernel):
    """The question tells the size; no is no, and yes sends."""
    kernel.run(
        "%load_ext routeway_magic\n%config ClaudeSettings.sweep_confirm_above = 1"
    )
    cell = "%%claude --sweep temperature=0,1\nemulate: echo\nhi"
    kernel.start(cell, stdin=True)
    assert "2 requests, about" in kernel.answer("n")
    ran = kernel.wait()
    assert ran.status == "error"
    assert "was not sent" in str(ran.error)
    kernel.start(cell, stdin=True)
    kernel.answer("y")
    ran = kernel.wait()
    assert "2 answers" in ran.outputs[-1]["data"]["text/plain"]
    ran = kernel.run(cell)  # nobody is there
    assert "--yes" in str(ran.error)
