"""What is held back before it is sent: by a budget, or by its length."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from servers import HELLO, KEY, Peer, Server, refusing, sse
from shells import Shell

from routeway_magic.errors import ConfigurationError, InputError
from routeway_magic.run.session import Session
from routeway_magic.settings import ClaudeSettings

MODEL = "claude-opus-4-5"
PRICED = {
    "id": MODEL,
    "pricing": {
        "input": {"price_per_million_t": 100_000},
        "output": {"price_per_million_t": "200000.0"},
    },
}


@pytest.fixture
def session() -> Iterator[Session]:
    """A session of its own that nobody has set anything for."""
    made = Session(ClaudeSettings())
    yield made
    made.close()


def listing(*models: dict[str, Any]) -> Callable[[Peer], None]:
    """A script that lists these models and says hello to everything else."""

    def run(peer: Peer) -> None:
        if peer.received.line.startswith("GET"):
            peer.reply(json.dumps({"data": models}).encode())
        else:
            peer.reply(sse(HELLO), content_type="text/event-stream")

    return run


@contextmanager
def live(
    session: Session, monkeypatch: pytest.MonkeyPatch, script: Callable[[Peer], None]
) -> Iterator[Server]:
    """A server that the session asks; hello has 3 tokens in and 5 out."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    with Server(script) as server:
        monkeypatch.setenv("ROUTEWAY_BASE_URL", server.base_url)
        yield server
        session.close()


def ask(session: Session, prompt: str = "hi", **options: Any) -> Any:
    """A question in the conversation, as a cell asks it."""
    place = session.place(session.conversation())
    chosen = session.settings.snapshot(**options)
    return session.converse(prompt, options=chosen, place=place)


def sent(server: Server) -> int:
    """How many questions have reached the server."""
    return sum(request.line.startswith("POST") for request in server.requests)


def test_tokens_that_are_used_up_end_it(session, monkeypatch):
    """Once the limit is reached nothing is sent, and the error says how to raise it."""
    with live(session, monkeypatch, listing()) as server:
        session.settings.max_session_tokens = 8
        ask(session)
        with pytest.raises(ConfigurationError, match="has used 8 tokens") as raised:
            ask(session)
        assert "`max_session_tokens` allows 8" in raised.value.what
        assert "max_session_tokens = 16" in raised.value.hint
        assert "`%claude usage`" in raised.value.hint
        assert (sent(server), len(session.turns)) == (1, 1)
        session.settings.max_session_tokens = None
        ask(session)
        assert sent(server) == 2


def test_tokens_that_would_be_too_many_are_not_begun(session, monkeypatch):
    """The input alone may be too much: the error says that it would be."""
    with live(session, monkeypatch, listing()) as server:
        session.settings.max_session_tokens = 500
        ask(session)
        with pytest.raises(ConfigurationError, match="This would be about") as raised:
            ask(session, "long " * 1000)
        assert "after 8 that the session has used" in raised.value.what
        ask(session)
        assert sent(server) == 2


def test_cost_that_is_used_up_ends_it(session, monkeypatch):
    """Prices are asked for once, by themselves, when a limit of cost needs them."""
    with live(session, monkeypatch, listing(PRICED)) as server:
        session.settings.max_session_cost = 1.5
        assert ask(session).cost == pytest.approx(0.3 + 1.0)
        with pytest.raises(ConfigurationError, match="This would be about") as raised:
            ask(session, "long " * 1000)
        assert "after $1.30, and `max_session_cost` allows $1.50" in raised.value.what
        session.settings.max_session_cost = 1.3
        with pytest.raises(
            ConfigurationError, match=r"cost at least \$1\.30"
        ) as raised:
            ask(session)
        assert "max_session_cost = 2.6" in raised.value.hint
        assert [request.line.split()[1] for request in server.requests] == [
            "/v1/models",
            "/v1/messages",
        ]


@pytest.mark.parametrize(
    "script", [listing({"id": MODEL}), refusing(500)], ids=["no price", "no list"]
)
def test_a_limit_of_cost_that_cannot_hold_stops_once(session, monkeypatch, script):
    """Without a price it says so and what to do; asked again, it lets the model through."""

    def run(peer: Peer) -> None:
        (script if peer.received.line.startswith("GET") else listing())(peer)

    session.settings.max_session_cost = 1.0
    session.settings.max_retries = 0
    with live(session, monkeypatch, run) as server:
        with pytest.raises(ConfigurationError, match=f"no price of `{MODEL}`") as told:
            ask(session)
        assert "max_session_tokens" in told.value.hint
        assert sent(server) == 0
        assert ask(session).cost is None
        with pytest.raises(ConfigurationError, match="no price of `another`"):
            ask(session, model="another")
        assert sent(server) == 1


def test_the_emulator_costs_nothing(session):
    """It needs no price, and no limit of cost holds it back."""
    session.settings.max_session_cost = 0.0
    assert ask(session).cost is None
    assert session.guard.bill.cost(session.guard.prices) == 0.0


def test_what_is_too_long_is_said_before_it_is_sent(session):
    """It stops with the numbers; a setting leaves it to the server, which says no."""
    with pytest.raises(InputError, match="reads 200,000: nothing was sent") as raised:
        ask(session, "word " * 200_000)
    assert session.turns == []
    assert "check_context = False" in raised.value.hint
    session.settings.check_context = False
    with pytest.raises(Exception, match="prompt is too long"):
        ask(session, "word " * 200_000)
    assert [turn.status for turn in session.turns] == ["failed"]


def test_a_long_history_is_counted_without_reading_it_again(session, monkeypatch):
    """What goes before comes from the server's count: 3 + 5 here, whatever its text."""
    small = {"id": MODEL, "context_length": 20}
    with live(session, monkeypatch, listing(small)):
        session.models()
        ask(session, "hi " * 7)  # 8 estimated: it fits
        with pytest.raises(InputError, match=r"8 counted by the server"):
            ask(session, "hello there " * 5)
        ask(session)


def test_messages_by_hand_are_the_servers_to_judge(session):
    """`--param messages=…` may be anything: the guard does not stumble over it."""
    for odd in ("text", [], [{"role": "user"}], [1], {"a": 1}):
        with pytest.raises(Exception, match="messages"):
            ask(session, param={"messages": odd})
    broken = {"type": "base64", "media_type": "image/png", "data": "%"}
    image = {"type": "image", "source": broken}
    with pytest.raises(Exception, match="base64"):
        ask(session, param={"messages": [{"role": "user", "content": [image]}]})


def test_footer_and_table_tell_costs(monkeypatch):
    """Where the list has a price, the footer has the cost, and `%claude usage` the sum."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    with Server(listing(PRICED)) as server, Shell.opened() as shell:
        monkeypatch.setenv("ROUTEWAY_BASE_URL", server.base_url)
        unknown = shell.run("%%claude\nhi").stdout.splitlines()[-1]
        assert "$" not in unknown
        table = shell.run("%claude usage").stdout.splitlines()
        assert table[1].endswith("$1.30")
        known = shell.run("%%claude\nhi").stdout.splitlines()[-1]
        assert known.endswith(" s · $1.30")
        table = shell.run("%claude usage").stdout.splitlines()
        assert table[-1].endswith("$2.60")
        gets = [one for one in server.requests if one.line.startswith("GET")]
        assert len(gets) == 1
