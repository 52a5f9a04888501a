"""However a key is written, and wherever a text is cut, it does not come out."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from routeway_magic.key_forms import KeyForms
from routeway_magic.secret import ApiKey, KeyRemover

KEYS = ["sk-of-this-test-0123456789", "clsk~Zz.9_Zz.9-Zz.9+/=", "aabaabaac-aabaabaab"]
GAPS = ["", " ", "\t", "\r\n", "\n    ", "\u200b", "\u00ad", "\ufeff", "\u2060\u200d"]


def everywhere(write: Callable[[str], str]) -> Callable[[str], str]:
    """Each letter written so."""
    return lambda key: "".join(write(letter) for letter in key)


def spread(write: Callable[[str], str], gap: str) -> Callable[[str], str]:
    """The form with a gap between its letters."""
    return lambda key: gap.join(write(key))


def padded(before: bytes, *, web: bool = False) -> Callable[[str], str]:
    """In base64, among other bytes."""
    encode = base64.urlsafe_b64encode if web else base64.b64encode
    return lambda key: encode(before + key.encode() + b"?").decode()


WAYS: dict[str, Callable[[str], str]] = {
    "itself": str,
    "a URL": everywhere(lambda it: quote(it) if it.isalnum() else f"%{ord(it):02x}"),
    "all of it in a URL": everywhere(lambda letter: f"%{ord(letter):02X}"),
    "JSON": everywhere(lambda letter: f"\\u{ord(letter):04x}"),
    "JSON within JSON": everywhere(lambda letter: f"\\\\u{ord(letter):04x}"),
    "Python": everywhere(lambda letter: f"\\x{ord(letter):02x}"),
    "HTML": everywhere(lambda letter: f"&#{ord(letter)};"),
    "HTML in hex": everywhere(lambda letter: f"&#x{ord(letter):x};"),
    "hex": lambda key: key.encode().hex(),
    "HEX": lambda key: key.encode().hex(":").upper(),
    "hex with blanks": lambda key: key.encode().hex(" "),
    "base64": padded(b""),
    "base64, shifted": padded(b"?"),
    "base64, shifted twice": padded(b"??"),
    "base64 for the web": padded(b"~~~~", web=True),
    "base64 in lines": lambda key: "\n".join(wrapped(padded(b"")(key), 10)),
    "JSON of a gap": spread(str, "\\u200b"),
    "JSON of a line break": spread(str, "\\n"),
}
WAYS |= {f"with {gap!r}": spread(str, gap) for gap in GAPS}
SECRET = 6  # letters of a form that may be seen: those before it, and a few of its own


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines."""
    return [text[at : at + width] for at in range(0, len(text), width)]


def shown(key: str, text: str, cuts: list[int]) -> str:
    """What comes out of a text that comes in pieces."""
    remover = KeyRemover(KeyForms(key))
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [remover.feed(text[start:end]) for start, end in pairwise(edges)]
    return "".join([*pieces, remover.rest()])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("key", KEYS)
def test_each_form(way: str, key: str) -> None:
    """It is refused in a request, and taken out of a text, its JSON and each piece."""
    written = WAYS[way](key)
    text = f"Say <{written}> again"
    assert ApiKey(key).is_in(text.encode())
    for content in (text, json.dumps(text), json.dumps([json.dumps(text)])):
        clean = ApiKey(key).redact(content)
        assert "[API key]" in clean
        assert written[SECRET:-SECRET] not in clean
        assert not ApiKey(key).is_in(clean.encode())
    said = shown(key, text, list(range(len(text))))
    assert "[API key]" in said
    assert said.startswith("Say <")
    assert said.endswith("> again")
    assert len(said) < len("Say <[API key]> again") + 3 * SECRET


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(KEYS),
    st.sampled_from(sorted(WAYS)),
    st.text(max_size=8),
    st.text(max_size=8),
    st.lists(st.integers(0, 300), max_size=12),
)
@example(KEYS[0], "JSON of a gap", "\\", "u00", [3, 4, 9, 10])
def test_any_cut(key: str, way: str, before: str, behind: str, cuts: list[int]) -> None:
    """Whatever stands around it, and wherever it is cut, no key can be read from it."""
    written = WAYS[way](key)
    said = shown(key, f"{before}|{written}|{behind}", cuts)
    assert not ApiKey(key).is_in(said.encode())
    assert written[SECRET:-SECRET] not in said


NO_KEY = st.text(st.sampled_from("sk-of thi\n\\u002%&#x73bNzY\u200b;"), max_size=60)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(KEYS), NO_KEY | st.text(), st.lists(st.integers(0, 60)))
def test_a_text_without_the_key(key: str, text: str, cuts: list[int]) -> None:
    """It comes out unchanged, whatever it looks like."""
    if not KeyForms(key).is_in(text):
        assert shown(key, text, cuts) == text
        assert ApiKey(key).redact(text) == text


@settings(deadline=None)
@given(st.sampled_from(KEYS), NO_KEY)
def test_little_waits(key: str, text: str) -> None:
    """The beginning of a text that is no key's comes at once."""
    remover = KeyRemover(KeyForms(key))
    said = remover.feed(f"{text} and nothing of a key!")
    assert said.endswith("nothing of a key!")


def test_a_long_gap_ends() -> None:
    """A beginning that blanks follow does not wait for ever, nor take for ever."""
    remover = KeyRemover(KeyForms(KEYS[0]))
    said = remover.feed("<sk-of-")
    for _ in range(10_000):
        said += remover.feed(" ")
    assert said.startswith("<sk-of-   ")
