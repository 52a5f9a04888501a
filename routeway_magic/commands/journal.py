"""`%claude journal`, `save` and `load`: what is on disk."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from routeway_magic.columns import columns
from routeway_magic.commands.command import Command
from routeway_magic.errors import InputError
from routeway_magic.grammar import Option
from routeway_magic.turn import counted

if TYPE_CHECKING:  # the session's imports are heavy, and completion only reads names
    from routeway_magic.conversation import Conversation
    from routeway_magic.run.archive import Loaded, Offer
    from routeway_magic.run.session import Session

__all__ = ["COMMANDS", "journal_state"]

_SHOWN = 60  # characters of a question


def _is_verb(arguments: Sequence[str]) -> bool:
    """Whether `%claude journal` takes these."""
    return list(arguments) in (["path"], ["off"], ["delete"])


def _is_file(arguments: Sequence[str]) -> bool:
    """Whether this is one path that ends in `.jsonl`."""
    return len(arguments) == 1 and arguments[0].endswith(".jsonl")


def _is_load_argument(arguments: Sequence[str]) -> bool:
    """Whether `%claude load` takes these: nothing, a number, or a file."""
    return not arguments or _is_file(arguments) or arguments[0].isdecimal()


def journal_state(session: Session) -> str:
    """Where the journal is, or why there is none, in a line."""
    journal = session.recorder.journal
    if not session.settings.journal:
        return "off (ClaudeSettings.journal); what is said is kept in memory only"
    if journal.failure:
        return f"off: {journal.failure}"
    if journal.path is None:
        return f"begins with the next question, in {journal.folder}"
    return str(journal.path)


def _journal(
    session: Session, _options: Sequence[Option], arguments: Sequence[str]
) -> str:
    """`%claude journal path|off|delete`.

    Raises:
        InputError: if the file cannot be deleted.
    """
    if arguments[0] == "path":
        return journal_state(session)
    if arguments[0] == "off":
        session.settings.journal = False
        kept = session.recorder.journal.path
        there = f" {kept} stays: `%claude journal delete`." if kept else ""
        return (
            "The journal is off: what is said from now on is kept in memory only. "
            f"`%config ClaudeSettings.journal = True` turns it on again.{there}"
        )
    return _deleted(session)


def _deleted(session: Session) -> str:
    try:
        path = session.recorder.journal.delete()
    except OSError as error:
        raise InputError(
            f"The journal cannot be deleted: {error.strerror}.",
            f"It is {session.recorder.journal.folder}.",
        ) from error
    if path is None:
        return "This kernel has written no journal."
    return (
        f"{path} is deleted; what was said is kept in memory. "
        "The next question begins a new file; `%claude journal off` prevents that."
    )


def _save(
    session: Session, _options: Sequence[Option], arguments: Sequence[str]
) -> str:
    """`%claude save FILE.jsonl`: all conversations of this kernel.

    Raises:
        InputError: if there is nothing to save, or the file cannot be written.
    """
    from routeway_magic.run.archive import save

    path = Path(arguments[0]).expanduser()
    kept = {name: one for name, one in session.conversations.items() if one.turns}
    if not kept:
        raise InputError("Nothing has been asked yet, so there is nothing to save.")
    save(kept, path, redact=session.sources.redact)
    rows = [(name, counted(len(one))) for name, one in kept.items()]
    return "\n".join([f"Saved in {path}:", *columns(rows)])


def _load(
    session: Session, _options: Sequence[Option], arguments: Sequence[str]
) -> str:
    """`%claude load`: the list of what earlier kernels left; a number of it; a file.

    Raises:
        InputError: if there is no such file or number.
    """
    if not arguments:
        session.offers = _earlier(session)
        return _listed(session.offers)
    if _is_file(arguments):
        path = Path(arguments[0]).expanduser()
        if not path.is_file():
            raise InputError(
                f"There is no file `{path}`.",
                f"As a prompt: `%claude -- load {arguments[0]}`",
            )
        return _take(session, path)
    found = session.offers or _earlier(session)
    number = int(arguments[0])
    if not 0 < number <= len(found):
        raise InputError(
            f"There is no conversation {number} to load.",
            "`%claude load` lists what there is.",
        )
    return _take(session, found[number - 1].path, found[number - 1].name)


def _earlier(session: Session) -> list[Offer]:
    from routeway_magic.run.archive import offers

    recorder = session.recorder
    return offers(recorder.journal, recorder.notebook, session.conversations.values())


def _take(session: Session, path: Path, name: str | None = None) -> str:
    from routeway_magic.run.archive import load, read_file

    recovered = read_file(path)
    for other in list(recovered.conversations):
        if name not in (None, other):
            del recovered.conversations[other]
    loaded = load(recovered, session.conversations)
    if not loaded:
        raise InputError(
            f"`{path}` holds no conversation.",
            f"{recovered.skipped} lines could not be read." * bool(recovered.skipped),
        )
    for one in loaded:
        session.recorder.note_loaded(one.conversation)
    damage = (
        [f"{recovered.skipped} lines could not be read."] if recovered.skipped else []
    )
    where = _go_on_in(session, [one.conversation.name for one in loaded])
    return "\n".join([*map(_told, loaded), *where, *damage, *recovered.notes])


def _go_on_in(session: Session, names: Sequence[str]) -> list[str]:
    """Has cells ask in what was taken up, if that is one; says so if it changes."""
    before = session.current
    if before in names:
        return []
    if len(names) > 1:
        return [f"Cells ask in `{before}`; `%claude use NAME` goes on with another."]
    session.current = names[0]
    return [f"Cells now ask in `{names[0]}`; `%claude use {before}` goes back."]


def _told(loaded: Loaded) -> str:
    conversation = loaded.conversation
    if not loaded.is_new:
        return f"`{loaded.name}` is here already: {counted(len(conversation))}."
    renamed = ""
    if conversation.name != loaded.name:
        renamed = f", as `{loaded.name}` has other turns here"
    here = f"`{conversation.name}`: {counted(len(conversation))}{renamed}"
    if conversation.head is None:
        return f"{here}; the next question starts afresh."
    head = conversation[conversation.head].short
    return f"{here}; it goes on from {head} “{_last_question(conversation)}”."


def _listed(found: Sequence[Offer]) -> str:
    if not found:
        return (
            "Earlier kernels of this notebook have left no conversation. "
            "`%claude load FILE.jsonl` loads one that was saved."
        )
    rows = [
        (
            str(number),
            offer.name,
            counted(len(offer.conversation)),
            time.strftime("%Y-%m-%d %H:%M", time.localtime(offer.changed)),
            _last_question(offer.conversation),
        )
        for number, offer in enumerate(found, 1)
    ]
    return "\n".join(["`%claude load N` takes one up:", *columns(rows)])


def _last_question(conversation: Conversation) -> str:
    """The one that the head answers, or the last one asked."""
    from routeway_magic.history import first_words

    last = conversation.head or conversation.turns[-1].id
    return first_words(conversation.answer(last)[0], _SHOWN)


COMMANDS = {
    "save": Command(
        "save FILE.jsonl",
        "write all conversations of this kernel into a file",
        _save,
        1,
        1,
        _is_file,
    ),
    "load": Command(
        "load [N|FILE.jsonl]",
        "list what earlier kernels of this notebook left, take one up, or a file",
        _load,
        1,
        takes=_is_load_argument,
    ),
    "journal": Command(
        "journal path|off|delete",
        "where what is said is stored; stop that; delete this kernel's file",
        _journal,
        1,
        1,
        _is_verb,
    ),
}
