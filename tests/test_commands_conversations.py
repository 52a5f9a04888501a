"""new, use, undo, drop, branches, history, show, diff: walking in what was said."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from shells import Shell

from routeway_magic import commands
from routeway_magic.errors import InputError
from routeway_magic.run.session import session


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A shell with the extension loaded and no key: the emulator answers."""
    with Shell.opened() as opened:
        yield opened


@pytest.fixture
def ids(shell: Shell) -> list[str]:
    """The ids of three turns, one after the other."""
    for asked in ("one", "two", "three"):
        shell.run(f"%%claude\nemulate: echo\n{asked}")
    return [turn.id for turn in session().turns]


def head() -> str | None:
    """Where the current conversation goes on."""
    return session().conversation().head


def test_use_goes_back_to_a_turn(shell, ids):
    """The next question answers to it; what it said is told."""
    assert "“emulate: echo one”" in shell.run(f"%claude use {ids[0]}").stdout
    shell.run("%claude four")
    assert session().turns[-1].parent == ids[0]


def test_an_id_may_be_abbreviated(shell, ids, monkeypatch):
    """As long as it is clear; otherwise the turns are named that it may be."""
    shell.run(f"%claude use {ids[1][:6]}")
    assert head() == ids[1]
    alike = [turn for turn in session().turns if turn.id[0] == ids[0][0]]
    ran = shell.run(f"%claude use {ids[0][0]}")
    assert ran.ok == (len(alike) == 1)
    turn = session().turns[0]
    object.__setattr__(turn, "id", ids[1][:4] + "other")  # as chance may have it
    ran = shell.run(f"%claude use {ids[1][:4]}")
    assert ids[1] in ran.error.what
    assert turn.id in ran.error.what


def test_new_starts_afresh_and_says_how_to_go_back(shell, ids):
    """Nothing is lost."""
    ran = shell.run("%claude new")
    assert head() is None
    assert f"`%claude use {ids[2][:8]}` goes back" in ran.stdout
    assert shell.run("%claude new").ok


def test_new_and_use_by_name(shell, ids):
    """A conversation of its own is empty, and each keeps its head."""
    shell.run("%claude new talk")
    assert session().current == "talk"
    assert "Nothing has been asked in `talk`" in shell.run("%claude branches").stdout
    assert "Nothing is on the path" in shell.run("%claude history").stdout
    shell.run("%claude hello")
    assert session().turns[-1].parent is None
    shell.run("%claude use main")
    assert head() == ids[2]
    shell.run("%claude use talk")
    assert "talk, 1 turn on the path" in shell.run("%claude status").stdout
    assert "main" in shell.run("%claude status").stdout


def test_a_cell_that_begins_a_conversation_may_run_again(shell, ids):
    """It begins afresh, as the cells below it will; nothing is lost."""
    for _ in range(2):
        ran = shell.run("%claude new talk")
        shell.run("%claude hello")
        shell.run("%claude use main")
    asked = session().conversations["talk"].turns
    assert [turn.parent for turn in asked] == [None, None]
    assert f"`%claude use {asked[0].short}` goes back" in ran.stdout
    assert "`%claude use main` goes back" in ran.stdout
    assert head() == ids[2]


def test_the_first_command_may_name_a_conversation(shell):
    """There is a `main` to go back to, though nobody has asked in it."""
    shell.run('%claude new "my talk"')
    assert session().current == "my talk"
    assert shell.run("%claude use main").ok
    assert shell.run('%claude use "my talk"').ok


def test_use_finds_turns_of_other_conversations(shell, ids):
    """Cells then ask there."""
    shell.run("%claude -c other hello")
    other = session().conversations["other"]
    assert session().current == "main"
    shell.run(f"%claude use {other.turns[0].id}")
    assert session().current == "other"


def test_undo_and_its_undo(shell, ids):
    """Each says how it is taken back; at the beginning there is nothing to undo."""
    ran = shell.run("%claude undo")
    assert head() == ids[1]
    assert f"`%claude use {ids[2][:8]}` takes it back" in ran.stdout
    shell.run("%claude undo")
    shell.run("%claude undo")
    assert head() is None
    ran = shell.run("%claude undo")
    assert isinstance(ran.error, InputError)
    assert "nothing to undo" in ran.error.what


def test_drop_says_what_is_hidden_and_where_the_head_is(shell, ids):
    """Nothing is deleted; `use` shows it again."""
    ran = shell.run(f"%claude drop {ids[1]}")
    assert f"Dropped {ids[1][:8]} and 1 that followed" in ran.stdout
    assert "goes on from" in ran.stdout
    assert head() == ids[0]
    assert ids[1][:8] not in shell.run("%claude branches").stdout
    assert "dropped already" in shell.run(f"%claude drop {ids[2]}").error.what
    assert len(session().turns) == 3
    shell.run(f"%claude use {ids[2]}")
    assert ids[1][:8] in shell.run("%claude branches").stdout


