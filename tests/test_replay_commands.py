"""`%claude record` and `%claude replay`, and the environment that does the same."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from shells import Shell

from routeway_magic.errors import InputError


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A shell with the extension loaded and no key."""
    with Shell.opened() as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A cassette that is still to be recorded, as a word on a line."""
    return str(tmp_path / "lesson.jsonl")


def ask(shell: Shell, *options: str, prompt: str = "hi") -> str:
    """The source of the answer to a question by itself."""
    line = " ".join(["%%claude --no-history -o reply", *options])
    ran = shell.run(f"{line}\nemulate: echo\n{prompt}")
    if ran.error:
        raise ran.error
    source: str = shell.ip.user_ns["reply"].source
    return source


def record(shell: Shell, file: str, *prompts: str) -> None:
    """Records the answers to these."""
    shell.run(f"%claude record {file}")
    for prompt in prompts:
        ask(shell, prompt=prompt)
    shell.run("%claude record stop")


def test_a_lesson_is_recorded_and_replayed(shell: Shell, file: str) -> None:
    """Each step says what it does and how it ends; the footer marks replays."""
    began = shell.run(f"%claude record {file}").stdout
    assert file in began
    assert "`%claude record stop` ends it" in began
    assert ask(shell) == "emulator"
    assert f"into {file}, 1 exchange" in shell.run("%claude status").stdout
    assert "1 exchange recorded" in shell.run("%claude record stop").stdout
    told = shell.run(f"%claude replay {file} --speed max").stdout
    assert "1 exchange, at once; nobody else" in told
    assert "a recording" in shell.run("%claude status").stdout
    assert ask(shell) == "emulator, replayed"
    shown = shell.run("%%claude --no-history\nemulate: echo\nhi")
    assert "emulator, replayed" in shown.stdout
    assert "answers no more" in shell.run("%claude replay stop").stdout
    assert ask(shell) == "emulator"


def test_what_is_not_recorded_stops_the_cell(shell: Shell, file: str) -> None:
    """Strictly, a question that differs fails, says in what, and how to go on."""
    record(shell, file, "hi")
    shell.run(f"%claude replay {file} --strict")
    ran = shell.run("%%claude --no-history -t 0.5\nemulate: echo\nho")
    assert isinstance(ran.error, InputError)
    told = str(ran.error)
    for part in ("temperature: 0.5, recorded not set", "[-hi-]{+ho+}", "--fallback"):
        assert part in told
    shell.run(f"%claude replay {file} --fallback")
    assert ask(shell, prompt="ho") == "emulator"


@pytest.mark.parametrize(
    ("words", "speed"),
    [("", 1.0), ("--speed 5", 5.0), ("--speed=0.5", 0.5), ("--speed max", None)],
)
def test_speeds(words: str, speed: float | None, shell: Shell, file: str) -> None:
    """As recorded, so many times as fast, or at once."""
    record(shell, file, "hi")
    shell.run(f"%claude replay {file} {words}")
    from routeway_magic.run.session import session

    playing = session().sources.deck.playing
    assert playing is not None
    assert playing.speed == speed


@pytest.mark.parametrize(
    "line",
    [
        "record",
        "record the minutes of this meeting",
        "record lesson.txt",
        "replay the conversation as a poem",
        "replay lesson.jsonl --speed fast",
        "replay lesson.jsonl --speed 0",
        "replay lesson.jsonl --speed",
        "replay lesson.jsonl --strict --fallback",
        "replay lesson.jsonl other.jsonl",
        "replay stop it",
    ],
)
def test_other_lines_have_two_readings(line: str, shell: Shell) -> None:
    """Nothing happens, and both readings are shown."""
    ran = shell.run(f"%claude {line}")
    assert isinstance(ran.error, InputError)
    assert f"`%claude -- {line}`" in str(ran.error)
    assert not list(Path().glob("lesson.*"))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("record stop", "Nothing is being recorded"),
        ("replay stop", "Nothing is replayed"),
        ("replay nothing.jsonl", "There is no file `nothing.jsonl`"),
        ("record /nowhere/lesson.jsonl", "`/nowhere/lesson.jsonl` cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said(line: str, told: str, shell: Shell) -> None:
    """One sentence, with what to do where there is something."""
    ran = shell.run(f"%claude {line}")
    assert told in ran.stdout + str(ran.error)


def test_a_damaged_file_tells_what_it_lost(shell: Shell, file: str) -> None:
    """The rest of it is replayed."""
    record(shell, file, "one", "two")
    content = Path(file).read_bytes()
    Path(file).write_bytes(content[:-20])
    told = shell.run(f"%claude replay {file} --speed max").stdout
    assert "1 exchange in it cannot be read whole" in told
    assert ask(shell, prompt="one") == "emulator, replayed"


def test_recording_goes_on_in_another_file(shell: Shell, file: str) -> None:
    """The one before is ended, and that is said; what is there already is, too."""
    shell.run(f"%claude record {file}")
    ask(shell)
    told = shell.run(f"%claude record {file}.b.jsonl").stdout
    assert f"1 exchange recorded in {file}" in told
    assert "goes on" not in told
    assert "the new answer counts" in shell.run(f"%claude record {file}").stdout


def test_a_replay_is_recorded_as_what_it_is(shell: Shell, file: str) -> None:
    """Another lesson may be cut from it; its answers stay whose they were."""
    record(shell, file, "one", "two")
    shell.run(f"%claude replay {file} --speed max")
    record(shell, f"{file}.b.jsonl", "two")
    last = json.loads(Path(f"{file}.b.jsonl").read_text().splitlines()[-1])
    assert last["source"] == "emulator"


def environment(monkeypatch: pytest.MonkeyPatch, file: str, mode: str) -> None:
    """As a notebook runs in CI."""
    monkeypatch.setenv("ROUTEWAY_CASSETTE", file)
    monkeypatch.setenv("ROUTEWAY_CASSETTE_MODE", mode)


@pytest.mark.parametrize("mode", ["", "strict", "fallback", "add"])
def test_the_environment_replays(
    mode: str, shell: Shell, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once; without a mode strictly; `add` records what was not there."""
    record(shell, file, "one")
    environment(monkeypatch, file, mode)
    assert ask(shell, prompt="one") == "emulator, replayed"
    if mode in ("", "strict"):
        with pytest.raises(InputError, match="holds no answer"):
            ask(shell, prompt="two")
        return
    assert ask(shell, prompt="two") == "emulator"
    again = "emulator, replayed" if mode == "add" else "emulator"
    assert ask(shell, prompt="two") == again
    ends = Path(file).read_text().count('"kind":"end"')
    assert ends == (2 if mode == "add" else 1)


@pytest.mark.parametrize("mode", ["record", "add"])
def test_the_environment_records(
    mode: str, shell: Shell, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is not there yet is begun."""
    environment(monkeypatch, file, mode)
    ask(shell)
    assert Path(file).read_text().count('"kind":"end"') == 1


def test_the_environment_that_is_wrong_stops_the_cell(
    shell: Shell, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is not there, and a word that is no mode."""
    environment(monkeypatch, file, "")
    with pytest.raises(InputError, match="cannot be read"):
        ask(shell)
    monkeypatch.setenv("ROUTEWAY_CASSETTE_MODE", "sometimes")
    with pytest.raises(InputError, match="cannot be `sometimes`"):
        ask(shell)
    assert not os.path.exists(file)  # noqa: PTH110 - a word, not a path


def test_commands_come_before_the_environment(
    shell: Shell, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was stopped stays so until the environment says something else."""
    record(shell, file, "one")
    environment(monkeypatch, file, "strict")
    assert ask(shell, prompt="one") == "emulator, replayed"
    shell.run("%claude replay stop")
    assert ask(shell, prompt="one") == "emulator"
