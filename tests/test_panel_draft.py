"""What the panel tells of a prompt before it is sent; nothing is sent for it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from panels import Page

from routeway_magic.compose import compose
from routeway_magic.grammar import OPTIONS, parse_line
from routeway_magic.panel.copies import cell_text, options_of
from routeway_magic.panel.value import size_of
from routeway_magic.run.session import session
from routeway_magic.settings import ClaudeSettings, RequestOptions


class Loud:
    """Notes that it was asked for its repr or its length."""

    asked: tuple[str, ...] = ()

    def __repr__(self) -> str:
        Loud.asked += ("repr",)
        return "loud"

    def __len__(self) -> int:
        Loud.asked += ("len",)
        return 3


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A panel in a shell of its own, with some variables."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        with Page.opened() as opened:
            frame = pd.DataFrame({"col": range(3)})
            opened.shell.ip.user_ns.update(df=frame, n=3, Loud=Loud, loud=Loud())
            yield opened


def test_preview_shows_the_request(page):
    """The dry run's own HTML, with what the controls say; nothing is sent."""
    page.panel.temperature = 0.25
    preview = page.ask("preview", prompt="Look at {df} & {n}")
    assert "<style>" not in preview["html"]
    assert "&quot;temperature&quot;: 0.25" in preview["html"]
    assert "Dry run" in preview["html"]
    assert session().turns == []


def test_preview_of_what_cannot_be_sent(page):
    """The error stands where the request would."""
    preview = page.ask("preview", prompt="{dff}")
    assert "There is no variable `dff`" in preview["html"]


def test_chips_tell_each_value(page):
    """Name, kind, size, tokens and what would be sent; what stays as typed."""
    chips = page.ask("chips", prompt="{df} and {n} and { df }")
    frame, number = chips["items"]
    assert (frame["name"], number["name"]) == ("df", "n")
    assert "DataFrame" in frame["label"]
    assert "3 rows" in frame["size"]
    assert frame["tokens"] > number["tokens"] > 0
    assert "col" in frame["preview_html"]
    assert chips["left"] == ["{ df }"]


def test_chips_of_an_unfinished_prompt(page):
    """A name that is not there yet is no chip, and no error on the page."""
    chips = page.ask("chips", prompt="{d} {df}")
    assert (chips["items"], bool(chips["why"])) == ([], True)


def test_a_prompt_calls_nothing(page):
    """References are names, attributes and items; a call is refused before it runs."""
    Loud.asked = ()
    for kind in ("preview", "chips", "send"):
        told = str(page.ask(kind, prompt="{len(loud)}"))
        assert "calls something" in told
    assert Loud.asked == ()
    assert page.ask("chips", prompt='{df.shape} {df["col"]}')["items"]


def test_completions_are_the_notebooks_names(page):
    """Kind and size come along; no code of the user's runs for it."""
    Loud.asked = ()
    told = page.ask("complete", text="What is {d")
    assert told["from"] == len("What is {")
    assert {"text": "df", "kind": "DataFrame", "size": "3 rows × 1 column"} in told[
        "items"
    ]
    [loud] = page.ask("complete", text="{lo")["items"]
    assert loud["size"] == ""
    assert Loud.asked == ()


def test_completions_of_attributes_and_keys(page):
    """As in a cell."""
    found = page.ask("complete", text='{df["')
    assert [one["text"] for one in found["items"]] == ["col"]
    assert "shape" in [
        one["text"] for one in page.ask("complete", text="{df.")["items"]
    ]


@pytest.mark.parametrize("text", ["", "no brace", "closed {df} ", "$x_{d", "`{d"])
def test_no_completions_elsewhere(page, text):
    """Outside an open brace, in TeX and in code there is nothing to choose."""
    assert page.ask("complete", text=text)["items"] == []


def test_positions_are_javascripts(page):
    """A character beyond the first plane counts twice there."""
    assert page.ask("complete", text="🌍 {d")["from"] == len("🌍 {") + 1


