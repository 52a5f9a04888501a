"""Who answers: chosen by settings and environment (DESIGN, Environment)."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from replies import WHOLE
from servers import ASK, HELLO, KEY, Peer, Server, answering, refusing, sse

from routeway_magic.errors import (
    ConfigurationError,
    InputError,
    MissingKeyError,
    NotFoundError,
)
from routeway_magic.events import MessageStop
from routeway_magic.run.session import Session
from routeway_magic.secret import ApiKey
from routeway_magic.settings import ClaudeSettings
from routeway_magic.sources import Source, Sources, choose_source

LOGIN = ApiKey("sk-of-the-login")
URL = "http://127.0.0.1:9"


@pytest.fixture
def settings() -> ClaudeSettings:
    """Settings of which nothing is set."""
    return ClaudeSettings()


@pytest.fixture
def sources(settings: ClaudeSettings) -> Iterator[Sources]:
    """Sources that are closed at the end."""
    made = Sources(settings)
    yield made
    made.close()


def chosen(settings: ClaudeSettings) -> str:
    """The name of the source, or that a key is missing."""
    try:
        return choose_source(settings, None).name
    except MissingKeyError:
        return "a key is missing"


@pytest.mark.parametrize("choice", ["", "auto"])
@pytest.mark.parametrize(
    ("key_and_url", "name"),
    [
        (("", ""), "emulator"),
        ((KEY, ""), "live"),
        ((KEY, URL), "live"),
        (("", URL), "a key is missing"),
    ],
)
def test_auto(
    choice: str,
    key_and_url: tuple[str, str],
    name: str,
    settings: ClaudeSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The emulator answers only when neither key nor base URL is set; empty is unset."""
    monkeypatch.setenv("ROUTEWAY_SOURCE", choice)
    monkeypatch.setenv("ROUTEWAY_API_KEY", key_and_url[0])
    monkeypatch.setenv("ROUTEWAY_BASE_URL", key_and_url[1])
    assert chosen(settings) == name


def test_nothing_set(settings: ClaudeSettings) -> None:
    """Where no variable exists at all the emulator answers."""
    assert choose_source(settings, None) == Source("emulator")


