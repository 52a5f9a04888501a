"""What Markdown becomes: the specification of `markup`, by example."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.lexers import get_all_lexers

from routeway_magic.markup import STYLE, code_to_html, escape, printable, to_html
from routeway_magic.markup.code import LANGUAGES, MAX_CODE, MAX_COLUMNS
from routeway_magic.markup.renderer import MAX_FORMULAS
from routeway_magic.markup.tex import MAX_TEX

ROOT = '<div class="rw tex2jax_ignore mathjax_ignore">'
MATH = '<span class="tex2jax_process mathjax_process">'
ANCHOR_REST = ' rel="noopener noreferrer" target="_blank">'


class Words(HTMLParser):
    """Collects what a reader would read."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def handle_data(self, data: str) -> None:
        """Text between tags."""
        self.heard.append(data)


def words(page: str) -> str:
    """The text that a page shows."""
    reader = Words()
    reader.feed(page)
    reader.close()
    return "".join(reader.heard)


def inside(markdown: str, **options: bool) -> str:
    """The HTML within the root element, without newlines between elements."""
    page = to_html(markdown, **options)
    assert page.startswith(ROOT)
    assert page.endswith("</div>")
    inner = page.removeprefix(ROOT).removesuffix("</div>")
    return re.sub(r">\n+<", "><", inner).strip()


def paragraph(inner: str) -> str:
    """A paragraph of that HTML."""
    return f"<p>{inner}</p>"


def formulas(markdown: str) -> list[str]:
    """The TeX that MathJax would be given."""
    found = re.findall(f"{re.escape(MATH)}(.*?)</span>", to_html(markdown), re.DOTALL)
    return [html.unescape(tex) for tex in found]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("# A *b*", "<h1>A <em>b</em></h1>"),
        ("a\nb  \nc", "<p>a\nb<br>\nc</p>"),
        ("**a** ~~b~~ `c`", "<p><strong>a</strong> <s>b</s> <code>c</code></p>"),
        ("> a", "<blockquote><p>a</p></blockquote>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("7. a", '<ol start="7"><li>a</li></ol>'),
        ("a\n\n---", "<p>a</p><hr>"),
        ("a &amp; &copy;", "<p>a &amp; ©</p>"),
        (r"\*a\*", "<p>*a*</p>"),
    ],
)
def test_commonmark(markdown, expected):
    """CommonMark becomes the elements that it names, and nothing else."""
    assert re.sub(r"\n</li>", "</li>", inside(markdown)) == expected


def test_table():
    """A table keeps its alignment as a class, for a style attribute has no place."""
    expected = (
        "<table><thead><tr><th>a</th>"
        '<th class="rw-right">b</th><th class="rw-center">c</th></tr></thead>'
        "<tbody><tr><td><code>x&lt;y</code></td>"
        '<td class="rw-right">Vec&lt;T&gt;</td><td class="rw-center">1</td></tr>'
        "</tbody></table>"
    )
    assert inside("|a|b|c|\n|:-|-:|:-:|\n|`x<y`|Vec<T>|1|") == expected


@pytest.mark.parametrize("around", ["{}", "`{}`", "- {}", "|a|\n|-|\n|{}|", "> {}"])
@pytest.mark.parametrize("text", ["a < b", "Vec<T>", "List<int>", "a<b && c>d"])
def test_angle_brackets_stay(around, text):
    """Angle brackets are text in prose, code, lists, tables and quotes."""
    assert text in words(to_html(around.format(text)))


@pytest.mark.parametrize(
    "markdown", ["<b>x</b>", "<!-- x -->", "a <i>b</i>", "<div>\n\nx\n\n</div>"]
)
def test_raw_html_is_text(markdown):
    """Raw HTML is shown as the text that it is."""
    assert words(to_html(markdown)).split() == markdown.split()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "https://example.org/a?b=c&d=%20#e",
        "HTTPS://EXAMPLE.ORG",
        "mailto:a@example.org",
    ],
)
def test_links_elsewhere(url):
    """An absolute web or mail link can be clicked, and opens apart from the notebook."""
    linked = f'<a href="{escape(url)}"{ANCHOR_REST}'
    assert inside(f"[a *b*]({url})") == paragraph(f"{linked}a <em>b</em></a>")
    assert inside(f"[a][1]\n\n[1]: {url}") == paragraph(f"{linked}a</a>")
    assert inside(f"<{url}>").startswith(f"<p>{linked}")


