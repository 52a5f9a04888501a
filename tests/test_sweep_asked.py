"""What the variants of a sweep ask, and what is refused before anything is sent."""

from __future__ import annotations

import _thread
import threading

import pytest
from servers import KEY, Server, answering, refusing
from shells import Shell
from sweeps import Watched, opened, swept, unsent
from waiting import wait_until

from routeway_magic.errors import ConfigurationError, InputError, Interrupted
from routeway_magic.recovery import read
from routeway_magic.run.session import session


@pytest.fixture
def shell():
    """A shell in which the extension is loaded."""
    with Shell.opened() as opened_shell:
        yield opened_shell


def test_a_setting_that_stands_in_braces_is_refused(shell):
    """A sweep varies one of them: in Python and in a cell alike."""
    said = "`temperature` is a setting, and stands in the braces"
    with opened() as here, pytest.raises(InputError, match=said):
        unsent(here, "It is {temperature!r}.", {"temperature": [0, 1]})
    ran = shell.run("%%claude --sweep temperature=0,1 -o s\nIt is {temperature}.")
    assert said in str(ran.error)
    assert session().turns == []
    for line in ("", " --raw"):
        brace = "{temperature}" if line else "{{temperature}}"
        ran = shell.run(
            f"%%claude --sweep temperature=0,1 -o s{line}\nemulate: echo\nIt is {brace}."
        )
        assert ran.ok, ran.error
        texts = [one.text for one in shell.ip.user_ns["s"]]
        assert texts == ["It is {temperature}."] * 2


def test_values_are_cut_for_the_model_that_reads_them(shell):
    """The budget is the variant's own model's, not that of the settings."""
    shell.run(
        "import numpy as np\nnumbers = np.arange(100_000)\nwords = 'word ' * 9000"
    )
    for line in ("-m claude-opus-4-7", "-m claude-sonnet-4-5"):
        ran = shell.run(
            f"%%claude {line} --sweep model=claude-opus-4-7,claude-sonnet-4-5 -o s\n"
            "What is in {words!s:.40000} and {numbers}?"
        )
        assert ran.ok, ran.error
        sweep = shell.ip.user_ns["s"]
        asked = [question.content for question in sweep.questions]
        assert asked[0] != asked[1]
        for model, content in zip(("opus-4-7", "sonnet-4-5"), asked, strict=True):
            shell.run(
                f"%%claude -m claude-{model} -o one\n"
                "What is in {words!s:.40000} and {numbers}?"
            )
            assert content == shell.ip.user_ns["one"].turn.content


def test_many_are_asked_about_in_python_too(monkeypatch):
    """Where somebody can answer; `yes=True` sends without asking."""
    asked = []

    def typed(question):
        asked.append(question)
        return answers.pop(0)

    monkeypatch.setattr("routeway_magic.run.sweeping.start.answered", typed)
    answers = ["", "no", "y", None]
    grid = {"n": [1, 2]}
    with opened(sweep_confirm_above=1) as here:
        for _ in range(2):
            with pytest.raises(ConfigurationError, match="as you wished"):
                swept(here, "emulate: echo\n{n}", grid)
        assert here.turns == []
        assert swept(here, "emulate: echo\n{n}", grid).rest == []
        with pytest.raises(ConfigurationError, match="nobody can be asked"):
            swept(here, "emulate: echo\n{n}", grid)
        assert swept(here, "emulate: echo\n{n}", grid, yes=True).rest == []
    assert len(asked) == 4
    assert asked[0].startswith("This sweep would be 2 requests, about")


def test_what_waits_leaves_no_turn(monkeypatch):
    """Stopped while a rate limit is waited for, requests are as if never made."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    watch = Watched()
    with Server(answering(), refusing(429, retry_after="30")) as server:
        monkeypatch.setenv("ROUTEWAY_BASE_URL", server.base_url)
        with opened() as here:
            found = unsent(here, "{n}", {"n": range(6)}, concurrency=4)

            def stop():
                wait_until(lambda: watch.ended_ones and watch.waits)
                _thread.interrupt_main()

            stopper = threading.Thread(target=stop)
            stopper.start()
            with pytest.raises(Interrupted, match="1 of 6 complete, 5 not sent"):
                found.resume(watch=watch)
            stopper.join()
            [done] = [one for one in found if one.turn]
            assert here.turns == [done.turn]
            path = here.recorder.journal.path
            assert path is not None
            kept = read(path.read_bytes().splitlines()).conversations["main"]
            assert [turn.id for turn in kept.turns] == [done.turn.id]


@pytest.mark.parametrize("name", ["tools", "allow", "as_"])
def test_what_is_no_setting_is_refused(name):
    """A judge calls no functions, and answers are compared as text; nothing is sent."""
    ran = []
    with opened() as here:
        with pytest.raises(InputError, match=f"`{name}=` does not go with a "):
            swept(here, "hi {n}", {"n": [1]}, options={name: [ran.append]})
        assert here.turns == []


def test_tools_that_are_offered_are_not_run():
    """What the model would call stands in its answer."""
    tool = {"name": "look", "input_schema": {"type": "object"}}
    with opened() as here:
        found = swept(
            here,
            "emulate: tools look\n{n}",
            {"n": [1]},
            options={"param": {"tools": [tool]}},
        )
        assert found[0].status == "complete"
        assert found[0].stop_reason == "tool_use"
        assert len(here.turns) == 1


def test_a_judge_that_is_stopped_has_said_something():
    """What was paid for is kept; of half an answer no number is taken."""
    watch = Watched()
    with opened() as here:
        found = swept(here, "emulate: echo\n{n}", {"n": [1000, 2, 3]})

        def stop():
            wait_until(lambda: watch.ended_ones)
            _thread.interrupt_main()

        stopper = threading.Thread(target=stop)
        stopper.start()
        judge = "emulate: echo, slow {n}\n{answer} is what it is, and no more than that"
        with pytest.raises(Interrupted, match="the judge was stopped: 1 of 3"):
            found.score(judge=judge, watch=watch)
        stopper.join()
        assert found.scores == {"score": [1000.0, None, None]}
        assert here.last_sweep is found