def test_branches_draws_the_tree(shell, ids):
    """With ids, cells, questions and the head."""
    shell.run(f"%claude use {ids[0]}")
    shell.run("%claude emulate: stop max_tokens")
    text = shell.run("%claude branches").stdout.splitlines()
    assert text[0] == "main: 4 turns, 2 on the path (●)"
    assert text[2].startswith(f"● {ids[0][:8]}  [1]  emulate: echo one")
    assert text[3].startswith(f"├─ ○ {ids[1][:8]}  [2]  emulate: echo two")
    assert text[-1].endswith("max_tokens  ← head")


def test_history_is_an_overview(shell, ids):
    """Numbers, ids, questions and answers of the path; long ones are shortened."""
    shell.run("%%claude\nemulate: long 40\n" + "word " * 100)
    text = shell.run("%claude history").stdout
    for number, turn in enumerate(session().turns, start=1):
        assert f"{number}. {turn.short}" in text
    assert "  > two" in text
    assert "    two" in text
    assert "more lines" in text
    assert max(map(len, text.splitlines())) <= 110


def test_history_as_messages(shell, ids):
    """JSON as the next request begins, and the same from Python."""
    messages = json.loads(shell.run("%claude history -f json").stdout)
    assert messages == session().conversations["main"].messages
    assert [one["role"] for one in messages] == ["user", "assistant"] * 3


def test_history_as_markdown(shell, ids):
    """Everything that was said, as rich output with the Markdown beside it."""
    [shown] = shell.run("%claude history -f markdown").outputs
    assert "> two" in shown["text/plain"]
    assert '<pre class="rw-question">emulate: echo\ntwo</pre>' in shown["text/html"]
    assert "2. " in shown["text/html"]


def test_history_of_another_conversation(shell, ids):
    """`-c` names it; in any order with `-f`."""
    shell.run("%claude -c other hello there")
    assert "hello there" in shell.run("%claude history -c other").stdout
    assert "hello there" in shell.run("%claude history -f json -c other").stdout
    assert "hello there" not in shell.run("%claude history").stdout


def test_show_displays_question_and_answer(shell, ids):
    """Also of a turn that has left the path."""
    shell.run("%claude new")
    [shown] = shell.run(f"%claude show {ids[1]}").outputs
    assert "two" in shown["text/plain"]
    assert "<p>two</p>" in shown["text/html"]
    assert "Reply" not in shown["text/plain"]


def test_what_is_shown_is_safe(shell):
    """Questions and answers are text from strangers."""
    shell.run("%%claude\nemulate: echo\n<img src=x onerror=alert(1)><script>1</script>")
    [turn] = session().turns
    for line in (f"show {turn.id}", "history -f markdown", f"diff {turn.id} {turn.id}"):
        [shown] = shell.run(f"%claude {line}").outputs
        assert "<img" not in shown["text/html"]
        assert "<script" not in shown["text/html"]


def test_text_cannot_write_to_the_terminal(shell):
    """No escape sequence of an answer's or a question's reaches it."""
    shell.run("%%claude\nemulate: echo\n\x1b]0;x\x07")
    [turn] = session().turns
    for line in ("history", "branches", f"use {turn.id}"):
        assert not {"\x1b", "\x07"} & set(shell.run(f"%claude {line}").stdout)
    for line in ("history -f markdown", f"show {turn.id}", f"diff {turn.id} {turn.id}"):
        [shown] = shell.run(f"%claude {line}").outputs
        assert not {"\x1b", "\x07"} & set(shown["text/plain"])


def test_diff_marks_words_and_names_settings(shell, ids):
    """Two answers word by word, with what was set otherwise."""
    shell.run("%%claude -t 0.5\nemulate: echo\nthree or four")
    last = session().turns[-1].id
    [shown] = shell.run(f"%claude diff {ids[2]} {last}").outputs
    assert "three{+ or four+}" in shown["text/plain"]
    assert "three<ins> or four</ins>" in shown["text/html"]
    assert "temperature: unset → 0.5" in shown["text/plain"]
    assert f"- {ids[2][:8]} [3]" in shown["text/plain"]
    [same] = shell.run(f"%claude diff {last} {last}").outputs
    assert "the same, word for word" in same["text/plain"]


@pytest.mark.parametrize("word", ["force", "nowhere", "zzz", '""'])
@pytest.mark.parametrize("command", ["use", "drop", "show"])
def test_what_names_nothing_does_nothing(shell, ids, command, word):
    """Both readings are shown, and nothing is sent or moved."""
    ran = shell.run(f"%claude {command} {word}")
    assert isinstance(ran.error, InputError)
    assert f"`%claude -- {command} {word}`" in ran.error.hint
    assert f"`{word.strip(chr(34))}`" in ran.error.what
    assert (head(), len(session().turns)) == (ids[2], 3)


def test_no_history_with_a_name(shell, ids):
    """A single question is kept beside the path of that conversation."""
    shell.run("%claude -c other --no-history alone")
    other = session().conversations["other"]
    assert (len(other), other.head) == (1, None)


def test_each_subcommand_has_one_line_of_help(shell):
    """Its usage begins with its name."""
    text = shell.run("%claude help").stdout
    for name, command in commands.COMMANDS.items():
        assert command.usage.split()[0] == name
        assert f"  {command.usage}  " in text