def test_live_needs_a_key(
    settings: ClaudeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `live` a missing key is an error: how to set one, and the emulator."""
    monkeypatch.setenv("ROUTEWAY_SOURCE", "live")
    with pytest.raises(MissingKeyError) as raised:
        choose_source(settings, None)
    what, hint = raised.value._render_traceback_()
    assert "no API key" in what
    for way in ("ROUTEWAY_API_KEY", "%claude login", "emulator"):
        assert way in hint


def test_live_by_default_goes_to_routeway(
    settings: ClaudeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a key alone Routeway's own address answers."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    expected = Source("live", "https://api.routeway.ai", ApiKey(KEY))
    assert choose_source(settings, None) == expected


def test_emulator_by_choice(
    settings: ClaudeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `emulator` neither key nor base URL matter, and none is used."""
    monkeypatch.setenv("ROUTEWAY_SOURCE", "emulator")
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    monkeypatch.setenv("ROUTEWAY_BASE_URL", URL)
    assert choose_source(settings, LOGIN) == Source("emulator")


def test_settings_come_first(
    settings: ClaudeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings come before the environment, and a login before its key."""
    monkeypatch.setenv("ROUTEWAY_SOURCE", "emulator")
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    monkeypatch.setenv("ROUTEWAY_BASE_URL", "http://127.0.0.1:1")
    settings.source, settings.base_url = "live", URL
    assert choose_source(settings, LOGIN) == Source("live", URL, LOGIN)


def test_login_is_enough(settings: ClaudeSettings) -> None:
    """A login makes the live service answer."""
    assert choose_source(settings, LOGIN).name == "live"


def test_unknown_source(
    settings: ClaudeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ROUTEWAY_SOURCE is one of three words; the error names them."""
    monkeypatch.setenv("ROUTEWAY_SOURCE", "lvie")
    with pytest.raises(InputError, match="lvie") as raised:
        choose_source(settings, None)
    for word in ("auto", "live", "emulator"):
        assert word in raised.value.hint


@pytest.mark.parametrize("text", ["a b", "a\nb", "é", "   "])
def test_key_that_is_none(
    text: str, settings: ClaudeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that holds no possible key is refused, without being shown."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", text)
    with pytest.raises(ConfigurationError, match="no key has") as raised:
        choose_source(settings, None)
    assert text not in str(raised.value)


def test_live_client(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    """The live client uses the settings, is kept, and is labelled with its host."""
    with Server(answering()) as server:
        monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
        monkeypatch.setenv("ROUTEWAY_BASE_URL", f"{server.base_url}/v1/")
        client, label = sources.client()
        assert list(client.stream(ASK))[1:] == WHOLE
        assert sources.client()[0] is client
        sources.close()
    assert label == f"127.0.0.1:{server.port}"
    assert server.requests[0].headers["x-api-key"] == KEY


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("anthropic_version", "2026-10-21"),
        ("connect_timeout", 1.0),
        ("read_timeout", 2.0),
        ("max_retries", 0),
        ("allow_http", True),
        ("base_url", "http://127.0.0.1:10"),
    ],
)
def test_settings_hold_at_once(
    name: str, value: object, sources: Sources, settings: ClaudeSettings
) -> None:
    """A setting that changes holds for the next request."""
    sources.login = LOGIN
    settings.base_url = URL
    first, _ = sources.client()
    setattr(settings, name, value)
    second, _ = sources.client()
    assert second is not first
    assert getattr(second.endpoint, name) == value


def test_login_holds_at_once(sources: Sources, settings: ClaudeSettings) -> None:
    """A new key is used from the next request on."""
    with Server(answering()) as server:
        settings.base_url = server.base_url
        for key in ("sk-first", "sk-second"):
            sources.login = ApiKey(key)
            list(sources.client()[0].stream(ASK))
        sources.close()
    sent = [received.headers["x-api-key"] for received in server.requests]
    assert sent == ["sk-first", "sk-second"]


def test_answer_under_way_outlives_a_change(
    sources: Sources, settings: ClaudeSettings
) -> None:
    """An answer under way ends well though the settings change meanwhile."""
    changed = threading.Event()

    def in_two_parts(peer: Peer) -> None:
        peer.head()
        peer.chunk(sse(HELLO[:1]))
        changed.wait(5)
        peer.chunk(sse(HELLO[1:]))
        peer.chunk(b"")

    sources.login = LOGIN
    with Server(in_two_parts) as server:
        settings.base_url = server.base_url
        client, _ = sources.client()
        events = client.stream(ASK)
        begun = [next(events), next(events)]
        settings.max_retries = 0
        assert sources.client()[0] is not client
        changed.set()
        assert [*begun, *events][1:] == WHOLE
        client.close()


def test_emulator_client(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulator's client talks to loopback, through no proxy, and is labelled."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    client, label = sources.client()
    assert label == "emulator"
    assert client.endpoint.base_url.startswith("http://127.0.0.1:")
    assert isinstance(list(client.stream(ASK))[-1], MessageStop)
    assert sources.client()[0] is client


def test_close_and_begin_again(sources: Sources) -> None:
    """After `close` the next request starts what it needs anew."""
    for _ in range(2):
        client, _ = sources.client()
        assert isinstance(list(client.stream(ASK))[-1], MessageStop)
        sources.close()
        sources.close()


def test_unknown_model_names_near_ones(settings: ClaudeSettings) -> None:
    """An unknown model is answered with the nearest that the server lists."""
    listed = b'{"data": [{"id": "claude-opus-4-5"}, {"id": "gpt-9"}]}'
    with Server(refusing(404), lambda peer: peer.reply(listed)) as server:
        settings.base_url = server.base_url
        session = Session(settings)
        session.login(LOGIN)
        with pytest.raises(NotFoundError) as raised:
            session.converse("hi", options=settings.snapshot(model="claude-opsu-4-5"))
        session.close()
    what, hint = raised.value._render_traceback_()
    assert "claude-opsu-4-5" in what
    assert "Did you mean `claude-opus-4-5`?" in hint
