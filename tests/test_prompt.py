"""A prompt with values in place: what is said, what stands apart, what is told."""

from __future__ import annotations

import base64
import io
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from routeway_magic.content import Limits
from routeway_magic.errors import InputError
from routeway_magic.models import eye_of
from routeway_magic.prompt import Budget, fair_share, fill
from routeway_magic.tokens import block_tokens

LONG = {str(number): "x" * 50 for number in range(20)}


def texts(content: list[dict[str, Any]]) -> list[str]:
    """The texts of the blocks; another block's type stands in its place."""
    return [block.get("text", block["type"]) for block in content]


def test_without_references_the_prompt_is_one_block() -> None:
    """Nothing is put before or after what the user typed."""
    assert fill("  hi {x} \n", {}, raw=True).content == [
        {"type": "text", "text": "  hi {x} \n"}
    ]


def test_words_stand_in_their_sentence() -> None:
    """Texts, numbers and formatted values need no label."""
    variables = {"city": "Oslo", "n": 3, "x": 1.23456}
    filled = fill("{n} facts on {city}, {x:.2f} {x!r}", variables)
    assert texts(filled.content) == ["3 facts on Oslo, 1.23 1.23456"]
    assert [one.name for one in filled.inserted] == ["n", "city", "x", "x"]


def test_a_value_is_never_scanned_again() -> None:
    """Braces in a value are just text."""
    variables = {"a": "{b} and {{b}} and {nowhere}", "b": "secret"}
    assert texts(fill("{a}", variables).content) == [variables["a"]]


def test_what_is_more_than_a_word_stands_at_its_place() -> None:
    """A label says what it is; the sentence goes on behind it."""
    image = Image.new("RGB", (40, 30))
    filled = fill("Look at {image} and say more.", {"image": image})
    first, label, picture, last = filled.content
    assert (first["text"], last["text"]) == ("Look at ", " and say more.")
    assert label["text"].startswith("[image: PIL")
    assert "40 × 30" in label["text"]
    assert picture["type"] == "image"


def test_it_is_plain_where_a_text_ends() -> None:
    """What the user says behind it is no part of it."""
    budget = Budget(limits=Limits(tokens=50))
    note = {"note": "one\n\ntwo " * 40}
    filled = fill("Sum up {note} in a word.", note, budget=budget)
    assert filled.content[1]["text"].startswith("[note: str")
    assert filled.content[1]["text"].endswith("two \n[end of note]\n")
    assert filled.content[2]["text"] == " in a word."


def test_a_second_mention_says_the_name() -> None:
    """A value is sent once, however often it is mentioned."""
    image = Image.new("RGB", (40, 30))
    filled = fill("Is {image} dark? Describe {image}.", {"image": image})
    assert [block["type"] for block in filled.content].count("image") == 1
    assert filled.content[-1]["text"] == " dark? Describe image."
    assert len(filled.inserted) == 1


def test_calls_are_made_each_time() -> None:
    """What is called may differ each time, and stands each time."""
    variables = {"next_one": iter(range(10)).__next__}
    filled = fill("{next_one()} {next_one()}", variables)
    assert texts(filled.content) == ["0 1"]


def test_attached_values_come_first() -> None:
    """`--with` sends without mentioning; a mention then says the name."""
    image = Image.new("RGB", (40, 30))
    filled = fill("What is {image}?", {"image": image}, attached=["image"])
    assert [block["type"] for block in filled.content] == ["text", "image", "text"]
    assert filled.content[-1]["text"] == "What is image?"


def test_attached_values_need_no_braces_to_mean_something() -> None:
    """With `--raw`, attached variables are still sent."""
    filled = fill("{n}", {"n": 5, "m": 6}, attached=["m"], raw=True)
    assert "".join(texts(filled.content)).endswith("{n}")
    assert [one.name for one in filled.inserted] == ["m"]


@pytest.mark.parametrize("name", ["dff", "df dd", "1+1", "df}{df", "print(df)", ""])
def test_attached_names_must_be_variables(name: str) -> None:
    """A name that is none is refused, with near ones."""
    with pytest.raises(InputError) as caught:
        fill("hi", {"df": 1}, attached=[name])
    if name == "dff":
        assert "`df`" in caught.value.hint


@pytest.mark.parametrize(
    "prompt",
    ["{api_key}", "{config.password}", '{os.environ["AWS_SECRET_ACCESS_KEY"]}'],
)
def test_credentials_are_refused_before_they_are_read(prompt: str) -> None:
    """A name that looks like a credential stops the cell; its value is not touched."""

    class Untouched:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(name)

    variables = dict.fromkeys(("api_key", "config", "os"), Untouched())
    with pytest.raises(InputError, match="credential"):
        fill(prompt, variables)


def test_a_credential_goes_where_the_user_allows_it() -> None:
    """`--allow-secret NAME` sends just that name."""
    budget = Budget(limits=Limits(allowed=frozenset({"token"})))
    filled = fill("{token}", {"token": "abc"}, budget=budget)
    assert texts(filled.content) == ["abc"]


