"""The API key, wrapped so that it cannot show itself by accident."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NoReturn

from routeway_magic.errors import ClaudeError, ConfigurationError
from routeway_magic.key_forms import KeyForms

__all__ = ["ApiKey", "KeyRemover"]

_SHORTEST_SECRET = 8
_IN_ITS_PLACE = "[API key]"
_PUBLIC = 4  # letters that tell nothing: providers' keys begin alike
_forms = lru_cache(maxsize=16)(KeyForms)


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
        """Whether a request's bytes hold the key, however it is written (`key_forms`).

        Files are sent in base64, and bytes that are no text in hex. A dummy such as
        "x" or "test", which a local gateway may want, is in every text and no secret.
        """
        forms = self._forms
        return forms is not None and forms.is_in(content.decode(errors="replace"))

    def redact(self, text: str) -> str:
        """The text with the key taken out, however it is written."""
        forms = self._forms
        return _without(text, forms.spans(text)) if forms else text

    def remover(self) -> KeyRemover:
        """What takes the key out of a text that comes in pieces."""
        return KeyRemover(self._forms)

    @property
    def _forms(self) -> KeyForms | None:
        is_secret = len(self.__text) >= _SHORTEST_SECRET
        return _forms(self.__text) if is_secret else None

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


class KeyRemover:
    """Takes a key out of a text that comes in pieces, wherever the cuts are.

    What may be the key's beginning waits for the next piece; its first letters,
    in which many words end as well, do not.

    Args:
        forms: what to take out; None for nothing.
    """

    __slots__ = ("_forms", "_held", "_shown")

    def __init__(self, forms: KeyForms | None) -> None:
        self._forms = forms
        self._held = ""  # the end of the text so far, if the key begins like it
        self._shown = 0  # how much of that was given already

    def feed(self, piece: str) -> str:
        """The text that can be shown, now that this piece has come."""
        if self._forms is None:
            return piece
        text, given = self._held + piece, self._shown
        clean, spans = "", self._forms.spans(text)
        if spans:
            end = spans[-1][1]
            clean, text, given = _without(text[:end], spans, given), text[end:], 0
        start = self._forms.begun(text)
        end = max(given, min(start + _PUBLIC, len(text)))
        self._held, self._shown = text[start:], end - start
        return clean + text[given:end]

    def rest(self) -> str:
        """What still waits, when no further piece comes, or only in another block."""
        rest = self._held[self._shown :]
        self._shown = len(self._held)
        return rest


def _without(text: str, spans: Iterable[tuple[int, int]], at: int = 0) -> str:
    """The text from here on, with other words where the key is."""
    kept = []
    for start, end in spans:
        kept += [text[at:start], _IN_ITS_PLACE]
        at = end
    return "".join([*kept, text[at:]])
