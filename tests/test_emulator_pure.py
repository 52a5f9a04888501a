"""The emulator's pure parts: pixel sizes from bytes, values from schemas."""

from __future__ import annotations

import struct

import pytest
from emulation import png
from hypothesis import given, settings
from hypothesis import strategies as st

from routeway_magic.pictures import media_type_of, pixel_size
from routeway_magic.sources.emulator.schema import example


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"const": 3}, 3),
        ({"type": "integer", "maximum": -2}, -2),
        ({"type": "integer", "exclusiveMinimum": 4}, 5),
        ({"type": "integer", "exclusiveMaximum": 0}, -1),
        ({"type": "integer", "minimum": 1.5}, 2),
        ({"type": "number", "minimum": 1.5}, 1.5),
        ({"type": "boolean"}, True),
        ({"type": "null"}, None),
        ({"type": "string", "format": "date"}, "2026-01-01"),
        ({"type": "string", "minLength": 6}, "textxx"),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, 1),
        ({"type": "array", "minItems": 0}, []),
        ({"allOf": [{"properties": {"a": {"const": 1}}}]}, {"a": 1}),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"const": 1}}}, 1),
        ({"$ref": "#"}, "text"),
        ({"required": ["b"], "type": "object"}, {"b": "text"}),
        (True, "text"),
    ],
)
def test_examples(schema, value):
    """The example of a schema fits it."""
    assert example(schema) == value


def test_recursive_schema():
    """A schema that holds itself comes to an end."""
    node = {"type": "object", "properties": {"next": {"$ref": "#"}}}
    required = {**node, "required": ["next"]}
    assert str(example(node)).count("next") == 3
    assert str(example(required)).count("next") == 13


def _jpeg(width: int, height: int) -> bytes:
    app = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + b"\0" * 9
    frame = b"\xff\xc2" + struct.pack(">HBHH", 17, 8, height, width)
    return b"\xff\xd8" + app + b"\xff" + frame


def _webp(kind: bytes, payload: bytes) -> bytes:
    chunk = kind + struct.pack("<I", len(payload)) + payload
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


PICTURES = {
    "png": (png(7, 5), "image/png"),
    "jpeg": (_jpeg(7, 5), "image/jpeg"),
    "gif": (b"GIF89a" + struct.pack("<HH", 7, 5), "image/gif"),
    "webp lossy": (
        _webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 7, 5)),
        "image/webp",
    ),
    "webp lossless": (
        _webp(b"VP8L", b"\x2f" + struct.pack("<I", 6 | 4 << 14)),
        "image/webp",
    ),
    "webp extended": (_webp(b"VP8X", b"\0\0\0\0\6\0\0\4\0\0"), "image/webp"),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_pixel_sizes(kind):
    """The size of each format is read from its header, or unknown where it is cut."""
    data, media_type = PICTURES[kind]
    assert (media_type_of(data), pixel_size(data)) == (media_type, (7, 5))
    cut = {pixel_size(data[:length]) for length in range(len(data))}
    assert cut <= {None, (7, 5)}


@settings(deadline=None)
@given(head=st.sampled_from([data for data, _ in PICTURES.values()]), rest=st.binary())
def test_any_bytes(head, rest):
    """Any bytes behind a magic number give a size or none, never an error."""
    size = pixel_size(head[:12] + rest)
    assert size is None or len(size) == 2
