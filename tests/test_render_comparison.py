"""The live grid: all answers at once, bytes that grow with the text, one entry left."""

from __future__ import annotations

import re
import threading
import time

import pytest
from compared import made
from waiting import wait_until

from routeway_magic.events import ContentBlockDelta, ContentBlockStart, Waiting
from routeway_magic.render import comparison
from routeway_magic.render.comparison import ComparisonRenderer
from routeway_magic.render.plain_comparison import PlainComparison
from routeway_magic.sources.emulator.markdown import long_markdown
from routeway_magic.sweeps.plan import plan

START = ContentBlockStart(0, {"type": "text", "text": ""})


def piece(text: str) -> ContentBlockDelta:
    """A delta of text."""
    return ContentBlockDelta(0, {"type": "text_delta", "text": text})


def temperatures(count: int):
    """A plan of so many variants."""
    return plan({"temperature": [index / 2 for index in range(count)]})


@pytest.fixture
def published(monkeypatch):
    """What is displayed: (time, html, whether it updates, its id, the thread)."""
    seen: list[tuple[float, str, bool, str, str]] = []

    def publish(data, *, transient, update):
        by = threading.current_thread().name
        seen.append(
            (time.monotonic(), data["text/html"], update, transient["display_id"], by)
        )

    monkeypatch.setattr(comparison, "publish_display_data", publish)
    return seen


@pytest.fixture
def cleared(monkeypatch):
    """How often outputs were cleared, and how."""
    seen: list[bool] = []
    monkeypatch.setattr(comparison, "clear_output", lambda *, wait: seen.append(wait))
    return seen


def grids(published) -> list[str]:
    """The grids that were shown, in order."""
    return [html for _, html, *_ in published if "answers under way" in html]


def lines(published) -> list[str]:
    """The lines of progress that were shown, in order."""
    return [html for _, html, *_ in published if "<progress" in html]


def latest(shown: list[str]) -> str:
    """The last of them, "" if there is none yet."""
    return shown[-1] if shown else ""


