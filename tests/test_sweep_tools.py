"""Functions that the answers of a sweep call: allowed by name, on the thread that waits."""

from __future__ import annotations

import _thread
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from shells import Shell
from sweeps import Watched, opened, swept, unsent

from routeway_magic import sweep
from routeway_magic.errors import InputError, Interrupted
from routeway_magic.events import ToolResult
from routeway_magic.render.column import Column
from routeway_magic.run.session import session
from routeway_magic.run.sweeping.forecasts import forecast
from routeway_magic.run.sweeping.sweep import Sweep
from routeway_magic.tools.toolbox import toolbox_of

ASKS = "emulate: tools {call}\nhi"


class Ran:
    """Functions that note each call, its thread, and how many ran at a time."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, threading.Thread]] = []
        self._at_once = 0
        self.most = 0
        self.stops = False

    def look(self, n: int = 0) -> str:
        """Looks at a number; there is no thirteenth."""
        self._at_once += 1
        self.most = max(self.most, self._at_once)
        self.seen.append((n, threading.current_thread()))
        time.sleep(0.01)
        self._at_once -= 1
        if self.stops:
            _thread.interrupt_main()
            time.sleep(10)
        if n == 13:
            raise ValueError("none is the thirteenth")
        return f"seen {n}"

    def other(self) -> str:
        """Is never allowed."""
        self.seen.append((-1, threading.current_thread()))
        return "ran"

    @property
    def box(self):
        """Both, of which one is allowed."""
        return toolbox_of([self.look, self.other], allow=["look"])


@pytest.fixture
def ran():
    """Two functions."""
    return Ran()


def told(result):
    """What the model was told of its calls."""
    return [block for turn in result.turns[1:] for block in turn.content]


def looks(*numbers):
    """An axis of calls, one of each number."""
    return {"call": [f'look {{"n": {number}}}' for number in numbers]}


def test_functions_run_one_at_a_time_on_the_thread_that_waits(ran):
    """Also where the answers come at once, and where calls may run concurrently."""
    with opened(concurrent_calls=True) as here:
        watch = Watched()
        found = swept(here, ASKS, looks(*range(8)), tools=ran.box, watch=watch)
        assert [one.status for one in found] == ["complete"] * 8
        assert sorted(n for n, _ in ran.seen) == [*range(8)]
        assert {thread for _, thread in ran.seen} == {threading.main_thread()}
        assert ran.most == 1
        handed = [
            event.block["content"][0]["text"]
            for _, event in watch.events
            if isinstance(event, ToolResult)
        ]
        assert sorted(handed) == [f"seen {n}" for n in range(8)]


def test_an_answer_of_several_turns_is_one_result(ran):
    """The last answers, all are counted, and none moves the head or another's path."""
    with opened() as here:
        found = swept(here, ASKS, looks(1, 2), tools=ran.box)
        main = here.conversation()
        assert main.head is None
        for one, n in zip(found, (1, 2), strict=True):
            first, last = one.turns
            assert (first.parent, last.parent, one.turn) == (None, first.id, last)
            assert main.path(last.id) == [first, last]
            assert f"seen {n}" in one.text
            sent = [turn.usage["input_tokens"] for turn in one.turns]
            assert one.usage["input_tokens"] == sum(sent)
        assert "seen 1" in found._repr_mimebundle_()["text/html"]
        main.head = found[1].turn.id
        place = here.place(main, append=True)
        assert place.history == found[1].turns


def test_what_is_not_allowed_by_name_is_denied(ran):
    """Nobody is asked, whatever was allowed in a cell; the model is told, and goes on."""
    with opened() as here:
        here.consent.always.append(ran.other)
        found = swept(here, ASKS, {"call": ["other", "look"]}, tools=ran.box)
        assert [n for n, _ in ran.seen] == [0]
        (denied,) = told(found[0])
        assert denied["is_error"]
        assert "was not allowed" in denied["content"]
        assert [one.status for one in found] == ["complete", "complete"]


def test_an_error_in_a_function_stays_in_its_column(ran):
    """The model that called it is told; the others know nothing of it."""
    with opened() as here:
        found = swept(here, ASKS, looks(12, 13, 14), tools=ran.box)
        assert [[block.get("is_error") for block in told(one)] for one in found] == [
            [None],
            [True],
            [None],
        ]
        assert told(found[1])[0]["content"] == "ValueError: none is the thirteenth"
        assert not found.rest


def test_an_interrupt_in_a_function_stops_the_sweep(ran):
    """What was stopped in mid-loop is asked anew; what is complete is not."""
    with opened() as here:
        found = unsent(here, ASKS, looks(*range(4)), tools=ran.box, concurrency=2)
        ran.stops = True
        with pytest.raises(Interrupted, match="0 of 4 complete"):
            found.resume()
        assert len(ran.seen) == 1
        stopped = [one for one in found if one.status == "interrupted"]
        assert stopped
        assert all(one.turn.stop_reason == "tool_use" for one in stopped)
        ran.stops = False
        found.resume()
        assert [one.status for one in found] == ["complete"] * 4
        assert [turn.parent for one in found for turn in one.turns[:1]] == [None] * 4
        assert sorted(n for n, _ in ran.seen[1:]) == [0, 1, 2, 3]


