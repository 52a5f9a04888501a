"""Markdown that grows: parts rendered once, joined, are the whole rendered at once."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routeway_magic.markup import parser as markdown_parser
from routeway_magic.markup import to_html
from routeway_magic.markup.growing import GrowingMarkdown, split_stable
from routeway_magic.sources.emulator.markdown import long_markdown

STREAMS = Path(
    os.environ.get("ROUTEWAY_TEST_STREAMS")
    or Path(__file__).parents[2] / "shared" / "streams"
)

FRAGMENTS = (
    "a paragraph\n",
    "lazy",
    "\n",
    "\n\n",
    "- item\n",
    "- \n",
    "+ other\n",
    "1. one\n",
    "10) ten\n",
    "  in an item\n",
    "    indented\n",
    "\t- deep\n",
    "```\n",
    "```py\ncode = 1\n```\n",
    "~~~\n",
    "> quoted\n",
    "| a | b |\n|--|:-:|\n",
    "| 1 | 2 |\n",
    "---\n",
    "===\n",
    "***\n",
    "# heading\n",
    "[foo]: http://a.example/c\n",
    "[bar]:\n",
    "/url\n",
    '"title"\n',
    "[foo] and [bar]\n",
    "![foo][bar] [x](http://b.example)\n",
    "$$\n",
    "x = 1\n",
    "\\[ a\n",
    "\\]\n",
    "\\begin{align}\n",
    "\\end{align}\n",
    "text $x$ and \\(y\\) `code`\n",
    "<div>\n",
    "<script>x</script>\n",
    "crlf\r\n",
    "cr\r",
    "  ",
    "עברית 漢字 👩‍🚀\n",
)
texts = st.lists(st.sampled_from(FRAGMENTS), max_size=16).map("".join)


def grown(text: str, cuts: list[int]) -> str:
    """The text's HTML after it came in pieces, frozen after some of them."""
    growing = GrowingMarkdown()
    at = 0
    for cut in cuts:
        growing.append(text[at : at + 1 + cut // 2])
        at += 1 + cut // 2
        if cut % 2:
            growing.freeze()
        growing.html_of_tail()
    growing.append(text[at:])
    return growing.finish()


@settings(deadline=None, max_examples=400)
@given(texts, st.lists(st.integers(0, 40), max_size=30))
def test_parts_joined_are_the_whole(text, cuts):
    """Wherever it is cut and whenever it is frozen."""
    assert grown(text, cuts) == to_html(text)


@settings(deadline=None, max_examples=300)
@given(texts)
def test_split_loses_nothing(text):
    """The two parts are the text, and the first ends where a line does."""
    finished, rest = split_stable(text)
    assert finished + rest == text
    assert not finished or finished[-1] in "\r\n"


@pytest.mark.parametrize(
    "open_block",
    [
        "```python\nx = 1\n\ny = 2\n\n",
        "- item\n\n  more\n\n",
        "> quote\n> more\n",
        "| a | b |\n|--|--|\n| 1 | 2 |\n",
        "\\begin{align}\nx\n- y\n",
        "a paragraph that may yet be a heading\n",
        "<div>\nhtml\n",
    ],
)
def test_what_may_go_on_is_not_finished(open_block):
    """No block is cut in two: what stands last stays in the tail."""
    finished, rest = split_stable("# done\n\nwell done\n\n" + open_block)
    assert finished == "# done\n\nwell done\n\n"
    assert rest == open_block


def test_a_later_definition_reaches_back():
    """A part that needed a link definition is rendered again, at the end."""
    growing = GrowingMarkdown()
    growing.append("see [foo]\n\nnext\n\n")
    assert "<a " not in growing.freeze()
    growing.append("[foo]: http://a.example\n")
    assert '<a href="http://a.example"' in growing.finish()


def real_answers() -> list[str]:
    """Every text of the recorded streams, where they are."""
    files = sorted(STREAMS.glob("*.expected.json"))
    found = [json.loads(file.read_text("utf-8")).get("text") or "" for file in files]
    return [text for text in found if len(text) > 100]


@pytest.mark.parametrize("text", [long_markdown(200_000), *real_answers()], ids=len)
def test_long_answers(text, monkeypatch):
    """Real answers, and 200 kB of everything, frozen every four kilobytes."""
    # How much is coloured depends on the machine, unless there is time for all.
    monkeypatch.setattr("routeway_magic.markup.renderer.MAX_SECONDS", 60)
    monkeypatch.setattr("routeway_magic.markup.code.MAX_SECONDS", 60)
    growing = GrowingMarkdown()
    for at in range(0, len(text), 50):
        growing.append(text[at : at + 50])
        if len(growing.tail) > 4096:
            growing.freeze()
    assert growing.finish() == to_html(text)


def test_the_work_is_linear(monkeypatch):
    """What is frozen is not parsed again: each character a bounded number of times."""
    parsed = 0
    markdown_it = markdown_parser.parser()
    original = markdown_it.block.parse

    def counting(source, *rest):
        nonlocal parsed
        parsed += len(source)
        return original(source, *rest)

    monkeypatch.setattr(markdown_it.block, "parse", counting)
    text = long_markdown(100_000)
    growing = GrowingMarkdown()
    for at in range(0, len(text), 16):
        growing.append(text[at : at + 16])
        if len(growing.tail) > 4096:
            growing.freeze()
    growing.finish()
    assert parsed < 8 * len(text)
