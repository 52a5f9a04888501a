"""An answer that is asked for as one thing: text, code, JSON, a formula, HTML, an image.

HTML and images are shown only in a sandbox of their own, in which nothing runs and
nothing is loaded (DESIGN.md, Security).
"""

from __future__ import annotations

import json
import re

from routeway_magic import markup
from routeway_magic.fences import FENCE, first_fence
from routeway_magic.markup.tex import math_html

__all__ = ["FORMATS", "format_html"]

FORMATS = ("markdown", "text", "code", "json", "html", "math", "image")

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_DELIMITED = re.compile(r"\$|\\\(|\\\[|\\begin\{")
_DATA_URI = re.compile(
    r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]+", re.ASCII
)
_SVG = re.compile(r"<svg\b", re.IGNORECASE)
_SVG_END = re.compile(r"</svg\s{0,9}>", re.IGNORECASE)
# The policy stops what is in such an element, but only after the browser has connected
# to where it should come from. An element begins with its name and in no other way.
_FRAME = re.compile(r"<(?=i?frame|object|embed|fencedframe|portal)", re.IGNORECASE)


def format_html(name: str, text: str) -> str:
    """The answer's text, shown as what was asked for; as it is where it is not that.

    Args:
        name: one of `FORMATS`.
        text: the whole text.
    """
    show = {
        "code": _code,
        "json": _json,
        "math": _math,
        "html": lambda it: _sandbox(first_fence(it)),
        "image": _image,
    }.get(name, _as_it_is)
    return f'<div class="rw tex2jax_ignore mathjax_ignore">{show(text)}</div>'


def _as_it_is(text: str) -> str:
    return f"<pre>{markup.escape(text)}</pre>"


def _code(text: str) -> str:
    fence = FENCE.search(text)
    if fence is None:
        return _as_it_is(text)
    return markup.code_to_html(fence[3], fence[2])


def _json(text: str) -> str:
    inside = first_fence(text)
    try:
        pretty = json.dumps(json.loads(inside), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError) as error:
        told = f"no JSON: {error}"
        note = f'<div class="rw-status">{markup.escape(told)}</div>'
        return note + _as_it_is(inside)
    return markup.code_to_html(pretty, "json")


def _math(text: str) -> str:
    inside = first_fence(text).strip()
    if _DELIMITED.search(inside):
        return markup.to_html(inside)
    return math_html(f"\\[{inside}\\]", typeset=True)


def _image(text: str) -> str:
    inside = first_fence(text)
    drawing = _drawing(inside) or _drawing(text)
    if drawing:
        return _sandbox(drawing)
    uri = _DATA_URI.search(inside)
    if uri:
        return _sandbox(f'<img alt="image" style="max-width:100%" src="{uri[0]}">')
    note = '<div class="rw-status">no SVG and no data: URI of an image</div>'
    return note + _as_it_is(text)


def _drawing(text: str) -> str:
    """From the first `<svg` to the last `</svg>`, "" if there is none."""
    # Not as one pattern: it would try each of a hostile text's beginnings to its end.
    begun = _SVG.search(text)
    ends = (
        [found.end() for found in _SVG_END.finditer(text, begun.end())] if begun else []
    )
    return text[begun.start() : ends[-1]] if begun and ends else ""


def _sandbox(html: str) -> str:
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    # A link in it could still be followed by hand; the frame takes no clicks.
    inner = markup.escape(policy + _FRAME.sub("&lt;", html))
    return (
        f'<iframe sandbox="" srcdoc="{inner}" tabindex="-1" '
        'style="width:100%;height:24em;border:0;background:white;pointer-events:none">'
        "</iframe>"
    )
