"""The journal's file: whose it is, how long it stays, and what a bad disk does."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from routeway_magic import records
from routeway_magic.journal import Journal, default_folder, forget_old, journals
from routeway_magic.types import JSONObject

POSIX = pytest.mark.skipif(os.name == "nt", reason="POSIX permissions and processes")
RECORD = records.head("main", None)
DAY = 86_400


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the journals of a test lie; not there yet."""
    return tmp_path / "data" / "journal"


def lines(path: Path | None) -> list[JSONObject]:
    """A file's records."""
    assert path is not None
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def left(
    folder: Path, *, age: float, size: int = 0, process: int = 0, notebook: str = "n"
) -> Path:
    """A file of another kernel, last written to this many seconds ago."""
    folder.mkdir(parents=True, exist_ok=True)
    number = len(list(folder.iterdir()))
    path = folder / f"20260101T000000-{process}-{number:08x}.jsonl"
    header = records.journal(
        kernel=process, host=socket.gethostname(), notebook=notebook, started=1.0
    )
    path.write_text(json.dumps(header) + "\n" + " " * size)
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_nothing_is_there_before_the_first_record(folder):
    """A kernel that asks nothing leaves nothing."""
    journal = Journal(folder)
    assert journal.path is None
    assert not folder.exists()


@POSIX
def test_folder_and_file_are_for_their_user_alone(folder):
    """0700 and 0600, whatever the umask, also if the folder was there."""
    folder.mkdir(parents=True, mode=0o755)
    journal = Journal(folder)
    journal.append(RECORD)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert journal.path is not None
    assert journal.path.stat().st_mode & 0o777 == 0o600
    journal.close()


def test_the_first_line_says_whose_it_is(folder):
    """Version, kernel, notebook and time; then the records, each at once."""
    journal = Journal(folder, notebook="a.ipynb")
    journal.append(RECORD)
    header, record = lines(journal.path)
    assert (header["kind"], header["version"]) == ("journal", records.VERSION)
    assert (header["kernel"], header["notebook"]) == (os.getpid(), "a.ipynb")
    assert abs(header["started"] - time.time()) < 60
    assert record == RECORD
    journal.close()


def test_it_lies_in_the_jupyter_data_directory():
    """JUPYTER_DATA_DIR is honoured."""
    data = Path(os.environ["JUPYTER_DATA_DIR"])
    assert default_folder() == data / "routeway_magic" / "journal"


def test_two_kernels_never_write_one_file(folder):
    """Two journals at the same moment have two files."""
    one, other = Journal(folder), Journal(folder)
    one.append(RECORD)
    other.append(RECORD)
    assert one.path != other.path
    assert lines(one.path)[1:] == lines(other.path)[1:] == [RECORD]
    one.close()
    other.close()


def test_a_closed_journal_goes_on_in_its_file(folder):
    """`%unload_ext` closes; the next question reopens."""
    journal = Journal(folder)
    journal.append(RECORD)
    path = journal.path
    journal.close()
    journal.append(RECORD)
    assert journal.path == path
    assert len(lines(path)) == 3
    journal.close()


def test_what_belongs_into_a_deleted_file_is_left_out(folder):
    """Also where the deletion comes between a record and its writing."""
    journal = Journal(folder)
    journal.append(RECORD)
    path = journal.path
    with journal._lock:  # a thread has come as far as the file's own lock
        late = threading.Thread(
            target=journal.append, args=[RECORD], kwargs={"path": path}
        )
        late.start()
        journal._let_go()
    late.join()
    assert journal.path is None
    assert len(lines(path)) == 2
    journal.append(RECORD, path=path)
    assert journals(folder, notebook=None)[0].path == path
    assert len(journals(folder, notebook=None)) == 1


