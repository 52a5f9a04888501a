"""What is being recorded and what is being replayed, as commands and settings say."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routeway_magic.errors import APIStatusError, InputError
from routeway_magic.events import Event, to_data
from routeway_magic.fingerprint import fingerprint
from routeway_magic.origin import is_replayed, original, replayed
from routeway_magic.recorded import Played, Recorded, is_whole, played_json
from routeway_magic.sources.replay.library import Library
from routeway_magic.sources.replay.playing import Playing
from routeway_magic.types import JSONObject, Request

if TYPE_CHECKING:  # imported when there is a cassette
    from routeway_magic.sources.replay.tape import Tape

__all__ = ["MODES", "Deck"]

MODES = ("strict", "fallback", "record", "add")
"""What ROUTEWAY_CASSETTE_MODE may be: replay alone; else ask; record; both."""

_DESERVED = frozenset({400, 404, 413, 422})
"""Statuses by which a request is refused for what it is, so would be again."""

_EARLIER = "what this notebook was answered before"
_UNWRITABLE = (OSError, ValueError, TypeError, RecursionError)


class Deck:
    """Plays, records, or both; commands come before the environment.

    Args:
        redact: takes out of a line what must not be stored.
        reuses: whether what was answered before is given again.
        records: whether it records; an engine leaves that to who has it ask.
    """

    def __init__(
        self,
        *,
        redact: Callable[[str], str] = str,
        reuses: Callable[[], bool] = bool,
        records: bool = True,
    ) -> None:
        self.tape: Tape | None = None
        self.playing: Playing | None = None
        self.earlier: Callable[[], Iterable[Iterable[Recorded]]] = tuple
        self.warn: Callable[[str], None] = lambda _: None
        self._redact, self._reuses, self._records = redact, reuses, records
        self._answered: Library | None = None
        self._environment = ("", "")
        self._lock = threading.RLock()

    def record(self, path: Path) -> Tape:
        """Records what is asked from now on.

        Args:
            path: a new file, or a cassette that goes on.

        Raises:
            InputError: if it cannot be written to, or holds something else.
        """
        from routeway_magic.sources.replay.tape import Tape

        with self._lock:
            self.tape = Tape(path.absolute(), redact=self._redact)
            return self.tape

    def play(
        self, path: Path, *, speed: float | None = 1.0, is_strict: bool = True
    ) -> Playing:
        """Answers from a cassette from now on.

        Args:
            path: the file.
            speed: how many times as fast as it was recorded; None for at once.
            is_strict: whether nobody else may answer.

        Raises:
            InputError: if it is none.
        """
        from routeway_magic.sources.replay.tape import read_cassette

        path = path.absolute()
        found = read_cassette(path)
        with self._lock:
            library = Library(found.recordings)
            self.playing = Playing(path, library, speed, is_strict, found.lost)
            return self.playing

    def stop_recording(self) -> Tape | None:
        """Ends it; gives what was recorded, None if nothing was."""
        with self._lock:
            self._follow_environment()
            ended, self.tape = self.tape, None
            return ended

    def stop_playing(self) -> Playing | None:
        """Ends it; gives what was played, None if nothing was."""
        with self._lock:
            self._follow_environment()
            ended, self.playing = self.playing, None
            return ended

    def alone(self) -> Playing | None:
        """The cassette, if nobody else may answer.

        Raises:
            InputError: if the environment names one that cannot be used.
        """
        with self._lock:
            self._follow_environment()
            playing = self.playing
        return playing if playing and playing.is_strict else None

    def who(self, request: Request, source: str) -> str:
        """Who will answer a request.

        Args:
            request: what will be asked.
            source: who answers where nothing was recorded.

        Raises:
            InputError: if only a cassette may answer, and does not hold it.
        """
        alone = self.alone()
        if not (alone or self.playing or self._reuses()):
            return source
        found: Recorded | None = None
        with suppress(TypeError, ValueError, RecursionError):  # the client will say it
            found = self._found(_plain(request), source, take=False)
        if found:
            return replayed(found.source)
        if alone:
            raise alone.lacks(request)
        return source

    def answer(
        self, source: str, method: str, path: str, content: bytes
    ) -> Played | None:
        """A response in place of a server's; None if one is to be asked.

        Args:
            source: who would be.
            method: of the HTTP request.
            path: of its address.
            content: its body.
        """
        alone, playing = self.alone(), self.playing
        speed = playing.speed if playing else None
        if method == "POST" and path.endswith("/v1/messages"):
            active = playing or self._reuses()
            body = json.loads(content) if active else {}
            found = self._found(body, source, take=True) if active else None
            if found:
                from_file = playing is not None and found.body is not None
                name = playing.path.name if playing and from_file else _EARLIER
                return found.played(speed, name)
        if alone is None and not is_replayed(source):
            return None  # a client of a replay that has just ended asks nobody, too
        if alone and method == "GET" and path.endswith("/v1/models"):
            return played_json(alone.models)
        error = {
            "type": "not_found_error",
            "message": "A cassette holds no such thing.",
        }
        return played_json({"type": "error", "error": error}, status=404)

    def taped(
        self, events: Iterator[Event], request: Request, source: str
    ) -> Iterator[Event]:
        """The events as they come; once the answer is whole, it is kept.

        Args:
            events: of an exchange.
            request: what is asked.
            source: who answers.
        """
        if self.tape or self._reuses():
            return self._listening(events, request, source)
        return events

    def _listening(
        self, events: Iterator[Event], request: Request, source: str
    ) -> Iterator[Event]:
        came: list[tuple[int, Event]] = []
        began = time.monotonic()
        try:
            for event in events:
                if to_data(event):  # what is on the wire, and not ours
                    came.append((round((time.monotonic() - began) * 1000), event))
                yield event
        except APIStatusError as error:
            if error.status_code in _DESERVED:
                ms = round((time.monotonic() - began) * 1000)
                self.keep(request, source, [], refusal=_refusal(error, ms))
            raise
        finally:
            getattr(events, "close", tuple)()
            if is_whole(event for _, event in came):
                self.keep(request, source, came)

    def keep(
        self,
        request: Request,
        source: str,
        came: list[tuple[int, Event]],
        *,
        refusal: JSONObject | None = None,
    ) -> None:
        """Keeps an exchange that is over, where that is wanted.

        Args:
            request: what was asked.
            source: who answered.
            came: the events of a whole answer, each after its milliseconds.
            refusal: how it was refused, in place of an answer (see `Recorded`).
        """
        tape, playing = self.tape, self.playing
        is_new = source == original(source)
        try:
            body = _plain(request)
            kept = Recorded(fingerprint(body), original(source), came, body, refusal)
            if self._answered is not None and is_new and not refusal:
                self._answered.add(_of(kept.source, kept))
            same = playing if playing and tape and playing.path == tape.path else None
            if same and is_new:
                same.library.add(kept)
            if tape and (is_new or not same):
                tape.put(kept)
                self._tell_of_mixture(tape)
        except _UNWRITABLE as error:
            told = getattr(error, "strerror", None) or str(error)
            self.tape = None
            where = tape.path if tape else "memory"
            self.warn(f"Nothing more is recorded: {told} ({where}).")

    def _tell_of_mixture(self, tape: Tape) -> None:
        if len(tape.offline) > 1 and not tape.has_told:
            tape.has_told = True
            self.warn(
                f"{tape.path.name} holds answers of the emulator and of a model now: "
                "conversations that go on from one to the other may not be found again. "
                "Record each in a file of its own."
            )

    def _found(self, body: JSONObject, source: str, *, take: bool) -> Recorded | None:
        key = fingerprint(body)
        playing, reused = self.playing, self._reused()
        for library, name in (
            (playing.library if playing else None, key),
            (None if playing and playing.is_strict else reused, _key(source, key)),
        ):
            if library is not None:
                found = library.take(name) if take else library.look(name)
                if found:
                    return found
        return None

    def _reused(self) -> Library | None:
        """What this notebook was answered before, read when it is first wanted."""
        with self._lock:
            if not self._reuses():
                self._answered = None
            elif self._answered is None:
                self._answered = Library(
                    [_of(original(one.source), one) for one in recording]
                    for recording in self.earlier()
                )
            return self._answered

    def _follow_environment(self) -> None:
        """Does what ROUTEWAY_CASSETTE says, once for each change of it."""
        path = os.environ.get("ROUTEWAY_CASSETTE") or ""
        mode = os.environ.get("ROUTEWAY_CASSETTE_MODE") or MODES[0]
        if (path, mode) == self._environment:
            return
        if mode not in MODES:
            known = ", ".join(f"`{one}`" for one in MODES)
            raise InputError(
                f"ROUTEWAY_CASSETTE_MODE cannot be `{mode}`.", f"It is one of {known}."
            )
        if path:
            self._begin(Path(path).expanduser(), mode)
        self._environment = (path, mode)

    def _begin(self, path: Path, mode: str) -> None:
        if mode in ("strict", "fallback") or (mode == "add" and path.exists()):
            self.play(path, speed=None, is_strict=mode == "strict")
        if mode in ("record", "add") and self._records:
            self.record(path)


def _plain(request: Request) -> Any:
    """The body as whoever receives it reads it."""
    return json.loads(request.encode())


def _refusal(error: APIStatusError, ms: int) -> JSONObject:
    told = {"type": error.type, "message": error.message}
    body = {"type": "error", "error": told, "request_id": error.request_id}
    return {"status": error.status_code, "body": body, "ms": ms}


def _key(source: str, key: str) -> str:
    return f"{original(source)} {key}"


def _of(source: str, exchange: Recorded) -> Recorded:
    """The same, found only where the same source would answer."""
    return Recorded(_key(source, exchange.key), source, exchange.came)
