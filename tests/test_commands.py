"""The subcommands of `%claude`."""

from __future__ import annotations

import getpass
from collections.abc import Iterator

import pytest
from shells import Shell

from routeway_magic import __version__
from routeway_magic.errors import ConfigurationError, InputError
from routeway_magic.run.session import session


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A shell with the extension loaded and no key."""
    with Shell.opened() as opened:
        yield opened


def test_help_lists_every_option_and_subcommand(shell):
    """What can be typed is what help shows."""
    text = shell.run("%claude help").stdout
    for word in ("--temperature", "--param", "--new", "-o", "status", "login", "unset"):
        assert word in text


def test_bare_magic_is_help(shell):
    """`%claude` alone explains itself."""
    assert shell.run("%claude").stdout == shell.run("%claude help").stdout


def test_status_says_who_answers(shell, monkeypatch):
    """Emulator and live are told apart before anything is sent."""
    assert "emulator, offline" in shell.run("%claude status").stdout
    monkeypatch.setenv("ROUTEWAY_API_KEY", "sk-secret-1234")
    text = shell.run("%claude status").stdout
    assert "live, https://api.routeway.ai" in text
    assert "set by ROUTEWAY_API_KEY" in text
    assert "sk-secret" not in text


def test_config_shows_settings_and_the_line_that_sets_them(shell):
    """All settings with their help, and as a `%%claude` line."""
    shell.run("%config ClaudeSettings.temperature = 0.5")
    text = shell.run("%claude config").stdout
    assert "%%claude --temperature 0.5" in text
    assert "read_timeout" in text


def test_models_filters_by_a_word(shell):
    """`%claude models WORD` lists what has the word in its name."""
    every = shell.run("%claude models").stdout.splitlines()
    some = shell.run("%claude models haiku").stdout.splitlines()
    assert 0 < len(some) < len(every)
    assert all("haiku" in line.lower() for line in some)
    assert "No model has `zzz`" in shell.run("%claude models zzz").stdout


def test_login_keeps_the_key_in_memory_only(shell, monkeypatch):
    """The key is asked for without echo and shown nowhere."""
    monkeypatch.setattr(getpass, "getpass", lambda prompt: " sk-from-login \n")
    ran = shell.run("%claude login")
    assert "in this kernel's memory only" in ran.stdout
    status = shell.run("%claude status").stdout
    assert "set by `%claude login`" in status
    seen = repr(vars(session())) + repr(vars(session().sources)) + status + ran.stdout
    assert "sk-from-login" not in seen


def test_login_refuses_what_is_no_key(shell, monkeypatch):
    """A pasted line break or a blank in the middle is no key."""
    monkeypatch.setattr(getpass, "getpass", lambda prompt: "two words")
    ran = shell.run("%claude login")
    assert isinstance(ran.error, ConfigurationError)
    assert "two words" not in str(ran.error)


def test_login_where_nobody_can_be_asked(shell, monkeypatch):
    """Headless, the environment variable is named."""

    def refuse(prompt: str) -> str:
        raise RuntimeError(prompt)

    monkeypatch.setattr(getpass, "getpass", refuse)
    ran = shell.run("%claude login")
    assert isinstance(ran.error, InputError)
    assert "ROUTEWAY_API_KEY" in ran.error.hint


def test_usage_adds_up_by_model(shell):
    """Requests and tokens, by conversation, model and source; the emulator is free."""
    assert "has asked nothing yet" in shell.run("%claude usage").stdout
    shell.run("%%claude\nhello")
    shell.run("%%claude -m claude-haiku-4-5\nhello")
    shell.run("%%claude -m claude-haiku-4-5\nhello")
    lines = shell.run("%claude usage").stdout.splitlines()
    haiku = next(line.split() for line in lines if "haiku" in line)
    total = [turn.message["usage"]["output_tokens"] for turn in session().turns[1:]]
    assert haiku[:4] == ["main", "claude-haiku-4-5", "emulator", "2"]
    assert haiku[-2:] == [f"{sum(total):,}", "$0.00"]
    assert lines[-1].split()[:3] == ["in", "all", "3"]


def test_version(shell):
    """`%claude version` names this package's."""
    assert __version__ in shell.run("%claude version").stdout


@pytest.mark.parametrize(
    "line",
    [
        "new ideas for my talk",
        "help me write a regex",
        "status of my project",
        "usage of awk",
        "use pandas to read it",
        "use the force",
        "use force",
        "drop duplicates",
        "drop",
        "show me the code",
        "show off",
        "diff these two files",
        "diff a",
        "branches of government",
        "undo the last change",
        "continue with the next chapter",
        "history of Rome",
        "history -f xml",
        "history -c nowhere",
        "history -c",
    ],
)
def test_a_sentence_that_begins_like_a_subcommand_shows_both_readings(shell, line):
    """Nothing is sent and nothing is done; both ways to say it are shown."""
    shell.run("%%claude\nfirst")
    ran = shell.run(f"%claude {line}")
    assert isinstance(ran.error, InputError)
    assert f"`%claude -- {line}`" in ran.error.hint
    assert f"`%claude {line.split()[0]}" in ran.error.hint
    assert session().conversation().head
    assert len(session().turns) == 1


@pytest.mark.parametrize("line", ["-- help me", "-t 0 help", "-- new"])
def test_after_an_option_words_are_a_prompt(shell, line):
    """After any option, or `--`, a word is never a subcommand."""
    shell.run(f"%claude {line}")
    (turn,) = session().turns
    assert turn.content[0]["text"] in ("help me", "help", "new")
