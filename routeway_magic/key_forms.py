"""The ways in which a key may be written: one list, for what is sent and what is shown.

As it is, in JSON, in a URL, in hex, in base64; each with blanks, line breaks or letters
of no width between its letters, which `bare` takes away. The time that each of these
takes is linear in the text.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Iterator
from itertools import product

__all__ = ["KeyForms"]

# Blanks, and what is not seen: Unicode's default-ignorable letters.
_UNSEEN = "\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f"
_UNSEEN += "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
_UNSEEN += "\U000e0000-\U000e0fff"
_GAP = re.compile(f"[{_UNSEEN}]+")
# A letter as JSON, Python, a URL or HTML writes it; JSON perhaps within JSON.
_HEX = "[0-9a-fA-F]"
_ESCAPED = (
    rf"\\{{1,8}}(?:u({_HEX}{{4}})|x({_HEX}{{2}})|[bfnrtv])|%({_HEX}{{2}})"
    rf"|&\#(?:[xX]({_HEX}{{2,6}})|([0-9]{{1,7}}));"
)
_ESCAPE = re.compile(_ESCAPED)
_LETTER = re.compile(f"{_ESCAPED}|.", re.DOTALL)
_CUT_ESCAPE = re.compile(
    rf"(?:\\{{1,8}}(?:u{_HEX}{{0,3}}|x{_HEX}?)?|%{_HEX}?|&(?:\#[xX]?{_HEX}{{0,7}})?)\Z"
)
_DECIMAL = 5  # the group of _ESCAPED that is no hex
_LONGEST_ESCAPE = 16
_HEAD = 3  # letters that tell nearly every word from a form's beginning
_MOST_SPREAD = 4096  # letters that a key may be spread over, in a text under way


class KeyForms:
    """Where a key is in a text, however it is written.

    Args:
        key: printable ASCII.
    """

    __slots__ = ("_begin", "_forms", "_heads", "_key", "_longest", "_shortest")

    def __init__(self, key: str) -> None:
        self._key = key
        shortest = len(key) // 2  # less is no key any more: it was all escapes
        found = [form for form in map(_bare, _written(key)) if len(form) > shortest]
        self._forms = tuple(dict.fromkeys(found))
        self._shortest = min(map(len, (key, *found)))
        self._longest = max(map(len, (key, *found)))
        firsts = "".join({form[0] for form in found})
        self._begin = re.compile(f"[{re.escape(firsts)}]" if firsts else r"(?!)")
        self._heads = {form[:size] for form in found for size in range(1, _HEAD + 1)}

    def is_in(self, text: str) -> bool:
        """Whether a text holds the key.

        Args:
            text: any.
        """
        if len(text) < self._shortest:
            return False
        return self._key in text or self._is_among(_bare(text))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the key is: from where to where, in order, none within another.

        Args:
            text: any.
        """
        if not self.is_in(text):
            return []
        letters = _letters(text)
        bare = "".join(letter for letter, _, _ in letters)
        found = [(at, at + len(self._key)) for at in _all(self._key, text)]
        for form in self._forms:
            ends = ((at, at + len(form) - 1) for at in _all(form, bare))
            found += [(letters[at][1], letters[end][2]) for at, end in ends]
        return _apart(sorted(found))

    def begun(self, text: str) -> int:
        """Where the key begins that a text breaks off in, else the text's end.

        Args:
            text: what may go on.
        """
        end = _end_of_letters(text)
        tail = text[max(end - _MOST_SPREAD, 0) : end]
        bare = _bare(tail)
        for found in self._begin.finditer(bare, max(len(bare) - self._longest + 1, 0)):
            at = found.start()
            if bare[at : at + _HEAD] in self._heads and self._goes_on(bare[at:]):
                return end - len(tail) + _start(bare[at:], tail)
        return end

    def _goes_on(self, rest: str) -> bool:
        return any(form.startswith(rest) for form in self._forms)

    def _is_among(self, bare: str) -> bool:
        return any(form in bare for form in self._forms)


def _written(key: str) -> Iterator[str]:
    """How a key is written, besides the escapes and the gaps that are read away."""
    data = key.encode()
    yield from (key, json.dumps(key)[1:-1])
    for sign, case in product(("", ":", "-", ","), (str.lower, str.upper)):
        yield case(data.hex(sign) if sign else data.hex())
    for before in range(3):  # base64 depends on how many bytes stand before it
        whole = (before + len(data)) * 8 // 6  # digits that no later byte changes
        for alphabet in (b"+/", b"-_"):
            encoded = base64.b64encode(bytes(before) + data, alphabet).decode()
            yield encoded[-(-before * 8 // 6) : whole]


def _bare(text: str) -> str:
    """The text with its escapes read, and without what is not seen."""
    if "\\" in text or "%" in text or "&#" in text:
        text = _ESCAPE.sub(_read, text)
    return "".join(text.split()) if text.isascii() else _GAP.sub("", text)


def _letters(text: str) -> list[tuple[str, int, int]]:
    """The letters of the bare text, each with where it begins and ends in the text."""
    read = (
        (_read(found), found.start(), found.end()) for found in _LETTER.finditer(text)
    )
    return [one for one in read if one[0] and not _GAP.match(one[0])]


def _end_of_letters(text: str) -> int:
    """Where an escape begins that the text breaks off in, else the text's end."""
    last = text[-_LONGEST_ESCAPE:]
    if "\\" in last or "%" in last or "&" in last:
        cut = _CUT_ESCAPE.search(last)
        return len(text) - len(last) + cut.start() if cut else len(text)
    return len(text)


def _start(rest: str, text: str) -> int:
    """Where the last letters of a text begin that are bare these."""
    if text.endswith(rest):
        return len(text) - len(rest)
    return _letters(text)[-len(rest)][1]


def _read(found: re.Match[str]) -> str:
    """The letter that an escape stands for."""
    if found.lastindex is None:
        return "" if len(found[0]) > 1 else found[0]  # a line break or the like
    base = 10 if found.lastindex == _DECIMAL else 16
    code = int(found[found.lastindex], base)
    return chr(code) if code <= sys.maxunicode else ""


def _all(part: str, text: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans joined where they overlap."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