def test_unknown_names_and_failing_expressions_stop_the_cell() -> None:
    """Nothing is sent; the error says where."""
    with pytest.raises(InputError, match="nowhere"):
        fill("a {nowhere}", {"somewhere": 1})
    with pytest.raises(InputError, match="ZeroDivisionError"):
        fill("a {f()}", {"f": lambda: 1 / 0})
    with pytest.raises(InputError, match="SystemExit: 3"):
        fill("a {sys.exit(3)}", {"sys": sys})


def test_the_user_may_stop_an_expression() -> None:
    """An interrupt is the user's own, and no error of the expression."""

    def stopped() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill("a {stopped()}", {"stopped": stopped})


def test_a_value_keeps_to_its_budget_and_says_so() -> None:
    """What was left out stands in the block and in the list of what was inserted."""
    budget = Budget(limits=Limits(tokens=100))
    filled = fill("Sum up {book}", {"book": "word " * 10_000}, budget=budget)
    assert block_tokens(filled.content[1], "") < 130
    assert "left out" in filled.content[1]["text"]
    assert filled.inserted[0].described.left_out
    assert "book (str" in filled.summary
    assert "shortened" in filled.summary


def test_all_values_share_one_budget() -> None:
    """The large ones give way, the small ones stay whole."""
    variables = {"a": "a" * 16_000, "b": "b" * 16_000, "small": LONG}
    filled = fill("{a} {b} {small}", variables, budget=Budget(tokens=2_000))
    tokens = {one.name: one.tokens for one in filled.inserted}
    assert sum(tokens.values()) <= 2_100
    assert abs(tokens["a"] - tokens["b"]) < 20
    small = next(one for one in filled.inserted if one.name == "small")
    assert not small.described.left_out


@settings(deadline=None)
@given(
    wanted=st.lists(st.integers(0, 10_000), min_size=1),
    total=st.integers(1, 20_000),
)
def test_a_fair_share_is_the_most_that_fits(wanted: list[int], total: int) -> None:
    """Nobody is cut who fits; what is given fits, and wastes less than one each."""
    share = fair_share(wanted, total)
    if share is None:
        assert sum(wanted) <= total
    else:
        given_out = sum(min(one, share) for one in wanted)
        assert given_out <= total < given_out + len(wanted)


def test_more_than_twenty_images_are_made_smaller() -> None:
    """With many images in a request none may be over 2000 pixels (API.md 2.4)."""
    image = Image.new("L", (2400, 40))
    model = "claude-opus-5"
    budget = Budget(limits=Limits(eye=eye_of(model)), images_before=20)
    for before, edge in ((budget, 2000), (Budget(limits=budget.limits), 2400)):
        filled = fill("{image}", {"image": image}, model=model, budget=before)
        data = base64.b64decode(filled.content[-1]["source"]["data"])
        assert max(Image.open(io.BytesIO(data)).size) == edge


def test_blank_text_between_images_is_no_block() -> None:
    """A blank text block would be refused by the server (API.md 2.2)."""
    images = {"a": Image.new("L", (9, 9)), "b": Image.new("L", (8, 8))}
    content = fill("{a} {b}\n", images).content
    assert all(block.get("text", "x").strip() for block in content)


def test_what_looks_like_an_expression_and_is_none_is_told() -> None:
    """Braces that were left as typed are listed."""
    filled = fill("{foo.bar} stays", {})
    assert filled.content[0]["text"] == "{foo.bar} stays"
    assert "{foo.bar}" in filled.summary


def test_attached_words_have_a_label() -> None:
    """They stand in no sentence, and do not run into the prompt."""
    filled = fill("Hi {n}", {"n": 5}, attached=["n"])
    assert texts(filled.content) == ["[n: int]\n5\n[end of n]\n", "Hi 5"]


@pytest.mark.parametrize("prompt", ["{empty}", " {empty}\n", "{empty}{blank}"])
def test_a_prompt_of_empty_values_is_refused(prompt: str) -> None:
    """A message without content is no question (API.md 2.2)."""
    with pytest.raises(InputError, match="empty"):
        fill(prompt, {"empty": "", "blank": "  "})


@pytest.mark.parametrize("total", [20_000, 5_000, 3_000])
def test_the_sum_of_many_values_holds(total: int) -> None:
    """Labels count as well; all are told of, none is left behind."""
    variables = {f"v{number}": "word " * 50_000 for number in range(50)}
    prompt = " ".join(f"{{{name}}}" for name in variables)
    filled = fill(prompt, variables, budget=Budget(tokens=total))
    taken = [one.tokens for one in filled.inserted]
    assert total * 0.9 <= sum(taken) <= total
    assert max(taken) - min(taken) < 10
    assert all(one.described.left_out for one in filled.inserted)
    assert not filled.excess


def test_what_is_short_already_does_not_grow_by_being_shortened() -> None:
    """A label that says what was left out is longer than what was."""
    variables = {f"v{number}": {"a": [number] * 20} for number in range(100)}
    prompt = " ".join(f"{{{name}}}" for name in variables)
    wanted = sum(one.tokens for one in fill(prompt, variables).inserted)
    filled = fill(prompt, variables, budget=Budget(tokens=wanted // 2))
    assert sum(one.tokens for one in filled.inserted) <= wanted
    assert filled.excess == sum(one.tokens for one in filled.inserted) - wanted // 2
