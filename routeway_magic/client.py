"""The network: requests out, events in. The only module that imports httpx.

A request is tried again only before the first event of its answer. The answer is
finished when the server says so (`message_stop`, or a `message_delta` with a stop
reason and then a clean end); anything else raises.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from ipaddress import ip_address
from itertools import count
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
from httpx_sse import EventSource, ServerSentEvent

from routeway_magic import __version__
from routeway_magic.envelope import read_refusal, read_stream_error, wait_in_words
from routeway_magic.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APIStreamError,
    APITimeoutError,
    ClaudeError,
    ConfigurationError,
    InputError,
    RateLimitError,
)
from routeway_magic.events import (
    Event,
    MessageDelta,
    MessageStop,
    Waiting,
    from_data,
    from_message,
)
from routeway_magic.retry import delay_before_retry
from routeway_magic.secret import ApiKey
from routeway_magic.types import JSONObject, Message, Request

__all__ = ["Client", "Endpoint", "is_loopback"]

_IDLE_SECONDS = 120.0  # how long a connection is kept alive between cells
_LINGER_SECONDS = 1.0  # how long a body may stay open after its last event
_MOST_OF_A_REFUSAL = 64 * 1024
_SHOWN_OF_A_FRAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where requests go, and how.

    Args:
        base_url: scheme and host; a trailing `/` and `/v1` are forgiven.
        anthropic_version: the header of that name.
        connect_timeout: seconds until a connection must stand.
        read_timeout: seconds that the server may be silent.
        max_retries: further tries before the first event, >= 0.
        allow_http: whether plain http may leave this machine.
    """

    base_url: str
    anthropic_version: str = "2023-06-01"
    connect_timeout: float = 10.0
    read_timeout: float = 600.0
    max_retries: int = 2
    allow_http: bool = False

    def checked(self) -> Endpoint:
        """This endpoint with its base URL in order.

        Raises:
            ConfigurationError: if the base URL is none, or not safe to send a key to.
        """
        url = self.base_url.strip().rstrip("/").removesuffix("/v1").rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigurationError(
                "The base URL is not an http(s) address.",
                "Set ROUTEWAY_BASE_URL, for instance to https://api.routeway.ai.",
            )
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ConfigurationError(
                "The base URL holds more than an address.",
                "Keys and passwords do not belong in a URL: see `%claude login`.",
            )
        safe = parts.scheme == "https" or is_loopback(parts.hostname)
        if not safe and not self.allow_http:
            raise ConfigurationError(
                f"The key would cross the network unencrypted to {parts.hostname}.",
                "Use https, or allow it: `%config ClaudeSettings.allow_http = True`.",
            )
        return replace(self, base_url=url)


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


