"""`%%claude --sweep`: from the line to answers side by side."""

from __future__ import annotations

import pytest
from shells import Shell

from routeway_magic.errors import InputError
from routeway_magic.grammar import OPTIONS, parse_line
from routeway_magic.run.session import session


@pytest.fixture
def shell():
    """A shell in which the extension is loaded."""
    with Shell.opened() as opened:
        yield opened


def axes(line: str) -> list[str]:
    """What the line gives as axes."""
    return parse_line(line, OPTIONS).values["sweep"]


@pytest.mark.parametrize(
    ("line", "expected", "prompt"),
    [
        ("--sweep temperature=0,0.5,1 hi there", ["temperature=0,0.5,1"], "hi there"),
        ("--sweep t=0, 0.5, 1 hi", ["t=0, 0.5, 1"], "hi"),
        ('--sweep city=["Paris", "Rome"] hi', ['city=["Paris", "Rome"]'], "hi"),
        ('--sweep city="New York",Rome hi', ['city="New York",Rome'], "hi"),
        ("--sweep top_p=0.1:0.9:5 hi", ["top_p=0.1:0.9:5"], "hi"),
        ("--sweep 'city=New York, Rome' hi", ["city=New York, Rome"], "hi"),
        ("--sweep=model=a,b --sweep t=unset,1 hi", ["model=a,b", "t=unset,1"], "hi"),
    ],
)
def test_the_line_keeps_axes_as_typed(line, expected, prompt):
    """Commas lead on; a blank ends an axis unless it stands within JSON."""
    assert axes(line) == expected
    assert parse_line(line, OPTIONS).prompt == prompt


@pytest.mark.parametrize(
    "line",
    ["--sweep", "--sweep temperature hi", "--sweep c=[1,2 hi", '--sweep c="a"b hi'],
)
def test_what_is_no_axis_is_refused(line):
    """Before anything is sent, with an example."""
    with pytest.raises(InputError):
        axes(line)


def test_a_sweep_is_bound_and_shown(shell):
    """`-o` binds it; a terminal gets the answers, then the table."""
    ran = shell.run("%%claude --sweep temperature=0,1 -o s\nemulate: echo\nhello")
    assert ran.ok, ran.error
    assert "── temperature=0 ──\nhello" in ran.stdout
    assert "temperature=1" in ran.stdout
    assert "2 answers · emulator" in ran.stdout
    sweep = shell.ip.user_ns["s"]
    assert [result.text for result in sweep] == ["hello", "hello"]
    assert sweep is session().last_sweep


def test_braces_take_the_swept_value_and_the_notebooks(shell):
    """An axis that the prompt mentions is filled in, together with variables."""
    shell.run("greeting = 'Hello'")
    ran = shell.run(
        '%%claude --sweep city=["Paris", "Rome"] -o s\nemulate: echo\n{greeting}, {city}!'
    )
    assert ran.ok, ran.error
    texts = [result.text for result in shell.ip.user_ns["s"]]
    assert texts == ["Hello, Paris!", "Hello, Rome!"]
    assert "city" not in shell.ip.user_ns


def test_a_prompt_that_names_no_axis_is_filled_once(shell):
    """Expressions run once, however many answers are asked for."""
    shell.run("calls = []\ndef look():\n    calls.append(1)\n    return 'x'")
    ran = shell.run("%%claude --sweep temperature=0,0.5,1 --repeat 2\n{look()}")
    assert ran.ok, ran.error
    assert shell.ip.user_ns["calls"] == [1]


def test_repeat_alone_asks_the_same_again(shell):
    """`--repeat 3` without axes."""
    ran = shell.run("s = %claude --repeat 3 hi")
    assert ran.ok, ran.error
    assert len(shell.ip.user_ns["s"]) == 3
    assert "── repeat 3 ──" in ran.stdout


def test_many_requests_need_a_go_ahead(shell):
    """Nothing is sent without `--yes`, and the refusal names it with the size."""
    shell.run("%config ClaudeSettings.sweep_confirm_above = 3")
    ran = shell.run("%%claude --sweep temperature=0,1 --repeat 2\nhi")
    assert "--yes" in str(ran.error)
    assert "4 requests" in str(ran.error)
    assert session().turns == []
    assert shell.run("%%claude --sweep temperature=0,1 --repeat 2 --yes\nhi").ok


