"""What may come out of a model's Markdown, and nothing else."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from routeway_magic.markup.parser import parser
from routeway_magic.markup.renderer import Renderer
from routeway_magic.markup.tex import typesettable

__all__ = ["MATH_CLASS", "inspect", "render_or_raise"]

ROOT_CLASS = "rw tex2jax_ignore mathjax_ignore"
MATH_CLASS = "tex2jax_process mathjax_process"
LINK = re.compile(r"(?:https?://[^\s/?#]|mailto:\S)\S*", re.IGNORECASE)

CONTAINERS = (
    "p h1 h2 h3 h4 h5 h6 em strong s ul li blockquote code pre table thead tbody tr"
)
VOID = {"br", "hr"}
# Each tag with its attributes, and each attribute with all that it may hold.
ALLOWED: dict[str, dict[str, re.Pattern[str]]] = {
    **{tag: {} for tag in (*CONTAINERS.split(), *VOID)},
    "div": {"class": re.compile(f"{ROOT_CLASS}|highlight")},
    "span": {"class": re.compile(f"{MATH_CLASS}|[a-z][a-z0-9]{{0,2}}")},
    "ol": {"start": re.compile(r"\d{1,9}")},
    "th": {"class": re.compile("rw-(?:right|center)")},
    "td": {"class": re.compile("rw-(?:right|center)")},
    "a": {
        "href": LINK,
        "rel": re.compile("noopener noreferrer"),
        "target": re.compile("_blank"),
    },
}


class Inspector(HTMLParser):
    """Refuses everything that is not on the list, and what is not well nested."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.roots = 0
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        """Only listed tags with listed attributes, and no link in a link."""
        assert tag in ALLOWED, f"<{tag}>"
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names))
        for name, value in attrs:
            assert name in ALLOWED[tag], f"<{tag} {name}>"
            assert ALLOWED[tag][name].fullmatch(value or ""), f"<{tag} {name}={value}>"
        if tag == "a":
            assert set(names) == {"href", "rel", "target"}
            assert "a" not in self.open, "links nest"
        self.roots += not self.open
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Each closes the one that was opened last."""
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        """All text is within the root."""
        assert self.open, "text outside the root"
        self.text.append(data)

    def handle_comment(self, data):
        """No comment, declaration or instruction comes out."""
        pytest.fail(f"a comment: {data}")

    handle_decl = unknown_decl = handle_pi = handle_comment


def inspect(page: str) -> str:
    """Checks a page against the list; returns the text that it shows."""
    inspector = Inspector()
    inspector.feed(page)
    inspector.close()
    assert not inspector.open
    assert inspector.roots == 1
    assert page.startswith(f'<div class="{ROOT_CLASS}">')
    for tex in re.findall(f'<span class="{MATH_CLASS}">(.*?)</span>', page, re.DOTALL):
        assert "<" not in tex, "MathJax reads across no element"
        assert typesettable(tex)
    return "".join(inspector.text)


def render_or_raise(markdown: str) -> None:
    """Renders a text without the net that `to_html` spreads: no error stays hidden."""
    Renderer(typeset=True, highlight=True).render(parser().parse(markdown))
