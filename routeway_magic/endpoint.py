"""Where requests go: an address that a key may safely be sent to."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass, replace
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from routeway_magic.errors import ConfigurationError

__all__ = ["Endpoint", "is_loopback", "tls_context", "unusable_proxy"]


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
            ConfigurationError: if the base URL is none, or not safe to send a key to,
                or the version cannot be a header.
        """
        url = self.base_url.strip().rstrip("/").removesuffix("/v1").rstrip("/")
        parts = _split(url)
        if parts is None:
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
        version = self.anthropic_version
        if not (version.isascii() and version.isprintable()):
            raise ConfigurationError(
                "The anthropic-version cannot be sent as a header.",
                "The usual one: `%config ClaudeSettings.anthropic_version = '2023-06-01'`.",
            )
        return replace(self, base_url=url)


def _split(url: str) -> SplitResult | None:
    """The parts of an http(s) address, or None if it is none that can be connected."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port, host.encode("idna")  # each raises in its way
    except ValueError:
        return None
    legal = host and url.isprintable() and parts.scheme in ("http", "https")
    return parts if legal else None


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def tls_context(scheme: str) -> ssl.SSLContext | bool:
    """The environment's certificate authorities; True for those of the client library.

    Plain http needs none: an empty context costs nothing and trusts nobody.

    Args:
        scheme: "http" or "https".

    Raises:
        ConfigurationError: if what the environment names cannot be read.
    """
    if scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    file = next((os.environ[name] for name in names if os.environ.get(name)), None)
    folder = os.environ.get("SSL_CERT_DIR") or None
    if not file and not folder:
        return True
    try:
        return ssl.create_default_context(cafile=file, capath=folder)
    except OSError as error:
        raise ConfigurationError(
            f"The certificates that the environment names cannot be read: {error}.",
            f"Check {', '.join(names)} and SSL_CERT_DIR.",
        ) from None


def unusable_proxy(why: str) -> ConfigurationError:
    """The error of a proxy that the client library does not take.

    Args:
        why: what it says of it.
    """
    return ConfigurationError(
        f"The proxy of the environment cannot be used: {why}",
        "Check HTTPS_PROXY, ALL_PROXY and NO_PROXY.",
    )