def test_one_that_is_cancelled_while_a_function_runs(ran):
    """What runs comes to its end, nothing is asked after it, and nothing hangs."""
    with opened() as here:
        found = unsent(here, ASKS, looks(*range(4)), tools=ran.box)
        look = ran.look

        def stopping(n: int) -> str:
            found.cancel()
            return look(n)

        box = toolbox_of({"look": stopping}, allow=["look"])
        found.tools, found.calls = box, ("look",)
        found.resume()
        assert len(ran.seen) == 1
        assert len(found.rest) == 4


def test_another_thread_runs_what_its_own_sweep_calls(ran):
    """The thread that called `sweep` waits, and serves."""
    with opened() as here:
        thread = threading.Thread(
            target=swept, args=(here, ASKS, looks(1, 2)), kwargs={"tools": ran.box}
        )
        thread.start()
        thread.join(20)
        assert [one for _, one in ran.seen] == [thread, thread]


def test_a_sweep_on_disk_needs_its_functions(ran, tmp_path):
    """All turns come back; to go on, the functions are given again, and those alone."""
    with opened() as here:
        found = unsent(here, ASKS, looks(1, 2), tools=ran.box)
        found.run([0])
        found.save(tmp_path / "s.jsonl")
        before = [turn.id for turn in found[0].turns]
    ran.seen.clear()
    with opened() as here:
        loaded = Sweep.load(tmp_path / "s.jsonl", session=here)
        assert [turn.id for turn in loaded[0].turns] == before
        with pytest.raises(InputError, match="may call `look`, `other`, and nothing"):
            loaded.resume()
        with pytest.raises(InputError, match="and `look` is given"):
            loaded.resume(tools=[ran.look])
        loaded.resume(tools=[ran.look, ran.other], allow=[ran.look])
        assert [n for n, _ in ran.seen] == [2]
        assert len(loaded[1].turns) == 2
        path = here.recorder.journal.path
    with opened() as here:
        again = Sweep.load(path, session=here)
        assert [len(one.turns) for one in again] == [2, 2]


def test_functions_do_not_travel(ran):
    """With an executor they are refused by name, and nothing is sent."""
    before = len(session().turns)
    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(InputError, match="`tools=` does not go with `executor=`"):
            sweep(ASKS, looks(1), tools=[ran.look], executor=pool)
        with opened() as here:
            found = unsent(here, ASKS, looks(1), tools=ran.box)
            with pytest.raises(InputError, match="do not travel"):
                found.resume(executor=pool)
            assert here.turns == []
    assert len(session().turns) == before


def test_how_much_it_may_be_is_told(ran):
    """The number of requests is the least, and `max_turns` is named."""
    with opened(max_turns=7) as here:
        found = unsent(here, ASKS, looks(1, 2), tools=ran.box)
        text = forecast(here, found.questions, found.place, found.tools).text
        assert text.startswith("at least 2 requests, about")
        assert text.endswith("may call functions, and come to 7 requests (`max_turns`)")
        plain = forecast(here, found.questions, found.place)
        assert plain.input < forecast(here, found.questions, found.place, ran.box).input
        assert "at least" not in plain.text


def test_a_column_tells_how_a_call_has_ended():
    """While the answer goes on; what comes next is another paragraph."""
    column = Column("a")
    column.append("I look.")
    block = {"type": "tool_result", "tool_use_id": "a", "content": "No <b>such</b>"}
    column.handle(ToolResult(block, "look", state="failed"))
    column.append("It is not there.")
    html = column.html(1000)
    assert "look failed: No &lt;b&gt;such&lt;/b&gt;" in html
    assert html.count("<p>") == 2


@pytest.fixture
def shell():
    """A shell in which the extension is loaded, and a function is defined."""
    with Shell.opened() as opened_shell:
        opened_shell.run(
            "def look(n: int = 0) -> int:\n    print('looks at', n)\n    return n + 40"
        )
        yield opened_shell


def test_a_cell_sweeps_with_functions(shell):
    """What they print is seen, and the answers are what came after."""
    cell = f"--sweep 'call=look,look {{}}' --tools look --allow look -o s\n{ASKS}"
    ran = shell.run(f"%%claude {cell}")
    assert ran.ok
    assert ran.stdout.count("looks at 0") == 2
    found = shell.ip.user_ns["s"]
    assert [len(one.turns) for one in found] == [2, 2]
    assert [told(one)[0]["content"][0]["text"] for one in found] == ["40", "40"]


def test_a_cell_refuses_and_previews_functions(shell):
    """An allowed function that is no tool is refused; a dry run tells the least."""
    ran = shell.run("%%claude --sweep temperature=0,1 --allow look\nhi")
    assert "`look` is allowed to run, but is no tool here" in str(ran.error)
    ran = shell.run("%%claude --sweep temperature=0,1 --tools look --dry-run\nhi")
    assert "at least 2 requests" in f"{ran.stdout}{ran.outputs}"
    assert session().turns == []