class Client:
    """One pooled connection to one endpoint, kept alive between requests.

    Args:
        endpoint: where to, and how.
        key: sent as `Authorization: Bearer` and as `x-api-key` (API.md 1).
        transport: stands in for the network, for tests.

    Raises:
        ConfigurationError: if the endpoint is not safe or the environment's proxy
            cannot be used.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        key: ApiKey,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.endpoint = endpoint.checked()
        self._key = key
        self._has_answered = False
        self._open: set[httpx.Response] = set()
        self._http = _http_client(self.endpoint, transport)

    def stream(self, request: Request) -> Iterator[Event]:
        """The events of one exchange, as they arrive.

        Closing the iterator closes the connection. A request that asks for no
        stream, and a server that answers with JSON, give the same events.

        Raises:
            InputError: if the request cannot be written, or holds the API key.
            APIError: as `errors` describes; with APIStreamError part has arrived.
        """
        content = self._encoded(request)
        yield Waiting("connecting")
        for attempt in count():
            begun = False
            try:
                for event in self._attempt(content, request):
                    begun = True
                    yield event
            except APIError as error:
                retries = 0 if begun else self.endpoint.max_retries
                delay = delay_before_retry(error, attempt, retries)
                if delay is None:
                    raise
                reason = f"{_brief(error)}, trying again in {wait_in_words(delay)}"
                yield Waiting(reason, delay)
                time.sleep(delay)
            else:
                return

    def models(self) -> list[JSONObject]:
        """The models that the server lists; every member but `id` may be missing.

        Raises:
            APIError: if it gives no list.
        """
        url = f"{self.endpoint.base_url}/v1/models"
        request = self._http.build_request("GET", url, headers=self._headers())
        with self._translated(), self._sent(request) as response:
            if not response.is_success:
                raise self._refusal(response, model="")
            data = json.loads(response.read())
        found = data.get("data") if isinstance(data, dict) else data
        items = found if isinstance(found, list) else []
        return [item for item in items if isinstance(item, dict) and item.get("id")]

    def cancel(self) -> None:
        """Ends all answers under way, from any thread: their readers wake up."""
        for response in list(self._open):
            _shut(response)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is under way."""
        return bool(self._open)

    def close(self) -> None:
        """Closes the pool."""
        self._http.close()

    def _encoded(self, request: Request) -> bytes:
        try:
            content = request.encode()
        except (TypeError, ValueError) as error:
            raise InputError(
                f"The request cannot be written as JSON: {error}."
            ) from None
        if self._key.reveal().encode() in content:
            raise InputError(
                "The request holds the API key, so it was not sent.",
                "Take the key out of the prompt, or out of the variable it mentions.",
            )
        return content

    def _headers(self) -> dict[str, str]:
        key = self._key.reveal()
        return {
            "authorization": f"Bearer {key}",
            "x-api-key": key,
            "anthropic-version": self.endpoint.anthropic_version,
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            "user-agent": f"routeway_magic/{__version__}",
        }

    def _attempt(self, content: bytes, request: Request) -> Iterator[Event]:
        http_request = self._http.build_request(
            "POST",
            f"{self.endpoint.base_url}/v1/messages",
            content=content,
            headers=self._headers(),
        )
        begun = False
        try:
            with self._sent(http_request) as response:
                if not response.is_success:
                    raise self._refusal(response, request.model)
                for event in _events(response):
                    begun = True
                    yield event
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise self._connection_error(error, begun=begun) from None
        except APIStreamError as error:
            redacted = self._key.redact(error.what), self._key.redact(error.hint)
            raise APIStreamError(*redacted, type=error.type) from None

    @contextmanager
    def _sent(self, request: httpx.Request) -> Iterator[httpx.Response]:
        response = self._send(request)
        self._open.add(response)
        try:
            yield response
        finally:
            self._open.discard(response)
            response.close()

    def _send(self, request: httpx.Request) -> httpx.Response:
        """Sends; a kept connection that proves dead is replaced once, at once."""
        connected: list[str] = []
        request.extensions["trace"] = lambda name, _: (
            connected.append(name) if name.endswith("connect_tcp.started") else None
        )
        try:
            response = self._http.send(request, stream=True)
        except (httpx.NetworkError, httpx.RemoteProtocolError):
            if connected or not self._has_answered:
                raise
            response = self._http.send(request, stream=True)
        self._has_answered = True
        return response

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise self._connection_error(error, begun=False) from None
        except ValueError:
            raise APIError("The server's answer is no JSON.") from None

    def _refusal(self, response: httpx.Response, model: str) -> APIStatusError:
        text = self._key.redact(_beginning(response))
        headers = {
            name: self._key.redact(value) for name, value in response.headers.items()
        }
        return read_refusal(response.status_code, headers, text, model=model)

    def _connection_error(self, error: Exception, *, begun: bool) -> ClaudeError:
        host = urlsplit(self.endpoint.base_url).netloc
        told = self._key.redact(str(error)) or type(error).__name__
        if isinstance(error, httpx.ReadTimeout):
            what = f"{host} was silent for {self.endpoint.read_timeout:g} s."
            hint = "Run the cell again, or wait longer: ClaudeSettings.read_timeout."
            return APIStreamError(what, hint) if begun else APITimeoutError(what, hint)
        if begun:
            return APIStreamError(
                f"The connection to {host} broke in mid-answer: {told}.",
                "What had arrived is kept. Run the cell again.",
            )
        if "CERTIFICATE_VERIFY_FAILED" in told:
            return ConfigurationError(
                f"The certificate of {host} is not trusted here: {told}.",
                "Point SSL_CERT_FILE to the certificate authority of your network.",
            )
        return APIConnectionError(
            f"No connection to {host}: {told}.",
            "Check the network, the proxy variables and ROUTEWAY_BASE_URL.",
        )


def _http_client(
    endpoint: Endpoint, transport: httpx.BaseTransport | None
) -> httpx.Client:
    parts = urlsplit(endpoint.base_url)
    read, connect = endpoint.read_timeout, endpoint.connect_timeout
    try:
        return httpx.Client(
            transport=transport,
            verify=_tls(parts.scheme),
            trust_env=not is_loopback(parts.hostname),
            timeout=httpx.Timeout(read, connect=connect),
            limits=httpx.Limits(
                max_keepalive_connections=1, keepalive_expiry=_IDLE_SECONDS
            ),
            follow_redirects=False,
        )
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise ConfigurationError(
            f"The proxy of the environment cannot be used: {error}",
            "Check HTTPS_PROXY, ALL_PROXY and NO_PROXY.",
        ) from None


