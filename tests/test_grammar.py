"""The grammar of a magic's line is DESIGN.md's, clause by clause."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from traitlets import Bool, HasTraits

from routeway_magic.cell_options import CellOptions
from routeway_magic.errors import InputError
from routeway_magic.grammar import Line, options_of, parse_line
from routeway_magic.settings import ClaudeSettings

OPTIONS = [*options_of(ClaudeSettings), *options_of(CellOptions)]
FLAGS = [flag for option in OPTIONS for flag in option.flags]
PIECES = ["--", "-", "--x", "unset", "1", "a b", "'", '"', '"a b"', "'c'", "=", "x="]
PIECES += ["x=1", 'x={"a": ', "}", "=unset", "--stop=", "--quiet=1"]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def parse(line: str) -> Line:
    """The line, read with the options of the magics."""
    return parse_line(line, OPTIONS)


def values(line: str) -> dict[str, Any]:
    """The options of a line whose prompt is `p`."""
    parsed = parse(line)
    assert parsed.prompt == "p"
    return parsed.values


@pytest.mark.parametrize(
    "prompt",
    [
        "what does ls -t do, and don't guess?",
        "new ideas for -- my talk",
        "is it --quiet here?",
        '"quoted" from the start',
        "x=1 --param y=2",
        "- a list item",
        "a  b\tc ?",
    ],
)
def test_from_the_first_other_word_on_all_is_prompt(prompt: str) -> None:
    """Options come first; the rest of the line is the prompt, verbatim."""
    assert parse(prompt) == Line({}, prompt, plain=True)
    assert parse(f"-t 0.5 {prompt}") == Line({"temperature": 0.5}, prompt, plain=False)


@settings(deadline=None)
@given(st.text().filter(lambda text: not text.lstrip().startswith("-")))
def test_prompt_without_a_dash_passes_verbatim(prompt: str) -> None:
    """Blanks before the prompt are none of it; every other character is."""
    assert parse(prompt) == Line({}, prompt.lstrip(), plain=True)


@settings(deadline=None)
@given(st.text())
@example("-t 1 x")
@example("-- x")
def test_after_two_dashes_anything_is_prompt(prompt: str) -> None:
    """`--` ends the options, also before a prompt that looks like some."""
    assert parse(f"-- {prompt}") == Line({}, prompt.lstrip(), plain=False)
    assert parse(f"--quiet -- {prompt}").prompt == prompt.lstrip()


@settings(deadline=None)
@given(st.text())
@example("--param x=" + "[" * 100_000)
@example("--stop unset --stop a")
@example("--param x=" + "9" * 5000)
@example("--thinking " + "9" * 5000)
@example("--max-tokens " + "9" * 5000)
def test_any_line_parses_or_is_refused(line: str) -> None:
    """No line raises anything but InputError, which says what to do."""
    _parse_or_refuse(line)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from([*FLAGS, *PIECES]),
        max_size=8,
    ),
    st.sampled_from([" ", "", "  "]),
)
def test_any_words_parse_or_are_refused(words: list[str], between: str) -> None:
    """The same for lines made of what has a meaning."""
    _parse_or_refuse(between.join(words))


def _parse_or_refuse(line: str) -> None:
    try:
        parsed = parse(line)
    except InputError as error:
        assert error.what  # noqa: PT017 - a line that parses is as good
    else:
        assert line.endswith(parsed.prompt)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-t 0.5 p", {"temperature": 0.5}),
        ("--temperature 0.5 p", {"temperature": 0.5}),
        ("--temperature=0.5 p", {"temperature": 0.5}),
        ("-t -1 p", {"temperature": -1.0}),
        ("-t 7 p", {"temperature": 7.0}),
        ("-m claude-x p", {"model": "claude-x"}),
        ("--model ~/x p", {"model": "~/x"}),
        ("--top-k 5 --top-p .5 p", {"top_k": 5, "top_p": 0.5}),
        ("--max-tokens 9 p", {"max_tokens": 9}),
        ("--thinking off p", {"thinking": "off"}),
        ("--thinking adaptive p", {"thinking": "adaptive"}),
        ("--thinking 2000 p", {"thinking": 2000}),
        ("--effort low p", {"effort": "low"}),
        ("--no-stream --quiet p", {"stream": False, "quiet": True}),
        ("-o r --new p", {"into": "r", "new": True}),
        ("--into=r --append p", {"into": "r", "append": True}),
        ("--no-history p", {"no_history": True}),
        ("-t 1 -t 2 p", {"temperature": 2.0}),
        ("--stop A --stop B p", {"stop": ["A", "B"]}),
        ("--stop unset --stop B p", {"stop": ["B"]}),
        ("-t unset -s unset p", {"temperature": "unset", "system": "unset"}),
        ("--stop unset p", {"stop": "unset"}),
    ],
)
def test_option_takes_its_value(line: str, expected: dict[str, Any]) -> None:
    """Each option reads its value by its setting's type; the last one counts."""
    assert values(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('--stop "a b" p', {"stop": ["a b"]}),
        ("--system='x y' p", {"system": "x y"}),
        ("-s 'say \"no\"' p", {"system": 'say "no"'}),
        ('-s "it\'s" p', {"system": "it's"}),
        ("-s \"'q'\" p", {"system": "'q'"}),
        ('-s "" p', {"system": ""}),
        ('-s "~" p', {"system": "~"}),
        ('-s "--quiet" p', {"system": "--quiet"}),
        (r'-s "a\" p', {"system": "a\\"}),
        ("-s don't p", {"system": "don't"}),
        ('-s a"b p', {"system": 'a"b'}),
    ],
)
def test_quote_groups_only_where_it_begins_a_word(
    line: str, expected: dict[str, Any]
) -> None:
    """A quote that begins a word groups and is removed; any other is a character."""
    assert values(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('--param metadata={"user_id": "a b"} p', {"metadata": {"user_id": "a b"}}),
        ("--param 'x=[1, 2]' p", {"x": [1, 2]}),
        ("--param='x=[1, 2]' p", {"x": [1, 2]}),
        ("--param=x=[1, 2] p", {"x": [1, 2]}),
        ("--param a=1 --param b=null p", {"a": 1, "b": None}),
        ("--param a=1 --param a=2 p", {"a": 2}),
        ('--param x="it\'s" p', {"x": "it's"}),
        ("--param x=unset p", {"x": "unset"}),
        ("--param x=true p", {"x": True}),
    ],
)
def test_key_json_runs_to_the_end_of_the_value(
    line: str, expected: dict[str, Any]
) -> None:
    """`KEY=JSON` holds blanks and quotes of its own; members add up."""
    assert values(line) == {"param": expected}


