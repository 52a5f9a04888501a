"""Functions become tools: name, description and schema from what they say themselves."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any, Literal, Optional, TypedDict

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tool_hints import HINTS, Colour, Point, values

from routeway_magic.errors import InputError
from routeway_magic.tools.parameters import Unfit
from routeway_magic.tools.tool import Tool, tool_of
from routeway_magic.tools.toolbox import toolbox_named, toolbox_of


class Frame:
    """Something that no JSON stands for."""


class Shop:
    """A class with a method."""

    def find(self, name: str, *, most: int = 3) -> list[str]:
        """Finds goods."""
        return [name] * most


def properties(function: Any) -> dict[str, Any]:
    """The properties of a function's schema."""
    found: dict[str, Any] = tool_of(function).definition["input_schema"]["properties"]
    return found


def bound(function: Any, **given_: Any) -> Any:
    """What the function gives for arguments as a model writes them."""
    tool = tool_of(function)
    assert tool.parameters
    assert tool.function
    arguments = tool.parameters.bind(given_)
    return tool.function(*arguments.args, **arguments.kwargs)


@st.composite
def functions(draw: st.DrawFn) -> Any:
    """A function of drawn parameters that gives back what it was called with."""
    hints = draw(st.lists(HINTS, max_size=3))
    kinds = sorted(
        draw(
            st.lists(
                st.sampled_from(
                    [
                        inspect.Parameter.POSITIONAL_ONLY,
                        inspect.Parameter.POSITIONAL_OR_KEYWORD,
                        inspect.Parameter.KEYWORD_ONLY,
                    ]
                ),
                min_size=len(hints),
                max_size=len(hints),
            )
        )
    )
    from_here = draw(st.integers(0, len(hints)))
    parameters = [
        inspect.Parameter(
            f"p{at}",
            kind,
            annotation=hint,
            default=None if at >= from_here else inspect.Parameter.empty,
        )
        for at, (hint, kind) in enumerate(zip(hints, kinds, strict=True))
    ]

    def drawn(*args: Any, **kwargs: Any) -> Any:
        return inspect.signature(drawn).bind(*args, **kwargs)

    drawn.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return drawn


@given(st.data())
def test_what_fits_the_schema_binds(data):
    """A value generated from the schema always binds, and the function takes it."""
    tool = tool_of(data.draw(functions()))
    schema = tool.definition["input_schema"]
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object"
    arguments = data.draw(values(schema, schema))
    found = tool.parameters.bind(arguments)
    called = tool.function(*found.args, **found.kwargs)
    assert set(arguments) <= set(called.arguments)


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists) | st.text())
def test_what_is_no_object_never_binds(value):
    """Anything but an object of arguments is refused with a reason, never raised otherwise."""
    tool = tool_of(Shop().find)
    with pytest.raises(Unfit):
        tool.parameters.bind(value)


def google(width: float, unit: Literal["cm", "in"] = "cm") -> float:
    """The area of a square.

    It is computed.

    Args:
        width: of one side,
            in units.
        unit: what it is measured in.

    Returns:
        In square centimetres.
    """
    return width * len(unit)


def numpy(width: float, unit: Literal["cm", "in"] = "cm") -> float:
    """The area of a square.

    It is computed.

    Parameters
    ----------
    width : float
        of one side,
        in units.
    unit : str
        what it is measured in.

    Returns
    -------
    float
        In square centimetres.
    """  # noqa: D416 - NumPy's style
    return width * len(unit)


def rest(width: float, unit: Literal["cm", "in"] = "cm") -> float:
    """The area of a square.

    It is computed.

    :param width: of one side,
        in units.
    :param unit: what it is measured in.
    :returns: In square centimetres.
    """
    return width * len(unit)


@pytest.mark.parametrize("function", [google, numpy, rest], ids=lambda it: it.__name__)
def test_docstrings(function):
    """Google's, NumPy's and reST's sections describe the tool and its parameters."""
    definition = tool_of(function).definition
    assert definition == {
        "name": function.__name__,
        "description": "The area of a square.\n\nIt is computed.\n\n"
        "Returns: In square centimetres.",
        "input_schema": {
            "type": "object",
            "properties": {
                "width": {"type": "number", "description": "of one side,\nin units."},
                "unit": {
                    "type": "string",
                    "enum": ["cm", "in"],
                    "default": "cm",
                    "description": "what it is measured in.",
                },
            },
            "required": ["width"],
            "additionalProperties": False,
        },
    }


