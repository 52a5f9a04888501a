"""`-f`: the answer shown as one thing, and what `-o` binds of it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from shells import Shell

from routeway_magic.cell_options import CellOptions
from routeway_magic.fences import first_fence
from routeway_magic.formats import FORMATS, format_html

FENCED = "Here:\n\n```python\ndef f():\n    return 1\n```\n\nand\n\n```\nsecond\n```\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def frame(html: str) -> str:
    """What stands in the one sandboxed frame."""
    (attributes,) = re.findall(r"<iframe ([^>]*)>", html)
    assert attributes.startswith('sandbox="" srcdoc="')
    return unescape(attributes.split('srcdoc="', 1)[1].split('"', 1)[0])


def test_the_option_knows_the_formats():
    """What can be asked for is what can be shown."""
    assert tuple(CellOptions().traits()["format"].values) == FORMATS


def test_text_is_shown_as_it_is():
    """No Markdown, no HTML."""
    assert "<pre>**a** &lt;b&gt;</pre>" in format_html("text", "**a** <b>")


def test_code_is_the_first_fence_in_its_language():
    """Highlighted; the prose around it is left out, and `-o` binds the code."""
    html = format_html("code", FENCED)
    assert "<span class=k>def</span>" in html
    assert "Here" not in html
    assert "second" not in html
    assert first_fence(FENCED) == "def f():\n    return 1\n"


def test_code_without_a_fence_is_the_whole_answer():
    """A model that was told to write nothing but code may leave the fence out."""
    assert "x &lt; 1" in format_html("code", "x < 1")
    assert first_fence("x < 1") == "x < 1"


@pytest.mark.parametrize("text", ['{"a": [1, "é"]}', '```json\n{"a": [1, "é"]}\n```'])
def test_json_is_parsed_and_pretty(text):
    """With or without a fence."""
    shown = unescape(re.sub(r"<[^>]+>", "", format_html("json", text)))
    assert shown.strip() == '{\n  "a": [\n    1,\n    "é"\n  ]\n}'


def test_invalid_json_is_shown_as_it_is_with_the_position():
    """Nothing is lost."""
    html = format_html("json", '{"a": <b>}')
    assert "line 1 column 7" in html
    assert "{&quot;a&quot;: &lt;b&gt;}" in html


def test_math_needs_no_delimiters():
    """A bare formula is typeset; one that would reach beyond itself is code."""
    assert r"mathjax_process" in format_html("math", r"\frac{1}{2}")
    assert "mathjax_process" in format_html("math", "so $x$")
    assert r"<code>\[\def\sin{x}\]</code>" in format_html("math", r"\def\sin{x}")


@pytest.mark.parametrize(
    "text", ["<b>hi</b><script>x</script>", "```html\n<b>hi</b><script>x</script>\n```"]
)
def test_html_stands_in_a_sandbox_with_a_policy(text):
    """The frame may run nothing and load nothing; the page itself gets no model HTML."""
    html = format_html("html", text)
    inside = frame(html)
    assert inside.startswith(
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; img-src data:\">"
    )
    assert "<b>hi</b>" in inside
    assert "<script>" not in html


@pytest.mark.parametrize("text", [SVG, f"A picture:\n\n```svg\n{SVG}\n```\n"])
def test_an_svg_image_stands_in_the_same_sandbox(text):
    """An SVG may hold script: it is shown where none runs."""
    assert frame(format_html("image", text)).endswith(SVG)


def test_an_svg_that_never_ends_is_text():
    """However often one begins: the search takes one way through the answer."""
    html = format_html("image", "<svg " * 50_000)
    assert "no SVG" in html
    assert "<iframe" not in html


def test_an_image_may_be_a_data_uri_and_nothing_else():
    """No address is ever loaded."""
    assert 'src="data:image/png;base64,QUJD"' in frame(
        format_html("image", "see data:image/png;base64,QUJD here")
    )
    away = format_html("image", "![x](http://example.org/a.png)")
    assert "<iframe" not in away
    assert "<img" not in away


def test_into_binds_what_was_asked_for():
    """`-f json -o NAME` binds the object, `-f code` the code."""
    with Shell.opened() as shell:
        shell.run('%%claude -f json -o data\nemulate: echo\n{"n": 3}')
        shell.run(f"%%claude -f code -o code\nemulate: echo\n{FENCED}")
        assert shell.ip.user_ns["data"] == {"n": 3}
        assert shell.ip.user_ns["code"].startswith("def f")
        assert not shell.run("%%claude -f json -o data\nemulate: echo\nno").ok
        assert shell.ip.user_ns["data"] == {"n": 3}
