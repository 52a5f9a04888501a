"""Tab in `%%claude` cells and `%claude` lines, through IPython's own completer."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.completer import CompletionContext
from shells import Shell
from tabs import completions, tab

from routeway_magic import commands, completion
from routeway_magic.grammar import OPTIONS, Option
from routeway_magic.known import Known
from routeway_magic.run.session import session
from routeway_magic.sources import Sources

MODELS = ["%%claude -m |", "%claude --model |", "%%claude --model=|", '%%claude -m "|']


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """One shell with the extension loaded and some variables."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        with Shell.opened() as opened:
            opened.ip.user_ns.update(apple=1, apply=len, array="x", über=3)
            opened.ip.user_ns.update(_private=2)
            yield opened


def result(shell: Shell, text: str) -> str:
    """The text after choosing the only word there is."""
    [item] = completions(shell, text)
    code = text.replace("|", "", 1)
    return f"{code[: item.start]}{item.text}|{code[item.end :]}"


@pytest.mark.parametrize("line", ["%%claude |", "%claude |", "%claude --quiet |"])
def test_every_option_is_offered_where_options_stand(shell, line):
    """The list is the magics' own; an option that was given is not offered again."""
    offered = set(tab(shell, line))
    expected = {option.flags[-1] for option in OPTIONS}
    if "--quiet" in line:
        expected -= {"--quiet"}
    assert expected == {word for word in offered if word.startswith("-")}


def test_short_options_are_offered_after_a_dash(shell):
    """`-` lists all ways to write them; `--` the long ones."""
    assert {"-m", "--model", "-t"} <= set(tab(shell, "%%claude -|"))
    assert all(word.startswith("--") for word in tab(shell, "%%claude --|"))


def test_an_option_says_what_it_does(shell):
    """The help's first clause stands where front ends show a completion's type."""
    [item] = completions(shell, "%%claude --tempe|")
    assert item.type.replace("\u2007", " ") == "Randomness of the sampling"


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("%%claude --tempe|", "%%claude --temperature|"),
        ("%%claude --tempe| 0.2\nbody", "%%claude --temperature| 0.2\nbody"),
        ("\n\n%%claude -t 1 --max|\nbody", "\n\n%%claude -t 1 --max-tokens|\nbody"),
        ("%%claude\t--max|", "%%claude\t--max-tokens|"),
        ('%%claude -s "été 😀 it" --eff|', '%%claude -s "été 😀 it" --effort|'),
        ("%%claude -f js|", "%%claude -f json|"),
        ("%%claude --format=js|", "%%claude --format=json|"),
        ("%%claude --param top_k=5 --eff|", "%%claude --param top_k=5 --effort|"),
        ("%claude sta|", "%claude status|"),
        ("r = %claude sta|", "r = %claude status|"),
        ("if x:\n\t%claude -f js|", "if x:\n\t%claude -f json|"),
        ("%claude what is {arr|}?", "%claude what is {array|}?"),
        ("%claude -- new {arr|", "%claude -- new {array|"),
        ("%%claude\nété 😀\t{arr|} and more", "%%claude\nété 😀\t{array|} and more"),
        ("%%claude\none\n{übe|}\nthree", "%%claude\none\n{über|}\nthree"),
        ("%%claude\nmany {len(arr|)}", "%%claude\nmany {len(array|)}"),
        ("x = arr\n%claude {arr|\ny = arr", "x = arr\n%claude {array|\ny = arr"),
    ],
)
def test_the_word_before_the_cursor_is_replaced(shell, typed, chosen):
    """No less and no more than what was typed of it, wherever the cursor is."""
    assert result(shell, typed) == chosen


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("--thinking |", ["adaptive", "off", "unset"]),
        ("--effort |", ["low", "medium", "high", "xhigh", "max", "unset"]),
        ("-f m|", ["markdown", "math"]),
        ("-t |", ["unset"]),
        ("--param |", []),
        ("-o a|", ["apple", "array", "apply"]),
    ],
)
def test_values_that_are_known_are_offered(shell, typed, words):
    """A trait's own words, in their order; `unset` where a setting can be taken back."""
    assert tab(shell, f"%%claude {typed}") == words


