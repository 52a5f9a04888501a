"""`%%claude` and `%claude` in a shell: what users type, and what they get."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from shells import Shell

from routeway_magic import ask
from routeway_magic.errors import (
    ClaudeError,
    InputError,
    Interrupted,
    MissingKeyError,
    NotFoundError,
    RateLimitError,
)
from routeway_magic.render.plain import PlainRenderer
from routeway_magic.run.session import session
from routeway_magic.sources.emulator import Emulator


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A shell with the extension loaded and no key: the emulator answers."""
    with Shell.opened() as opened:
        yield opened


def questions() -> list[str]:
    """What the head's path holds, question by question."""
    conversation = session().conversation()
    return [turn.content[0]["text"] for turn in conversation.path(conversation.head)]


def test_a_cell_is_answered(shell):
    """The prompt is the body; the answer is written to the cell."""
    ran = shell.run("%%claude\nWhat is a monad?")
    assert ran.ok
    assert "What is a monad?" in ran.stdout
    assert questions() == ["What is a monad?"]


def test_a_cell_gives_no_value(shell):
    """The answer of a `%%claude` cell is shown once, by the cell itself."""
    assert shell.run("%%claude\nhello").value is None


def test_the_body_is_sent_as_it_was_typed(shell):
    """Only the newline that IPython adds is taken away; braces and `$` stay."""
    body = "  { x } $HOME %s \\n `a`\n\n\ttab  "
    shell.run("%%claude\n" + body)
    assert questions() == [body]


def test_the_line_is_sent_as_it_was_typed(shell):
    """IPython expands nothing in a line's prompt, and a `?` belongs to it."""
    shell.run("x = 1\n%claude what does ls -t do, and { x } $x don't guess?")
    assert questions() == ["what does ls -t do, and { x } $x don't guess?"]


def test_options_are_sent(shell):
    """Options reach the request; what was not set does not."""
    shell.run('%%claude -t 0.5 --stop END --param metadata={"user_id": "a"}\nhi')
    sent = session().turns[-1].parameters
    assert sent == {
        "model": "claude-opus-4-5",
        "max_tokens": 4096,
        "temperature": 0.5,
        "stop_sequences": ["END"],
        "metadata": {"user_id": "a"},
        "stream": True,
    }


def test_text_behind_the_options_of_a_cell_is_refused(shell):
    """The first line holds options only; nothing is sent."""
    ran = shell.run("%%claude -t 1 tell me\nmore")
    assert isinstance(ran.error, InputError)
    assert "tell me" in ran.error.what
    assert session().turns == []


@pytest.mark.parametrize("cell", ["%%claude", "%%claude\n\n  \n", "%%claude -t 1\n"])
def test_an_empty_cell_explains_itself(shell, cell):
    """A `%%claude` without a prompt says where to write one, and fails."""
    ran = shell.run(cell)
    assert isinstance(ran.error, InputError)
    assert "below the first line" in ran.error.hint


def test_a_reply_can_be_kept(shell):
    """`r = %claude …` binds the Reply."""
    ran = shell.run("r = %claude is this kept?\nr.text")
    assert "is this kept?" in ran.value
    assert shell.ip.user_ns["r"].source == "emulator"


def test_a_reply_is_not_shown_twice(shell):
    """As the last expression, the reply that was just streamed is not repeated."""
    ran = shell.run("%claude hello there")
    assert ran.stdout.count("no model has read this") == 1
    assert ran.outputs == []


def test_a_kept_reply_shows_itself_later(shell):
    """In a later cell a Reply is rich text."""
    shell.run("r = %claude hello there")
    (output,) = shell.run("r").outputs
    assert "<table>" in output["text/html"]
    assert "hello there" in output["text/plain"]


def test_into_binds_the_reply(shell):
    """`-o NAME` gives a cell's reply a name."""
    shell.run("%%claude -o answer\nhello")
    assert "hello" in shell.ip.user_ns["answer"].text


def test_into_needs_a_name(shell):
    """A name that is none is refused before anything is sent."""
    ran = shell.run("%%claude -o not-a-name\nhello")
    assert isinstance(ran.error, InputError)
    assert session().turns == []