@settings(deadline=None)
@given(ANY_JSON, st.sampled_from([None, 1, (",", ":")]))
def test_any_json_is_read(value: Any, layout: Any) -> None:
    """Whatever JSON stands there, in whatever layout, is the value."""
    indent, separators = (layout, None) if layout == 1 else (None, layout)
    text = json.dumps(value, indent=indent, separators=separators, ensure_ascii=False)
    assert values(f"--param x={text} p") == {"param": {"x": value}}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--stop 'a b p", "never closed"),
        ('-s "p', "never closed"),
        ("--param 'x=1 p", "never closed"),
        ('-s "a"b p', "blank is missing"),
        ("--param x=1y p", "blank is missing"),
        ("--param x={1} p", "no JSON"),
        ("--param x=text p", "no JSON"),
        ("--param x=NaN p", "no JSON"),
        ("--param x= p", "no JSON"),
        ("--param x 1 p", "KEY=JSON"),
        ("--param =1 p", "KEY=JSON"),
        ("--param 'x=1 y=2' p", "one KEY=JSON"),
        ("--param", "KEY=JSON"),
        ("-t", "needs a value"),
        ("-t --quiet p", "needs a value"),
        ("--system= p", "needs a value"),
        ("--quiet=no p", "takes no value"),
        ("-t hot p", "cannot be `hot`"),
        ("--top-k 1.5 p", "cannot be `1.5`"),
        ("--thinking some p", "cannot be `some`"),
    ],
)
def test_what_cannot_be_read_is_refused(line: str, says: str) -> None:
    """Open quotes, cut JSON, missing and wrong values are said, not guessed."""
    with pytest.raises(InputError) as refused:
        parse(line)
    assert says in refused.value.what


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("--temprature", "--temperature"),
        ("--max-token", "--max-tokens"),
        ("--sytem=x", "--system"),
        ("--no-steam", "--no-stream"),
        ("--parm", "--param"),
    ],
)
def test_unknown_option_names_the_nearest(typed: str, meant: str) -> None:
    """An unknown option says what was perhaps meant, and how to send it as a prompt."""
    with pytest.raises(InputError) as refused:
        parse(f"{typed} p")
    assert f"`{typed.partition('=')[0]}`" in refused.value.what
    assert f"`{meant}`" in refused.value.hint
    assert "`--`" in refused.value.hint


def test_unknown_option_with_nothing_near() -> None:
    """Where nothing is near, the list of options is named."""
    with pytest.raises(InputError) as refused:
        parse("-zzz p")
    assert "`%claude help`" in refused.value.hint


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("help", True),
        ("new ideas", True),
        ("", True),
        ("-- help", False),
        ("--quiet help", False),
        ("-t 1 help", False),
    ],
)
def test_after_an_option_a_word_is_no_subcommand(line: str, plain: bool) -> None:
    """Only a line without options and `--` may name a subcommand."""
    assert parse(line).plain is plain


@pytest.mark.parametrize("settings", [ClaudeSettings, CellOptions])
def test_options_are_made_from_the_settings(settings: type[HasTraits]) -> None:
    """Each trait that has flags is an option with its help; a Bool takes no value.

    A flag that turns something off has words of its own.
    """
    made = {option.name: option for option in options_of(settings)}
    declared = settings.class_traits(flags=bool)
    assert {*made} == {*declared}
    for name, option in made.items():
        trait = declared[name]
        assert option.help == trait.metadata.get("flag_help", trait.help)
        assert bool(trait.metadata.get("flag_help")) == (option.constant is False)
        assert (option.read is None) == isinstance(declared[name], Bool)


def test_no_flag_means_two_things() -> None:
    """Every flag belongs to one option."""
    assert len(FLAGS) == len(set(FLAGS))
