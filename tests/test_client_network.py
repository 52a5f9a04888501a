"""What stands between here and the server: proxies, certificates, loopback."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from replies import WHOLE
from servers import ASK, KEY, Server, answering, connected, proxy, refusing

from routeway_magic.client import Client
from routeway_magic.endpoint import Endpoint
from routeway_magic.errors import APIConnectionError, ConfigurationError
from routeway_magic.events import Event, Waiting
from routeway_magic.secret import ApiKey


def ask(client: Client) -> list[Event]:
    """The answer's events, without `Waiting`."""
    first, *events = client.stream(ASK)
    assert first == Waiting("connecting")
    return events


@pytest.fixture(autouse=True)
def _no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names no certificate authority, as most do not."""
    for name in (*BUNDLES, "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name of `.test` is this machine, as a name server would say."""
    known = socket.getaddrinfo

    def lookup(host: Any, *arguments: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        own = "127.0.0.1" if name.endswith(".test") else name
        return known(own, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_proxy_of_the_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests go through the proxy that the environment names."""
    with proxy(answering()) as server:
        monkeypatch.setenv(name, server.base_url)
        with connected("http://routeway.test", allow_http=True) as client:
            assert ask(client) == WHOLE
    assert server.requests[0].line == ("POST http://routeway.test/v1/messages HTTP/1.1")


def test_no_proxy(names: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts in NO_PROXY are reached directly."""
    monkeypatch.setenv("NO_PROXY", "routeway.test")
    with proxy(answering()) as between, Server(answering()) as server:
        monkeypatch.setenv("HTTP_PROXY", between.base_url)
        url = f"http://routeway.test:{server.port}"
        with connected(url, allow_http=True) as client:
            assert ask(client) == WHOLE
    assert (between.accepted, server.accepted) == (0, 1)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY"])
def test_loopback_is_never_proxied(
    host: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is on this machine is reached directly, whatever the proxy variables say."""
    with proxy(answering()) as between, Server(answering()) as server:
        monkeypatch.setenv(name, between.base_url)
        with connected(f"http://{host}:{server.port}") as client:
            assert ask(client) == WHOLE
    assert (between.accepted, server.accepted) == (0, 1)


@pytest.mark.parametrize(
    "url", ["socks5://127.0.0.1:9", "foo://x:geheim@127.0.0.1", "http://x:gehe#im@h:1"]
)
def test_proxy_that_cannot_be_used(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that cannot be used is told, with its variables, without its password."""
    monkeypatch.setenv("HTTPS_PROXY", url)
    with pytest.raises(ConfigurationError, match="proxy") as raised:
        Client(Endpoint(base_url="https://routeway.test"), ApiKey(KEY))
    assert "HTTPS_PROXY" in raised.value.hint
    assert "gehe" not in str(raised.value)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A certificate authority that nobody knows."""
    return trustme.CA()


@pytest.fixture
def certificate(authority: trustme.CA) -> ssl.SSLContext:
    """A server's side of TLS, for localhost and routeway.test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "routeway.test").configure_cert(context)
    return context


@pytest.fixture
def authority_file(authority: trustme.CA, tmp_path: Path) -> str:
    """The authority's certificate, as a file that a variable can name."""
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.mark.parametrize("name", BUNDLES)
def test_authority_of_the_environment(
    name: str,
    certificate: ssl.SSLContext,
    authority_file: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The certificate authority that the environment names is trusted."""
    monkeypatch.setenv(name, authority_file)
    with Server(answering(), tls=certificate) as server, connected(server) as client:
        assert ask(client) == WHOLE
        assert ask(client) == WHOLE
    assert server.accepted == 1


def test_unknown_authority(certificate: ssl.SSLContext) -> None:
    """An unknown certificate is a matter of settings: told with a hint, not retried."""
    with (
        Server(answering(), tls=certificate) as server,
        connected(server) as client,
        pytest.raises(ConfigurationError, match="not trusted here") as raised,
    ):
        ask(client)
    what, hint = raised.value._render_traceback_()
    assert "localhost" in what
    assert "SSL_CERT_FILE" in hint
    assert (server.accepted, server.requests) == (1, [])


def test_certificate_of_another(
    certificate: ssl.SSLContext, authority_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate for another name is refused, whoever signed it."""
    monkeypatch.setenv("SSL_CERT_FILE", authority_file)
    with (
        Server(answering(), tls=certificate) as server,
        connected(f"https://127.0.0.1:{server.port}") as client,
        pytest.raises(ConfigurationError, match="not trusted here"),
    ):
        ask(client)
    assert server.requests == []


@pytest.mark.parametrize("content", [None, "no certificate"])
@pytest.mark.parametrize("name", BUNDLES)
def test_unreadable_authority(
    name: str, content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of certificates that is missing or is none is told, with its variables."""
    path = tmp_path / "none.pem"
    if content:
        path.write_text(content)
    monkeypatch.setenv(name, str(path))
    with pytest.raises(ConfigurationError, match="cannot be read") as raised:
        Client(Endpoint(base_url="https://localhost"), ApiKey(KEY))
    assert name in raised.value.hint


def test_empty_variable_is_unset(
    certificate: ssl.SSLContext, authority_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty variable is as good as none."""
    monkeypatch.setenv("SSL_CERT_FILE", "")
    monkeypatch.setenv("SSL_CERT_DIR", "")
    monkeypatch.setenv("HTTPS_PROXY", "")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", authority_file)
    with Server(answering(), tls=certificate) as server, connected(server) as client:
        assert ask(client) == WHOLE


def test_tls_through_a_proxy(
    certificate: ssl.SSLContext, authority_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a proxy https is a tunnel: the proxy never sees the key."""
    monkeypatch.setenv("SSL_CERT_FILE", authority_file)
    with proxy(answering(), tls=certificate) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.base_url)
        with connected("https://routeway.test") as client:
            assert ask(client) == WHOLE
    to_proxy, to_target = server.requests
    assert to_proxy.line == "CONNECT routeway.test:443 HTTP/1.1"
    assert KEY not in str(to_proxy)
    assert to_target.headers["x-api-key"] == KEY


def test_proxy_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that grants no tunnel is a connection error that names the proxy."""
    with proxy(refusing(407)) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.base_url)
        with (
            connected("https://routeway.test", max_retries=0) as client,
            pytest.raises(APIConnectionError, match="407") as raised,
        ):
            ask(client)
    assert "proxy" in raised.value._render_traceback_()[1]


def test_connection_that_does_not_come_about() -> None:
    """A server that never shakes hands is given up after the connect timeout."""
    with Server(answering()) as server:
        url = f"https://127.0.0.1:{server.port}"
        with (
            connected(url, max_retries=0, connect_timeout=0.2) as client,
            pytest.raises(APIConnectionError, match="No connection to") as raised,
        ):
            ask(client)
    assert len(raised.value._render_traceback_()) == 2
    assert server.requests == []