def test_hints_are_what_the_function_gets():
    """Arguments arrive as the hints say: enums, dataclasses, defaults, `*args`."""

    def f(point: Point, *more: int, colour: Colour = Colour.RED, note: Any = 0) -> Any:
        return point, more, colour, note

    found = bound(f, point={"x": 1}, more=[2, 3], colour=2)
    assert found == (Point(1), (2, 3), Colour.GREEN, 0)
    assert properties(f)["colour"]["default"] == "r"
    assert properties(f)["more"] == {"type": "array", "items": {"type": "integer"}}


def test_a_description_in_the_hint_counts_more():
    """`Annotated[…, "text"]` says more than the docstring's section."""

    def f(a: Annotated[int, "of the hint"], b: Optional[str] = None) -> None:  # noqa: UP045 - both ways are taken
        """F.

        Args:
            a: of the docstring
            b: of the docstring
        """

    assert properties(f)["a"] == {"type": "integer", "description": "of the hint"}
    assert properties(f)["b"]["description"] == "of the docstring"
    assert properties(f)["b"]["anyOf"] == [{"type": "string"}, {"type": "null"}]


def test_a_dictionary_of_the_standard_library():
    """`typing.TypedDict` is read on every Python, wherever it stands in a hint."""

    class Inner(TypedDict, total=False):
        size: Annotated[int, "in cm"]

    def f(a: list[Inner] | None) -> Any:
        return a

    f.__annotations__["a"] = list[Inner] | None
    assert bound(f, a=[{"size": "3"}]) == [{"size": 3}]
    with pytest.raises(Unfit, match="other"):
        bound(f, a=[{"other": 3}])


def test_methods_and_partials():
    """A bound method is called on its object; what a partial has given may change."""
    assert bound(Shop().find, name="tea", most=2) == ["tea", "tea"]
    assert list(properties(Shop().find)) == ["name", "most"]
    two = toolbox_of({"two": functools.partial(google, unit="in")}).tools["two"]
    assert two.definition["input_schema"]["required"] == ["width"]
    assert two.definition["description"].startswith("The area")


def test_what_no_json_stands_for_is_left_out_if_it_has_a_default():
    """The default then always holds; `**options` cannot be given at all."""

    def f(n: int, frame: Frame = Frame(), **options: Any) -> Any:  # noqa: B008 - it is what is tested
        return n, type(frame), options

    assert list(properties(f)) == ["n"]
    assert bound(f, n=1) == (1, Frame, {})
    with pytest.raises(Unfit, match="frame"):
        bound(f, n=1, frame={})


async def waits() -> None:
    """Asynchronous."""


def needs(frame: Frame) -> None:
    """Needs what no JSON stands for."""


def calls(how: Callable[[int], int]) -> None:
    """Needs a function."""


def unknown(a: NoSuchName) -> None:  # type: ignore[name-defined]  # noqa: F821 - it is what is tested
    """Has a hint that cannot be read."""


def grüße() -> None:  # noqa: PLC2401 - it is what is tested
    """Has a name that no server takes."""


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (waits, "`waits` cannot be a tool: it is asynchronous"),
        (needs, "`frame`"),
        (calls, "Callable[[int], int])."),
        (unknown, "name 'NoSuchName' is not defined"),
        (grüße, "`grüße` cannot be a tool: its name"),
        (lambda a: a, "its name"),
        (iter, "does not tell its parameters"),
        (3, "cannot be called"),
        ({"input_schema": {}}, "no `name`"),
    ],
)
def test_what_cannot_be_a_tool_is_named(value, told):
    """It is refused before anything is sent, by name and reason."""
    with pytest.raises(InputError) as refused:
        tool_of(value)
    assert told in str(refused.value)


def test_a_definition_is_sent_as_it_is():
    """A dictionary is no function: nobody runs it here."""
    given_ = {"type": "web_search_20250305", "name": "web_search", "max_uses": 2}
    assert tool_of(given_) == Tool("web_search", given_)
    assert toolbox_of([given_, google]).definitions[0] == given_


def test_names_of_the_notebook():
    """`--tools` names functions, methods and lists; each must be there, and once."""
    variables = {"google": google, "shop": Shop(), "all": [numpy, rest]}
    box = toolbox_named(["google", "shop.find", "all"], variables, allow=["shop.find"])
    assert list(box.tools) == ["google", "find", "numpy", "rest"]
    assert box.allowed == {"find"}
    for names, allow, told in [
        (["gogle"], [], "Did you mean `google`"),
        (["shop.lose"], [], "`lose` is not there"),
        (["google", "google"], [], "two tools"),
        (["google"], ["numpy"], "`numpy` is allowed to run, but is no tool"),
    ]:
        with pytest.raises(InputError) as refused:
            toolbox_named(names, variables, allow=allow)
        assert told in str(refused.value)