def test_links_have_no_title():
    """A link's title is dropped."""
    assert "title" not in inside('[a](https://example.org "b")')


def test_images_are_links():
    """An image is never loaded: it is a link that says what it shows."""
    linked = f'<a href="https://example.org/x.png"{ANCHOR_REST}'
    expected = paragraph(f"{linked}[image: a b c]</a>")
    assert inside("![a *b* `c`](https://example.org/x.png)") == expected
    assert inside("![a *b* `c`][1]\n\n[1]: https://example.org/x.png") == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("![a](/files/x.png)", "[image: a]"),
        ("![](data:image/png;base64,AAAA)", "[image]"),
        (r"![a \* b ![c](d)](e)", "[image: a * b c]"),
    ],
)
def test_images_elsewhere_than_the_web(markdown, expected):
    """An image whose link is refused is its description alone."""
    assert inside(markdown) == paragraph(expected)


def test_image_in_a_link():
    """An image in a link is part of that link's text, for links do not nest."""
    linked = f'<a href="https://example.org/b"{ANCHOR_REST}'
    markdown = "[![a](https://example.org/a)](https://example.org/b) c"
    assert inside(markdown) == paragraph(f"{linked}[image: a]</a> c")


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


def test_fence():
    """A fence is coloured with Pygments' short classes, by its first word."""
    expected = (
        '<div class="highlight"><pre><span class=k>def</span> <span class=nf>f</span>'
    )
    assert inside('```Python title="x"\ndef f(): ...\n```').startswith(expected)


@pytest.mark.parametrize(
    "markdown",
    [
        "```\na < b\n```",
        "```nonsense\na < b\n```",
        "```mermaid\na < b\n```",
        "    a < b\n",
        "~~~ {.x onclick=1}\na < b\n~~~",
        "```python\na < b\n",
    ],
)
def test_code_without_colours(markdown):
    """Code in an unknown language, or none, is plain; so is any when asked for."""
    shown = inside(markdown, highlight=False)
    assert shown.rstrip() == '<div class="highlight"><pre>a &lt; b\n</pre></div>'
    if "python" not in markdown:
        assert inside(markdown) == shown


