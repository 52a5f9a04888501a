"""Two texts compared word by word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeway_magic.differences import as_html, as_text, differences

TEXTS = st.text(alphabet="ab \n.é<", max_size=60)


def compared(before: str, after: str) -> str:
    """The differences as text."""
    return as_text(differences(before, after))


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("", "", ""),
        ("same", "same", "same"),
        ("", "new", "{+new+}"),
        ("a b c", "a x c", "a [-b-]{+x+} c"),
        ("a c", "a b c", "a {+b +}c"),
        ("It is 3.", "It is 4.", "It is [-3-]{+4+}."),
        ("one two", "three four", "[-one two-]{+three four+}"),
        ("x\nold line\ny", "x\nnew line\ny", "x\n[-old-]{+new+} line\ny"),
        ("x\ny", "x\nz\ny", "x\n{+z\n+}y"),
    ],
)
def test_words_that_differ_are_marked(before: str, after: str, shown: str) -> None:
    """What both have stands as it is; words are not taken apart."""
    assert compared(before, after) == shown


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_off(before: str, after: str) -> None:
    """Nothing of either text is lost, moved or invented."""
    pieces = differences(before, after)
    assert "".join(one.text for one in pieces if one.kind != "new") == before
    assert "".join(one.text for one in pieces if one.kind != "gone") == after
    assert all(one.text for one in pieces)


def test_html_is_safe_and_needs_no_style() -> None:
    """Both answers are untrusted; `<ins>` and `<del>` are seen without a style."""
    html = as_html(differences("<b>x</b>", "<script>alert(1)</script>"))
    assert "<script" not in html
    assert "<b>" not in html
    assert "<ins>" in html
    assert "<del>" in html


def test_long_texts_that_share_nothing_are_compared_at_once() -> None:
    """Beyond some thousand words a stretch is not looked into."""
    before = " ".join(f"a{number}" for number in range(20_000))
    after = " ".join(f"b{number}" for number in range(20_000))
    assert [one.kind for one in differences(before, after)] == ["gone", "new"]