def stream(count: int, size: int, *, pause: float = 0.0) -> str:
    """So many answers of such a size, each from a thread of its own, shown as they come."""
    renderer = ComparisonRenderer(alone=True)
    renderer.begin(temperatures(count))
    text = long_markdown(size)

    def answer(index: int) -> None:
        renderer.handle(index, START)
        for at in range(0, len(text), 200):
            renderer.handle(index, piece(text[at : at + 200]))
            time.sleep(pause)
        renderer.ended(made(index, text))

    threads = [threading.Thread(target=answer, args=(one,)) for one in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    renderer.close([made(index, text) for index in range(count)])
    return text


def test_all_answers_are_shown_while_they_come(published, cleared):
    """What has arrived of each stands in its column, before any has ended."""
    renderer = ComparisonRenderer()
    renderer.begin(temperatures(3))
    for index in range(3):
        renderer.handle(index, START)
        renderer.handle(index, piece(f"**answer {index}** goes on"))
    wait_until(
        lambda: (
            grids(published)
            and all(
                f"<strong>answer {one}</strong>" in latest(grids(published))
                for one in range(3)
            )
        )
    )
    renderer.close([])


def test_one_entry_remains(published, cleared):
    """The cell's outputs are cleared for the comparison, which is a display of its own."""
    text = stream(2, 3000)
    assert cleared == [True]
    _, html, update, display_id, by = published[-1]
    assert not update
    assert display_id not in {one[3] for one in published[:-1]}
    assert by == threading.current_thread().name
    assert html.count("Section 1:") == text.count("Section 1:") * 2 == 2


def test_among_other_outputs_nothing_is_cleared(published, cleared):
    """The comparison takes the place of the progress; the grid's place is emptied."""
    renderer = ComparisonRenderer()
    renderer.begin(temperatures(2))
    wait_until(lambda: len(published) == 2)
    renderer.close([made(0, "a"), made(1, "b")])
    line, grid = (one[3] for one in published[:2])
    assert [(one[3], bool(one[1])) for one in published[-2:]] == [
        (grid, False),
        (line, True),
    ]
    assert cleared == []


def test_only_the_timer_shows_while_answers_come(published, cleared):
    """Threads that ask never display: what they print would land in another cell."""
    stream(4, 4000, pause=0.01)
    assert {one[4] for one in published[:-1]} == {"routeway-display"}
    assert "routeway-display" not in {one.name for one in threading.enumerate()}


def test_at_most_twelve_messages_a_second(published, cleared):
    """However many answers are under way."""
    stream(12, 16_000, pause=0.03)
    streamed = [one[0] for one in published[:-1]]
    assert streamed[-1] - streamed[0] > 1
    for began in streamed:
        assert sum(began <= when < began + 1 for when in streamed) <= 12


@pytest.mark.parametrize("count", [2, 12, 40])
def test_bytes_grow_with_the_text(published, cleared, count):
    """Each grid is small, and is sent again when a twelfth of it is new."""
    text = stream(count, 12_000, pause=0.005)
    shown = grids(published)
    assert sum(map(len, shown)) <= 15 * count * len(text)
    assert max(map(len, shown)) <= 40_000


def test_of_a_long_answer_the_end_is_shown(published, cleared):
    """What no longer fits is left out until the end, and a mark stands for it."""
    renderer = ComparisonRenderer()
    renderer.begin(temperatures(2))
    renderer.handle(0, START)
    renderer.handle(0, piece("FIRST\n\n" + "middle of it\n\n" * 1000 + "LAST"))
    wait_until(lambda: "LAST" in latest(grids(published)))
    assert "FIRST" not in latest(grids(published))
    renderer.handle(1, piece("```\nONE " + "x" * 20_000 + " TWO"))
    wait_until(lambda: "TWO" in latest(grids(published)))
    assert "ONE" not in latest(grids(published))
    renderer.close([])


def test_more_answers_than_columns_take_turns(published, cleared):
    """One that begins takes the column of one that has ended."""
    renderer = ComparisonRenderer()
    renderer.begin(temperatures(14))
    for index in range(12):
        renderer.handle(index, START)
    renderer.ended(made(3, "done"))
    renderer.handle(13, START)
    renderer.handle(13, piece("the thirteenth"))
    wait_until(lambda: "the thirteenth" in latest(grids(published)))
    numbers = re.findall(r"<small>#(\d+)</small>", latest(grids(published)))
    assert numbers == ["0", "1", "2", "13", *map(str, range(4, 12))]
    renderer.close([])


def test_progress_tells_what_has_ended_and_what_all_wait_for(published, cleared):
    """Counts, tokens, and the seconds that are left of a shared wait."""
    renderer = ComparisonRenderer()
    renderer.begin(temperatures(4), [made(0, "kept", output=5)])
    renderer.handle(1, START)
    renderer.ended(made(1, "a", output=7))
    renderer.ended(made(2, status="failed", error="Refused <b>."))
    renderer.handle(3, Waiting("connecting"))
    renderer.waiting("5 requests a minute of this free model", 40)
    wait_until(lambda: "free model" in latest(lines(published)))
    line = latest(lines(published))
    assert "2 of 4 answers · 1 failed · 1 under way" in line
    assert re.search(r"of this free model, (39|40) s left", line)
    assert 'max="4" value="3"' in line
    grid = latest(grids(published))
    assert "kept" in grid
    assert "Refused &lt;b&gt;." in grid
    renderer.waiting("", None)
    wait_until(lambda: "free model" not in latest(lines(published)))
    renderer.close([])


def test_thinking_and_calls_are_told_while_they_come(published, cleared):
    """The newest thoughts, and what is called with which arguments, in a line each."""
    renderer = ComparisonRenderer()
    renderer.begin(temperatures(3))
    renderer.handle(0, ContentBlockStart(0, {"type": "thinking", "thinking": ""}))
    for piece in ("FIRST " + "and then " * 20, "so <b> it\nis"):
        renderer.handle(
            0, ContentBlockDelta(0, {"type": "thinking_delta", "thinking": piece})
        )
    renderer.handle(1, ContentBlockStart(0, {"type": "tool_use", "name": "area"}))
    for piece in ('{"width": 3, ', '"of": "' + "x" * 200, 'LAST"}'):
        renderer.handle(
            1, ContentBlockDelta(0, {"type": "input_json_delta", "partial_json": piece})
        )
    renderer.handle(2, Waiting("connecting"))
    told = ("so &lt;b&gt; it is", "calls area {&quot;width&quot;: 3,", "connecting …")
    wait_until(lambda: all(one in latest(grids(published)) for one in told))
    grid = latest(grids(published))
    assert "FIRST" not in grid
    assert "LAST" not in grid
    renderer.ended(made(1, "", status="complete"))
    renderer.handle(0, ContentBlockStart(1, {"type": "text", "text": "Four."}))
    wait_until(lambda: "Four." in latest(grids(published)))
    assert "thinking" not in latest(grids(published))
    assert "calls area" in latest(grids(published))
    renderer.close([])


def test_thoughts_take_no_more_bytes_than_text(published, cleared):
    """A second of it is one grid at most, however many answers think."""
    renderer = ComparisonRenderer()
    renderer.begin(temperatures(12))
    thought = {"type": "thinking_delta", "thinking": "a thought goes on and on " * 4}
    for index in range(12):
        renderer.handle(index, ContentBlockStart(0, {"type": "thinking"}))
    for _ in range(50):
        for index in range(12):
            renderer.handle(index, ContentBlockDelta(0, thought))
        time.sleep(0.01)
    renderer.close([])
    assert sum(map(len, grids(published))) <= 15 * 50 * 12 * 100


def test_quiet_shows_no_progress(published, cleared):
    """The grid alone."""
    renderer = ComparisonRenderer(quiet=True)
    renderer.begin(temperatures(2))
    wait_until(lambda: grids(published))
    renderer.close([made(0, "a"), made(1, "b")])
    assert lines(published) == []


def test_a_pipe_gets_the_comparison_alone(capsys):
    """No line of progress, no control character."""
    renderer = PlainComparison()
    renderer.begin(temperatures(2))
    renderer.handle(0, START)
    results = [made(0, "one"), made(1, "two")]
    renderer.ended(results[0])
    renderer.waiting("a limit", 3)
    renderer.close(results)
    out = capsys.readouterr().out
    assert out.startswith("── temperature=0.0 ──\none\n")
    assert "\x1b" not in out


def test_a_terminal_sees_how_far_it_is(capsys, monkeypatch):
    """One line that is written over, and gone at the end."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    renderer = PlainComparison()
    renderer.begin(temperatures(2))
    renderer.handle(0, START)
    written = ""

    def has_told() -> bool:
        nonlocal written
        written += capsys.readouterr().out
        return "\r\x1b[K0 of 2 answers · 1 under way" in written

    wait_until(has_told)
    renderer.close([made(0, "one"), made(1, "two")])
    assert capsys.readouterr().out.startswith("\r\x1b[K── temperature=0.0 ──")


def test_the_line_does_not_break(capsys, monkeypatch):
    """What is longer than the terminal is cut: a second row would stay there."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    renderer = PlainComparison(note="some words about the size of it all, and more")
    written = ""

    def has_told() -> bool:
        nonlocal written
        written += capsys.readouterr().out
        return "…" in written

    renderer.begin(temperatures(2))
    wait_until(has_told)
    renderer.close([])
    assert all(len(line) < 40 for line in re.split(r"\r\x1b\[K", written))