def test_follow_up_continues(shell):
    """The next cell sends what was said before it."""
    shell.run("%%claude\nfirst")
    shell.run("%%claude\nsecond")
    assert questions() == ["first", "second"]
    assert "2" in session().turns[-1].message["content"][0]["text"]


def test_new_starts_afresh(shell):
    """`%claude new` and `--new` leave what was said behind; it is kept."""
    shell.run("%%claude\nfirst")
    assert shell.run("%claude new").ok
    shell.run("%%claude\nsecond")
    assert questions() == ["second"]
    shell.run("%%claude --new\nthird")
    assert questions() == ["third"]
    assert len(session().turns) == 3


def test_new_leaves_nothing_behind_until_something_came(shell):
    """A `--new` cell that fails empty is no beginning: the next goes on as before."""
    shell.run("%%claude\nfirst")
    shell.run("%%claude --new\nemulate: error 401")
    shell.run("%%claude\nsecond")
    assert questions() == ["first", "second"]


def test_param_may_replace_the_messages(shell):
    """`--param` passes anything, the messages too."""
    messages = '[{"role": "user", "content": "instead"}]'
    assert shell.run(f"%%claude --param messages={messages}\nhello").ok
    assert questions() == ["instead"]
    assert not shell.run("%%claude --param messages=[]\nhello").ok


def test_no_history_stands_aside(shell):
    """`--no-history` neither sends what was said nor becomes part of it."""
    shell.run("%%claude\nfirst")
    shell.run("%%claude --no-history\naside")
    shell.run("%%claude\nsecond")
    assert questions() == ["first", "second"]
    assert len(session().turns) == 3


def test_ask_from_python_in_a_loop(shell):
    """`ask` gives replies, shows nothing, and uses no history unless named."""
    ran = shell.run("%%claude\nfirst")
    replies = [ask(f"number {n}", temperature=0.1) for n in range(3)]
    assert ["number 2" in reply.text for reply in replies] == [False, False, True]
    assert questions() == ["first"]
    ask("one", conversation="side")
    ask("two", conversation="side")
    side = session().conversation("side")
    assert len(side.path(side.head)) == 2
    assert ran.ok


def test_ask_refuses_what_it_does_not_know(shell):
    """A misspelt option names the nearest."""
    with pytest.raises(InputError, match="temperature"):
        ask("hello", temperatur=1)


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [
        ("emulate: error 429 retry-after 120", RateLimitError),
        ("emulate: mid-error", ClaudeError),
        ("emulate: cut", ClaudeError),
    ],
)
def test_an_error_fails_the_cell_in_a_few_lines(shell, prompt, kind):
    """Two to four lines, no traceback, and Run All stops."""
    ran = shell.run(f"%%claude\n{prompt}")
    assert not ran.ok
    assert isinstance(ran.error, kind)
    assert "Traceback" not in ran.stdout + ran.stderr
    assert 1 < len(ran.error._render_traceback_()) <= 4
    assert session().turns[-1].status == "failed"


def test_what_arrived_before_an_error_is_kept(shell):
    """A stream that breaks leaves its text in the output and in the conversation."""
    ran = shell.run("%%claude\nemulate: cut")
    turn = session().turns[-1]
    assert turn.has_content
    assert turn.message["content"][0]["text"][:20] in ran.stdout


def test_an_unknown_model_names_the_nearest(shell):
    """A 404 comes with near matches from the source's list."""
    ran = shell.run("%%claude -m claude-opus-45\nhello")
    assert isinstance(ran.error, NotFoundError)
    assert "`claude-opus-4-5`" in ran.error.hint


def test_live_without_a_key_says_how_to_set_one(shell, monkeypatch):
    """No key: how to set one, and that the emulator is there."""
    monkeypatch.setenv("ROUTEWAY_SOURCE", "live")
    ran = shell.run("%%claude\nhello")
    assert isinstance(ran.error, MissingKeyError)
    assert "ROUTEWAY_API_KEY" in ran.error.hint
    assert "emulator" in ran.error.hint


def test_an_unknown_option_names_the_nearest(shell):
    """And says how to send a prompt that begins with a dash."""
    ran = shell.run("%claude --temprature 1 hello")
    assert isinstance(ran.error, InputError)
    assert "`--temperature`" in ran.error.hint
    assert "`--`" in ran.error.hint


