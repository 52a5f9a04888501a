"""The network: requests out, events in. The only module that imports httpx.

What an answer's frames stand for is read in `frames`; when a request is sent again is
decided in `attempts`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from functools import partial
from time import monotonic
from urllib.parse import urlsplit

import httpx
from httpx_sse import EventSource

from routeway_magic.attempts import answered
from routeway_magic.calls import Call, Calls, shut_after
from routeway_magic.endpoint import Endpoint, is_loopback, tls_context, unusable_proxy
from routeway_magic.envelope import (
    read_lost_connection,
    read_refusal,
    read_silence,
    read_undecodable,
)
from routeway_magic.errors import APIError, APIStatusError, ClaudeError
from routeway_magic.events import Event, Responded
from routeway_magic.frames import (
    counted,
    decoded,
    listed,
    message,
    whole,
    without_key,
)
from routeway_magic.outgoing import (
    RECORDING,
    encoded,
    harmless,
    headers,
    headers_to_show,
    sent,
)
from routeway_magic.recorded import Played
from routeway_magic.secret import ApiKey
from routeway_magic.throttle import Throttle
from routeway_magic.types import JSONObject, Request

__all__ = ["Client", "Replay"]

Replay = Callable[[str, str, bytes], Played | None]
"""Takes a request's method, path and content, and may give what was recorded for it."""

_IDLE_SECONDS = 120.0  # how long a connection is kept alive between cells
_LINGER_SECONDS = 1.0  # how long a body may stay open after its last event
_REFUSAL_SECONDS = 5.0  # how long a refusal's body is read
_MOST_OF_A_REFUSAL = 64 * 1024
_MESSAGES = "/v1/messages"
_NO_COUNT = frozenset({404, 405, 422})


