"""What the emulator says: the request as it was received, as Markdown."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from routeway_magic.pictures import image_facts
from routeway_magic.sources.emulator.directives import last_user_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from routeway_magic.types import ContentBlock, JSONObject

__all__ = ["LABEL", "describe", "observations"]

LABEL = "**Emulator** (no model has read this)"
"""The first line of every answer that is not asked to be something else."""

_HINT = (
    "*Put `emulate: help` on the first line of a prompt to see what else it can do.*"
)
_TOLD_APART = frozenset(
    {"model", "messages", "system", "tools", "thinking", "stop_sequences"}
)
_QUOTE = 400
_SNIPPET = 60

Row = tuple[str, str]


def describe(body: JSONObject) -> str:
    """The request as a table, then its last user text, quoted.

    Equal requests give equal text.

    Args:
        body: a valid request.
    """
    rows = [*_parameter_rows(body), *_content_rows(body)]
    table = ["| received | value |", "|---|---|"]
    table += [f"| {name} | {value} |" for name, value in rows]
    text = "\n\n".join(last_user_texts(body))
    quoted = ["Your text:", "", _fenced(_shortened(text, _QUOTE)), ""] if text else []
    return "\n".join([LABEL, "", *table, "", *quoted, _HINT])


def observations(body: JSONObject) -> str:
    """What the emulator looked at, in sentences: the text of its thinking."""
    blocks = _blocks(body["messages"][-1]["content"])
    kinds = ", ".join(block["type"] for block in blocks)
    count, bytes_ = len(body["messages"]), len(json.dumps(body))
    return (
        f"This is the emulator; nobody thinks here. The request names {body['model']} "
        f"and holds {count} message{'s' * (count > 1)} in {bytes_:,} bytes of JSON. "
        f"The last one has {len(blocks)} content block{'s' * (len(blocks) > 1)}: {kinds}. "
        "A table of what was received follows."
    )


def _parameter_rows(body: JSONObject) -> Iterator[Row]:
    yield "model", _code(body["model"])
    yield "stream", "yes" if body.get("stream") else "no"
    for key, value in body.items():
        if key not in _TOLD_APART and key != "stream":
            yield _plain(key), _code(value)
    if sequences := body.get("stop_sequences"):
        # Not their text: an answer that spelled them out would stop right there.
        yield "stop_sequences", str(len(sequences))
    if "system" in body:
        yield "system", _system(body["system"])
    if tools := body.get("tools"):
        yield "tools", ", ".join(_code(tool["name"]) for tool in tools)
    if "thinking" in body:
        yield "thinking", _thinking(body["thinking"])
    yield "earlier messages", _earlier(body["messages"])


def _system(system: str | list[ContentBlock]) -> str:
    blocks = _blocks(system)
    text = "\n".join(block["text"] for block in blocks)
    return f"{len(text):,} characters in {_count(blocks, 'block')}: {_snippet(text)}"


def _thinking(thinking: JSONObject) -> str:
    rest = [f"{key} {value}" for key, value in thinking.items() if key != "type"]
    return ", ".join([thinking["type"], *rest])


def _earlier(messages: list[JSONObject]) -> str:
    earlier = messages[: _last_user(messages)]
    users = sum(message["role"] == "user" for message in earlier)
    if not earlier:
        return "none"
    return f"{len(earlier)} ({users} user, {len(earlier) - users} assistant)"


def _last_user(messages: list[JSONObject]) -> int:
    return max(i for i, message in enumerate(messages) if message["role"] == "user")


def _content_rows(body: JSONObject) -> Iterator[Row]:
    messages = body["messages"]
    position = _last_user(messages)
    called = _tool_names(messages[:position])
    for index, block in enumerate(_blocks(messages[position]["content"])):
        yield f"content {index}: {block['type']}", _block(block, called)
    if messages[-1]["role"] == "assistant":
        text = _prefill(messages[-1]["content"])
        told = f"{len(text):,} characters: {_snippet(text)}; this answer goes on from there"
        yield "prefill", told


def _prefill(content: str | list[ContentBlock]) -> str:
    texts = [block["text"] for block in _blocks(content) if block["type"] == "text"]
    return texts[-1] if texts else ""


def _tool_names(messages: list[JSONObject]) -> Mapping[str, str]:
    blocks = [block for message in messages for block in _blocks(message["content"])]
    return {b["id"]: b["name"] for b in blocks if b["type"] == "tool_use"}


def _block(block: ContentBlock, called: Mapping[str, str]) -> str:
    match block["type"]:
        case "text":
            return f"{len(block['text']):,} characters"
        case "image":
            return _image(block["source"])
        case "document":
            return _document(block)
        case "tool_result":
            return _tool_result(block, called)
        case "search_result":
            texts = "".join(part["text"] for part in block["content"])
            return f"{_code(block['title'])}, {len(texts):,} characters"
        case _:
            return f"{len(json.dumps(block)):,} bytes of JSON"


def _image(source: JSONObject) -> str:
    facts = image_facts(source)
    if facts is None:
        return f"at {_code(source['url'])} (not fetched)"
    size = "size unknown"
    if facts.size is not None:
        size = f"{facts.size[0]} × {facts.size[1]} pixels"
    return f"{source['media_type']}, {size}, {facts.length:,} bytes"


def _document(block: ContentBlock) -> str:
    title = f"{_code(block['title'])}, " if block.get("title") else ""
    cited = ", may be cited" if (block.get("citations") or {}).get("enabled") else ""
    return title + _document_source(block["source"]) + cited


def _document_source(source: JSONObject) -> str:
    match source["type"]:
        case "base64":
            length = len(source["data"]) * 3 // 4 - source["data"].count("=", -2)
            return f"{source['media_type']}, {length:,} bytes"
        case "url":
            return f"at {_code(source['url'])} (not fetched)"
        case "text":
            return f"{source['media_type']}, {len(source['data']):,} characters"
        case _:
            return _count(_blocks(source["content"]), "block")


def _tool_result(block: ContentBlock, called: Mapping[str, str]) -> str:
    name = called.get(block["tool_use_id"], "")
    content = _blocks(block.get("content") or [])
    parts = [_result_part(part) for part in content] or ["empty"]
    failed = "an error, " if block.get("is_error") else ""
    return (
        f"of {_code(name)} ({_code(block['tool_use_id'])}): {failed}{'; '.join(parts)}"
    )


def _result_part(part: ContentBlock) -> str:
    told = _block(part, {})
    if part["type"] == "text":
        return f"{told}, {_snippet(part['text'])}"
    return f"{part['type']}, {told}"


def _blocks(content: str | list[ContentBlock]) -> list[ContentBlock]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return content


def _count(things: list[Any], name: str) -> str:
    return f"{len(things)} {name}{'s' * (len(things) != 1)}"


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _snippet(text: str) -> str:
    return _code(_shortened(" ".join(text[: _SNIPPET * 4].split()), _SNIPPET))


def _plain(key: str) -> str:
    return re.sub(r"[^A-Za-z0-9_ -]", "", key)


def _code(value: Any) -> str:
    """A value as inline code that can neither end early nor break its table row."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(_shortened(text, 4 * _SNIPPET).split()).replace("|", "\\|")
    if not text:
        return "(empty)"
    if "`" not in text:
        return f"`{text}`"
    fence = "`" * (_longest_run(text) + 1)
    return f"{fence} {text} {fence}"


def _fenced(text: str) -> str:
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}text\n{text}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