def test_headless_emulator_warns_once(shell):
    """Where nobody watches, the emulator's reply is not to pass for a real one."""
    first, second = shell.run("%%claude\nhello"), shell.run("%%claude\nhello")
    assert "no model has read this" in first.stderr
    assert second.stderr == ""


def test_quiet_leaves_the_answer_alone(shell):
    """`--quiet` shows neither status nor footer."""
    assert "tokens" in shell.run("%%claude\nemulate: echo\nhi").stdout
    assert shell.run("%%claude --quiet\nemulate: echo\nhi").stdout == "hi\n"


def test_no_stream_gives_the_same_text(shell):
    """`--no-stream` waits for the whole answer."""
    ran = shell.run("%%claude --quiet --no-stream\nemulate: echo\nhi")
    assert ran.stdout == "hi\n"
    assert "stream" not in session().turns[-1].parameters


def test_what_was_said_offline_is_not_sent_to_a_model(shell, monkeypatch):
    """A key that is set in mid-session starts with what a model has said."""
    shell.run("%%claude\nsaid to nobody")
    with Emulator() as server:
        monkeypatch.setenv("ROUTEWAY_BASE_URL", server.base_url)
        monkeypatch.setenv("ROUTEWAY_API_KEY", server.token)
        shell.run("%%claude\nhello")
        shell.run("%%claude\nand again")
        first, second = (turn.message for turn in session().turns[1:])
    assert "earlier messages | none" in first["content"][0]["text"]
    assert "earlier messages | 2 " in second["content"][0]["text"]


@pytest.mark.parametrize("line", ["%claude models", "%claude login", "%claude hello"])
def test_any_interrupt_is_one_line(shell, monkeypatch, line):
    """Wherever the user stops it, no traceback is shown."""

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("getpass.getpass", stop)
    monkeypatch.setattr("routeway_magic.client.Client._send", stop)
    ran = shell.run(line)
    assert isinstance(ran.error, Interrupted)
    assert len(ran.error._render_traceback_()) == 1


def test_an_interrupt_while_the_end_is_shown_loses_nothing(shell, monkeypatch):
    """The final output is shown again, whole."""
    stops = [KeyboardInterrupt]
    close = PlainRenderer.close

    def interrupted_once(self: PlainRenderer, footer: object) -> None:
        if stops:
            raise stops.pop()
        close(self, footer)

    monkeypatch.setattr(PlainRenderer, "close", interrupted_once)
    ran = shell.run("%%claude\nhello")
    assert isinstance(ran.error, Interrupted)
    assert "tokens" in ran.stdout
    assert session().turns[-1].status == "complete"


def test_a_reply_can_be_pickled(shell):
    """It is data: a turn, and nothing of the shell."""
    shell.run("r = %claude hello")
    reply = shell.ip.user_ns["r"]
    assert pickle.loads(pickle.dumps(reply)) == reply


@pytest.mark.parametrize("value", ["0", "-1", "float('nan')", "True", "1e12"])
def test_a_timeout_is_a_number_of_seconds(shell, value):
    """What no socket can wait for is refused at once, and the old value stays."""
    shell.run(f"%config ClaudeSettings.read_timeout = {value}")
    assert session().settings.read_timeout == 600
    assert shell.run("%%claude\nhello").ok


def test_threads_that_ask_first_share_one_emulator(shell):
    """One port, one pool."""
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(ask, [f"number {n}" for n in range(16)]))
    assert len(replies) == 16
    servers = [t for t in threading.enumerate() if "emulator" in t.name.lower()]
    assert len({t.name for t in servers if "server" in t.name.lower()}) <= 1
    assert session().sources.client()[0] is session().sources.client()[0]


def test_a_server_cannot_write_to_the_terminal(shell, monkeypatch):
    """Names of models are text: no escape sequence, one line each."""
    hostile = [{"id": "a\x1b]0;x\x07\nb", "name": "\x9b2J"}]
    monkeypatch.setattr("routeway_magic.client.Client.models", lambda self: hostile)
    shown = shell.run("%claude models").stdout
    assert len(shown.splitlines()) == 1
    assert not {"\x1b", "\x07", "\x9b"} & set(shown)
