"""Recording exchanges and replaying them: the same answers, without anybody asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from scripted import ask
from servers import HELLO, KEY, Server, answering, hello_text, refusing

from routeway_magic.errors import ClaudeError, InputError, Interrupted
from routeway_magic.events import Waiting, from_data
from routeway_magic.fingerprint import fingerprint
from routeway_magic.recorded import Recorded
from routeway_magic.run.reply import Reply
from routeway_magic.run.session import Session
from routeway_magic.settings import ClaudeSettings
from routeway_magic.sources.replay.library import Library

Open = Callable[..., Session]


@pytest.fixture
def open_session() -> Iterator[Open]:
    """Opens sessions that are closed with the test."""
    with ExitStack() as stack:

        def opened(**settings: Any) -> Session:
            session = Session(ClaudeSettings(**settings))
            stack.callback(session.close)
            return session

        yield opened


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that says hello, to be asked with a key."""
    with Server(answering()) as running:
        monkeypatch.setenv("ROUTEWAY_BASE_URL", running.base_url)
        monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
        yield running


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A cassette that is still to be recorded."""
    return tmp_path / "lesson.jsonl"


def reply(session: Session, prompt: str = "hi", **overrides: Any) -> Reply:
    """What is answered to a question by itself."""
    options = session.settings.snapshot(**overrides)
    return session.converse(prompt, options=options)


def recorded(file: Path, session: Session, *prompts: str) -> list[Reply]:
    """The answers to these, recorded."""
    session.sources.deck.record(file)
    replies = [reply(session, prompt) for prompt in prompts]
    session.sources.deck.stop_recording()
    return replies


def unkeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on another machine: no key, no address."""
    monkeypatch.delenv("ROUTEWAY_API_KEY")
    monkeypatch.delenv("ROUTEWAY_BASE_URL")


