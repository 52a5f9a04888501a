"""Whatever a model asks for and a function does: nothing breaks, nothing leaks."""

from __future__ import annotations

import base64
import functools
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from looped import Model, Watcher, call, calling, loop, results, saying, session
from pypdf import PdfWriter
from shells import Shell

from routeway_magic.accumulate import MessageAccumulator
from routeway_magic.call_text import call_text
from routeway_magic.errors import InputError, Interrupted
from routeway_magic.events import ContentBlockDelta, ContentBlockStart, ContentBlockStop
from routeway_magic.run.session import begun
from routeway_magic.secret import ApiKey
from routeway_magic.tools.tool import tool_of

DONE = saying("done")
KEY = "sk-routeway-0123456789"


def takes(value: Any) -> str:
    """Takes anything."""
    return type(value).__name__


def told(*tools: Any, asked: Any = None) -> dict[str, Any]:
    """What the model is told of one call."""
    name = getattr(tools[0], "__name__", "")
    model = Model(calling(asked or call(name)), DONE)
    assert loop(session(model), *tools).text == "done"
    (block,) = results(model)
    return block


def nested(depth: int) -> list[Any]:
    """A list in a list, so often."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (call("takes", value=nested(300)), "do not fit"),
        (call("takes", value="\ud800"), "do not fit"),
        (call("takes"), "value: Field required"),
        (call("takes", value=1, other=2), "other: Extra inputs"),
        ({**call("takes"), "input": [1]}, "no complete JSON object"),
        ({**call("takes"), "input": None}, "no complete JSON object"),
        (call("eval", value="1"), "There is no tool eval"),
        (call("__import__", name="os"), "There is no tool __import__"),
    ],
    ids=["nested", "surrogate", "missing", "extra", "list", "null", "eval", "import"],
)
def test_calls_that_make_no_sense(asked, words):
    """Each is answered with an error, and the next request can be sent."""
    block = told(takes, asked=asked)
    assert block["is_error"]
    assert words in block["content"]


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
def test_numbers_that_are_no_json(number):
    """Such arguments stay the text that came: nothing can be sent with them again."""
    accumulator = MessageAccumulator()
    begins = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    piece = {"type": "input_json_delta", "partial_json": f'{{"x": {number}}}'}
    accumulator.feed(ContentBlockStart(0, begins))
    accumulator.feed(ContentBlockDelta(0, piece))
    accumulator.feed(ContentBlockStop(0))
    assert accumulator.message["content"][0]["input"] == piece["partial_json"]


def exits() -> None:
    """Wants to end the kernel."""
    sys.exit(3)


def recurs() -> None:
    """Never ends."""
    recurs()


class UnspeakableError(Exception):
    """Fails even to say what it is."""

    def __str__(self) -> str:
        raise RuntimeError


def fails_badly() -> None:
    """Raises it."""
    raise UnspeakableError


def waits() -> Any:
    """Gives something to await."""

    async def later() -> int:
        return 1

    return later()


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (exits, "SystemExit: 3"),
        (recurs, "RecursionError: maximum recursion depth exceeded"),
        (fails_badly, "UnspeakableError"),
        (waits, "to await"),
    ],
)
def test_functions_that_end_badly(function, words):
    """Neither cell nor kernel ends with them."""
    block = told(function)
    assert block["is_error"]
    assert words in block["content"]


def test_results_of_any_size_and_kind():
    """None, bytes and long texts are described; the cost does not grow with them."""

    def nothing() -> None:
        pass

    def octets() -> bytes:
        return b"\x00\xff"

    def long() -> str:
        return "y" * 50_000_000

    assert told(nothing)["content"][0]["text"] == "None"
    assert "00 ff" in told(octets)["content"][0]["text"]
    assert len(told(long)["content"][0]["text"]) < 30_000


async def later() -> None:
    """Asynchronous."""


def yields() -> Any:
    """A generator."""
    yield 1


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (later, "asynchronous"),
        (functools.partial(later), "asynchronous"),
        (yields, "it is a generator"),
    ],
)
def test_functions_whose_call_runs_nothing_are_refused(function, words):
    """Before anything is sent, with what to write instead."""
    with pytest.raises(InputError, match=words) as raised:
        tool_of(function)
    assert "Write a function" in raised.value.hint


def test_two_of_one_name_and_names_of_builtins():
    """Names are unique; one that Python knows too is as good as any other."""
    with pytest.raises(InputError, match="two tools of the name `takes`"):
        loop(session(Model(DONE)), takes, takes)

    def sum(values: list[int]) -> int:  # noqa: A001 - that is the case
        return values[0]

    block = told(sum, asked=call("sum", values=[5, 6]))
    assert block["content"][0]["text"] == "5"


def test_a_tool_may_ask_itself():
    """Its own exchange stands beside the path, or on another conversation's."""
    with Shell.opened() as shell:
        shell.run(
            "from routeway_magic import ask\n"
            "def asks() -> str:\n"
            "    return ask('emulate: echo\\nasked inside').text"
        )
        ran = shell.run("%%claude --tools asks --allow asks\nemulate: tools asks")
        assert ran.ok
        assert "asked inside" in ran.stdout
        assert shell.run("%claude branches").stdout.count("●") == 3


