"""One settings object, many faces; only what the user set is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from traitlets import TraitError
from traitlets.config import Config

from routeway_magic.cell_options import CellOptions
from routeway_magic.compose import compose
from routeway_magic.errors import InputError
from routeway_magic.grammar import options_of, parse_line
from routeway_magic.settings import ClaudeSettings, RequestOptions

OPTIONS = [*options_of(ClaudeSettings), *options_of(CellOptions)]
PARAMETERS = {*ClaudeSettings.class_traits(parameter=True)}

# `unset` is the word that takes a setting back: it is no value.
WORDS = st.text(max_size=12).filter(lambda word: word != "unset")
FLOATS = st.floats(allow_nan=False)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=2)
    ),
    max_leaves=4,
)
CHOICES: dict[str, st.SearchStrategy[Any]] = {
    "model": WORDS,
    "temperature": FLOATS,
    "top_p": FLOATS,
    "top_k": st.integers(),
    "max_tokens": st.integers(),
    "system": WORDS,
    "stop": st.lists(WORDS, max_size=3),
    "thinking": st.sampled_from(["adaptive", "off"]) | st.integers(-(10**18), 10**18),
    "effort": st.sampled_from(["low", "high", "unheard-of"]),
    "param": st.dictionaries(
        st.sampled_from(["metadata", "system", "stop_sequences", "tool_choice"]),
        JSON_VALUES,
        max_size=3,
    ),
    "stream": st.booleans(),
    "quiet": st.booleans(),
}


@pytest.fixture
def settings() -> Iterator[ClaudeSettings]:
    """The kernel's settings, forgotten afterwards."""
    ClaudeSettings.clear_instance()
    yield ClaudeSettings.instance()
    ClaudeSettings.clear_instance()


def read_back(options: RequestOptions) -> RequestOptions:
    """The options that the line gives to a user who has set nothing else."""
    line = options.as_line()
    assert line.startswith("%%claude")
    assert "\n" not in line
    parsed = parse_line(line.removeprefix("%%claude"), OPTIONS)
    assert parsed.prompt == ""
    return ClaudeSettings().snapshot(**parsed.values)


def has_a_place_on_a_line(word: str) -> bool:
    """Whether quotes can hold a text: nothing escapes inside them."""
    return word.isprintable() and not ("'" in word and '"' in word)


def test_nothing_is_set_at_first(settings: ClaudeSettings) -> None:
    """A fresh user sends no parameter; the defaults are the documented ones."""
    options = settings.snapshot()
    assert dict(options.parameters) == {}
    assert (options.model, options.max_tokens) == ("claude-opus-4-5", 4096)
    assert (options.stream, options.quiet) == (True, False)


def test_what_is_set_is_sent_until_taken_back(settings: ClaudeSettings) -> None:
    """A parameter is sent once the user has set it, also to 0; None takes it back."""
    settings.temperature = 0
    settings.system = ""
    assert dict(settings.snapshot().parameters) == {"temperature": 0.0, "system": ""}
    settings.temperature = settings.system = None
    assert dict(settings.snapshot().parameters) == {}


@pytest.mark.parametrize("back", [None, "unset"])
def test_override_takes_a_setting_back(settings: ClaudeSettings, back: Any) -> None:
    """For one request, `unset` (or None) is as if the setting had not been set."""
    settings.temperature = 0.5
    settings.param = {"top_k": 1}
    chosen = settings.snapshot(temperature=back, param=back)
    assert dict(chosen.parameters) == {}
    assert dict(settings.snapshot().parameters) == {
        "temperature": 0.5,
        "param": {"top_k": 1},
    }


def test_param_is_merged_member_by_member(settings: ClaudeSettings) -> None:
    """A cell's `--param` adds to the setting's; `KEY=unset` takes one member back."""
    settings.param = {"a": 1, "b": 2}
    assert settings.snapshot(param={"b": 3, "c": 4}).parameters["param"] == {
        "a": 1,
        "b": 3,
        "c": 4,
    }
    assert settings.snapshot(param={"a": "unset"}).parameters["param"] == {"b": 2}
    gone = settings.snapshot(param={"a": "unset", "b": "unset"})
    assert dict(gone.parameters) == {}


def test_snapshot_is_read_once(settings: ClaudeSettings) -> None:
    """What changes after a request has started does not reach it, however deep."""
    settings.stop = ["A"]
    mine = {"metadata": {"user_id": "a"}}
    options = settings.snapshot(param=mine)
    settings.stop.append("B")
    settings.temperature = 1.0
    mine["metadata"]["user_id"] = "b"
    assert dict(options.parameters) == {
        "stop": ["A"],
        "param": {"metadata": {"user_id": "a"}},
    }


def test_one_text_stands_for_a_list_of_it(settings: ClaudeSettings) -> None:
    """`stop="END"` is one sequence, wherever it is set, and not three letters."""
    assert settings.snapshot(stop="END").parameters["stop"] == ["END"]
    settings.stop = "END"
    assert settings.snapshot().parameters["stop"] == ["END"]


def test_config_file_sets(settings: ClaudeSettings) -> None:
    """`c.ClaudeSettings…` in a config file sets from the start, and is type-checked."""
    c = Config()
    c.ClaudeSettings.temperature = 0.2
    c.ClaudeSettings.thinking = "adaptive"
    c.ClaudeSettings.stream = False
    options = ClaudeSettings(config=c).snapshot()
    assert dict(options.parameters) == {"temperature": 0.2, "thinking": "adaptive"}
    assert not options.stream
    settings.update_config(c)
    assert settings.temperature == 0.2


