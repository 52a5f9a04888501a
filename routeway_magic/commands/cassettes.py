"""`%claude record` and `%claude replay`: lessons that need no network and no key."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from routeway_magic.commands.command import Command, NotTaken
from routeway_magic.errors import InputError
from routeway_magic.grammar import Option

if TYPE_CHECKING:  # the session's imports are heavy, and completion only reads names
    from routeway_magic.run.session import Session
    from routeway_magic.sources.replay import Deck, Playing

__all__ = ["COMMANDS", "cassette_state"]

_FLAGS = {"--strict": True, "--fallback": False}
_STOP = "stop"


def cassette_state(session: Session) -> list[tuple[str, str]]:
    """What is recorded and replayed, as rows of a table; none for nothing."""
    deck = session.sources.deck
    rows = []
    if deck.playing:
        rows.append(("replays", f"{deck.playing.path}, {_manner(deck.playing)}"))
    if deck.tape:
        rows.append(("records", f"into {deck.tape.path}, {_counted(deck.tape.count)}"))
    if session.settings.reuse:
        rows.append(("reuse", "what this notebook was answered before is given again"))
    return rows


def _record(
    session: Session, _options: Sequence[Option], arguments: Sequence[str]
) -> str:
    """`%claude record FILE.jsonl` or `stop`.

    Raises:
        InputError: if the file cannot be written to, or holds something else.
    """
    deck = session.sources.deck
    if arguments[0] == _STOP:
        return _recorded(deck) or "Nothing is being recorded."
    path = _path(arguments[0])
    is_there = path.exists()
    ended = _recorded(deck)
    tape = deck.record(path)
    goes_on = " It goes on; of what is asked again, the new answer counts." * is_there
    told = (
        f"What is asked from now on is recorded in {tape.path}.{goes_on} "
        "`%claude record stop` ends it."
    )
    return "\n".join(filter(None, [ended, told]))


def _recorded(deck: Deck) -> str:
    """Ends a recording and says what it holds; "" if there is none."""
    tape = deck.stop_recording()
    if tape is None:
        return ""
    return f"{_counted(tape.count)} recorded in {tape.path}."


def _replay(
    session: Session, _options: Sequence[Option], arguments: Sequence[str]
) -> str:
    """`%claude replay FILE.jsonl [--speed N|max] [--strict|--fallback]` or `stop`.

    Raises:
        InputError: if there is no such file, or it is no cassette.
    """
    deck = session.sources.deck
    if list(arguments) == [_STOP]:
        ended = deck.stop_playing()
        return f"{ended.path} answers no more." if ended else "Nothing is replayed."
    file, speed, is_strict = _read(arguments)
    path = _path(file)
    if not path.is_file():
        raise InputError(
            f"There is no file `{path}`.",
            f"As a prompt: `%claude -- replay {' '.join(arguments)}`",
        )
    playing = deck.play(path, speed=speed, is_strict=is_strict)
    lost = f"\n{_counted(playing.lost)} in it cannot be read whole." * bool(
        playing.lost
    )
    return (
        f"{path} answers from now on, {_manner(playing)}. "
        f"`%claude replay stop` ends it.{lost}"
    )


def _read(arguments: Sequence[str]) -> tuple[str, float | None, bool]:
    """The file, the speed, and whether nobody else may answer.

    Raises:
        NotTaken: if the arguments are others.
    """
    speed: float | None = 1.0
    files, manners = [], []
    words = iter(arguments)
    for word in words:
        name, has_value, value = word.partition("=")
        if name == "--speed":
            speed = _speed(value if has_value else next(words, ""))
        elif word in _FLAGS:
            manners.append(_FLAGS[word])
        else:
            files.append(word)
    if len(files) != 1 or not files[0].endswith(".jsonl") or len(manners) > 1:
        raise NotTaken(f"it does not take `{' '.join(arguments)}`")
    return files[0], speed, (manners or [True])[0]


def _speed(word: str) -> float | None:
    if word == "max":
        return None
    try:
        speed = float(word)
    except ValueError:
        speed = 0.0
    if not 0 < speed < math.inf:
        raise NotTaken(f"`--speed` takes a number above 0, or `max`, not `{word}`")
    return speed


def _manner(playing: Playing) -> str:
    pace = "at once" if playing.speed is None else f"{playing.speed:g} times as fast"
    if playing.speed == 1:
        pace = "as fast as it was recorded"
    else_ = "nobody else" if playing.is_strict else "what it lacks is asked"
    return f"{_counted(len(playing.library))}, {pace}; {else_}"


def _counted(exchanges: int) -> str:
    return "1 exchange" if exchanges == 1 else f"{exchanges} exchanges"


def _path(word: str) -> Path:
    return Path(word).expanduser()


def _is_recordable(arguments: Sequence[str]) -> bool:
    """Whether `%claude record` takes these."""
    return arguments[0] == _STOP or arguments[0].endswith(".jsonl")


COMMANDS = {
    "record": Command(
        "record FILE.jsonl|stop",
        "record what is asked and answered, for `replay`",
        _record,
        1,
        1,
        _is_recordable,
    ),
    "replay": Command(
        "replay FILE.jsonl|stop [--speed 1|5|max] [--strict|--fallback]",
        "answer from a recording, without network and key",
        _replay,
        4,
        1,
    ),
}