def test_no_key_gets_into_a_result(tmp_path):
    """It is taken out, in whatever form; so it is of a traceback that is shown."""

    def tells() -> dict[str, str]:
        return {"setting": KEY}

    def hides() -> str:
        return base64.b64encode(KEY.encode()).decode()

    def files() -> Path:
        writer = PdfWriter()
        writer.add_blank_page(9, 9)
        writer.add_attachment("a.txt", KEY)
        writer.write(tmp_path / "a.pdf")
        return tmp_path / "a.pdf"

    def fails() -> None:
        raise ValueError(KEY)

    calls = [call(name) for name in ("tells", "hides", "files", "fails")]
    model = Model(calling(*calls), DONE)
    here, shown = session(model), Watcher()
    here.login(ApiKey(KEY))
    loop(here, tells, hides, files, fails, shown=shown)
    one, two, three, four = results(model)
    assert "[API key]" in one["content"][0]["text"]
    assert two["content"][0]["text"].startswith("[API key]")
    assert "so it is not told" in three["content"]  # a file is not cut
    assert four["content"] == "ValueError: [API key]"
    journal = here.recorder.journal.path
    assert journal is not None
    for place in (model.bodies, shown.results, here.turns, journal.read_text()):
        assert KEY not in str(place)
        assert two["tool_use_id"] in str(place)
        assert base64.b64encode(KEY.encode()).decode() not in str(place)


def test_a_name_that_is_none_cannot_pass_for_an_answer():
    """What a model makes up as an argument's name is quoted."""
    shown = call_text("f", {"a=1)? [y]es: y": 2, "b": "\U000e0041\u3164"}, 99)
    assert shown == 'f("a=1)? [y]es: y"=2, b="\\udb40\\udc41\\u3164")'


def test_a_call_of_what_param_declares_is_somebody_elses():
    """Its definition was sent, so the model may call it; nobody here runs it."""
    theirs = {"name": "theirs", "input_schema": {"type": "object"}}
    model = Model(calling(call("theirs")))
    loop(session(model), takes, param={"tools": [theirs]})
    assert len(model.bodies) == 1


def test_an_interrupt_between_two_requests_loses_no_result():
    """What the tools gave is told with the next question."""
    here = session(Model(calling(call("takes", value=1)), DONE))
    check = here.guard.check
    seen: list[Any] = []

    def checked(*args: Any, **named: Any) -> None:
        seen.append(args)
        if len(seen) > 1:
            raise KeyboardInterrupt
        check(*args, **named)

    here.guard.check = checked  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        loop(here, takes)
    kept = here.conversation()[here.conversation().head or ""]
    assert kept.content[0]["content"][0]["text"] == "int"


def test_calls_at_the_same_time_may_be_stopped():
    """One that was done keeps its result; the other says that it was stopped."""

    def quick() -> str:
        return "quick"

    def stops() -> None:
        time.sleep(0.05)
        raise KeyboardInterrupt

    model, shown = Model(calling(call("quick"), call("stops"))), Watcher()
    with pytest.raises(Interrupted):
        loop(session(model, concurrent_calls=True), quick, stops, shown=shown)
    assert [one.state for one in shown.results] == ["returned", "stopped"]


def test_history_tells_what_was_called():
    """Names, arguments and results on a line each; also as a journal tells it."""
    with Shell.opened() as shell:
        shell.run("def area(width: float) -> float: return width * 2")
        calls = 'tools area {"width": 3}, tools area {"width": "x"}'
        shell.run(
            "%%claude --tools area --allow area\n"
            f"emulate: {calls}\nemulate: echo\nIt is 6."
        )
        said = shell.run("%claude history").stdout
        assert "→ area(width=3)\n" in said
        assert "> ← area: 6.0\n" in said
        assert "> ← area failed: The arguments do not fit" in said
        assert "[result: 6.0]" in shell.run("%claude branches").stdout
        kept = begun().conversation()
        for turn in kept.path(kept.head):
            shown = shell.run(f"%claude show {turn.id}").outputs[0]
            assert "> emulate: tools area" in shown["text/plain"]
            assert "→ area(width=3)" in shown["text/plain"]
            assert "tool_use area(width=3)" in shown["text/html"]
        assert "← area: 6.0" in shown["text/plain"]
        assert shown["text/plain"].endswith("It is 6.")
        assert "area returned" in shown["text/html"]