@pytest.mark.parametrize("line", MODELS)
def test_models_are_those_that_are_known(shell, line, monkeypatch):
    """Default, setting, models asked and models listed; the network is not asked."""
    monkeypatch.setattr(session(), "conversations", {})
    monkeypatch.setattr(session(), "listed", [])
    assert set(tab(shell, line)) - {"unset"} == {"claude-opus-4-5"}
    shell.run("%claude -m mine-1 hello")
    monkeypatch.setattr(session().settings, "model", "yours-2")
    assert {"mine-1", "yours-2"} <= set(tab(shell, line))
    listed = {str(model["id"]) for model in session().models()}
    monkeypatch.setattr(Sources, "client", None)
    assert listed | {"mine-1"} <= set(tab(shell, line))
    assert "haiku" in tab(shell, "%claude models |")


def test_subcommands_are_the_first_word(shell):
    """All of them, before the options; none behind an option or another word."""
    assert tab(shell, "%claude |")[: len(commands.COMMANDS)] == list(commands.COMMANDS)
    assert tab(shell, "%claude --quiet st|") == []
    assert tab(shell, "%claude -- st|") == []
    assert tab(shell, "%claude what is st|") == []
    assert tab(shell, "%%claude st|") == []


@pytest.mark.parametrize(
    ("usage", "typed", "words"),
    [
        ("probe [NAME]", "|", {"main", "other"}),
        ("probe [NAME]", "main |", set()),
        ("probe FILE|stop", "s|", {"stop"}),
        ("probe {httpx,curl}", "|", {"httpx", "curl"}),
        ("probe [-c NAME] [-f FORMAT]", "|", {"-c", "-f"}),
        ("probe [-c NAME] [-f FORMAT]", "-c |", {"main", "other"}),
        ("probe [-c NAME] [-f FORMAT]", "-c main -f js|", {"json"}),
        ("probe [-c NAME] [-f FORMAT]", "-c main |", {"-f"}),
        ("probe a|b [-c NAME] NAME", "-c main x |", {"main", "other"}),
        ("probe [NAME] [word]", "|", {"main", "other", "word"}),
        ("probe [NAME] [word]", "main |", {"word"}),
        ("probe [NAME] [word]", "word |", set()),
    ],
)
def test_arguments_are_read_off_the_usage(shell, monkeypatch, usage, typed, words):
    """A subcommand that is added says by its usage what can be completed."""
    probe = replace(commands.COMMANDS["new"], usage=usage, most=3)
    monkeypatch.setitem(commands.COMMANDS, "probe", probe)
    session().conversation("other")
    assert set(tab(shell, f"%claude probe {typed}")) == words


@pytest.mark.parametrize(
    "command", ["use", "drop", "show", "diff", "diff x", "inspect"]
)
def test_turns_are_named_by_their_id(shell, command):
    """The latest first, each with its question; those that were dropped are not."""
    for asked in ("first", "second", "third"):
        shell.run(f"%claude {asked}")
    *_, first, second, third = [turn.id for turn in session().turns]
    shell.run(f"%claude drop {third}")
    found = completions(shell, f"%claude {command} |")
    ids = [item.text for item in found if item.type != "conversation"]
    assert ids[:2] == [second, first]
    assert found[[item.text for item in found].index(first)].type == "first"


@pytest.mark.parametrize("typed", ["use ma|", "history -c ma|", "-c ma|"])
def test_conversations_are_named(shell, typed):
    """Those that were begun, and the default one."""
    assert tab(shell, f"%claude {typed}") == ["main"]


@pytest.mark.parametrize(
    ("flag", "typed", "words"),
    [
        ("--with", "arr|", ["array"]),
        ("--with", "array,app|", ["apple", "apply"]),
        ("--with", "apple,app|", ["apply"]),
        ("--tools", "a|", ["apply"]),
        ("--unheard-of", "a|", []),
    ],
)
def test_an_option_to_come_completes_by_its_flag(
    shell, monkeypatch, flag, typed, words
):
    """Lists go on after a comma, without what is there; an unknown one has nothing."""
    option = Option(flag.strip("-"), ("-w", flag), "help", read=str)
    monkeypatch.setattr(completion, "OPTIONS", (*OPTIONS, option))
    assert tab(shell, f"%%claude -w {typed}") == words


