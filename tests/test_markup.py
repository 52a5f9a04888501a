"""What Markdown becomes: the specification of `markup`, by example."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import ANCHOR_REST, ROOT, inside, paragraph, words

from routeway_magic.markup import STYLE, escape, printable, to_html


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


@settings(deadline=None)
@given(st.text(st.characters(max_codepoint=0x2FF)))
def test_printable_has_no_controls(text):
    """No text makes a control character come out, and nothing printable changes."""
    shown = printable(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", shown)
    assert len(shown) == len(text.replace("\r\n", "\n"))
    assert printable(shown) == shown


@settings(deadline=None)
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
    assert len(STYLE) <= 1100
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
