"""Text blocks that cite what the request holds (API.md 2.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routeway_magic.sources.emulator.directives import last_user_texts

if TYPE_CHECKING:
    from routeway_magic.types import ContentBlock, JSONObject

__all__ = ["cited_blocks", "may_cite"]

_LONGEST = 60


def may_cite(body: JSONObject) -> bool:
    """Whether the last message has documents that allow citations."""
    found = [block.get("citations") or {} for _, block in _documents(body)]
    return any(citations.get("enabled") for citations in found)


def cited_blocks(body: JSONObject) -> list[ContentBlock]:
    """One text block for each document of the last message, citing its beginning.

    Without a document the prompt itself is cited.

    Args:
        body: a valid request.
    """
    documents = _documents(body)
    if not documents:
        source = {"type": "text", "data": "".join(last_user_texts(body))}
        documents = [(0, {"title": "the prompt itself", "source": source})]
    return [_cited(block, index) for index, block in documents]


def _documents(body: JSONObject) -> list[tuple[int, ContentBlock]]:
    """Those of the last message, numbered through the whole request."""
    found: list[tuple[int, ContentBlock]] = []
    count = 0
    for message in body["messages"]:
        content = message["content"]
        blocks = content if isinstance(content, list) else []
        documents = [block for block in blocks if block["type"] == "document"]
        found = list(enumerate(documents, count))
        count += len(documents)
    return found


def _cited(document: ContentBlock, index: int) -> ContentBlock:
    title = document.get("title")
    citation = {
        **_location(document["source"]),
        "document_index": index,
        "document_title": title,
    }
    text = f"\n\nThis sentence cites document {index}."
    return {"type": "text", "text": text, "citations": [citation]}


def _location(source: JSONObject) -> JSONObject:
    match source["type"]:
        case "text":
            text = source["data"][:_LONGEST]
            kind = {"type": "char_location", "cited_text": text}
            return {**kind, "start_char_index": 0, "end_char_index": len(text)}
        case "content":
            text = _first_text(source["content"])[:_LONGEST]
            kind = {"type": "content_block_location", "cited_text": text}
            return {**kind, "start_block_index": 0, "end_block_index": 1}
        case _:
            told = "(the emulator does not read PDF)"
            kind = {"type": "page_location", "cited_text": told}
            return {**kind, "start_page_number": 1, "end_page_number": 2}


def _first_text(content: str | list[ContentBlock]) -> str:
    if isinstance(content, str):
        return content
    return next((block["text"] for block in content if block["type"] == "text"), "")
