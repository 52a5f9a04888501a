"""Recording: what goes into a cassette, and what is said of a question that it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from replaying import recorded, reply
from scripted import ask
from servers import HELLO, KEY, Server, answering, refusing
from sweeps import opened

from routeway_magic.errors import ClaudeError, InputError
from routeway_magic.run.session import Session


@pytest.fixture
def session() -> Iterator[Session]:
    """A session of its own."""
    with opened() as running:
        yield running


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A cassette that is still to be recorded."""
    return tmp_path / "lesson.jsonl"


def test_only_whole_answers_are_recorded(
    file: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What broke off, or was refused for what may pass, is not there to be replayed."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    with Server(answering(HELLO[:4]), refusing(401), answering()) as server:
        session.settings.base_url = server.base_url
        session.sources.deck.record(file)
        for prompt in ("cut", "refused"):
            with pytest.raises(ClaudeError):
                reply(session, prompt)
        reply(session, "whole")
    playing = session.sources.deck.play(file)
    assert (len(playing.library), playing.lost) == (1, 0)


def test_no_key_is_in_the_file(file: Path, session: Session) -> None:
    """Neither that of the request nor one that a server sends back."""
    said = {"type": "text_delta", "text": f"your key is {KEY}"}
    frames = [*HELLO[:2], {**HELLO[2], "delta": said}, *HELLO[3:]]
    with (
        Server(answering(frames)) as server,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("ROUTEWAY_API_KEY", KEY)
        session.settings.base_url = server.base_url
        recorded(file, session, "hi")
        with pytest.raises(InputError, match="holds an API key"):
            recorded(file, session, f"my key is {KEY}")
    content = file.read_text(encoding="utf-8")
    assert "[API key]" in content
    assert KEY not in content


def test_a_file_goes_on_and_the_last_recording_counts(
    file: Path, session: Session
) -> None:
    """Also behind a line that was torn: nothing that is there is lost or changed."""
    first, *_ = recorded(file, session, "emulate: echo\na", "emulate: echo\nb")
    file.write_bytes(file.read_bytes().rstrip(b"\n")[:-9])
    torn = file.read_bytes()
    again, *_ = recorded(file, session, "emulate: echo\na")
    assert file.read_bytes().startswith(torn)
    playing = session.sources.deck.play(file, speed=None)
    assert (len(playing.library), playing.lost) == (1, 1)
    replayed = reply(session, "emulate: echo\na").message
    assert replayed == again.message
    assert replayed["id"] != first.message["id"]


def test_other_files_are_left_alone(file: Path, session: Session) -> None:
    """Neither replayed nor recorded into, and the sentence says what they are."""
    deck = session.sources.deck
    file.write_text('{"kind":"journal","version":1}\n', encoding="utf-8")
    for attempt in (deck.record, deck.play):
        with pytest.raises(InputError, match="is no cassette"):
            attempt(file)
    file.write_text('{"kind":"cassette","version":99}\n', encoding="utf-8")
    with pytest.raises(InputError, match="later version"):
        deck.play(file)
    assert file.read_text(encoding="utf-8").count("\n") == 1


def test_a_disk_that_is_full_ends_the_recording(
    file: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cell goes on, and the user is told once."""
    tape = session.sources.deck.record(file)

    def fail(_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tape, "put", fail)
    assert reply(session).text
    (told,) = session.recorder.take_warnings()
    assert "No space left on device" in told
    assert session.sources.deck.tape is None


def test_another_question_is_told_apart(file: Path, session: Session) -> None:
    """Strictly, it is neither asked nor kept; what differs is named."""
    recorded(file, session, "Why is the sky blue?", "Something else entirely.")
    session.sources.deck.play(file)
    with pytest.raises(InputError) as raised:
        reply(session, "Why is the sky grey?", temperature=0.5)
    assert str(file) in raised.value.what
    assert "temperature: 0.5, recorded not set" in raised.value.hint
    assert "the question: Why is the sky [-blue-]{+grey+}?" in raised.value.hint
    assert "--fallback" in raised.value.hint
    assert len(session.turns) == 2


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ({"model": "other"}, 'model: "other", recorded "claude-opus-4-5"'),
        ({"system": "Be brief."}, 'system: "Be brief.", recorded not set'),
        ({"param": {"x": list(range(200))}}, "x: [0, 1, 2"),
    ],
)
def test_what_differs_is_named(
    now: dict[str, Any], told: str, file: Path, session: Session
) -> None:
    """Each parameter with its value now and then, in a line that can be read."""
    recorded(file, session, "why")
    session.sources.deck.play(file)
    with pytest.raises(InputError) as raised:
        reply(session, "why", **now)
    (line,) = [line for line in raised.value.hint.split("\n") if told in line]
    assert len(line) < 200


def test_what_was_said_before_differs(file: Path, session: Session) -> None:
    """The same words after something else are another question."""
    session.sources.deck.record(file)
    ask(session, "one")
    ask(session, "two")
    session.sources.deck.play(file, speed=None)
    with pytest.raises(InputError, match="messages said before: 0, recorded 2"):
        ask(session, "two", fresh=True)
