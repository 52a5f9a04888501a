"""A dry run: the request as it would be sent, and what each part of it weighs."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from routeway_magic.markup import STYLE, escape, printable
from routeway_magic.origin import EMULATOR
from routeway_magic.pictures import image_facts
from routeway_magic.prompt import Filled
from routeway_magic.tokens import block_tokens, input_tokens
from routeway_magic.types import ContentBlock, JSONObject, Request

__all__ = ["Preview", "bytes_named", "thumbnail"]

_THUMBNAIL = 240  # pixels
_SMALL_ENOUGH = 100_000  # base64 characters of an image that is shown as it is
_LONGEST_LINE = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would be sent; nothing was. Shows itself as a table, the JSON and pictures.

    Args:
        request: exactly what would be sent.
        url: where to.
        headers: with the key taken out.
        source: who would answer.
        filled: the prompt in it, and what was inserted.
        asked: whether the server was asked to count.
        counted: the server's count of input tokens; None if it has none.
    """

    request: Request
    url: str
    headers: Mapping[str, str]
    source: str
    filled: Filled
    asked: bool = False
    counted: int | None = None

    @property
    def body(self) -> JSONObject:
        """The JSON object that would be sent."""
        return self.request.body

    @property
    def text(self) -> str:
        """All of it as text; only the bytes of images and files are named, not shown."""
        head = [self._headline(), ""]
        head += [f"POST {self.url}"]
        head += [f"{name}: {value}" for name, value in self.headers.items()]
        rows = [f"{tokens:>9,}  {what}" for what, tokens in self.parts()]
        lines = [*head, "", "  tokens  part (estimated)", *rows, *self.notes()]
        return printable("\n".join([*lines, "", _pretty(self.body)]))

    def parts(self) -> Iterator[tuple[str, int]]:
        """Each part of the request with its tokens, estimated; the sum comes last."""
        body = self.body
        model = self.request.model
        for name in ("system", "tools"):
            if body.get(name):
                block = {"text": json.dumps(body[name], ensure_ascii=False)}
                yield name, block_tokens(block, model)
        *before, last = body["messages"]
        if before:
            blocks = {"messages": before}
            yield f"{len(before)} messages said before", block_tokens(blocks, model)
        for block in last["content"]:
            yield _summary(block), block_tokens(block, model)
        yield "in all, with what surrounds them", input_tokens(body)

    def notes(self) -> list[str]:
        """What was counted, inserted, shortened, and left as typed."""
        found = []
        if self.asked:
            told = "no count" if self.counted is None else f"{self.counted:,} tokens"
            found.append(f"The server says: {told}.")
        for one in self.filled.inserted:
            left_out = one.described.left_out
            found += (
                [f"Shortened: {one.name} (left out: {left_out})"] if left_out else []
            )
        if self.filled.excess:
            found.append(
                f"The values take {self.filled.excess:,} tokens more than the "
                f"{self.filled.budget:,} of `request_budget`: they cannot be made shorter."
            )
        if self.filled.left:
            found.append(f"Left as typed: {' '.join(self.filled.left)}")
        return ["", *found] if found else []

    def _headline(self) -> str:
        who = "The emulator" if self.source == EMULATOR else self.source
        return f"Dry run: nothing was sent. {who} would answer."

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> dict[str, str]:
        del include, exclude  # IPython filters for itself
        return {"text/html": STYLE + self._html(), "text/plain": self.text}

    def _html(self) -> str:
        rows = "".join(
            f'<tr><td class="rw-right">{tokens:,}</td><td>{escape(what)}</td></tr>'
            for what, tokens in self.parts()
        )
        notes = "".join(f"<div>{escape(note)}</div>" for note in self.notes() if note)
        headers = "\n".join(f"{name}: {value}" for name, value in self.headers.items())
        sent = f"POST {self.url}\n{headers}\n\n{_pretty(self.body)}"
        return (
            f'<div class="rw tex2jax_ignore mathjax_ignore">'
            f"<p>{escape(self._headline())}</p>"
            f"<table><thead><tr><th>tokens (estimated)</th><th>part</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>{self._thumbnails()}{notes}"
            f"<details><summary>the request</summary><pre>{escape(printable(sent))}</pre>"
            f"</details></div>"
        )

    def _thumbnails(self) -> str:
        blocks = self.body["messages"][-1]["content"]
        shown = [thumbnail(one) for one in blocks if one.get("type") == "image"]
        return f"<p>{' '.join(shown)}</p>" if shown else ""


def _summary(block: ContentBlock) -> str:
    kind = str(block.get("type"))
    source = block.get("source")
    if kind == "image" and isinstance(source, dict):
        facts = image_facts(source)
        size = " × ".join(map(str, facts.size)) if facts and facts.size else ""
        return f"{source.get('media_type', 'image')} {size}".strip()
    if kind == "document":
        return f"document {block.get('title') or ''}".strip()
    line = " ".join(str(block.get("text") or json.dumps(block)).split())
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"


def _pretty(body: JSONObject) -> str:
    return json.dumps(bytes_named(body), ensure_ascii=False, indent=2)


def bytes_named(value: Any) -> Any:
    """The value with the base64 of its sources named instead of shown.

    Args:
        value: JSON.
    """
    if isinstance(value, list):
        return [bytes_named(item) for item in value]
    if not isinstance(value, dict):
        return value
    shown = {key: bytes_named(item) for key, item in value.items()}
    if value.get("type") == "base64" and isinstance(value.get("data"), str):
        shown["data"] = f"({len(value['data']):,} characters of base64)"
    return shown


def thumbnail(block: ContentBlock) -> str:
    """The image, small: a dry run is no place to keep megabytes in a notebook."""
    source = block["source"]
    kind, data = str(source.get("media_type")), str(source.get("data"))
    if len(data) > _SMALL_ENOUGH:
        smaller = _made_smaller(data)
        if smaller is None:
            return escape(f"[{_summary(block)}]")
        kind, data = "image/png", smaller
    return (
        f'<img alt="{escape(_summary(block))}" style="max-width:{_THUMBNAIL}px;'
        f'max-height:{_THUMBNAIL}px" src="data:{escape(kind)};base64,{escape(data)}">'
    )


def _made_smaller(data: str) -> str | None:
    """A thumbnail in base64, if the user has Pillow and it can read the image."""
    pillow = sys.modules.get("PIL.Image")
    if pillow is None:
        return None
    written = BytesIO()
    with suppress(Exception), pillow.open(BytesIO(base64.b64decode(data))) as image:
        image.thumbnail((_THUMBNAIL, _THUMBNAIL))
        image.save(written, "PNG")
        return base64.b64encode(written.getvalue()).decode()
    return None