def test_sizes():
    """Counted where the class is Python's or a known library's own."""
    assert size_of([1, 2]) == "2 items"
    assert size_of("abc") == "3 characters"
    assert size_of(np.zeros((2, 1000))) == "2 × 1,000"
    assert size_of(Loud()) == size_of(3) == ""


def test_the_box_as_a_cell(page):
    """The line has what is set; the prompt stands as typed; another conversation is named."""
    page.panel.system = "Be brief."
    copied = page.ask("copy", turn=None, prompt="Look at {df}", **{"as": "cell"})
    line, prompt = copied["text"].split("\n", 1)
    assert prompt == "Look at {df}"
    assert '--system "Be brief."' in line
    page.panel.conversation = "my poems"
    copied = page.ask("copy", turn=None, prompt="x", **{"as": "cell"})
    assert '--conversation "my poems"' in copied["text"]
    page.panel.conversation = "main"


@pytest.mark.parametrize("way", ["httpx", "curl", "anthropic"])
def test_the_box_as_a_program(page, way):
    """What would be sent, values filled in; never a key."""
    copied = page.ask("copy", turn=None, prompt="n is {n}", **{"as": way})
    assert copied["as"] == way
    assert "n is 3" in copied["text"]
    assert "ROUTEWAY_API_KEY" in copied["text"]
    refused = page.ask("copy", turn=None, prompt="{dff}", **{"as": way})
    assert (refused["type"], "dff" in refused["why"]) == ("refused", True)


def test_a_turn_as_a_cell_and_as_a_program(page):
    """With the settings that it was asked with, whatever is set now."""
    page.panel.temperature = 0.5
    end = page.ask(prompt="the first: {n}")
    page.panel.temperature = None
    cell = page.ask("copy", turn=end["turn"], **{"as": "cell"})
    assert "--temperature 0.5" in cell["text"]
    assert cell["text"].endswith("\nthe first: {n}")
    code = page.ask("copy", turn=end["turn"], **{"as": "curl"})
    assert "the first: 3" in code["text"]
    page.say("new")


def test_a_cells_turn_as_a_cell(page):
    """Its request's fields become options again."""
    page.panel.system = None
    page.shell.run("%%claude -t 0.5 --stop END --max-tokens 7\nfrom a cell")
    [turn] = session().conversation().path(session().conversation().head)
    page.state()
    copied = page.ask("copy", turn=turn.id, **{"as": "cell"})
    parsed = parse_line(copied["text"].split("\n")[0][8:], OPTIONS)
    assert dict(parsed.values) == {
        "model": "claude-opus-4-5",
        "temperature": 0.5,
        "stop": ["END"],
        "max_tokens": 7,
    }


_VALUES = st.fixed_dictionaries(
    {},
    optional={
        "model": st.sampled_from(["claude-haiku-4-5", "x"]),
        "temperature": st.floats(0, 1),
        "top_k": st.integers(0, 9),
        "max_tokens": st.integers(1, 9),
        "thinking": st.sampled_from(["adaptive", "off", 2000]),
        "effort": st.sampled_from(["low", "max"]),
        "stop": st.lists(st.text(min_size=1), min_size=1, max_size=2),
        "system": st.text(min_size=1),
        "param": st.fixed_dictionaries({"metadata": st.just({"user_id": "a"})}),
    },
)


@given(values=_VALUES)
def test_options_are_read_off_a_request(values):
    """What the options of a request's fields make is the same request."""
    body = compose("x", options=RequestOptions(parameters=values)).body
    fields = {key: body[key] for key in body if key != "messages"}
    assert compose("x", options=options_of(fields)).body == body


def test_a_cell_asks_the_same(page):
    """The line of a cell, read by the grammar, gives the options that it was made of."""
    settings = ClaudeSettings.instance()
    options = settings.snapshot(temperature=0.5, stop=["a b"], thinking=2000)
    line = cell_text("x", options).split("\n")[0]
    assert shlex.split(line)[0] == "%%claude"
    read = settings.snapshot(**parse_line(line[8:], OPTIONS).values)
    assert read.parameters == options.parameters