def test_the_same_question_has_the_same_answer(
    server: Server, file: Path, open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without key and network, block by block; the reply says that it is a replay."""
    (before,) = recorded(file, open_session(), "hi")
    unkeyed(monkeypatch)
    monkeypatch.setenv("ROUTEWAY_SOURCE", "live")
    session = open_session()
    session.sources.deck.play(file, speed=None)
    after = reply(session)
    assert after.message == before.message
    assert after.source == f"127.0.0.1:{server.port}, replayed"
    assert ", replayed" in repr(after)
    assert len(server.requests) == 1


def test_thinking_and_images_are_included(file: Path, open_session: Open) -> None:
    """What is no text is recorded and found again as well."""
    image = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    prompt: Any = [
        {"type": "image", "source": image},
        {"type": "text", "text": "emulate: thinking\nwhat is this?"},
    ]
    session = open_session()
    session.sources.deck.record(file)
    before = reply(session, prompt, thinking=2000)
    session.sources.deck.play(file, speed=None)
    after = reply(session, prompt, thinking=2000)
    assert [block["type"] for block in after.message["content"]] == ["thinking", "text"]
    assert after.message == before.message
    assert after.source == "emulator, replayed"


def test_a_conversation_is_found_turn_by_turn(
    server: Server, file: Path, open_session: Open
) -> None:
    """What was replayed is said before the next question as if it had been asked."""
    first, second = open_session(), open_session()
    first.sources.deck.record(file)
    for prompt in ("one", "two", "three"):
        ask(first, prompt)
    second.sources.deck.play(file, speed=None)
    for prompt in ("one", "two", "three"):
        ask(second, prompt)
    assert len(server.requests) == 3
    assert [turn.message for turn in second.turns] == [
        turn.message for turn in first.turns
    ]


def test_another_question_is_told_apart(
    server: Server, file: Path, open_session: Open
) -> None:
    """Strictly, it is neither asked nor kept; what differs is named."""
    session = open_session()
    recorded(file, session, "Why is the sky blue?", "Something else entirely.")
    session.sources.deck.play(file)
    with pytest.raises(InputError) as raised:
        reply(session, "Why is the sky grey?", temperature=0.5)
    assert str(file) in raised.value.what
    assert "temperature: 0.5, recorded not set" in raised.value.hint
    assert "the question: Why is the sky [-blue-]{+grey+}?" in raised.value.hint
    assert "--fallback" in raised.value.hint
    assert len(server.requests) == len(session.turns) == 2


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ({"model": "other"}, 'model: "other", recorded "claude-opus-4-5"'),
        ({"system": "Be brief."}, 'system: "Be brief.", recorded not set'),
        ({"param": {"x": list(range(200))}}, "x: [0, 1, 2"),
    ],
)
def test_what_differs_is_named(
    now: dict[str, Any], told: str, file: Path, open_session: Open
) -> None:
    """Each parameter with its value now and then, in a line that can be read."""
    session = open_session()
    recorded(file, session, "why")
    session.sources.deck.play(file)
    with pytest.raises(InputError) as raised:
        reply(session, "why", **now)
    (line,) = [line for line in raised.value.hint.split("\n") if told in line]
    assert len(line) < 200


def test_what_was_said_before_differs(file: Path, open_session: Open) -> None:
    """The same words after something else are another question."""
    session = open_session()
    session.sources.deck.record(file)
    ask(session, "one")
    ask(session, "two")
    other = open_session()
    other.sources.deck.play(file, speed=None)
    with pytest.raises(InputError, match="messages said before: 0, recorded 2"):
        ask(other, "two")


def test_fallback_asks_for_what_is_not_there(
    server: Server, file: Path, open_session: Open
) -> None:
    """What is recorded is replayed, the rest is asked; each reply says which."""
    session = open_session()
    recorded(file, session, "one")
    session.sources.deck.play(file, speed=None, is_strict=False)
    sources = [reply(session, prompt).source for prompt in ("one", "two")]
    host = f"127.0.0.1:{server.port}"
    assert sources == [f"{host}, replayed", host]
    assert len(server.requests) == 2


def test_nothing_is_paid_for_a_replay(
    server: Server, file: Path, open_session: Open
) -> None:
    """No budget is used up by it, and none stands in its way."""
    session = open_session()
    recorded(file, session, "one")
    used = session.guard.bill.tokens
    session.settings.max_session_tokens = used
    session.sources.deck.play(file, speed=None)
    reply(session, "one")
    assert session.guard.bill.tokens == used
    session.sources.deck.stop_playing()
    with pytest.raises(ClaudeError, match="max_session_tokens"):
        reply(session, "one")


def test_only_whole_answers_are_recorded(
    file: Path, open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What broke off or was refused is not there to be replayed."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    with Server(answering(HELLO[:4]), refusing(400), answering()) as server:
        session = open_session(base_url=server.base_url)
        session.sources.deck.record(file)
        for prompt in ("cut", "refused"):
            with pytest.raises(ClaudeError):
                reply(session, prompt)
        reply(session, "whole")
    playing = session.sources.deck.play(file)
    assert (len(playing.library), playing.lost) == (1, 0)


def test_no_key_is_in_the_file(file: Path, open_session: Open) -> None:
    """Neither that of the request nor one that a server sends back."""
    said = {"type": "text_delta", "text": f"your key is {KEY}"}
    frames = [*HELLO[:2], {**HELLO[2], "delta": said}, *HELLO[3:]]
    with (
        Server(answering(frames)) as server,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("ROUTEWAY_API_KEY", KEY)
        session = open_session(base_url=server.base_url)
        recorded(file, session, "hi")
        with pytest.raises(InputError, match="holds an API key"):
            recorded(file, session, f"my key is {KEY}")
    content = file.read_text(encoding="utf-8")
    assert "[API key]" in content
    assert KEY not in content


def test_a_file_goes_on_and_the_last_recording_counts(
    file: Path, open_session: Open
) -> None:
    """Also behind a line that was torn: nothing that is there is lost or changed."""
    session = open_session()
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


def test_other_files_are_left_alone(file: Path, open_session: Open) -> None:
    """Neither replayed nor recorded into, and the sentence says what they are."""
    deck = open_session().sources.deck
    file.write_text('{"kind":"journal","version":1}\n', encoding="utf-8")
    for attempt in (deck.record, deck.play):
        with pytest.raises(InputError, match="is no cassette"):
            attempt(file)
    file.write_text('{"kind":"cassette","version":99}\n', encoding="utf-8")
    with pytest.raises(InputError, match="later version"):
        deck.play(file)
    assert file.read_text(encoding="utf-8").count("\n") == 1


def test_asked_twice_answered_twice() -> None:
    """What was asked several times is answered in that order, then from the first."""
    library = Library([[Recorded("k", name, []) for name in "abc"]])
    found = [library.take("k") for _ in range(4)]
    assert [one and one.source for one in found] == ["a", "b", "c", "a"]
    assert library.take("other") is None


def test_threads_share_a_cassette(file: Path, open_session: Open) -> None:
    """A sweep's requests at once: recorded whole, and each answered with its own."""
    session = open_session()
    session.sources.deck.record(file)
    prompts = [f"emulate: echo\nnumber {n}" for n in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda prompt: reply(session, prompt), prompts))
    session.sources.deck.play(file, speed=None)
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda prompt: reply(session, prompt), prompts))
    assert [one.text for one in replies] == [f"number {n}" for n in range(12)]
    assert {one.source for one in replies} == {"emulator, replayed"}


