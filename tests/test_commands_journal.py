"""`%claude journal`, `save` and `load`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from shells import Ran, Shell

from routeway_magic.errors import InputError
from routeway_magic.journal import default_folder
from routeway_magic.run.archive import read_file
from routeway_magic.run.session import session

TURNS = "from routeway_magic import session\nsession().turns"


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A shell with the extension loaded and no key."""
    with Shell.opened() as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A path to save to, as a word on a line."""
    return str(tmp_path / "talk.jsonl")


def kernel(*cells: str) -> list[Ran]:
    """What these cells come to, one after the other, in a kernel of their own."""
    with Shell.opened() as shell:
        return [shell.run(cell) for cell in cells]


def journal() -> Path:
    """The only file of the journal."""
    (path,) = default_folder().glob("*.jsonl")
    return path


def test_path_says_where_it_is(shell):
    """Before the first question it says where it will be."""
    before = shell.run("%claude journal path").stdout
    assert "begins with the next question" in before
    assert str(default_folder()) in before
    shell.run("%claude -- hello")
    assert shell.run("%claude journal path").stdout.strip() == str(journal())
    told = shell.run("%claude status").stdout
    assert f"~/{journal().relative_to(Path.home())}" in told
    assert str(Path.home()) not in told


def test_off_stops_it_and_says_how_to_go_on(shell):
    """What is said from then on is in memory only."""
    shell.run("%claude -- hello")
    assert str(journal()) in shell.run("%claude journal off").stdout
    size = journal().stat().st_size
    shell.run("%claude -- in private")
    assert journal().stat().st_size == size
    assert "off" in shell.run("%claude journal path").stdout
    shell.run("%config ClaudeSettings.journal = True")
    shell.run("%claude -- in the open")
    assert journal().stat().st_size > size


def test_delete_deletes_this_kernels_file(shell):
    """And says so, also if there is none."""
    assert "no journal" in shell.run("%claude journal delete").stdout
    shell.run("%claude -- hello")
    path = journal()
    assert str(path) in shell.run("%claude journal delete").stdout
    assert not path.exists()
    assert len(session().turns) == 1


def test_a_file_that_cannot_be_deleted_is_told(shell, monkeypatch):
    """A sentence, no traceback."""
    shell.run("%claude -- hello")

    def refuse(path: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        ran = shell.run("%claude journal delete")
    assert isinstance(ran.error, InputError)
    assert "Permission denied" in ran.error.what


def test_a_bad_disk_is_one_warning_below_the_answer(shell):
    """The cell goes on; the next says nothing more."""
    default_folder().parent.mkdir(parents=True)
    default_folder().write_text("a file stands here")
    first, second = shell.run("%%claude\nhello"), shell.run("%%claude\nhello")
    assert first.ok
    assert second.ok
    assert first.stderr.count("The journal is off") == 1
    assert "journal" not in second.stderr
    assert "off: " in shell.run("%claude journal path").stdout


def test_ask_warns_of_a_bad_disk(shell):
    """From Python it is a warning."""
    default_folder().parent.mkdir(parents=True)
    default_folder().write_text("a file stands here")
    from routeway_magic import ask

    with pytest.warns(UserWarning, match="The journal is off"):
        assert ask("hello").text


def test_saved_and_loaded_is_the_same(file):
    """Ids, cells, heads and answers; the next question goes on from there."""
    *_, saved, said = kernel(
        "%%claude\nfirst", "%%claude\nsecond", f"%claude save {file}", TURNS
    )
    assert file in saved.stdout
    assert "2 turns" in saved.stdout
    loaded, read, _, after = kernel(
        f"%claude load {file}", TURNS, "%claude -- third", TURNS
    )
    assert "goes on from" in loaded.stdout
    assert read.value == said.value
    assert [turn.parent for turn in after.value][1:] == [
        turn.id for turn in after.value[:-1]
    ]


def test_what_was_loaded_and_gone_on_with_is_in_the_new_journal(file):
    """Each file tells the whole conversation."""
    kernel("%claude -- first", f"%claude save {file}")
    journal().unlink()
    kernel(f"%claude load {file}", "%claude -- second")
    found = read_file(journal())
    assert not found.notes
    kept = found.conversations["main"]
    assert len(kept.path(kept.head)) == 2


def test_saving_twice_replaces_but_loses_nothing(file):
    """Run All may run it again; a file with other turns stays as it is."""
    save = f"%claude save {file}"
    ran = kernel("%claude -- first", save, "%claude -- second", save)
    assert [each.ok for each in ran] == [True] * 4
    before = Path(file).read_bytes()
    _, other = kernel("%claude -- other", save)
    assert isinstance(other.error, InputError)
    assert "holds what this kernel does not" in other.error.what
    assert Path(file).read_bytes() == before
    assert [path.name for path in Path(file).parent.iterdir()] == ["talk.jsonl"]


def test_saving_over_any_other_file_is_refused(shell, file):
    """Data that is no journal of ours is the user's."""
    Path(file).write_text('{"kind": "my own data"}\n')
    shell.run("%claude -- first")
    assert isinstance(shell.run(f"%claude save {file}").error, InputError)
    assert "my own data" in Path(file).read_text()


