"""Types for answers: read without running anything, and said to a model in full."""

from __future__ import annotations

import enum
import json
import sys
import typing
from dataclasses import make_dataclass
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import validate
from typing_extensions import TypedDict

from routeway_magic.answer_types import UnfitError, answer_type
from routeway_magic.errors import InputError
from routeway_magic.settings import ClaudeSettings
from routeway_magic.sources.emulator.output_schema import check_output_schema
from routeway_magic.sources.emulator.schema import example
from routeway_magic.strict_schema import strict_schema
from routeway_magic.type_names import read_type
from routeway_magic.wanted import ObjectWanted, TypeWanted


class Colour(enum.Enum):
    """An Enum of the notebook."""

    RED = "red"


class Person(TypedDict):
    """A TypedDict of the notebook."""

    name: str


class Trap:
    """Whatever is done with one of these runs code of its own."""

    ran: typing.ClassVar[list[str]] = []

    def __getattr__(self, name: str) -> Any:
        self.ran.append(name)
        return int

    def __getitem__(self, key: Any) -> Any:
        self.ran.append("[]")
        return int

    def __or__(self, other: Any) -> Any:
        self.ran.append("|")
        return int


NAMES = {"Person": Person, "Colour": Colour, "typing": typing, "trap": Trap()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Person", Person),
        ("int", int),
        ("list[Person]", list[Person]),
        ("dict[str, int]", dict[str, int]),
        ("tuple[int, ...]", tuple[int, ...]),
        ("int | None", int | None),
        ("None", None),
        ("Optional[Colour]", Colour | None),
        ("typing.Union[int, str]", int | str),
        ("Literal['a', -1]", Literal["a", -1]),
        ("Literal[Colour.RED]", Literal[Colour.RED]),
        ("Annotated[int, 'years']", typing.Annotated[int, "years"]),
        (' {"type": "integer"}', {"type": "integer"}),
    ],
)
def test_read(text, expected):
    """Names of the notebook, Python's own types, subscripts, unions and literals."""
    assert read_type(text, NAMES) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "f()",
            "Nobody",
            "1",
            "'Person'",
            "[int]",
            "lambda: int",
            "int if 1 else str",
        ),
        *("trap.x", "trap[int]", "trap | int", "list[f()]", "Literal[f()]"),
        *("open", "__import__('os')", "{1}", "", "a b", "Person.__init__.__globals__"),
        *("(1).real", "f().real"),
    ],
)
def test_nothing_is_run(text):
    """Whatever is more than that is refused, and no code of the user's has run."""
    with pytest.raises(InputError):
        read_type(text, NAMES)
    assert Trap.ran == []


@pytest.mark.parametrize("wanted", [3, "Person", open, [int], typing.Callable[[], int]])
def test_no_type_for_an_answer(wanted):
    """What is no type, or has no JSON, is told of by name."""
    with pytest.raises(InputError):
        answer_type(wanted)


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "text"}, "no JSON Schema"),
        ({}, "empty"),
        ({"$ref": "http://127.0.0.1:1/x"}, "not in it"),
        ({"items": {"$ref": "#/$defs/gone"}}, "not in it"),
    ],
)
def test_no_schema_for_an_answer(schema, why):
    """A schema that cannot be tested by itself is refused; nothing is fetched."""
    with pytest.raises(InputError, match=why):
        answer_type(schema)


def test_what_is_wrong_is_told_by_place():
    """The error names each place, and says no more than a few."""
    with pytest.raises(UnfitError) as caught:
        answer_type(list[Person]).read([{"name": 1}, {}, *[3] * 20])
    told = str(caught.value)
    assert told.startswith("0.name: Input should be a valid string; 1.name: Field req")
    assert told.endswith("and 14 more")
    with pytest.raises(UnfitError, match="a: 'x' is not of type 'integer'"):
        answer_type({"properties": {"a": {"type": "integer"}}}).read({"a": "x"})


def test_a_long_answer_is_not_said_back():
    """What is wrong with an answer does not quote all of it."""
    with pytest.raises(UnfitError) as caught:
        answer_type({"type": "integer"}).read("long " * 10_000)
    assert len(str(caught.value)) < 400


def test_labels_are_short():
    """A type is called as the user writes it."""
    assert answer_type(list[Person]).label == "list[test_answer_types.Person]"
    assert answer_type(Person).label == "Person"
    assert answer_type({"type": "object", "title": "Cat"}).label == "Cat"