def exchange(*times: int) -> Recorded:
    """The hello stream with its events at these times, milliseconds."""
    events = [from_data(dict(frame)) for frame in HELLO]
    return Recorded("k", "a.host", list(zip(times, events, strict=True)))


def test_the_pace_is_that_of_the_recording() -> None:
    """Each event at its time, a speed as many times sooner, or all at once."""
    one = exchange(100, 200, 300, 400, 500, 600)
    at = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    assert [when for when, _ in one.played(1).pieces] == at
    assert [when for when, _ in one.played(4).pieces] == [when / 4 for when in at]
    assert {when for when, _ in one.played(None).pieces} == {0.0}


def test_a_replay_takes_its_time_and_can_be_stopped(
    file: Path, open_session: Open
) -> None:
    """What has come is kept, as with a server; a stop ends the longest pause."""
    session = open_session()
    body = session.compose(
        "hi", options=session.settings.snapshot(), place=session.place()
    ).body
    tape = session.sources.deck.record(file)
    slow = exchange(0, 0, 0, 10**7, 10**7, 10**7)
    tape.put(Recorded(fingerprint(body), "a.host", slow.came, body))
    session.sources.deck.play(file)
    client, _ = session.sources.client()

    def stop() -> None:
        while not client.is_busy:
            time.sleep(0.01)
        time.sleep(0.3)
        client.cancel()

    stopping = threading.Thread(target=stop)
    stopping.start()
    with pytest.raises(Interrupted):
        reply(session)
    stopping.join()
    (turn,) = session.turns
    assert turn.status == "interrupted"
    assert turn.message is not None
    assert turn.message["content"][0]["text"] == hello_text()


def test_what_is_not_streamed_is_replayed_too(
    server: Server, file: Path, open_session: Open
) -> None:
    """How an answer comes is no part of the question."""
    session = open_session()
    (before,) = recorded(file, session, "hi")
    session.sources.deck.play(file, speed=None)
    assert reply(session, stream=False).message == before.message


def test_a_cassette_lists_the_models_that_were_asked(
    file: Path, open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else is asked for anything; tokens are not counted."""
    monkeypatch.setenv("ROUTEWAY_SOURCE", "emulator")
    session = open_session()
    recorded(file, session, "hi")
    monkeypatch.setenv("ROUTEWAY_SOURCE", "live")
    session.sources.deck.play(file)
    assert [model["id"] for model in session.models()] == ["claude-opus-4-5"]
    client, _ = session.sources.client()
    place = session.place()
    request = session.compose("hi", options=session.settings.snapshot(), place=place)
    assert client.count_tokens(request) is None
    assert next(iter(client.stream(request))) == Waiting("connecting")


def test_a_disk_that_is_full_ends_the_recording(
    file: Path, open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cell goes on, and the user is told once."""
    session = open_session()
    tape = session.sources.deck.record(file)

    def fail(_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tape, "put", fail)
    assert reply(session).text
    (told,) = session.recorder.take_warnings()
    assert "No space left on device" in told
    assert session.sources.deck.tape is None
