"""What a value becomes, and how much of it may be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from routeway_magic.models import Eye
from routeway_magic.types import ContentBlock

__all__ = ["Described", "Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of one value may be sent.

    Args:
        tokens: at most so many, estimated.
        eye: how the model that is asked reads.
        image_edge: pixels of an image's longer side, at most; None for the model's.
        pdf_pages: pages of a PDF, at most (API.md 2.4).
        allowed: names of nested values to send although they look like credentials.
    """

    tokens: int = 4000
    eye: Eye = field(default_factory=Eye)
    image_edge: int | None = None
    pdf_pages: int = 100
    allowed: frozenset[str] = frozenset()

    @property
    def characters(self) -> int:
        """How much text the tokens hold."""
        return self.tokens * self.eye.characters_per_token

    @property
    def edge(self) -> int:
        """Pixels of an image's longer side, at most."""
        return min(self.eye.image_edge, self.image_edge or self.eye.image_edge)

    def within(self, tokens: int) -> Limits:
        """The same for fewer tokens."""
        return replace(self, tokens=tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A value as it is sent: text, or blocks such as an image.

    Args:
        kind: what it is, such as "pandas DataFrame".
        size: how large the whole is, such as "10,000,000 rows × 20 columns"; may be "".
        text: the value as text; "" if it is blocks alone.
        blocks: images and documents, in order.
        left_out: what is not sent, such as "all but the first and last 5 rows";
            "" if all of it is.
        bare: whether the text may stand within a sentence, as a word or a number does.
    """

    kind: str
    size: str = ""
    text: str = ""
    blocks: Sequence[ContentBlock] = ()
    left_out: str = ""
    bare: bool = False

    @property
    def is_bare(self) -> bool:
        """Whether it goes into the sentence as it is: whole, and a word itself."""
        return self.bare and not self.left_out and not self.blocks

    def label(self, name: str = "") -> str:
        """What is said before it: name, kind, size, and what was left out."""
        what = ", ".join(part for part in (self.kind, self.size) if part)
        named = f"{name}: {what}" if name else what
        return (
            f"[{named}; left out: {self.left_out}]" if self.left_out else f"[{named}]"
        )

    def as_blocks(self, name: str = "") -> list[ContentBlock]:
        """Content blocks; a label stands before whatever is more than a word.

        Where a text ends is said as well if it has a name: a prompt goes on behind it,
        and the text may look like one.

        Args:
            name: what the user calls the value; may be "".
        """
        if self.is_bare:
            return [_text(self.text)] if self.text else []
        label = self.label(name)
        first = f"{label}\n{self.text}\n" if self.text else f"{label}\n"
        first += f"[end of {name}]\n" if self.text and name else ""
        return [_text(first), *self.blocks]


def _text(text: str) -> ContentBlock:
    return {"type": "text", "text": text}