def test_one_answer_is_wanted():
    """Two calls in place of one are told of, not silently cut."""
    call = {"type": "tool_use", "name": "answer_value", "input": {"answer_value": 1}}
    wanted = TypeWanted(answer_type(int))
    assert wanted.read({"content": [call]}) == 1
    with pytest.raises(UnfitError, match="2 answers"):
        wanted.read({"content": [call, call]})


def test_a_typed_dict_inside_a_class():
    """Where Python is too old to read it, it is said which one can be read."""
    name = typing.TypedDict("Name", {"first": str})  # noqa: UP013 - what users have
    wanted = make_dataclass("Person", [("name", name)])
    if sys.version_info >= (3, 12):
        assert "$defs" in answer_type(wanted).schema
        return
    with pytest.raises(InputError, match=r"before Python 3\.12") as caught:
        answer_type(wanted)
    assert "from typing_extensions import TypedDict" in caught.value.what


@pytest.mark.parametrize("text", ["", "prose", "```json\n{\n```", "NaN,"])
def test_no_json(text):
    """Text that holds no JSON is told of."""
    with pytest.raises(UnfitError, match="no JSON"):
        ObjectWanted().read({"content": [{"type": "text", "text": text}]})


def test_an_object_of_one_member_is_not_unwrapped():
    """A type with a member `value` keeps it, in either way."""
    wanted = TypeWanted(answer_type(make_dataclass("V", [("value", int)])))
    call = {"type": "tool_use", "name": "answer_object", "input": {"value": 1}}
    text = {"type": "text", "text": '{"value": 1}'}
    assert wanted.read({"content": [call]}).value == 1
    assert wanted.read({"content": [text]}).value == 1


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"type": "object", "additionalProperties": {"type": "integer"}},
        {"type": "array"},
        {"type": "array", "items": {}},
        {"description": "anything"},
        {"enum": [[1]]},
        {"allOf": [{"type": "object"}, {"type": "object"}]},
        {"$defs": {"a": {"items": {"$ref": "#/$defs/a"}, "type": "array"}}}
        | {"$ref": "#/$defs/a"},
        {"type": "array", "items": {"$ref": "#"}},
    ],
)
def test_what_no_format_can_say(schema):
    """A schema whose answers would be others is not bent: there is none for a format."""
    assert strict_schema(schema) is None


def test_what_is_not_taken_is_told():
    """Bounds and patterns stand in the description, behind the user's own."""
    schema = {"type": "integer", "minimum": 0, "description": "in years"}
    assert strict_schema(schema) == {
        "type": "integer",
        "description": 'in years {"minimum": 0}',
    }


SIMPLE = st.sampled_from([int, str, bool, float, Literal["a", 2], Colour])
NAME = st.from_regex(r"[a-z]{1,6}_", fullmatch=True)


def _class(fields: dict[str, Any]) -> Any:
    return make_dataclass("Made", list(fields.items()))


TYPES = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        inner.map(lambda one: list[one]),
        inner.map(lambda one: one | None),
        inner.map(lambda one: dict[str, one]),
        st.tuples(inner, inner).map(lambda two: tuple[two]),
        st.dictionaries(NAME, inner, max_size=3).map(_class),
    ),
    max_leaves=6,
)


@settings(max_examples=50)
@given(TYPES, st.sampled_from(["claude-opus-4-5", "claude-opus-5-5"]))
def test_what_the_schema_says_always_fits(wanted, model):
    """A value made from what is sent, by whatever way, is a value of the type."""
    wanted = TypeWanted(answer_type(wanted))
    options = wanted.options(ClaudeSettings().snapshot(model=model), "q")
    param = options.parameters["param"]
    if "tools" in param:
        (tool,) = param["tools"]
        value = example(tool["input_schema"])
        assert tool["input_schema"]["type"] == "object"
        content = {"type": "tool_use", "name": tool["name"], "input": value}
    else:
        schema = param["output_config"]["format"]["schema"]
        check_output_schema(schema, "schema")
        value = example(schema)
        validate(value, schema)
        content = {"type": "text", "text": json.dumps(value)}
    wanted.read({"content": [content]})


@settings(max_examples=50)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_json_is_found(value):
    """JSON is found bare and in a fence, whatever it says."""
    bare = json.dumps(value)
    for text in (bare, f"Here:\n\n```json\n{bare}\n```\nDone."):
        assert (
            ObjectWanted().read({"content": [{"type": "text", "text": text}]}) == value
        )
