"""What is a formula, and what only looks like one."""

from __future__ import annotations

import pytest
from pages import formulas, inside, paragraph

from routeway_magic.markup import escape, to_html
from routeway_magic.markup.renderer import MAX_FORMULAS
from routeway_magic.markup.tex import MAX_TEX


@pytest.mark.parametrize(
    "tex",
    [
        "$x$",
        "$a<b$",
        "$x_1 * y_2 * z$",
        r"$\{a\}$",
        r"$\$5$",
        "$$x$$",
        "$$ x $$",
        r"$$\text{if $a$}$$",
        r"\(x\)",
        r"\( [a](b) \)",
        r"\[ a \\[2pt] b \]",
        r"\begin{align}a&=b\\c\end{align}",
        r"\begin{pmatrix}\begin{pmatrix}1\end{pmatrix}\end{pmatrix}",
        r"\begin{align*}a\end{align*}",
        r"\[\begin{CD} A @>>> B \end{CD}\]",
    ],
)
def test_math(tex):
    """TeX between its delimiters reaches MathJax as it was written."""
    assert formulas(f"Let {tex} be.") == [tex]
    assert formulas(f"{tex}, so:") == [tex]
    assert formulas(f"- {tex}\n- b") == [tex]


@pytest.mark.parametrize(
    "markdown",
    [
        "$5 and $10",
        "$5-$10",
        "US$5, A$6",
        "a $ b $ c",
        "$x $",
        r"\$x\$",
        r"$x\$",
        "`$x$`",
        "    $x$",
        "```\n$x$\n```",
        "$5 for `a$`",
        "$$ $$",
        "$$$$",
        r"\(\)",
        r"\[ \]",
        r"\(a",
        r"\begin{align}a",
        r"\begin{align}a\end{gather}",
        r"\begin{itemize}\item a\end{itemize}",
        r"\\(a\\)",
        "$a\n\nb$",
    ],
)
def test_not_math(markdown):
    """Prices, shell variables, code and unclosed delimiters are not math."""
    assert formulas(markdown) == []


@pytest.mark.parametrize(
    "tex",
    [
        "$$\na\n= b\n- c\n+ d\n> e\n# f\n$$",
        "\\[\na\n---\nb\n\\]",
        "\\begin{align}\n1. &= a \\\\\n* &= b\n\\end{align}",
        "\\begin{matrix}\n\\begin{matrix}\n1\n\\end{matrix}\n\\end{matrix}",
    ],
)
@pytest.mark.parametrize("before", ["", "So:\n", "# So\n", "- a\n\n"])
def test_display_math_over_lines(before, tex):
    """Lines that are one display formula are not lists, headings or quotes."""
    assert formulas(f"{before}{tex}.\nwhere") == [tex]


def test_display_math_in_containers():
    """In a list or a quote, a display formula loses only what marks the container."""
    assert formulas("- a\n  $$\n  - b\n  $$\n- c") == ["$$\n- b\n$$"]
    assert formulas("> a\n> \\[\n> - b\n> \\]\n\nc") == ["\\[\n- b\n\\]"]


def test_unclosed_display_math_ends_with_its_paragraph():
    """An unclosed display formula swallows neither fences nor later paragraphs."""
    markdown = "$$\na\n```\n$$\n```\n\n$$\nb\n$$"
    assert formulas(markdown) == ["$$\nb\n$$"]
    assert '<div class="highlight"><pre>$$\n</pre></div>' in to_html(markdown)


@pytest.mark.parametrize("tex", ["$a<b$", r"\(a<b\)", "$$a<b$$"])
def test_math_as_code(tex):
    """Without typesetting, a formula is its TeX as code."""
    expected = paragraph(f"<code>{escape(tex)}</code>")
    assert inside(tex, typeset=False) == expected


def test_labels_are_dropped():
    """A label holds for the page and would be an error when shown again."""
    tex = r"\begin{equation}\label{eq:a}x\end{equation}"
    assert formulas(tex) == [r"\begin{equation}x\end{equation}"]


def test_long_math_is_code():
    """A formula too long to be typeset in time is code."""
    assert formulas(f"${'x' * (MAX_TEX - 2)}$") != []
    tex = f"${'x' * MAX_TEX}$"
    assert inside(tex) == paragraph(f"<code>{tex}</code>")


def test_too_many_formulas():
    """Only as many formulas are typeset as a page bears."""
    assert len(formulas("$x$ " * (MAX_FORMULAS + 5))) == MAX_FORMULAS
