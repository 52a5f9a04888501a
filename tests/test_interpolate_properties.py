"""Whatever is typed: nothing is lost, nothing is scanned twice, nothing explodes."""

from __future__ import annotations

import ast
import itertools
import json
import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from routeway_magic.errors import InputError
from routeway_magic.interpolate import (
    Part,
    Reference,
    Text,
    chains,
    evaluate,
    formatted,
    left_as_typed,
    parse,
)

HALVED = re.compile(r"([{}])\1*")
NAMES = {"df": 1, "x": "{df}", "a_b": [1]}

SOUP = st.lists(
    st.sampled_from(
        [
            *("{", "}", "{{", "}}", "{{{", "}}}", "(", ")", "[", "]", "'", '"', "'''"),
            *(
                "`",
                "```",
                "~~~",
                "\n```\n",
                "$",
                "$$",
                "\\",
                "\\(",
                "\\)",
                "\\[",
                "\\]",
            ),
            *("\\a", "\\begin{a}", "\\end{a}", "_", "^", ":", "!", "!r", "=", ",", "."),
            *("#", "0", "a", "df", "x", "a_b", ".b", "foo", "-", "- ", "> ", " ", "\t"),
            *(
                "{df",
                "{x}",
                "{df}",
                "{{x}}",
                "{x[",
                "{len(",
                "{foo.b}",
                "\r",
                "\n",
                "\n\n",
            ),
        ]
    ),
    max_size=40,
).map("".join)
ANY_TEXT = SOUP | st.text()
WORDS = st.text(st.characters(exclude_characters="{"), max_size=6)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3)
    ),
    max_leaves=8,
)
WORD = st.sampled_from(["alpha", "é1", "n", "i", "return", "foo", "None"])
# Braces that hold no lone identifier and no name that is defined.
INSIDE = st.recursive(
    st.sampled_from(["", " ", "0", "1,2", '"a": 1', " a ", "a, b", "i=1", "%d", "*"])
    | st.tuples(
        WORD, st.sampled_from([": red", ".b", "[0]", "(1)", "!r", "=", " "])
    ).map("".join),
    lambda inner: st.lists(
        inner | inner.map(lambda text: f"{{{text}}}"), min_size=2, max_size=4
    ).map(", ".join),
    max_leaves=6,
)
CODE = st.lists(
    INSIDE.map(lambda text: f"{{{text}}}")
    | st.sampled_from(
        [
            'print(f"{total:.2f} of {len(rows)}")\n',
            "d = {'a': {1, 2}}\n",
            '"{} {0}".format(1)\n',
            "if (x) { y = {}; }\n",
            "$\\sum_{i=1}^{n} x_{i}$",
            "\\frac{a}{b}_{i}",
            "\\begin{cases} {a} \\end{cases}",
            "`${name}`",
            "a { color: red; }",
            "${HOME} {{ item.name }} {% if a %}",
            "@article{k, title = {The DNA of it}}\n",
            "\n```\n<b>{a.b}</b>{name} \n```\n",
            "text ",
            "\n\n",
        ]
    ),
    max_size=12,
).map("".join)


def parts_of(prompt: str, names: dict[str, Any]) -> list[Part]:
    """The parts; none if a lone identifier is not defined."""
    try:
        return parse(prompt, names)
    except InputError as error:
        assert "There is no variable `" in error.what  # noqa: PT017 - others are as good
        return []


@settings(deadline=None)
@given(ANY_JSON, st.sampled_from([None, 1]))
def test_json_passes_byte_for_byte(value: Any, indent: int | None) -> None:
    """JSON holds no reference, whatever its keys and values are."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    assert parse(f"Look: {text}", dict.fromkeys(text, 1)) == [Text(f"Look: {text}")]


@settings(deadline=None)
@given(CODE)
def test_text_without_references_passes_byte_for_byte(text: str) -> None:
    """LaTeX, templates, styles, f-strings and sets come out as they went in."""
    assert parse(f".{text}", {}) == [Text(f".{text}")]


@settings(deadline=None, max_examples=300)
@given(ANY_TEXT)
@example("{" * 10_000)
@example("{df" + "[" * 10_000)
@example("{df[" + "-" * 1_900 + "1]}")
@example("{df[" + "lambda:" * 280 + "1]}")
@example("{df" + "()" * 990 + "}")
@example("{df['\\N{x}']}{df['\\ud800']}{df['\0']}")
@example("{df[1is 2]}{df['\\d']}")
def test_parse_raises_nothing_but_its_own_error(prompt: str) -> None:
    """Any text is read or refused; what is listed as left stands in it."""
    parts_of(prompt, NAMES)
    try:
        left = left_as_typed(prompt, NAMES)
    except InputError:
        assert parts_of(prompt, NAMES) == []
    else:
        assert all(source in prompt for source in left)


@settings(deadline=None, max_examples=300)
@given(ANY_TEXT)
@example("{{df}}{df}{{{df}}}{{foo}}")
def test_parts_are_the_prompt(prompt: str) -> None:
    """Sources stand where they say; between them only doubled braces are halved."""
    parts = parts_of(prompt, NAMES)
    at = 0
    for part, after in itertools.zip_longest(parts, parts[1:]):
        if isinstance(part, Reference):
            assert prompt.startswith(part.source, at)
            assert part.at == at
            at += len(part.source)
        else:
            assert not isinstance(after, Text)
            end = after.at if after else len(prompt)
            assert HALVED.sub(r"\1", prompt[at:end]) == HALVED.sub(r"\1", part.text)
            at = end
    assert at == len(prompt) or not parts


@settings(deadline=None)
@given(st.lists(st.sampled_from(["{x}", "{x!s:>8}", " and ", "{x[:]}"]), max_size=5))
def test_values_are_never_scanned(pieces: list[str]) -> None:
    """A value that looks like a reference goes in as it is."""
    prompt = "".join(pieces)
    sent = "".join(
        part.text
        if isinstance(part, Text)
        else formatted(part, evaluate(part, NAMES, prompt))
        for part in parse(prompt, NAMES)
    )
    assert sent == "".join(
        {"{x!s:>8}": "    {df}", " and ": " and "}.get(piece, "{df}")
        for piece in pieces
    )


@pytest.mark.parametrize(
    "piece",
    ["{", "{df[", "{df(", "{df('", "{foo.bar}", "{df[b", '{"a": [', "{df(b()", "\\a{"],
)
def test_hostile_text_is_hardly_parsed(
    piece: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python's parser is asked only of what closes and begins with a known name."""
    asked: list[str] = []
    monkeypatch.setattr(
        chains.ast, "parse", lambda text, **_: asked.append(text) or ast.Module([], [])
    )
    assert parse(piece * 20_000, NAMES) == [Text(piece * 20_000)]
    assert asked == []


def test_what_is_parsed_is_as_long_as_the_prompt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nested braces are looked at once a level, and there are few levels."""
    asked: list[int] = []
    python = ast.parse
    monkeypatch.setattr(
        chains.ast,
        "parse",
        lambda text, **more: asked.append(len(text)) or python(text, **more),
    )
    prompt = "".join(f"{{df[{{df[{{df[{n} {n}]}}]}}]}} " for n in range(500))
    assert parse(prompt, NAMES) == [Text(prompt)]
    assert 0 < sum(asked) <= len(prompt) * chains.MAX_DEPTH