@POSIX
def test_a_forked_process_begins_a_file_of_its_own(folder):
    """The child never writes into the parent's file."""
    code = f"""
import os
from pathlib import Path
from routeway_magic import records
from routeway_magic.journal import Journal
journal = Journal(Path({str(folder)!r}))
journal.append(records.head("parent", None))
mine = journal.path
child = os.fork()
if not child:
    assert journal.path is None
    journal.append(records.head("child", None))
    assert journal.path != mine
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
journal.append(records.head("parent", None))
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)
    names = sorted(
        [record["conversation"] for record in lines(path)[1:]]
        for path in folder.iterdir()
    )
    assert names == [["child"], ["parent", "parent"]]


def test_deleting_leaves_nothing_and_the_next_record_begins_anew(folder):
    """`%claude journal delete`."""
    journal = Journal(folder)
    journal.append(RECORD)
    path = journal.path
    assert journal.delete() == path
    assert list(folder.iterdir()) == []
    assert journal.delete() is None
    journal.append(RECORD)
    assert journal.path != path
    assert len(lines(journal.path)) == 2
    journal.close()


@POSIX
def test_a_file_that_was_removed_is_begun_anew(folder):
    """Nothing is written into a file that nobody can see."""
    journal = Journal(folder)
    journal.append(RECORD)
    assert journal.path is not None
    journal.path.unlink()
    path = journal.ready()
    journal.append(RECORD)
    assert lines(path)[1:] == [RECORD]
    journal.close()


def test_a_folder_that_cannot_be_made_turns_it_off_once(folder):
    """One warning, no error, and no further try."""
    folder.parent.mkdir(parents=True)
    folder.write_text("a file stands here")
    warnings: list[str] = []
    journal = Journal(folder, warn=warnings.append)
    for _ in range(3):
        journal.append(RECORD)
    assert journal.ready() is None
    (warning,) = warnings
    assert "The journal is off" in warning
    assert str(folder) in warning


def test_a_full_disk_turns_it_off_and_keeps_what_is_there(folder, monkeypatch):
    """The first write that fails is the last; what was written stays."""
    warnings: list[str] = []
    journal = Journal(folder, warn=warnings.append)
    journal.append(RECORD)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        journal.append(RECORD)
    journal.append(RECORD)
    assert len(warnings) == 1
    assert os.strerror(errno.ENOSPC) in warnings[0]
    assert lines(journal.path)[1:] == [RECORD]


def test_a_write_that_takes_only_part_goes_on(folder, monkeypatch):
    """Lines are whole, however little the system takes at once."""
    journal = Journal(folder)
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda file, content: write(file, content[:7]))
        journal.append(RECORD)
    assert lines(journal.path)[1:] == [RECORD]
    journal.close()


def test_what_is_no_json_turns_it_off_instead_of_raising(folder):
    """A record never disturbs an exchange."""
    warnings: list[str] = []
    journal = Journal(folder, warn=warnings.append)
    journal.append({"kind": "head", "odd": object()})
    assert len(warnings) == 1


def test_every_line_is_redacted(folder):
    """Whatever a record holds, a key is taken out before it is written."""
    journal = Journal(folder, redact=lambda text: text.replace("sk-secret", "[key]"))
    journal.append(records.head("sk-secret", None))
    assert lines(journal.path)[1]["conversation"] == "[key]"
    journal.close()


def test_old_files_are_deleted_when_one_begins(folder):
    """Age counts from the last line."""
    old, young = left(folder, age=31 * DAY), left(folder, age=29 * DAY)
    journal = Journal(folder, days=30)
    journal.append(RECORD)
    assert sorted(folder.iterdir()) == sorted([young, journal.path])
    assert not old.exists()
    journal.close()


def test_the_oldest_go_until_the_rest_is_small_enough(folder):
    """The total size is a limit as well."""
    paths = [left(folder, age=days * DAY, size=400_000) for days in (4, 3, 2)]
    forget_old(folder, days=30, megabytes=1)
    assert [path.exists() for path in paths] == [False, True, True]


def test_files_of_living_kernels_stay(folder):
    """Neither that of a process that runs, nor one that was just written to."""
    running = left(folder, age=90 * DAY, process=os.getpid())
    recent = left(folder, age=60, size=3_000_000)
    gone = left(folder, age=90 * DAY, process=_ended_process())
    forget_old(folder, days=30, megabytes=1)
    assert running.exists()
    assert recent.exists()
    assert not gone.exists()


def test_other_files_are_never_touched(folder):
    """Only what is named as a journal is one."""
    path = left(folder, age=90 * DAY)
    other = path.rename(folder / "notes.jsonl")
    forget_old(folder, days=0, megabytes=0)
    assert other.exists()


def test_a_damaged_header_is_no_obstacle(folder):
    """Such a file is listed under no notebook, and grows old like any other."""
    path = left(folder, age=90 * DAY)
    path.write_bytes(b"\0" * 100)
    os.utime(path, (time.time() - 2 * DAY,) * 2)
    assert [found.path for found in journals(folder, notebook=None)] == [path]
    forget_old(folder, days=1, megabytes=500)
    assert not path.exists()


def test_listing_gives_this_notebooks_files_newest_first(folder):
    """Others' are not shown; a folder that is not there is empty."""
    assert journals(folder, notebook="n") == []
    first, second = left(folder, age=20), left(folder, age=10)
    left(folder, age=5, notebook="other")
    assert [found.path for found in journals(folder, notebook="n")] == [second, first]


def _ended_process() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


@POSIX
def test_a_stopped_process_is_living(folder):
    """To run is to be there, not to be busy."""
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        other.send_signal(signal.SIGSTOP)
        path = left(folder, age=90 * DAY, process=other.pid)
        forget_old(folder, days=1, megabytes=500)
        assert path.exists()
    finally:
        other.kill()
        other.communicate()
