"""What objects say of themselves, and what comes of it when they fail or lie."""

from __future__ import annotations

from typing import Any, NoReturn
from unittest.mock import MagicMock

import pytest

from routeway_magic.content import Described, Limits, describe, to_blocks
from routeway_magic.errors import InputError

SMALL = Limits(tokens=50)
IMAGE = {
    "type": "image",
    "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="},
}


def saying(given: Any, name: str = "_repr_llm_", **further: Any) -> Any:
    """An object whose method gives this, or raises it."""

    def method(_self: Any) -> Any:
        if isinstance(given, BaseException):
            raise given
        return given

    return type("Pendulum", (), {"__module__": "__main__", name: method, **further})()


def test_own_words_come_first() -> None:
    """Before the repr and whatever else the class declares."""
    value = saying("3 kg, 2 m", _repr_markdown_=lambda _self: "other")
    assert describe(value) == Described(kind="Pendulum", text="3 kg, 2 m", bare=True)


def test_long_own_words_are_shortened_and_told() -> None:
    """Text is kept to the limits."""
    described = describe(saying("x" * 9999), SMALL)
    assert len(described.text) <= SMALL.characters
    assert "of 9,999 characters" in described.left_out


@pytest.mark.parametrize("given", [None, ValueError("boom"), 3, object(), ["x"] * 0])
def test_without_own_words_the_next_way_is_taken(given: Any) -> None:
    """They give None, raise, or give what is no content: the repr is sent."""
    value = saying(given, __repr__=lambda _self: "Pendulum(m=3)")
    described = describe(value)
    if given != []:
        assert described.text == "Pendulum(m=3)"
    told = {ValueError: "`_repr_llm_` would say (ValueError: boom)", int: "it gave int"}
    assert told.get(type(given), "") in described.left_out


def test_an_input_error_of_the_users_stops_the_request() -> None:
    """It is the way to refuse."""
    with pytest.raises(InputError, match="not this one"):
        describe(saying(InputError("not this one")))


def test_an_interrupt_passes() -> None:
    """A method that never ends can be stopped."""
    with pytest.raises(KeyboardInterrupt):
        describe(saying(KeyboardInterrupt(), "__repr__"))


def test_blocks_are_sent_as_given() -> None:
    """One, or several; a label stands before them."""
    assert to_blocks(saying(IMAGE))[1] == IMAGE
    blocks = to_blocks(saying([{"type": "text", "text": "seen:"}, IMAGE]))
    assert blocks[0]["text"] == "[Pendulum]\n"
    assert blocks[1:] == [{"type": "text", "text": "seen:"}, IMAGE]


def test_texts_among_blocks_are_shortened_together() -> None:
    """And an empty one is dropped: a server refuses it."""
    texts = [{"type": "text", "text": "x" * 150}, {"type": "text", "text": ""}]
    described = describe(saying([*texts, *texts, IMAGE]), SMALL)
    assert described.blocks[-1] == IMAGE
    assert sum(len(block.get("text", "")) for block in described.blocks) <= 250
    assert "of 150 characters" in described.left_out
    assert all(block.get("text", "x") for block in described.blocks)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"kind": "text"}, "gave dict among its content blocks"),
        ([3], "gave int among its content blocks"),
        ({"type": "tool_use"}, "a tool_use block"),
        ({"type": "text"}, "a text block without text"),
        ({"type": "image"}, "image block without a source"),
        (
            {"type": "image", "source": {"type": "base64", "data": "A" * 6_000_000}},
            "6,000,000 characters",
        ),
    ],
)
def test_blocks_that_no_server_takes_are_refused(given: Any, complaint: str) -> None:
    """With a sentence that says what is wrong with them."""
    with pytest.raises(InputError, match=complaint) as refused:
        describe(saying(given))
    assert "Pendulum" in refused.value.what