class Client:
    """One pooled connection to one endpoint, kept alive between requests.

    Args:
        endpoint: where to, and how.
        key: sent as `Authorization: Bearer` and as `x-api-key` (API.md 1).
        secrets: other keys that no request may hold.
        transport: stands in for the network, for tests.
        throttle: the pace of requests that run at once; None for each by itself.
        connections: how many are kept open between requests.
        replay: is asked before the network, for each request.

    Raises:
        ConfigurationError: if the endpoint is not safe or the environment's proxy
            cannot be used.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        key: ApiKey,
        *,
        secrets: Iterable[ApiKey] = (),
        transport: httpx.BaseTransport | None = None,
        throttle: Throttle | None = None,
        connections: int = 1,
        replay: Replay | None = None,
    ) -> None:
        self._throttle, self._replay = throttle, replay
        self.endpoint = endpoint.checked()
        self._key = key
        self._secrets = (key, *secrets)
        self._has_answered = False
        self._calls = Calls()
        self._http = _http_client(self.endpoint, transport, connections)

    def stream(self, request: Request, *, heads: bool = False) -> Iterator[Event]:
        """The events of one exchange, as they arrive.

        Closing the iterator closes the connection. A request that asks for no
        stream, and a server that answers with JSON, give the same events.

        Args:
            request: what is asked.
            heads: whether the heads of answers, `Responded`, are among the events.

        Raises:
            InputError: at once, so that nobody keeps it, if the request cannot be
                written or holds an API key.
            APIError: as `errors` describes; with APIStreamError part has arrived.
            Interrupted: if it was cancelled.
        """
        content = encoded(request, self._secrets)
        return self._under_way(content, request, heads=heads)

    def _under_way(
        self, content: bytes, request: Request, *, heads: bool
    ) -> Iterator[Event]:
        with self._calls.begin() as call:
            yield from answered(
                partial(self._attempt, content, request, call, heads=heads),
                call,
                model=request.model,
                max_retries=self.endpoint.max_retries,
                throttle=self._throttle,
            )

    def models(self) -> list[JSONObject]:
        """The models that the server lists; every member but `id` may be missing.

        Raises:
            APIError: if it gives no list.
            Interrupted: if it was cancelled.
        """
        return listed(self._fetched(self._request("GET", "/v1/models")) or b"")

    def count_tokens(self, request: Request) -> int | None:
        """How many tokens the server reads in this; None where it cannot count.

        Routeway's documents do not mention the endpoint: 404, 405 and 422 mean that
        there is none (API.md 8).

        Raises:
            InputError: if the request cannot be written, or holds an API key.
            APIError: if it fails in another way.
            Interrupted: if it was cancelled.
        """
        asked = ("max_tokens", "stream")
        body = {key: value for key, value in request.body.items() if key not in asked}
        content = self.post(f"{_MESSAGES}/count_tokens", body, none_at=_NO_COUNT)
        return None if content is None else counted(content)

    def post(
        self, path: str, body: JSONObject, *, none_at: Container[int] = ()
    ) -> bytes | None:
        """The answer to anything else that is asked; None at the statuses named.

        Args:
            path: below the base URL.
            body: a JSON object; its `model`, if any, is named in errors.
            none_at: statuses that are an answer, too.

        Raises:
            InputError: if the body cannot be written, or holds an API key.
            APIError: if it fails in another way.
            Interrupted: if it was cancelled.
        """
        content = encoded(Request(body), self._secrets)
        request = self._request("POST", path, content)
        return self._fetched(request, model=str(body.get("model", "")), none_at=none_at)

    def dry_run(self, request: Request) -> tuple[str, Mapping[str, str]]:
        """The address and headers that this would be sent with, without the key.

        Raises:
            InputError: if the request cannot be written, or holds an API key.
        """
        encoded(request, self._secrets)
        return self.endpoint.base_url + _MESSAGES, headers_to_show(self.endpoint)

    def cancel(self, *, thread: int | None = None) -> None:
        """Ends what is under way, from any thread: who waits is woken.

        Requests without an answer yet are ended as well. (A connection that is
        just being made is given up once it stands, or when its time is over.)

        Args:
            thread: ends only what this thread asks; None for all.
        """
        self._calls.cancel(thread=thread)

    @property
    def is_busy(self) -> bool:
        """Whether a request is under way: sent, answered in part, or to be retried."""
        return bool(self._calls)

    def close(self) -> None:
        """Closes the pool."""
        self._http.close()

    def _request(
        self, method: str, path: str, content: bytes | None = None
    ) -> httpx.Request:
        url, own = self.endpoint.base_url + path, headers(self.endpoint, self._key)
        return self._http.build_request(method, url, content=content, headers=own)

    def _fetched(
        self, request: httpx.Request, *, model: str = "", none_at: Container[int] = ()
    ) -> bytes | None:
        """The body of an answer that is no stream; None at the statuses named."""
        failure: ClaudeError
        with self._calls.begin() as call:
            try:
                with closing(self._send(request, call)) as response:
                    if response.status_code in none_at:
                        return None
                    if not response.is_success:
                        raise self._refusal(response, model)
                    text = response.read().decode(errors="replace")
                    return self._key.redact(text).encode()
            except (httpx.HTTPError, httpx.StreamError) as error:
                failure = self._connection_error(error, begun=False)
            except APIError as error:
                failure = error
            call.check()
            raise self._key.redact_error(failure)

    def _attempt(
        self, content: bytes, request: Request, call: Call, *, heads: bool
    ) -> Iterator[Event]:
        http_request = self._request("POST", _MESSAGES, content)
        begun = False
        failure: ClaudeError
        try:
            with closing(self._send(http_request, call)) as response:
                if heads:
                    kept = harmless(response.headers.items(), self._key.redact)
                    told = sent(content, self.endpoint, response.extensions)
                    yield Responded(response.status_code, kept, told)
                if not response.is_success:
                    raise self._refusal(response, request.model)
                for each in without_key(_events(response, self._key), self._key):
                    begun = True
                    yield each
            return  # noqa: TRY300 - a generator's end, after the connection's
        except (httpx.HTTPError, httpx.StreamError) as error:
            failure = self._connection_error(error, begun=begun)
        except APIError as error:
            failure = error
        call.check()
        raise self._key.redact_error(failure)

    def _send(self, request: httpx.Request, call: Call) -> httpx.Response:
        """Sends; a kept connection that proves dead is replaced once, at once."""
        played = self._replay and self._replay(
            request.method, request.url.path, request.read()
        )
        if played:
            return _played(played, request, call)
        call.is_fresh, call.socket = False, None
        request.extensions["trace"] = call.trace
        try:
            response = self._http.send(request, stream=True)
        except (httpx.NetworkError, httpx.RemoteProtocolError):
            call.check()
            if call.is_fresh or not self._has_answered:
                raise
            response = self._http.send(request, stream=True)
        self._has_answered = True
        call.reads_from(response.extensions.get("network_stream"))
        return response

    def _refusal(self, response: httpx.Response, model: str) -> APIStatusError:
        error = read_refusal(
            response.status_code,
            dict(response.headers),
            _beginning(response),
            model=model,
            redact=self._key.redact,
        )
        error.is_replayed = RECORDING in response.extensions
        return error

    def _connection_error(self, error: Exception, *, begun: bool) -> ClaudeError:
        host = urlsplit(self.endpoint.base_url).netloc
        told = self._key.redact(str(error)).rstrip(".") or type(error).__name__
        if isinstance(error, httpx.DecodingError):
            return read_undecodable(host, told)
        if isinstance(error, httpx.ReadTimeout):
            return read_silence(host, self.endpoint.read_timeout, begun=begun)
        return read_lost_connection(host, told, begun=begun)


def _http_client(
    endpoint: Endpoint, transport: httpx.BaseTransport | None, connections: int
) -> httpx.Client:
    parts = urlsplit(endpoint.base_url)
    read, connect = endpoint.read_timeout, endpoint.connect_timeout
    try:
        return httpx.Client(
            transport=transport,
            verify=tls_context(parts.scheme),
            trust_env=not is_loopback(parts.hostname),
            timeout=httpx.Timeout(read, connect=connect),
            limits=httpx.Limits(
                max_keepalive_connections=connections,
                keepalive_expiry=_IDLE_SECONDS,
            ),
            follow_redirects=False,
        )
    except (ImportError, ValueError) as error:
        why = str(error)
    except httpx.InvalidURL:  # its words may hold part of a password
        why = "its address is none."
    raise unusable_proxy(why)


class _Paced(httpx.SyncByteStream):
    """A recorded body, each piece at its time; waiting ends when it is cancelled."""

    def __init__(self, played: Played, call: Call) -> None:
        self._played, self._call = played, call

    def __iter__(self) -> Iterator[bytes]:
        began = monotonic()
        for at, piece in self._played.pieces:
            self._call.sleep(at - (monotonic() - began))
            yield piece


def _played(played: Played, request: httpx.Request, call: Call) -> httpx.Response:
    headers = {"content-type": played.content_type}
    body = _Paced(played, call)
    return httpx.Response(
        played.status,
        headers=headers,
        stream=body,
        request=request,
        extensions={RECORDING: played.recording},
    )


class _WholeFrames(httpx.SyncByteStream):
    """A body with a blank line at its end, so that no last frame is left undecoded."""

    def __init__(self, response: httpx.Response) -> None:
        self.has_ended = False
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        yield from self._response.iter_bytes()
        self.has_ended = True
        yield b"\n\n"


def _events(response: httpx.Response, key: ApiKey) -> Iterator[Event]:
    kind = response.headers.get("content-type", "").partition(";")[0].lower()
    if "json" in kind or "html" in kind:
        yield from whole(response.read(), key.redact)
        return
    frames = _frames(response, key)
    yield from message(frames)
    _drain(response, frames)


def _frames(response: httpx.Response, key: ApiKey) -> Iterator[Event]:
    # SSE is UTF-8 whatever the header says; -sig takes a byte order mark away.
    headers = {"content-type": "text/event-stream; charset=utf-8-sig"}
    body = _WholeFrames(response)
    whole = httpx.Response(200, headers=headers, stream=body)
    for frame in EventSource(whole).iter_sse():
        each = decoded(frame.data, frame.event, key.redact, is_cut=body.has_ended)
        if each is not None:
            yield each


def _drain(response: httpx.Response, frames: Iterator[Event]) -> None:
    """Reads the rest, a few bytes, so that the connection can be used again.

    The answer is complete: what goes wrong here is of no interest, and a server
    that keeps the body open is not waited for.
    """
    errors = (httpx.HTTPError, httpx.StreamError, APIError)
    with shut_after(_LINGER_SECONDS, response.extensions), suppress(*errors):
        for _ in frames:
            pass


def _beginning(response: httpx.Response) -> str:
    """What can be had of a refusal's body: the status has said the main thing."""
    content = b""
    errors = (httpx.HTTPError, httpx.StreamError)
    with shut_after(_REFUSAL_SECONDS, response.extensions), suppress(*errors):
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > _MOST_OF_A_REFUSAL:
                break
    return content.decode(errors="replace")
