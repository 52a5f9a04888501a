"""Hostile formulas are not typeset; hostile sizes cost no time."""

from __future__ import annotations

import time

import pytest
from inspection import MATH_CLASS, inspect, render_or_raise

from routeway_magic.markup import to_html

HOSTILE_TEX = [
    r"\def\sin{POISON}",
    r"\gdef\sin{x}",
    r"\edef\sin{x}",
    r"\xdef\sin{x}",
    r"\let\sin\cos",
    r"\let \sin=\cos",
    r"\futurelet\a\b",
    r"\global\let\a\b",
    r"\newcommand{\sin}{x}",
    r"\renewcommand\sin{x}",
    r"\providecommand{\a}{x}",
    r"\newenvironment{a}{b}{c}",
    r"\renewenvironment{align}{b}{c}",
    r"\DeclareMathOperator{\sin}{x}",
    r"\DeclareMathOperator*{\sin}{x}",
    r"\DeclarePairedDelimiter{\a}{b}{c}",
    r"\Newextarrow{\a}{1,2}{3}",
    r"\newcolumntype{c}{r}",
    r"\newtagform{a}{b}{c}",
    r"\renewtagform{a}{b}{c}",
    r"\usetagform{a}",
    r"\mathtoolsset{a=b}",
    r"\definecolor{red}{rgb}{1,1,1}",
    r"\begingroupSandbox",
    r"\require{html}",
    r"\href{javascript:alert(1)}{x}",
    r"\href {http://evil.test}{x}",
    r"\url{http://evil.test}",
    r"\ref{a}",
    r"\eqref{a}",
    r"\htmlData{a=b}{x}",
    r"\htmlId{a}{x}",
    r"\htmlClass{a}{x}",
    r"\htmlStyle{a}{x}",
    r"\class{jp-Button}{x}",
    r"\cssId{a}{x}",
    r"\style{position:fixed}{x}",
    r"\bbox[position:fixed]{x}",
    r"\fcolorbox{red;position:fixed}{blue}{x}",
    r"\includegraphics{http://evil.test/x}",
    r"\unicode[x]{65}",
    r"\mmlToken{mi}[href='x']{x}",
    r"\csname def\endcsname\sin{x}",
    r"\\def\sin{x}",
    r"\text{\def\sin{x}}",
    r"a%\n\def\sin{x}",
    r"\de\label{a}f\sin{x}",
]


DELIMITED = [
    "${}$",
    "$${}$$",
    r"\({}\)",
    r"\[{}\]",
    r"\begin{{align}}{}\end{{align}}",
    r"$$\begin{{align}}{}\end{{align}}$$",
    "$$\n{}\n$$",
]


@pytest.mark.parametrize("tex", HOSTILE_TEX)
def test_hostile_tex(tex):
    """TeX that reaches beyond its own formula is shown as code, all of it."""
    for around in DELIMITED:
        page = to_html(around.format(tex))
        assert MATH_CLASS not in page
        assert tex in inspect(page)


@pytest.mark.parametrize(
    "tex",
    [
        r"\left( \setminus \right)",
        r"\overset{\text{def}}{=}",
        r"\newline",
        r"\operatorname{def}",
        r"\color{red}{x} \textcolor{blue}{y}",
        r"\hrefs \delta \ell \leq \letter",
        r"\tag{1}",
    ],
)
def test_harmless_tex(tex):
    """TeX whose names only resemble the hostile ones is typeset."""
    assert MATH_CLASS in to_html(f"${tex}$")


HOSTILE_SIZES = {
    "dollars": "$" * 50_000,
    "dollar pairs": "$$ " * 17_000,
    "open dollars": "$a" * 20_000,
    "escaped dollars": "$\\" * 25_000,
    "dollars and ticks": "$a`" * 20_000,
    "brackets": "[" * 25_000,
    "images": "![" * 12_000,
    "links": "[a](" * 12_000,
    "references": "[a][" * 6_000,
    "dollars in links": "[$$a " * 9_000,
    "stars": "*" * 50_000,
    "mixed emphasis": "**x [" * 8_000,
    "ticks": "`" * 50_000,
    "growing ticks": "".join("`" * (n % 200 + 1) + "a " for n in range(3_000)),
    "parentheses": r"\(" * 25_000,
    "parentheses closed": r"\( " * 9_000 + r"\) " * 9_000,
    "brackets over lines": "\\[\n" * 20_000 + "\\]\n" * 20_000,
    "environments": r"\begin{align}" * 5_000,
    "environments closed": r"\begin{align}" * 5_000 + r"\end{align}" * 5_000,
    "environments over lines": "\\begin{align}\n" * 5_000,
    "environments closed over lines": (
        "\\begin{align}\n" * 3_000 + "\\end{align}\n" * 3_000
    ),
    "environments of many names": (
        "\\begin{align}\n\\begin{cases}\n\\begin{array}\n" * 3_000
    ),
    "dollars over lines": "$$a\\$$\n" * 10_000,
    "dollars in quotes": "> $$\n" * 10_000,
    "dollars in lists": "- $$\n" * 10_000,
    "quotes": ">" * 5_000,
    "quotes over lines": ("> " * 500 + "\n") * 20,
    "lists": "- " * 3_000,
    "uneven quotes": "\n".join(">" * (n % 30) + " a" for n in range(3_000)),
    "growing lists": "\n".join("  " * n + "- a" for n in range(600)),
    "tables": "|".join("a" * 1_000)
    + "\n"
    + "|".join("-" * 1_000)
    + "\n"
    + "|\n" * 1_000,
    "fences": "```python\nx=1\n```\n" * 2_000,
    "unknown fences": "".join(f"```x{n}\ny\n```\n" for n in range(3_000)),
    "one slow fence": "```python\n" + "\n " * 40_000 + "\n```",
    "one endless match": "```matlab\n" + "\n" * 60_000 + "```",
    "many slow fences": ("```java\n" + "a \n" * 9_000 + "\n```\n") * 10,
    "angles": "<a " * 20_000,
    "entities": "&" * 50_000,
    "backslashes": "\\" * 50_000,
    "formulas": "$x$ " * 20_000,
}


@pytest.mark.parametrize("name", HOSTILE_SIZES)
def test_time(name):
    """Hostile text costs no more than seconds, though it be tens of kilobytes."""
    to_html("$a$ `b`")
    began = time.process_time()
    to_html(HOSTILE_SIZES[name])
    assert time.process_time() - began < 4  # most need 0.2 s; quadratic ones minutes


@pytest.mark.parametrize("name", HOSTILE_SIZES)
def test_the_parser_bears_it(name):
    """Hostile text is parsed without an error that was hidden, and stays harmless."""
    text = HOSTILE_SIZES[name][:10_000]
    render_or_raise(text)
    inspect(to_html(text))
