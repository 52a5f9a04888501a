"""Answers compared: columns, differences and figures, as safe HTML and as text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from compared import made, several

from routeway_magic.comparison import bundle, summary_of
from routeway_magic.comparison.answers import baseline_of, shown_of
from routeway_magic.comparison.compared import labels_of
from routeway_magic.comparison.table import MOST_ROWS, table_html, table_rows

HOSTILE = "<script>alert(1)</script><img src=http://x.invalid/a.png onerror=alert(1)>"


class Tags(HTMLParser):
    """The elements of a page with their attributes, and whether they are balanced."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        """Notes an element."""
        self.found.append((tag, dict(attrs)))
        if tag not in {"img", "br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Notes its end; it is that of the innermost one."""
        assert self.open.pop() == tag

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of a kind."""
        return [attributes for name, attributes in self.found if name == tag]


def html_of(results, **how) -> str:
    """The comparison's HTML."""
    return bundle(results, **how)["text/html"]


@pytest.mark.parametrize("count", [2, 12])
def test_each_answer_has_a_column_with_a_head(count):
    """A table with a head for each, in a box that scrolls and has a name."""
    tags = Tags(html_of(several(count)))
    assert tags.open == []
    boxes = [one for one in tags.named("div") if one.get("role") == "region"]
    assert {"tabindex", "aria-label"} <= set(boxes[0])
    assert boxes[0]["aria-label"] == f"{count} answers side by side"
    assert all(one.get("scope") == "col" for one in tags.named("th"))
    assert f"min-width:{count * 17}em" in str(tags.named("table")[0]["style"])


def test_nothing_that_a_model_or_a_server_wrote_becomes_an_element():
    """Answers, values and errors are untrusted."""
    results = [
        made(0, HOSTILE, values={"city": HOSTILE}),
        made(1, f"other {HOSTILE}", values={"city": "b"}),
        made(2, values={"city": "c"}, status="failed", error=HOSTILE),
    ]
    tags = Tags(html_of(results))
    assert tags.open == []
    assert tags.named("script") == []
    allowed = ("data:image/svg+xml;base64,", "data:image/png;base64,")
    assert all(str(one["src"]).startswith(allowed) for one in tags.named("img"))
    assert not [one for _, one in tags.found if "onerror" in one]


def test_words_are_compared_with_the_baseline():
    """By default the first complete answer; another one if it is chosen."""
    failed = made(0, status="failed", error="Refused.")
    results = [
        failed,
        made(1, "It is blue."),
        made(2, "It is red."),
        made(3, "It is red."),
    ]
    html = html_of(results)
    assert "against temperature=0.5:" in html
    assert "<del>blue</del><ins>red</ins>" in html
    chosen = html_of(results, baseline=2)
    assert "against temperature=1.0:" in chosen
    assert "<del>red</del><ins>blue</ins>" in chosen
    assert "the same, word for word" in chosen
    assert baseline_of([failed]) is None


def test_a_chosen_baseline_is_compared_with_in_the_text_too():
    """A terminal shows it; without a choice the text has the answers alone."""
    results = [made(0, "It is blue."), made(1, "It is red."), made(2, "It is red.")]
    text = bundle(results, baseline=2)["text/plain"]
    assert "word by word against temperature=1.0 ──\nIt is [-red-]{+blue+}." in text
    assert "The same, word for word." in text
    assert "word by word" not in bundle(results)["text/plain"]


def test_long_answers_open_their_differences_on_request():
    """Short ones show them at once."""
    assert "<details open>" in html_of(several(2))
    long = [made(index, f"{index} " + "word " * 200) for index in range(2)]
    assert "<details><summary>Word by word" in html_of(long)


def test_a_failure_stays_in_its_column():
    """What went wrong stands there, below what had come; the line says what to do."""
    results = [
        *several(2),
        made(2, "half an ans", status="interrupted", error=""),
        made(3, status="failed", error="The model is overloaded."),
        made(4, status="not sent"),
    ]
    shown = bundle(results)
    for expected in (
        "half an ans",
        "interrupted",
        "The model is overloaded.",
        "not sent",
    ):
        assert expected in shown["text/html"]
        assert expected in shown["text/plain"]
    assert shown["text/html"].count("sweep resume</code> asks again.") == 3
    assert "2 of 5 answers" in shown["text/plain"]
    assert "`%claude sweep resume` asks for the rest" in shown["text/html"]