def test_a_repr_of_100_megabytes_is_cut() -> None:
    """And no more of it is looked at than is kept."""
    described = describe(saying("y" * 100_000_000, "__repr__"), SMALL)
    assert len(described.text) <= SMALL.characters
    assert "of 100,000,000 characters" in described.left_out


class Endless:
    """Its repr asks for itself."""

    def __repr__(self) -> str:
        return f"[{self!r}]"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (saying(RuntimeError("no"), "__repr__"), "RuntimeError: no"),
        (saying(3, "__repr__"), "TypeError"),
        (Endless(), "RecursionError"),
    ],
)
def test_a_repr_that_fails_is_told(value: Any, reason: str) -> None:
    """The type is left."""
    described = describe(value)
    assert described.kind in ("Pendulum", f"{__name__} Endless")
    assert f"what `repr` would say ({reason}" in described.left_out
    assert described.as_blocks()


class Long(str):
    """Text that lies about its length."""

    __slots__ = ()

    def __len__(self) -> int:
        return 1

    def __getitem__(self, key: Any) -> NoReturn:
        raise AssertionError


def test_a_repr_that_lies_about_its_length_is_measured() -> None:
    """What counts is the text itself."""
    described = describe(saying(Long("z" * 5000), "__repr__"), SMALL)
    assert len(described.text) <= SMALL.characters
    assert type(described.text) is str


def test_markdown_comes_before_the_repr() -> None:
    """With or without IPython's metadata."""
    assert describe(saying("**b**", "_repr_markdown_")).text == "**b**"
    assert describe(saying(("**b**", {}), "_repr_markdown_")).text == "**b**"


@pytest.mark.parametrize("name", ["_repr_latex_", "_repr_html_", "_repr_svg_"])
def test_other_forms_come_only_where_the_repr_says_nothing(name: str) -> None:
    """`<Pendulum object at 0x7f…>` tells no more than the type."""
    assert describe(saying("<b>form</b>", name)).text == "<b>form</b>"
    spoken = saying("<b>form</b>", name, __repr__=lambda _self: "Pendulum(3)")
    assert describe(spoken).text == "Pendulum(3)"


def test_no_address_is_sent() -> None:
    """It tells nothing, and is another each time."""
    value = saying("<Pendulum of 3 at 0x7f00aa>", "__repr__")
    assert describe(value).text == "<Pendulum of 3>"
    assert "0x" not in str(to_blocks(object()))


def test_a_mock_is_what_its_repr_says() -> None:
    """It has every attribute that it is asked for, and none of them counts."""
    described = describe(MagicMock(name="client"))
    assert "MagicMock" in described.text
    assert described.blocks == ()


class Pretends:
    """It says that it is a string."""

    __class__ = str  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "Pretends()"


class Meta(type):
    """A metaclass whose classes answer no question."""

    def __getattribute__(cls, name: str) -> NoReturn:
        raise RuntimeError(name)

    def __hash__(cls) -> NoReturn:
        raise RuntimeError

    def __instancecheck__(cls, instance: object) -> NoReturn:
        raise RuntimeError


Silent = Meta("Silent", (), {"__repr__": lambda _self: "Silent()"})


def test_what_a_class_pretends_does_not_count() -> None:
    """Neither `__class__` nor a metaclass is asked."""
    assert describe(Pretends()).text == "Pretends()"
    assert describe(type.__call__(Silent)).text == "Silent()"
    assert describe([Pretends(), type.__call__(Silent)]).text == (
        "[Pretends(), Silent()]"
    )


def test_a_class_is_not_asked_in_place_of_its_instances() -> None:
    """Its methods are for those."""
    described = describe(type(saying("words")))
    assert described.kind.startswith("class")


def test_own_words_count_within_a_container() -> None:
    """In one line; blocks are told by their label."""
    told = describe({"a": saying("3 kg"), "b": saying(IMAGE)})
    assert told.text == "{'a': 3 kg, 'b': <Pendulum>}"
    assert "the contents of Pendulum" in told.left_out
