"""Who answers: the live service, the emulator, a local model or a recording.

Nothing above the client can tell which, and every reply says which.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from routeway_magic.client import Client
from routeway_magic.endpoint import Endpoint
from routeway_magic.errors import ConfigurationError, InputError, MissingKeyError
from routeway_magic.origin import EMULATOR, replayed
from routeway_magic.secret import ApiKey
from routeway_magic.sources.replay import Deck
from routeway_magic.throttle import Throttle

if TYPE_CHECKING:
    from routeway_magic.settings import ClaudeSettings
    from routeway_magic.sources.emulator import Emulator
    from routeway_magic.sources.local import LocalModel

__all__ = ["Source", "Sources", "choose_source"]

DEFAULT_BASE_URL = "https://api.routeway.ai"
# Variables that a connection is made by: a change of one asks for a new one.
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_NETWORK = (
    *_PROXIES,
    *(name.upper() for name in _PROXIES),
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
)
_NO_KEY = ApiKey("none")  # never sent, and too short to be taken for a secret
_CHOICES = ("auto", "live", "emulator")


@dataclass(frozen=True, slots=True)
class Source:
    """Who answers.

    Args:
        name: "live" or "emulator".
        base_url: where; "" for the emulator, which finds a port of its own.
        key: what to send; None for the emulator, which makes a token of its own.
    """

    name: str
    base_url: str = ""
    key: ApiKey | None = None


def choose_source(settings: ClaudeSettings, login: ApiKey | None) -> Source:
    """The source that settings and environment choose (DESIGN.md, Vocabulary).

    Args:
        settings: its `source` and `base_url` come before the environment's.
        login: a key from `%claude login`, which comes before ROUTEWAY_API_KEY.

    Raises:
        MissingKeyError: if the live service is meant and there is no key.
        InputError: if ROUTEWAY_SOURCE is none of its three words.
    """
    choice = settings.source or os.environ.get("ROUTEWAY_SOURCE") or "auto"
    if choice not in _CHOICES:
        raise InputError(
            f"ROUTEWAY_SOURCE cannot be `{choice}`.", f"It is one of {_CHOICES}."
        )
    base_url = settings.base_url or os.environ.get("ROUTEWAY_BASE_URL")
    text = os.environ.get("ROUTEWAY_API_KEY")
    if choice == "emulator" or (choice == "auto" and not (login or text or base_url)):
        return Source("emulator")
    if not login and not text:
        raise MissingKeyError(
            "There is no API key.",
            "Set ROUTEWAY_API_KEY, or type `%claude login`. Without a key the "
            "emulator answers offline: `%config ClaudeSettings.source = 'emulator'`.",
        )
    return Source("live", base_url or DEFAULT_BASE_URL, login or ApiKey(text or ""))


class Sources:
    """The client for whatever the settings choose now; kept while that stays the same.

    Args:
        settings: read at each request.
        throttle: the common pace of requests that run at once.
        connections: how many a client keeps open between requests.
    """

    def __init__(
        self,
        settings: ClaudeSettings,
        *,
        throttle: Throttle | None = None,
        connections: int = 1,
    ) -> None:
        self.settings = settings
        self._throttle, self._connections = throttle, connections
        self.login: ApiKey | None = None
        self.local: LocalModel | None = None
        self.deck = Deck(redact=self.redact, reuses=lambda: settings.reuse)
        self._emulator: Emulator | None = None
        self._made_for: tuple[object, ...] | None = None
        self._client: Client | None = None
        self._left: list[Client] = []
        self._lock = threading.RLock()

    @property
    def is_paced(self) -> bool:
        """Whether requests run at once here, and wait for each other's rate limit."""
        return self._throttle is not None

    def client(self) -> tuple[Client, str]:
        """The client to send with, and who will answer if nothing was recorded.

        Raises:
            ClaudeError: if there is no key, or the endpoint is not safe.
        """
        with self._lock:  # threads that ask first share one emulator and one pool
            return self._chosen()

    def _chosen(self) -> tuple[Client, str]:
        base_url, key, label = self._reached()
        endpoint = self._endpoint(base_url)
        secrets = self._secrets()
        network = (os.environ.get(name) for name in _NETWORK)
        wanted = (endpoint, key, label, *secrets, *network)
        if self._client is None or self._made_for != wanted:
            self._leave()
            self._client = Client(
                endpoint,
                key,
                secrets=secrets,
                throttle=self._throttle,
                connections=self._connections,
                replay=partial(self.deck.answer, label),
            )
            self._made_for = wanted
        return self._client, label

    def _reached(self) -> tuple[str, ApiKey, str]:
        """Where to, with which key, and what replies call it: the first that applies."""
        if cassette := self.deck.alone():
            url = self.settings.base_url or os.environ.get("ROUTEWAY_BASE_URL")
            return url or DEFAULT_BASE_URL, _NO_KEY, replayed(cassette.source)
        if self.local:
            self.local.check()
            return self.local.base_url, self.local.key, self.local.label
        source = choose_source(self.settings, self.login)
        if source.key is None:
            emulator = self._started_emulator()
            return emulator.base_url, ApiKey(emulator.token), EMULATOR
        host = source.base_url.partition("://")[2].partition("/")[0]
        return source.base_url, source.key, host

    def use_local(self, model: LocalModel | None) -> None:
        """Lets this model answer, which has been started; None ends the one that does.

        Args:
            model: it comes before what the settings choose.
        """
        with self._lock:
            before, self.local = self.local, model
            if before:
                before.close()

    def cancel(self, *, thread: int) -> None:
        """Ends what this thread asks, whoever answers.

        Args:
            thread: its identifier.
        """
        with self._lock:
            clients = [*self._left, *([self._client] if self._client else [])]
        for client in clients:
            client.cancel(thread=thread)

    @contextmanager
    def apart(self, throttle: Throttle, connections: int) -> Iterator[Sources]:
        """The same sources with a client of their own, for many requests at once.

        What is cancelled there disturbs nobody else.

        Args:
            throttle: their common pace.
            connections: how many run at once.
        """
        beside = Sources(self.settings, throttle=throttle, connections=connections)
        beside.login, beside.local, beside.deck = self.login, self.local, self.deck
        with self._lock:
            if self._reached()[2] == EMULATOR:
                beside._emulator = self._emulator
        try:
            yield beside
        finally:
            with beside._lock:
                beside._leave()

    def lasting_endpoint(self) -> Endpoint:
        """Where a program asks that outlives this kernel: not what runs for it alone.

        The emulator and a local model end with it, and their ports and keys are gone.

        Raises:
            ClaudeError: if there is no key, or the endpoint is not safe.
        """
        client, _ = self.client()
        if not self.is_passing:
            return client.endpoint
        url = self.settings.base_url or os.environ.get("ROUTEWAY_BASE_URL")
        return replace(client.endpoint, base_url=url or DEFAULT_BASE_URL).checked()

    @property
    def is_passing(self) -> bool:
        """Whether who answers ends with this kernel: the emulator, or a local model."""
        source = self.client()[1]
        return source == EMULATOR or bool(self.local and source == self.local.label)

    def redact(self, text: str) -> str:
        """The text without the keys of `login` and of the environment.

        Args:
            text: what is about to be stored.
        """
        for key in self._secrets():
            text = key.redact(text)
        return text

    def hold_key(self, content: bytes) -> bool:
        """Whether this holds one of these keys, in any form that is not sent.

        Args:
            content: JSON that is about to be part of a request.
        """
        return any(key.is_in(content) for key in self._secrets())

    def _secrets(self) -> list[ApiKey]:
        """The keys of this kernel, in use or not: an answer may show what was sent."""
        known = [self.login] if self.login else []
        with suppress(ConfigurationError):  # unset, or nothing that can be a key
            known.append(ApiKey(os.environ.get("ROUTEWAY_API_KEY", "")))
        return known

    def close(self) -> None:
        """Closes the connection and the emulator; the next request opens them anew."""
        with self._lock:
            self._leave()
            if self._emulator:
                self._emulator.close()
            self._emulator = None
            self.use_local(None)

    def _leave(self) -> None:
        """Closes clients that nobody waits for; an answer under way keeps its own."""
        self._left += [self._client] if self._client else []
        for client in [client for client in self._left if not client.is_busy]:
            client.close()
            self._left.remove(client)
        self._client = self._made_for = None

    def _started_emulator(self) -> Emulator:
        if self._emulator is None:
            from routeway_magic.sources.emulator import Emulator

            emulator = Emulator()
            emulator.start()
            self._emulator = emulator
        return self._emulator

    def _endpoint(self, base_url: str) -> Endpoint:
        settings = self.settings
        return Endpoint(
            base_url=base_url,
            anthropic_version=settings.anthropic_version,
            connect_timeout=settings.connect_timeout,
            read_timeout=settings.read_timeout,
            max_retries=settings.max_retries,
            allow_http=settings.allow_http,
        )