def test_a_saved_file_names_no_machine_and_no_notebook(shell, file, monkeypatch):
    """It may be given to others."""
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/me/secret.ipynb")
    shell.run("%claude -- first")
    shell.run(f"%claude save {file}")
    header = json.loads(Path(file).read_text().splitlines()[0])
    assert (header["kernel"], header["host"], header["notebook"]) == (0, "", None)


def test_a_path_with_blanks_is_quoted(shell, tmp_path):
    """As an option's value is."""
    path = tmp_path / "my talk.jsonl"
    shell.run("%claude -- first")
    assert shell.run(f'%claude save "{path}"').ok
    assert "is here already" in shell.run(f"%claude load '{path}'").stdout


def test_a_name_that_is_taken_gets_a_number(file):
    """Neither conversation is lost, and that is told."""
    kernel("%claude -- first", f"%claude save {file}")
    _, loaded, names = kernel(
        "%claude -- other",
        f"%claude load {file}",
        "from routeway_magic import session\n"
        "{name: len(kept) for name, kept in session().conversations.items()}",
    )
    assert "as `main` has other turns here" in loaded.stdout
    assert names.value == {"main": 1, "main-2": 1}


def test_an_earlier_state_is_filled_up(file, tmp_path):
    """A file that holds all that is here, and more, goes on in its place."""
    earlier = str(tmp_path / "earlier.jsonl")
    kernel(
        "%claude -- first",
        f"%claude save {earlier}",
        "%claude -- second",
        f"%claude save {file}",
    )
    _, loaded, again = kernel(
        f"%claude load {earlier}", f"%claude load {file}", f"%claude load {earlier}"
    )
    assert "`main`: 2 turns;" in loaded.stdout
    assert "is here already: 2 turns" in again.stdout


def test_load_offers_this_notebooks_conversations(monkeypatch):
    """Numbered, newest first; a number takes one; nothing is loaded unasked."""
    asked = [("a", "first of a"), ("a", "second of a"), ("b", "first of b")]
    for second, (notebook, prompt) in enumerate(asked):
        before = set(default_folder().glob("*"))
        monkeypatch.setenv("JPY_SESSION_NAME", f"/home/me/{notebook}.ipynb")
        kernel(f"%claude -- {prompt}")
        (new,) = set(default_folder().glob("*")) - before
        os.utime(new, (1_700_000_000 + second,) * 2)
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/me/a.ipynb")
    listed, turns, loaded, wrong = kernel(
        "%claude load", TURNS, "%claude load 2", "%claude load 3"
    )
    rows = listed.stdout.splitlines()[1:]
    assert [row.split(":")[1][2:].strip() for row in rows] == [
        "second of a",
        "first of a",
    ]
    assert turns.value == []
    assert "first of a" in loaded.stdout
    assert isinstance(wrong.error, InputError)


def test_an_earlier_state_of_the_same_is_not_offered():
    """A conversation that was taken up and gone on with is offered once."""
    kernel("%claude -- first")
    kernel("%claude load 1", "%claude -- second")
    (listed,) = kernel("%claude load")
    assert len(listed.stdout.splitlines()) == 2
    assert "2 turns" in listed.stdout


def test_damage_is_told(file):
    """How many lines could not be read, and what that means."""
    kernel("%claude -- first", "%claude -- second", f"%claude save {file}")
    lines = Path(file).read_bytes().splitlines(keepends=True)
    Path(file).write_bytes(b"".join([lines[0], b"{torn\n", *lines[2:]]))
    (loaded,) = kernel(f"%claude load {file}")
    assert "3 lines could not be read." in loaded.stdout
    assert "1 turns answered" in loaded.stdout


def test_a_file_without_conversations_is_refused(shell, file):
    """It says what it is not."""
    Path(file).write_text("no journal\n")
    ran = shell.run(f"%claude load {file}")
    assert isinstance(ran.error, InputError)
    assert "holds no conversation" in ran.error.what


@pytest.mark.parametrize(
    "line",
    [
        "journal",
        "journal entry about today",
        "journal on",
        "save the whales",
        "save",
        "save notes.txt",
        "load the data",
        "load notes.txt",
        "load missing.jsonl",
        "load a.jsonl b.jsonl",
    ],
)
def test_a_sentence_is_no_subcommand(shell, line):
    """What does not parse fully, or names nothing, shows that it may be a prompt."""
    shell.run("%claude -- first")
    ran = shell.run(f"%claude {line}")
    assert isinstance(ran.error, InputError)
    assert f"`%claude -- {line}`" in ran.error.hint
    assert len(session().turns) == 1


def test_nothing_to_save_is_told(shell, file):
    """No empty file is written."""
    assert isinstance(shell.run(f"%claude save {file}").error, InputError)
    assert not Path(file).exists()


def test_a_place_that_cannot_be_written_to_is_told(shell, tmp_path):
    """A sentence, no traceback."""
    shell.run("%claude -- first")
    ran = shell.run(f"%claude save {tmp_path}/no/such/folder/x.jsonl")
    assert isinstance(ran.error, InputError)
    assert "cannot be written" in ran.error.what
