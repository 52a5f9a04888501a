"""How the programs read."""

from __future__ import annotations

import base64
from textwrap import dedent

import pytest
from emulation import asking, image

from routeway_magic.endpoint import Endpoint
from routeway_magic.export import WAYS, to_code
from routeway_magic.export.literals import literal, quoted
from routeway_magic.types import Request

HERE = Endpoint(base_url="https://api.routeway.ai/v1/")


def test_lines():
    """A text of several lines stands on several lines, a short value on one."""
    value = {
        "a": [1, None, True],
        "text": "a first line of a text,\nand then a second one",
    }
    assert literal(value) == dedent(
        """\
        {
            "a": [1, None, True],
            "text": (
                "a first line of a text,\\n"
                "and then a second one"
            ),
        }"""
    )


def test_unseen():
    """What the eye cannot see, and no file can hold, is an escape."""
    assert quoted("a\u202eb\ud800\x00\xa0\U000e0001ß") == (
        '"a\\u202eb\\ud800\\x00\\xa0\\U000e0001ß"'
    )


def test_deep():
    """A value deeper than Python can read is given as JSON."""
    value: list = []
    for _ in range(500):
        value = [value]
    text = literal(value)
    assert "json.loads" in text
    assert eval(text, {"json": __import__("json")}) == value


@pytest.mark.parametrize("way", WAYS)
def test_long_base64(way):
    """Long base64 is a file beside the program, named by its content."""
    content = bytes(range(256)) * 40
    block = image(content)
    code = to_code(Request(asking([block, image(content)])), way, HERE)
    (name,) = code.files
    assert name in code.text
    assert len(code.text) < 2_000
    if way == "curl":
        assert block["source"]["data"].encode() in code.files[name]
    else:
        assert code.files == {name: content}
        assert name.endswith(".png")


@pytest.mark.parametrize("data", ["QUJD" * 400 + "Q", "QUJD\n" * 400, "é" * 2000])
def test_odd_base64(data):
    """Base64 that its bytes would not give again stays as it is."""
    block = image(b"")
    block["source"]["data"] = data
    code = to_code(Request(asking([block])), "httpx", HERE)
    assert not code.files


def test_address():
    """The address is the endpoint's, in order."""
    code = to_code(Request(asking(stream=True)), "curl", HERE)
    assert " https://api.routeway.ai/v1/messages \\\n" in code.text
    assert "--no-buffer" in code.text
    assert base64.b64encode(b"").decode() == ""