def test_dry_run_tells_the_size_and_sends_nothing(shell):
    """How many requests, how many tokens at most, and which; without a go-ahead."""
    shell.run("%config ClaudeSettings.sweep_confirm_above = 1")
    ran = shell.run("%%claude --sweep temperature=0,1 --max-tokens 10 --dry-run\nhi")
    assert ran.ok, ran.error
    [shown] = ran.outputs
    assert "2 requests" in shown["text/plain"]
    assert "at most 20 output tokens" in shown["text/html"]
    assert "#1  temperature=1" in shown["text/plain"]
    [repeated] = shell.run("%%claude --sweep t=0,1 --repeat 3 --dry-run\nhi").outputs
    assert "  #3  t=1 × 3" in repeated["text/plain"].splitlines()
    alone = shell.run("%claude --repeat 9 --dry-run hi").value
    assert "  #0  as it is × 9" in alone.text.splitlines()
    assert session().turns == []


def test_resume_asks_for_the_rest_only(shell):
    """What is complete is not asked again."""
    ran = shell.run(
        '%%claude --sweep what=["echo", "error 400"] -o s\nemulate: {what}\nhello'
    )
    assert ran.ok, ran.error
    assert "%claude sweep resume" in ran.stdout
    sweep = shell.ip.user_ns["s"]
    assert [result.status for result in sweep] == ["complete", "failed"]
    before = len(session().turns)
    first = sweep[0]
    assert shell.run("%claude sweep resume").ok
    assert len(session().turns) == before + 1
    assert sweep[0] is first


def test_the_last_sweep_once_more_and_against_another(shell):
    """`%claude sweep` and `%claude sweep against N`."""
    shell.run('%%claude --sweep what=["one", "two"]\nemulate: echo\n{what} words')
    again = shell.run("%claude sweep").outputs[0]
    assert "against what=one:" in again["text/html"]
    against = shell.run("%claude sweep against 1").outputs[0]
    assert "<del>two</del><ins>one</ins>" in against["text/html"]
    assert "There is no variant 7" in str(shell.run("%claude sweep against 7").error)
    assert "complete" in shell.run("%claude sweep resume").stdout


def test_words_after_sweep_that_are_none_of_its_own_are_refused(shell):
    """Both readings are shown; nothing is sent."""
    error = str(shell.run("%claude sweep the floor").error)
    assert "%claude -- sweep the floor" in error
    assert "no sweep" in str(shell.run("%claude sweep resume").error)
    assert session().turns == []


def test_a_kernel_shows_one_entry_within_the_bounds(kernel):
    """The live grid in a real kernel: at most 12 messages a second, few bytes."""
    kernel.run("%load_ext routeway_magic")
    ran = kernel.run(
        "%%claude --sweep temperature=0,0.25,0.5,0.75,1,1.25\nemulate: long 4, slow 250"
    )
    assert ran.status == "ok"
    [entry] = ran.outputs
    assert entry["data"]["text/html"].count('scope="col"') > 6
    shown = [
        message
        for message in ran.messages
        if message["msg_type"] in ("display_data", "update_display_data")
    ]
    texts = [message["content"]["data"]["text/html"] for message in shown]
    assert any("answers under way" in html for html in texts)
    assert len(shown) <= 12 * ran.seconds + 1
    said = len(entry["data"]["text/plain"])
    assert sum(map(len, texts[:-1])) <= 20 * said


def test_an_interrupt_leaves_what_has_come_and_resume_the_rest(kernel):
    """The comparison stands in the cell, which fails; the rest is asked in another."""
    kernel.run("%load_ext routeway_magic")
    kernel.start(
        '%%claude --sweep pace=["echo", "echo, slow 2"] -o s\nemulate: {pace}\n'
        + "some words to say slowly " * 20
    )
    kernel.wait_until(
        lambda area: any("1 of 2 answers" in str(message) for message in area.messages)
    )
    kernel.interrupt()
    ran = kernel.wait()
    assert ran.status == "error"
    assert "Traceback" not in str(ran.error)
    shown = ran.outputs[0]["data"]["text/html"]
    assert "1 of 2 answers" in shown
    assert "interrupted" in shown
    kernel.run("s.questions[1] = s.questions[0]")
    again = kernel.run("%claude sweep resume")
    assert again.status == "ok"
    [entry] = again.outputs
    assert "2 answers" in entry["data"]["text/plain"]