def _tls(scheme: str) -> ssl.SSLContext:
    """The environment's certificate authorities, else certifi's as httpx has them.

    Plain http needs none: an empty context costs nothing and trusts nobody.
    """
    if scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    file = next((os.environ[name] for name in names if os.environ.get(name)), None)
    folder = os.environ.get("SSL_CERT_DIR") or None
    if not file and not folder:
        return httpx.create_ssl_context()
    try:
        return ssl.create_default_context(cafile=file, capath=folder)
    except OSError as error:
        raise ConfigurationError(
            f"The certificates that the environment names cannot be read: {error}.",
            f"Check {', '.join(names)} and SSL_CERT_DIR.",
        ) from None


class _WholeFrames(httpx.SyncByteStream):
    """A body with a blank line at its end, so that no last frame is left undecoded."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        yield from self._response.iter_bytes()
        yield b"\n\n"


def _events(response: httpx.Response) -> Iterator[Event]:
    kind = response.headers.get("content-type", "")
    if "json" in kind.partition(";")[0]:
        yield from _whole(response.read())
        return
    stopped = False
    frames = _frames(response)
    for event in frames:
        yield event
        if isinstance(event, MessageStop):
            _drain(response, frames)
            return
        told = isinstance(event, MessageDelta) and event.delta.get("stop_reason")
        stopped = stopped or bool(told)
    if not stopped:
        raise APIStreamError(
            "The answer broke off before its end.",
            "What had arrived is kept. Run the cell again.",
        )


def _frames(response: httpx.Response) -> Iterator[Event]:
    # SSE is UTF-8 whatever the header says; -sig takes a byte order mark away.
    headers = {"content-type": "text/event-stream; charset=utf-8-sig"}
    whole = httpx.Response(200, headers=headers, stream=_WholeFrames(response))
    for frame in EventSource(whole).iter_sse():
        if frame.data and frame.data != "[DONE]":
            yield _event(frame)


def _event(frame: ServerSentEvent) -> Event:
    try:
        data = json.loads(frame.data)
    except ValueError:
        raise APIStreamError(
            f"The server sent a frame that is no JSON: {frame.data[:_SHOWN_OF_A_FRAME]!r}",
            "What had arrived is kept. Run the cell again.",
        ) from None
    if not isinstance(data, dict):
        data = {"data": data}
    if data.get("error") or frame.event == "error":
        raise read_stream_error(data)
    return from_data(data, frame.event)


def _whole(content: bytes) -> Iterator[Event]:
    try:
        data: Any = json.loads(content)
    except ValueError:
        data = None
    if isinstance(data, dict) and data.get("error"):
        raise read_stream_error(data)
    if not isinstance(data, dict) or not isinstance(data.get("content"), list):
        raise APIStreamError(
            "The server's answer is no message.", "Check ROUTEWAY_BASE_URL."
        )
    yield from from_message(cast("Message", data))


def _drain(response: httpx.Response, frames: Iterator[Event]) -> None:
    """Reads the rest, a few bytes, so that the connection can be used again.

    The answer is complete: what goes wrong here is of no interest, and a server
    that keeps the body open is not waited for.
    """
    guard = threading.Timer(_LINGER_SECONDS, _shut, [response])
    guard.daemon = True
    guard.start()
    try:
        for _ in frames:
            pass
    except (httpx.HTTPError, httpx.StreamError, APIError):
        pass
    finally:
        guard.cancel()


def _shut(response: httpx.Response) -> None:
    """Wakes whoever reads this response, from another thread."""
    stream = response.extensions.get("network_stream")
    sock = stream.get_extra_info("socket") if stream else None
    if sock is not None:
        with suppress(OSError):  # it was closed already
            sock.shutdown(socket.SHUT_RDWR)


def _beginning(response: httpx.Response) -> str:
    content = b""
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > _MOST_OF_A_REFUSAL:
            break
    return content.decode(errors="replace")


def _brief(error: APIError) -> str:
    if isinstance(error, RateLimitError):
        return "rate limit"
    if isinstance(error, APIStatusError):
        return f"server error {error.status_code}"
    return "no connection"