def test_variables_data_first_and_modules_last(shell):
    """IPython's own names and those with `_` only if their beginning is typed."""
    shell.run("import decimal\nclass Zoo: pass\ndef act(): pass")
    words = tab(shell, "%%claude\n{|")
    assert words.index("über") < words.index("act") < words.index("Zoo")
    assert words[-1] == "decimal"
    assert not {"In", "Out", "exit", "get_ipython", "_private"} & set(words)
    assert tab(shell, "%%claude\n{In|") == ["In"]
    assert tab(shell, "%%claude\n{_priv|") == ["_private"]


@pytest.mark.parametrize(
    "text",
    [
        "the arr|",
        "{ arr|",
        "{{arr|",
        "${arr|",
        "\\frac{arr|",
        "x_{arr|",
        "2^{arr|",
        "`{arr|",
        "{array} arr|",
        "{array!r|",
        "{array:.2|",
        "%mag|",
        "",
    ],
)
def test_prose_is_left_alone(shell, text):
    """Where no reference stands, neither we nor IPython suggest anything."""
    assert tab(shell, f"%%claude\n{text or '|'}") == []
    assert tab(shell, f"%claude say {text or '|'}") == []


def test_raw_prompts_have_no_references(shell, monkeypatch):
    """With `--raw` a brace is a brace."""
    raw = Option("raw", ("--raw",), "help", constant=True)
    monkeypatch.setattr(completion, "OPTIONS", (*OPTIONS, raw))
    assert tab(shell, "%%claude --raw\n{arr|") == []
    assert tab(shell, "%claude --raw {arr|") == []


@pytest.mark.parametrize(
    "text",
    ["arr|", "%%claude|", "x = 1\n%claude hi\narr|", "|\n%%claude", "arr|\n%claude"],
)
def test_other_lines_are_ipythons(shell, text):
    """Python, magic names and lines beside a `%claude` complete as without us."""
    with_us = tab(shell, text)
    matchers = shell.ip.Completer.custom_matchers
    ours = matchers.pop()
    try:
        assert tab(shell, text) == with_us
    finally:
        matchers.append(ours)
    assert with_us or text.startswith("|")


def test_the_older_interface_completes_too(shell):
    """`complete` of a single line, as front ends without the newer call use it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        assert shell.ip.complete("", "%claude --tempe", 15) == (
            "--tempe",
            ["--temperature"],
        )


def test_a_failure_leaves_ipython_its_completions(shell, monkeypatch, capsys):
    """Whatever goes wrong here, IPython's own completion goes on, quietly."""
    monkeypatch.setattr(completion, "_find", None)
    assert "array" in tab(shell, "arr|")
    assert "Traceback" not in "".join(capsys.readouterr())


TEXT = st.lists(
    st.sampled_from(
        [*"{}[]().,\"'`$\\_-=%\n\t é", "%%claude ", "%claude ", "--", "array"]
    )
    | st.text(max_size=3),
    max_size=12,
).map("".join)


@settings(max_examples=200, deadline=None)
@given(start=st.sampled_from(["%%claude ", "%%claude\n", "%claude ", ""]), text=TEXT)
def test_nothing_that_is_typed_makes_it_fail(start, text):
    """Whatever stands before the cursor: an answer about the end of it, or none."""
    code = start + text
    row = code.count("\n")
    column = len(code) - code.rfind("\n") - 1
    context = CompletionContext("", code, column, row, 500)
    shell: Any = SimpleNamespace(user_ns={"array": [1]}, user_ns_hidden={})
    found = completion._find(context, Known(shell))
    if found:
        assert context.text_until_cursor.endswith(found.fragment)
        assert all(word for word, _ in found.words)