def test_every_setting_can_be_configured() -> None:
    """Each setting is open to `%config` and explains itself."""
    for name, trait in ClaudeSettings.class_own_traits().items():
        assert trait.metadata.get("config"), name
        assert trait.help, name


def test_every_parameter_is_an_option() -> None:
    """Each parameter can be set in a cell: none is declared twice or forgotten."""
    assert {option.name for option in OPTIONS} >= PARAMETERS
    assert {*CHOICES} == PARAMETERS | {"stream", "quiet"}


def test_model_of_the_environment(
    settings: ClaudeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ROUTEWAY_MODEL stands in for the default, a setting comes first, empty is unset."""
    monkeypatch.setenv("ROUTEWAY_MODEL", "from-environment")
    started = settings.snapshot()
    assert started.model == "from-environment"
    assert settings.snapshot(model="mine").model == "mine"
    monkeypatch.setenv("ROUTEWAY_MODEL", "")
    assert settings.snapshot().model == "claude-opus-4-5"
    assert started.model == "from-environment"


WRONG: list[tuple[str, Any]] = [
    ("temperature", "hot"),
    ("temperature", True),
    ("temperature", 10**400),
    ("top_p", [0.5]),
    ("top_k", 1.5),
    ("max_tokens", True),
    ("max_tokens", "many"),
    ("thinking", "some"),
    ("thinking", True),
    ("thinking", 1.5),
    ("thinking", "9" * 5000),
    ("thinking", []),
    ("system", 5),
    ("stop", 5),
    ("stop", [1]),
    ("param", ["x"]),
    ("stream", "yes"),
    ("quiet", 2),
]


@pytest.mark.parametrize(("name", "value"), WRONG, ids=lambda value: str(value)[:12])
def test_wrong_types_are_refused_at_once(
    settings: ClaudeSettings, name: str, value: Any
) -> None:
    """A wrong type is refused where it is set, and named where it is given."""
    with pytest.raises(TraitError):
        setattr(settings, name, value)
    with pytest.raises(InputError, match=f"`{name}` cannot be"):
        settings.snapshot(**{name: value})
    assert dict(settings.snapshot().parameters) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", 7.5),
        ("temperature", -1),
        ("top_p", 3),
        ("top_k", -5),
        ("max_tokens", 0),
        ("thinking", 1),
        ("thinking", -1),
        ("effort", "unheard-of"),
    ],
)
def test_ranges_are_the_servers_to_judge(
    settings: ClaudeSettings, name: str, value: Any
) -> None:
    """A value of the right type passes, sensible or not."""
    assert settings.snapshot(**{name: value}).parameters[name] == value
    setattr(settings, name, value)
    assert settings.snapshot().parameters[name] == value


def test_unknown_option_names_the_nearest(settings: ClaudeSettings) -> None:
    """`ask(..., temprature=1)` says what was perhaps meant, and names `param`."""
    with pytest.raises(InputError, match="`temprature`") as refused:
        settings.snapshot(temprature=1)
    assert "`temperature`" in refused.value.hint
    assert "`param`" in refused.value.hint


def test_thinking_budget_raises_the_default_limit(settings: ClaudeSettings) -> None:
    """With `--thinking N` the default is N + 4096; a limit that was set stays."""
    assert settings.snapshot(thinking=1024).max_tokens == 5120
    assert settings.snapshot(thinking="2048").max_tokens == 6144
    assert settings.snapshot(thinking="adaptive").max_tokens == 4096
    assert settings.snapshot(thinking=1024, max_tokens=2000).max_tokens == 2000


@pytest.mark.parametrize(
    ("chosen", "line"),
    [
        ({}, "%%claude"),
        ({"model": "m", "temperature": 0.5}, "%%claude --model m --temperature 0.5"),
        ({"system": "Be brief."}, '%%claude --system "Be brief."'),
        ({"system": 'Say "no"'}, "%%claude --system 'Say \"no\"'"),
        ({"stop": ["A", "B C"]}, '%%claude --stop A --stop "B C"'),
        ({"param": {"a": {"b": [1]}}}, '%%claude --param a={"b": [1]}'),
        ({"stream": False, "quiet": True}, "%%claude --no-stream --quiet"),
        ({"temperature": -1.0, "system": "-q"}, None),
        ({"system": "two\nlines"}, '%%claude --param system="two\\nlines"'),
    ],
)
def test_options_write_themselves_as_a_line(
    settings: ClaudeSettings, chosen: dict[str, Any], line: str | None
) -> None:
    """The line is what one would type."""
    options = settings.snapshot(**chosen)
    assert line is None or options.as_line() == line
    assert compose("p", options=read_back(options)).body == (
        compose("p", options=options).body
    )


@hypothesis.settings(deadline=None)
@given(st.fixed_dictionaries({}, optional=CHOICES))
@example({"system": "None", "stop": ["'x'", "~/x"]})
def test_line_reads_back_as_the_same_options(chosen: dict[str, Any]) -> None:
    """`parse_line(as_line())` gives the same options, and so the same request.

    Text that no quotes can hold travels as `--param`: then only the request is the
    same, which is what counts.
    """
    options = ClaudeSettings().snapshot(**chosen)
    back = read_back(options)
    assert compose("p", options=back).body == compose("p", options=options).body
    assert (back.stream, back.quiet) == (options.stream, options.quiet)
    texts = [chosen.get("model", ""), chosen.get("system", ""), *chosen.get("stop", [])]
    if all(map(has_a_place_on_a_line, texts)):
        assert back == options