@pytest.mark.parametrize(
    "code",
    [
        "x = 1\n" * (MAX_CODE // 6 + 1),
        "x" * (MAX_COLUMNS + 1),
        "int x;\n" + "y" * (MAX_COLUMNS + 1),
    ],
)
def test_immodest_code_is_plain(code):
    """Code too large, or with a line too long, is shown without colours."""
    assert code_to_html(code, "python") == (
        f'<div class="highlight"><pre>{code}</pre></div>\n'
    )


def test_slow_code_is_plain(monkeypatch):
    """Code that its lexer cannot finish in time is shown without colours."""
    assert "<span" in code_to_html("x = 1", "python")
    monkeypatch.setattr("routeway_magic.markup.code.MAX_SECONDS", -1.0)
    assert code_to_html("x = 1", "python") == (
        '<div class="highlight"><pre>x = 1</pre></div>\n'
    )


def test_colouring_stops_when_it_has_cost_enough(monkeypatch):
    """All code of one text shares one allowance of time."""
    fences = "```python\nx = 1\n```\n" * 3
    assert inside(fences).count("class=mi") == 3
    monkeypatch.setattr("routeway_magic.markup.renderer.MAX_SECONDS", 1e-9)
    assert inside(fences).count("class=mi") == 1


def test_languages_exist():
    """Every language that we colour is one of Pygments' own: none needs a search."""
    known = {
        alias.lower() for _, names, _, _ in get_all_lexers(False) for alias in names
    }
    assert known >= LANGUAGES


@given(st.text(), st.sampled_from(["", "python", "html", "bash", "json", "c++"]))
def test_code_is_shown_exactly(code, language):
    """Code is shown with every character that it has."""
    code = code.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    inner = code_to_html(code, language).removeprefix('<div class="highlight"><pre>')
    shown = words(inner.removesuffix("</pre></div>\n")).replace("\ufffd", "")
    # A browser drops the first newline after <pre>.
    assert shown.removeprefix("\n") == code.replace("\ufffd", "")


def test_what_is_nested_too_deep_is_kept():
    """Nesting beyond the parser's depth loses no text."""
    assert "end" in words(to_html("> " * 500 + "end"))
    assert "end" in words(
        to_html("\n".join("  " * n + "- a" for n in range(99)) + "end")
    )
    listed = "- " * 100 + "inner\n\nouter"
    assert inside(listed).endswith("<p>outer</p>")


@pytest.mark.parametrize("error", [RecursionError, IndexError])
def test_parser_fails(monkeypatch, error):
    """A text that trips the parser is shown as it was written."""

    def fail(*_args: object, **_options: object) -> str:
        raise error

    monkeypatch.setattr("routeway_magic.markup.renderer.Renderer.render", fail)
    assert to_html("**a** <b>") == f"{ROOT}<pre>**a** &lt;b&gt;</pre></div>"


def test_lexer_fails(monkeypatch):
    """Code that trips its lexer is shown without colours."""

    def fail(*_args: object, **_options: object) -> str:
        raise IndexError

    monkeypatch.setattr("pygments.lexers.get_lexer_by_name", fail)
    assert "<pre>x &lt; 1</pre>" in code_to_html("x < 1", "python")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\tc\n", "a\nb\tc\n"),
        ("\x1b[2J", "\u241b[2J"),
        ("a\rb\x00\x07\x08", "a\u240db\u2400\u2407\u2408"),
        ("\x7f\x9b31m\x85", "\u2421\ufffd31m\ufffd"),
        ("é\u2028\U0001f600", "é\u2028\U0001f600"),
        ("\ud83d", "\ufffd"),
    ],
)
def test_printable(text, expected):
    """Text for a terminal keeps newlines and tabs; other controls become pictures."""
    assert printable(text) == expected


@given(st.text(st.characters(max_codepoint=0x2FF)))
def test_printable_has_no_controls(text):
    """No text makes a control character come out, and nothing printable changes."""
    shown = printable(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", shown)
    assert len(shown) == len(text.replace("\r\n", "\n"))
    assert printable(shown) == shown


@given(st.text())
def test_escape(text):
    """Escaped text reads the same in HTML and holds nothing that HTML acts upon."""
    escaped = escape(text)
    assert not set(escaped) & set("<>\"'")
    assert escaped.replace("&amp;", "&").count("&") == len(re.findall("[&<>\"']", text))
    restored = escaped.replace("&lt;", "<").replace("&gt;", ">")
    restored = restored.replace("&quot;", '"').replace("&#x27;", "'")
    assert restored.replace("&amp;", "&") == text
    assert escape("\ud83d") == "\ufffd"


def test_lone_surrogates_can_be_sent():
    """Half of a surrogate pair, which JSON may bring, becomes U+FFFD everywhere."""
    markdown = "a\ud83d `b\udc00` $\ud83d$\n\n```python\n\ud83d\n```"
    for highlight in (True, False):
        to_html(markdown, highlight=highlight).encode()


def test_style():
    """The style is one short element, and restyles nothing but our own."""
    assert len(STYLE) <= 950
    rules = STYLE.removeprefix("<style>").removesuffix("</style>")
    assert "<" not in rules
    assert "url(" not in rules
    for rule in rules.removesuffix("}").split("}"):
        selectors, declarations = rule.split("{")
        for selector in re.split(r",(?![^(]*\))", selectors):
            assert selector.startswith(".rw")
        for variable in re.findall(r"var\(([^)]*)\)", declarations):
            assert re.search(r",(#|monospace$)", variable), (
                "a fallback is what other frontends show"
            )
    assert to_html("a").count("<style") == 0


def test_import_is_cheap():
    """Importing the package imports neither the parser nor the lexers."""
    script = (
        "import sys, routeway_magic.markup as m; m.escape('a'); m.code_to_html('a');"
        "print([n for n in ('markdown_it', 'pygments', 'html') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
