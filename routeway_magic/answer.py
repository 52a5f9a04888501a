"""An answer as one display: safe HTML, with the model's own Markdown as text."""

from __future__ import annotations

from routeway_magic import markup
from routeway_magic.transcript import Section, Transcript
from routeway_magic.types import Message

__all__ = ["bundle", "to_bundle", "to_html"]


def bundle(message: Message, footer: str = "") -> dict[str, str]:
    """The mime bundle of a whole message.

    Args:
        message: as received.
        footer: a line to put under it.
    """
    return to_bundle(Transcript.of(message), footer=footer)


def to_bundle(transcript: Transcript, *, footer: str = "") -> dict[str, str]:
    """The mime bundle of a finished answer; `text/plain` is the raw Markdown."""
    return {
        "text/html": to_html(transcript, footer=footer),
        "text/plain": markup.printable(transcript.markdown),
    }


def to_html(
    transcript: Transcript, *, status: str = "", footer: str = "", moving: bool = False
) -> str:
    """The answer as HTML in which nothing of the model's can run, load or restyle.

    Args:
        transcript: what there is.
        status: a line for what is being waited for.
        footer: a line to put under the answer.
        moving: whether it will soon be shown again, longer: then formulas are left
            as TeX and code uncoloured, which is ten times cheaper.
    """
    parts = [_section(section, moving=moving) for section in transcript.sections]
    if status:
        parts.append(f'<div class="rw-status">{markup.escape(status)}</div>')
    if footer:
        parts.append(f'<div class="rw-footer">{markup.escape(footer)}</div>')
    return markup.STYLE + "".join(parts)


def _section(section: Section, *, moving: bool) -> str:
    if section.kind == "text":
        return markup.to_html(
            section.text, typeset=not moving, highlight=not moving
        ) + _citations(section)
    if section.kind == "thinking" and section.text:
        return _details("thinking", _preformatted(section.text))
    if section.kind in ("thinking", "redacted_thinking", "document"):
        return f'<div class="rw-status">{markup.escape(section.label)}</div>'
    return _details(section.label, _preformatted(section.as_json()))


def _citations(section: Section) -> str:
    cited = [*(section.block.get("citations") or []), *section.citations]
    if not cited:
        return ""
    return "".join(
        f'<div class="rw-status">{markup.escape(_source_of(citation))}</div>'
        for citation in cited
    )


def _source_of(citation: dict[str, object]) -> str:
    names = ("document_title", "title", "url")
    name = next((citation[key] for key in names if citation.get(key)), "a document")
    quoted = str(citation.get("cited_text") or "")
    return f"source: {name} — “{quoted}”" if quoted else f"source: {name}"


def _details(summary: str, inner: str) -> str:
    return (
        f'<div class="rw"><details><summary>{markup.escape(summary)}</summary>'
        f"{inner}</details></div>"
    )


def _preformatted(text: str) -> str:
    return f"<pre>{markup.escape(text)}</pre>"
