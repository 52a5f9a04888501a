"""Content blocks other than text, as safe HTML: nothing that arrives is left unseen."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection

from routeway_magic.call_text import call_text
from routeway_magic.events import ToolResult
from routeway_magic.markup import escape
from routeway_magic.markup.links import allowed, anchor
from routeway_magic.transcript import Section
from routeway_magic.types import JSONObject

__all__ = ["block_html", "citation_html"]

_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_DRAWING = "image/svg+xml"  # as an image it runs no script, and loads nothing
_LONGEST_QUOTE = 300
_LONGEST_CALL = 80  # characters of its arguments


def block_html(
    section: Section, *, seconds: float | None = None, goes_on: bool = False
) -> str:
    """A block as HTML.

    Args:
        section: thinking, a tool call or its result, a question between, a document,
            an image, or anything unknown.
        seconds: how long it has taken, where that is known.
        goes_on: whether it is not over yet.
    """
    if section.kind == "thinking":
        return _thinking(section, seconds, goes_on=goes_on)
    if section.kind in ("redacted_thinking", "document"):
        return _line(section.label)
    if section.kind == "question":
        return _line(section.text)
    if section.kind == "image":
        return _image(section.block.get("source"))
    if section.result:
        return _result(section, section.result)
    # A call that may be waiting for the user's word is open to be read.
    is_open = goes_on and section.kind == "tool_use"
    label = section.label if goes_on else _call(section)
    return _details(label, section.as_json(), is_open=is_open)


def citation_html(mark: str, citation: JSONObject) -> str:
    """The note at the end of an answer that says where something is from.

    Args:
        mark: what stands in the text.
        citation: as received; API.md 2.10 lists the kinds.
    """
    url = str(citation.get("url") or citation.get("source") or "")
    name = next(
        (
            str(citation[key])
            for key in ("document_title", "title")
            if citation.get(key)
        ),
        url or "a document without a title",
    )
    linked = f"{anchor(url)}{escape(name)}</a>" if allowed(url) else escape(name)
    quoted = " ".join(str(citation.get("cited_text") or "").split())
    if len(quoted) > _LONGEST_QUOTE:
        quoted = quoted[:_LONGEST_QUOTE] + "…"
    where = escape(_place(citation))
    said = f" — “{escape(quoted)}”" if quoted else ""
    return f'<div class="rw-footer">{mark} {linked}{where}{said}</div>'


def _place(citation: JSONObject) -> str:
    page = citation.get("start_page_number")
    return f", page {page}" if isinstance(page, int) else ""


def _thinking(section: Section, seconds: float | None, *, goes_on: bool) -> str:
    lasted = f" {seconds:.0f} s" if seconds and seconds >= 1 else ""
    word = "thinking…" if goes_on else "thinking"
    if section.text:
        return _details(f"{word}{lasted}", section.text)
    return _line(f"{word}{lasted}" if goes_on else f"{word}{lasted}, text withheld")


def _call(section: Section) -> str:
    """A call with its arguments, so that it can be read while it is folded."""
    arguments = section.arguments
    if section.kind != "tool_use" or not isinstance(arguments, dict):
        return section.label
    name = str(section.block.get("name"))
    return f"tool_use {call_text(name, arguments, _LONGEST_CALL)}"


def _result(section: Section, result: ToolResult) -> str:
    """What came of a call: folded, but for pictures and what went wrong."""
    texts = [str(one.get("text") or "") for one in section.contents]
    text = "\n\n".join(filter(None, [*texts, result.details]))
    label = section.label
    why = result.details if result.state == "denied" else text
    if result.state != "returned" and why:
        label += f": {_first_line(why)}"
    pictures = [
        _image(one.get("source"))
        for one in section.contents
        if one.get("type") == "image"
    ]
    pictures += [_image(one, {*_IMAGES, _DRAWING}) for one in result.pictures]
    shown = _details(label, text) if text else _line(label)
    return "".join([shown, *pictures])


def _first_line(text: str) -> str:
    line = next(iter(text.strip().splitlines()), "")
    return line if len(line) <= _LONGEST_QUOTE else f"{line[:_LONGEST_QUOTE]}…"


def _image(source: object, kinds: Collection[str] = _IMAGES) -> str:
    """An image from the answer's own bytes; one elsewhere is named, never loaded."""
    data = source if isinstance(source, dict) else {}
    kind, encoded = data.get("media_type"), data.get("data")
    if isinstance(kind, str) and kind in kinds and isinstance(encoded, str):
        try:
            clean = base64.b64encode(base64.b64decode(encoded, validate=True)).decode()
        except (ValueError, binascii.Error):
            return _line("image, damaged")
        return (
            f'<div class="rw"><img alt="image" src="data:{kind};base64,{clean}"></div>'
        )
    return _line("image, not loaded")


def _line(text: str) -> str:
    return f'<div class="rw-status">{escape(text)}</div>'


def _details(summary: str, text: str, *, is_open: bool = False) -> str:
    state = " open" if is_open else ""
    return (
        f'<div class="rw"><details{state}><summary>{escape(summary)}</summary>'
        f"<pre>{escape(text)}</pre></details></div>"
    )
