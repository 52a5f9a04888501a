"""Image files leave the machine without what they say besides their pixels."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps, PngImagePlugin

from routeway_magic.content.images import image_block
from routeway_magic.content.metadata import without_metadata

SECRET = b"at home"
PIXELS = Image.effect_noise((64, 48), 60).convert("RGB")
ORIENTATION, MAKER, GPS = 0x0112, 0x010F, 0x8825


def exif(orientation: int = 1) -> Image.Exif:
    """What a camera says: where it was, and how it was held."""
    told = Image.Exif()
    told[MAKER] = SECRET.decode()
    told[GPS] = {1: "N", 2: (59.0, 54.0, 40.0)}
    told[ORIENTATION] = orientation
    return told


def saved(form: str, **options: Any) -> bytes:
    """A file of that format."""
    file = BytesIO()
    PIXELS.save(file, form, **options)
    return file.getvalue()


def with_text() -> PngImagePlugin.PngInfo:
    """What a program writes into a PNG."""
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", SECRET.decode())
    told.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return told


FILES = {
    "JPEG": saved("JPEG", exif=exif(), comment=SECRET, xmp=SECRET),
    "progressive": saved("JPEG", exif=exif(), progressive=True, xmp=SECRET),
    "PNG": saved("PNG", exif=exif(), pnginfo=with_text()),
    "WebP": saved("WEBP", exif=exif(), xmp=SECRET),
}


@pytest.mark.parametrize("name", FILES)
def test_only_pixels_are_left(name: str) -> None:
    """No EXIF, no XMP, no comment; the pixels are the same to the last bit."""
    assert SECRET in FILES[name]
    sent = base64.b64decode(image_block(FILES[name])["source"]["data"])
    assert SECRET not in sent
    image = Image.open(BytesIO(sent))
    assert dict(image.getexif()) == {}
    assert image.tobytes() == Image.open(BytesIO(FILES[name])).tobytes()


@pytest.mark.parametrize("name", FILES)
def test_what_stands_behind_an_image_is_left_behind(name: str) -> None:
    """Phones put a film or a second picture there."""
    assert without_metadata(FILES[name] + SECRET) == without_metadata(FILES[name])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_which_side_is_up_is_kept(orientation: int) -> None:
    """It is all that is left of a photo's EXIF."""
    photo = saved("JPEG", exif=exif(orientation))
    sent = Image.open(BytesIO(without_metadata(photo)))
    told = {ORIENTATION: orientation} if orientation != 1 else {}
    assert dict(sent.getexif()) == told
    upright = ImageOps.exif_transpose(Image.open(BytesIO(photo)))
    assert ImageOps.exif_transpose(sent).tobytes() == upright.tobytes()


def test_colours_are_kept() -> None:
    """A profile of colours is part of how an image looks."""
    profile = b"a profile of colours"
    sent = without_metadata(saved("JPEG", exif=exif(), icc_profile=profile))
    assert Image.open(BytesIO(sent)).info["icc_profile"] == profile


@settings(deadline=None)
@given(st.sampled_from([*FILES]), st.data())
def test_broken_files_do_no_harm(name: str, data: st.DataObject) -> None:
    """What is cut short or changed gives bytes, and never more of them."""
    file = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(0, 3))):
        file[data.draw(st.integers(12, len(file) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(file[: data.draw(st.integers(12, len(file)))])
    assert len(without_metadata(cut)) <= len(cut)


def test_what_is_no_known_image_stays_as_it_is() -> None:
    """It is not for us to judge."""
    for data in (b"", b"GIF89a" + SECRET, b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe1"):
        assert without_metadata(data) == data
