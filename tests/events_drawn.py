"""Streams of events drawn at random: as they are, broken, and as no server sends."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from routeway_magic.events import Event, from_data

__all__ = ["ANY_JSON", "EVENTS"]

ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)

_TEXT = st.text(max_size=8)
_INDEX = st.integers(0, 2)
_MORE = st.dictionaries(
    st.sampled_from(["note", "kind", "sha256"]), ANY_JSON, max_size=1
)
_BLOCKS = st.one_of(
    st.just({"type": "text", "text": ""}),
    st.just({"type": "thinking", "thinking": "", "signature": ""}),
    st.just({"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}),
    st.just({"type": "server_tool_use", "id": "srv_1", "name": "g", "input": {}}),
    st.dictionaries(st.sampled_from(["type", "text", "data"]), ANY_JSON),
)
_PIECE_OF = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "input_json_delta": "partial_json",
    "signature_delta": "signature",
    "citations_delta": "citation",
    "later_delta": "later",
}


def _delta(kind: str, value: Any, more: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, _PIECE_OF[kind]: value, **more}


_DELTAS = st.builds(
    _delta,
    st.sampled_from(list(_PIECE_OF)),
    st.one_of(_TEXT, _TEXT, _TEXT, ANY_JSON),
    st.one_of(st.just({}), st.just({}), _MORE),
)
_FRAMES = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("content_block_delta"), "index": _INDEX, "delta": _DELTAS}
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("content_block_delta"),
            "index": st.just(0),
            "delta": st.builds(_delta, st.just("text_delta"), _TEXT, st.just({})),
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("content_block_start"),
            "index": _INDEX,
            "content_block": _BLOCKS,
        }
    ),
    st.fixed_dictionaries({"type": st.just("content_block_stop"), "index": _INDEX}),
    st.fixed_dictionaries(
        {
            "type": st.just("message_start"),
            "message": st.fixed_dictionaries(
                {"id": _TEXT, "content": st.lists(_BLOCKS, max_size=1)},
                optional={"usage": ANY_JSON, "note": ANY_JSON},
            ),
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("message_delta"),
            "delta": st.dictionaries(
                st.sampled_from(["stop_reason", "note"]), ANY_JSON
            ),
            "usage": st.dictionaries(st.just("output_tokens"), st.integers()),
        }
    ),
    st.just({"type": "message_stop"}),
    st.just({"type": "ping"}),
    st.dictionaries(st.sampled_from(["type", "index", "x"]), ANY_JSON),
)

EVENTS: st.SearchStrategy[list[Event]] = st.lists(
    st.builds(from_data, _FRAMES, st.sampled_from(["", "later"])), max_size=25
)
