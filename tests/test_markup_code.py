"""Code in an answer: shown exactly, coloured where that is cheap."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import inside, words
from pygments.lexers import get_all_lexers

from routeway_magic.markup import code_to_html
from routeway_magic.markup.code import LANGUAGES, MAX_CODE, MAX_COLUMNS


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


@settings(deadline=None)
@given(st.text(), st.sampled_from(["", "python", "html", "bash", "json", "c++"]))
def test_code_is_shown_exactly(code, language):
    """Code is shown with every character that it has."""
    code = code.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    inner = code_to_html(code, language).removeprefix('<div class="highlight"><pre>')
    shown = words(inner.removesuffix("</pre></div>\n")).replace("\ufffd", "")
    # A browser drops the first newline after <pre>.
    assert shown.removeprefix("\n") == code.replace("\ufffd", "")


def test_lexer_fails(monkeypatch):
    """Code that trips its lexer is shown without colours."""

    def fail(*_args: object, **_options: object) -> str:
        raise IndexError

    monkeypatch.setattr("pygments.lexers.get_lexer_by_name", fail)
    assert "<pre>x &lt; 1</pre>" in code_to_html("x < 1", "python")
