"""The places where braces are never references, even if the name is known."""

from __future__ import annotations

import pytest

from routeway_magic.interpolate import Reference, Text, parse

NAMES = frozenset({"name", "x", "i", "n", "a", "b", "price"})
NAME = "{name}"


def sources(prompt: str) -> list[str]:
    """The references of a prompt, as typed."""
    return [part.source for part in parse(prompt, NAMES) if isinstance(part, Reference)]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "$x_{i} + {n}$",
            "${n}$",
            "$$\n{n} - \n- {i}\n$$",
            r"\({n}\)",
            "\\[\n{n}\n\\]",
        ),
        "\\begin{align}\n{n}\n\\end{align}",
        "\\begin{document}\n\nDear {name}\n\n\\end{document}",
        "\\begin{a}\\begin{a}{n}\\end{a}{n}\\end{a}",
        *(r"\frac{a}{b}", r"\sqrt[n]{x}", r"\textbf{name}", r"\item[{n}]", r"\a*{n}"),
        *(r"\section{All {name}}", r"\begin{name}", r"\n{name}", "\\a{\n\n{n}\n}"),
        *(r"\{name\}", r"C:\data\{name}.csv", r"C:\data{name}", r"\\\{name}"),
        *('M\\"{o}bius', r"\'{e}", r"\~{n}"),
        *("x_{i}", "2^{n}", "f(x)^{n}", "{0}_{i}", "x_{i}^{n}", "file_1_{name}"),
        *("x_i^{n}", "a_{a {b}}", "é_{i}", " x_{{i}}"),
        *("${HOME}", "${name}", r"\${name}", "${{name}}", "${name:-{n}}"),
        *("`{name}`", "``a ` {name}``", "```{name}```", "`two\n{name} lines`"),
        *(
            "```\nf'{name}'\n```",
            "~~~py\n{name}!\n~~~",
            "```{name}\n```",
            "```\n{name} x",
        ),
        *("> ```\n> a {name}\n> ```", "- ```\n  a{name}\n  ```", "      ```\n a{name}"),
        "````\n```\na {name}\n```\nb {name}\n````",
        "```\n~~~\na {name}\n```",
        "```\n        ```\na {name}",
        "```\n{n\n}\n{a[\n0]}\n{{name}\n{{{name}}}\n{foo.bar}\n```",
        "{a:`{name}`}",
    ],
)
def test_nothing_is_a_reference(text: str) -> None:
    """In math, code, commands, behind marks and escapes braces stay as typed."""
    assert parse(text, NAMES) == [Text(text)]


@pytest.mark.parametrize(
    "text",
    [
        *("$5 and {name} and $10", "$ {name} $", "$5, {name} 5$6", "$a\n\n{name}$"),
        *("- $a\n- {name}$", "$a\n# {name}$", "$$\n\n{name}\n\n$$", r"\( \n\n {name}"),
        "\\begin{a} {name}",
        *(
            r"\a {name}",
            r"\\{name}",
            r"\_{name}",
            r"\1{name}",
            r'"{\"t\": \"{name}\"}"',
        ),
        *("out_{name}", "xy_{name}", "__{name}", "_{name}", "(_{name}", r"\\_{name}"),
        *("$_{name}", "$a{name}", "$env:{name}", "#{name}", "a${HOME}{name}"),
        *("`{name}", "``{name}`", "`a\n\n{name}`", "- `a\n- {name}`", r"\`{name}`"),
        *(
            "```\n{name}\n```",
            "~~~\n\t{name}  \r\n~~~",
            "```\n{name}",
            "```\na\n```\n{name}",
        ),
        "``` ` {name}",
        "```\n`````\n{name} x",
        "`` ` {name}\n\n``",
        "    {name}",
        "a\n~~ {name}",
    ],
)
def test_reference_counts(text: str) -> None:
    """What only looks like such a place takes nothing from a reference."""
    assert sources(text) == [NAME]


def test_in_a_fence_only_lines_that_are_a_reference_count() -> None:
    """The line's blanks and the escape work as elsewhere; all else is code."""
    prompt = "```py\n{a}\nx = {a}\n  {a.b[0]:>3}\n{{a}}\n{a}{b}\n```\n{b}"
    texts = [part.text for part in parse(prompt, NAMES) if isinstance(part, Text)]
    assert sources(prompt) == ["{a}", "{a.b[0]:>3}", "{b}"]
    assert texts == ["```py\n", "\nx = {a}\n  ", "\n{a}\n{a}{b}\n```\n"]


def test_nothing_reaches_over_a_fence() -> None:
    """Code, math, commands and references that begin before a fence do not pass it."""
    fence = "\n```\n`$}\\end{a}\n```\n"
    for opener in ("`", "$", "\\a{", "\\begin{a}", "{a["):
        assert sources(f"{opener}{fence}{NAME}") == [NAME]


def test_what_begins_first_counts() -> None:
    """Marks within a reference open nothing, and references within code are code."""
    assert sources('{a["$x"]} {b["y$"]} {a["`"]} {b["`"]}') == [
        *('{a["$x"]}', '{b["y$"]}', '{a["`"]}', '{b["`"]}')
    ]
    assert sources("`{a[` {n} `]}`") == ["{n}"]
