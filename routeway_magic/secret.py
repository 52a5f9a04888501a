"""The API key, wrapped so that it cannot show itself by accident."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import NoReturn

from routeway_magic.errors import ClaudeError, ConfigurationError

__all__ = ["ApiKey", "KeyRemover"]

_SHORTEST_SECRET = 8
_PUBLIC = 4  # letters that tell nothing: providers' keys begin alike


class ApiKey:
    """A key whose text comes out only by `reveal`, which the client alone calls.

    No prefix is required: Routeway's documents disagree about it (API.md 1).

    Args:
        text: the key; blanks around it are forgiven.

    Raises:
        ConfigurationError: if the key is empty or holds anything but printable ASCII.
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text.strip()
        legal = self.__text.isascii() and self.__text.isprintable()
        if not self.__text or not legal or " " in self.__text:
            raise ConfigurationError(
                "The API key is empty or holds characters that no key has.",
                "Copy it once more, without quotes or line breaks: `%claude login`.",
            )

    def reveal(self) -> str:
        """The key's text, for the request's headers."""
        return self.__text

    def is_in(self, content: bytes) -> bool:
        """Whether a request's bytes hold the key: as it is, in JSON, base64 or hex.

        Files are sent in base64, and bytes that are no text in hex. A dummy such as
        "x" or "test", which a local gateway may want, is in every text and no secret.
        """
        written = _written(self.__text) if self._forms else ()
        return any(form.encode() in content for form in written)

    def redact(self, text: str) -> str:
        """The text with the key taken out, as it is or as JSON writes it."""
        for form in self._forms:
            text = text.replace(form, "[API key]")
        return text

    def remover(self) -> KeyRemover:
        """What takes the key out of a text that comes in pieces."""
        return KeyRemover(self.__text if self._forms else "")

    @property
    def _forms(self) -> tuple[str, ...]:
        is_secret = len(self.__text) >= _SHORTEST_SECRET
        return (self.__text, json.dumps(self.__text)[1:-1]) if is_secret else ()

    def redact_error(self, error: ClaudeError) -> ClaudeError:
        """The same error with the key taken out of everything that it says."""
        for name, value in list(vars(error).items()):
            if isinstance(value, str):
                setattr(error, name, self.redact(value))
        error.args = (error.what, error.hint)
        return error.with_traceback(None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApiKey) and other.reveal() == self.__text

    def __hash__(self) -> int:
        return hash(self.__text)

    def __repr__(self) -> str:
        return "ApiKey(hidden)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("An API key is not pickled or copied.")


def _written(key: str) -> Iterator[str]:
    """How the key is written in a request."""
    data = key.encode()
    yield from (key, json.dumps(key)[1:-1], data.hex(), data.hex(" "))
    for before in range(3):  # base64 depends on how many bytes stand before it
        whole = (before + len(data)) * 8 // 6  # digits that no later byte changes
        encoded = base64.b64encode(bytes(before) + data).decode()
        yield encoded[-(-before * 8 // 6) : whole]


class KeyRemover:
    """Takes a key out of a text that comes in pieces, wherever the cuts are.

    What may be the key's beginning waits for the next piece; its first letters,
    in which many words end as well, do not.

    Args:
        key: what to take out; "" for nothing.
    """

    __slots__ = ("_held", "_key", "_shown")

    def __init__(self, key: str) -> None:
        self._key = key
        self._held = ""  # the end of the text so far, if the key begins like it
        self._shown = 0  # how much of that was given already

    def feed(self, piece: str) -> str:
        """The text that can be shown, now that this piece has come."""
        if not self._key:
            return piece
        text, given, clean = self._held + piece, self._shown, ""
        while (at := text.find(self._key)) >= 0:
            clean += text[given:at] + "[API key]"
            text, given = text[at + len(self._key) :], 0
        start = self._begun(text)
        end = max(given, min(start + _PUBLIC, len(text)))
        self._held, self._shown = text[start:], end - start
        return clean + text[given:end]

    def rest(self) -> str:
        """What still waits, when no further piece comes."""
        rest = self._held[self._shown :]
        self._held, self._shown = "", 0
        return rest

    def _begun(self, text: str) -> int:
        """Where the key begins that the text breaks off in, else the text's end."""
        at = text.find(self._key[0], max(len(text) - len(self._key) + 1, 0))
        while at >= 0 and not self._key.startswith(text[at:]):
            at = text.find(self._key[0], at + 1)
        return at if at >= 0 else len(text)