def test_quiet_leaves_out_the_line_below():
    """Unless something is missing."""
    assert 'class="rw-footer"' not in html_of(several(2), quiet=True)
    assert summary_of(several(2), quiet=True) == ""
    missing = [*several(1), made(1, status="not sent")]
    assert "1 of 2 answers" in html_of(missing, quiet=True)


def test_of_many_answers_one_of_each_combination_is_shown_first():
    """Repeats come after all values have had their turn, twelve columns in all."""
    results = [
        made(
            3 * value + repeat, f"{value} {repeat}", repeat=repeat, values={"k": value}
        )
        for value in range(10)
        for repeat in range(3)
    ]
    shown = [one.variant.index for one in shown_of(results)]
    assert shown == sorted([*range(0, 30, 3), 1, 4])
    assert "12 of them are shown" in summary_of(results, shown=12)
    assert len(table_rows(results)) == 31


def test_the_table_says_how_many_rows_are_left_out():
    """A thousand answers are no thousand rows of the notebook."""
    html = html_of(several(MOST_ROWS + 5))
    assert "5 more rows are in <code>to_frame()</code>" in html


def test_long_values_keep_both_ends():
    """In titles and in the table, on one line; what is no text is written as JSON."""
    long = "https://example.org/" + "x" * 80 + "/the-end"
    results = [made(index, "a", values={"url": long + str(index)}) for index in (0, 1)]
    assert list(labels_of([one.variant for one in results]).values()) == [
        "url=https://example.org…xxxxxxxxxxx/the-end0",
        "url=https://example.org…xxxxxxxxxxx/the-end1",
    ]
    _, first, _ = table_rows(results)
    assert len(first[1]) == 60
    assert first[1].endswith("/the-end0")
    for value, shown in (
        ("", '""'),
        ("a\n b", "a b"),
        ([1, {"é": None}], '[1, {"é": null}]'),
    ):
        [label] = labels_of([made(0, values={"k": value}).variant]).values()
        assert label == f"k={shown}"


def test_numbers_are_below_one_another():
    """Values, too, where all are numbers; names and ids begin at the left."""
    results = [made(index, "a", values={"t": index / 2, "m": "b"}) for index in (0, 1)]
    html = table_html(results)
    assert '<td class="rw-right">0.5</td>' in html
    assert "<td>b</td>" in html
    assert "<td>00000001</td>" in html


def test_columns_of_the_table_without_any_value_are_left_out():
    """No price is known: no column for it; no repeats: none for those."""
    head, row, _ = table_rows(several(2))
    assert head == (
        *("#", "temperature", "tokens in", "tokens out", "seconds"),
        *("first token", "ended", "id"),
    )
    assert row == ("0", "0.0", "7", "10", "1.00", "0.25", "end_turn", "00000000")
    priced = [made(0, "a", cost=0.25), made(1, "b", cost=0.5)]
    assert "cost" in table_rows(priced)[0]
    assert "$0.75" in summary_of(priced)


def test_text_holds_the_answers_and_the_table():
    """What a terminal shows, and what a notebook keeps beside the HTML."""
    text = bundle(several(2))["text/plain"]
    assert re.search(r"── temperature=0\.0 ──\nThe answer is \*\*0\*\*\.", text)
    assert re.search(r"#\s+temperature\s+tokens in", text)
    assert text.splitlines()[-1] == "2 answers · emulator · 14 → 21 tokens"


def test_no_control_character_reaches_a_terminal():
    """Answers are printed there as well."""
    text = bundle([made(0, "a\x1b[2Jb"), made(1, "b")])["text/plain"]
    assert "\x1b" not in text


def test_labels_say_what_was_set():
    """Texts bare, all else as JSON, long values cut; repeats are counted from 1."""
    values = {"model": "m", "stop": ["x"], "effort": None, "city": "word " * 30}
    label = labels_of([made(0, "", values=values).variant])[0]
    assert label.startswith('model=m · stop=["x"] · effort=null · city=word word')
    assert len(label) < 100
    repeats = [made(index, "", repeat=index, values={}).variant for index in range(2)]
    assert labels_of(repeats) == {0: "repeat 1", 1: "repeat 2"}


def test_an_answer_is_shown_in_the_format_that_was_asked_for():
    """`-f json` holds for each column."""
    results = [made(0, '{"a":1}'), made(1, "no json")]
    html = html_of(results, format="json")
    assert "no JSON" in html
    assert 'class="highlight"' in html
