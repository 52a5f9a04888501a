"""A cassette that answers: how, and what to say where it cannot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from routeway_magic.errors import InputError
from routeway_magic.origin import EMULATOR, is_offline, original
from routeway_magic.sources.replay.library import Library
from routeway_magic.types import JSONObject, Request

__all__ = ["Playing"]

_WAYS_OUT = (
    "`%claude replay FILE --fallback` asks for what is not recorded; "
    "`%claude replay stop` ends the replay."
)


@dataclass(frozen=True, slots=True)
class Playing:
    """A cassette that answers.

    Args:
        path: the file.
        library: what it holds.
        speed: how many times as fast as it was recorded, > 0; None for at once.
        is_strict: whether nobody else may answer.
        lost: how many exchanges of the file are not whole.
    """

    path: Path
    library: Library
    speed: float | None = 1.0
    is_strict: bool = True
    lost: int = 0

    @property
    def source(self) -> str:
        """Who answered when it was recorded; of several, one that was asked live."""
        found = [exchange.source for exchange in self.library.exchanges]
        live = [source for source in found if not is_offline(source)]
        return original((live or found or [EMULATOR])[0])

    @property
    def models(self) -> JSONObject:
        """The models that were asked, as a server lists them."""
        bodies = [exchange.body or {} for exchange in self.library.exchanges]
        names = dict.fromkeys(str(body.get("model", "")) for body in bodies)
        return {"data": [{"type": "model", "id": name} for name in names if name]}

    def lacks(self, request: Request) -> InputError:
        """What to say of a request that was not recorded: how it differs.

        Args:
            request: what is asked.
        """
        from routeway_magic.sources.replay.telling import nearest, told_apart

        known = [exchange.body or {} for exchange in self.library.exchanges]
        near = nearest(request.body, known)
        told = [] if near is None else told_apart(request.body, near)
        lines = ["The nearest that it holds differs:", *(f"  {line}" for line in told)]
        return InputError(
            f"`{self.path}` holds no answer to this request, and only it may answer.",
            "\n".join([*(lines if told else []), _WAYS_OUT]),
        )
