"""PIL images, image files and what objects draw of themselves."""

from __future__ import annotations

import base64
import random
import sys
from io import BytesIO
from pathlib import Path

import pytest
from emulation import png
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sent_media import accepted, seen, sent_bytes

from routeway_magic.content.described import Limits
from routeway_magic.content.dispatch import describe
from routeway_magic.content.fitting import MOST_BYTES, fits, fitted
from routeway_magic.content.images import describe_by_picture, describe_image
from routeway_magic.errors import InputError
from routeway_magic.models import Eye

RECENT = Eye(characters_per_token=3, image_edge=2576, image_tokens=4784)
MODES = ["1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK"]
MODES += ["YCbCr", "LAB", "HSV", "I", "F", "I;16", "I;16B", "I;16L"]
SMALL = png(30, 20)

sides = st.integers(1, 30_000)


@settings(deadline=None)
@given(st.tuples(sides, sides), st.integers(0, 6000), st.sampled_from([Eye(), RECENT]))
def test_fitted(size: tuple[int, int], tokens: int, eye: Eye) -> None:
    """A picture fits in edge and tokens, unless 200 pixels do not; never larger."""
    limits = Limits(tokens=tokens, eye=eye)
    sent = fitted(size, limits)
    assert all(1 <= new <= old for new, old in zip(sent, size, strict=True))
    assert fits(sent, limits) or max(sent) <= 200
    assert max(sent) >= min(200, *[max(size)])
    if fits(size, limits):
        assert sent == size


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(60, 40), (3000, 90)])
def test_modes(mode: str, size: tuple[int, int]) -> None:
    """An image of any mode is sent, its size in the label, and is not changed."""
    image = Image.new(mode, size)
    before = image.tobytes()
    described = describe(image)
    assert f"mode {mode}" in described.label()
    assert f"{size[0]:,} × {size[1]:,} pixels" in described.label()
    assert seen(described).width == min(size[0], 1568)
    assert (image.mode, image.size, image.tobytes()) == (mode, size, before)


@pytest.mark.parametrize(
    ("eye", "edge", "sent"),
    [
        (Eye(), None, (1254, 940)),
        (RECENT, None, (2184, 1638)),
        (RECENT, 800, (800, 600)),
    ],
)
def test_useful_size(eye: Eye, edge: int | None, sent: tuple[int, int]) -> None:
    """A large image is made as small as the model looks at, and the label says so."""
    limits = Limits(tokens=10_000, eye=eye, image_edge=edge)
    described = describe(Image.new("L", (4000, 3000)), limits)
    width, height = seen(described).size
    assert width == pytest.approx(sent[0], rel=0.02)
    assert height == pytest.approx(sent[1], rel=0.02)
    assert described.size == "4,000 × 3,000 pixels"
    assert f"sent as {width:,} × {height:,} pixels" in described.left_out


def test_few_tokens() -> None:
    """However few tokens there are, something can be seen."""
    assert seen(describe(Image.new("L", (4000, 3000)), Limits(tokens=1))).width == 200


def test_photo_and_chart() -> None:
    """What is large and of many colours becomes a JPEG; few colours stay a PNG."""
    noise = Image.frombytes("RGB", (1000, 800), random.Random(1).randbytes(2_400_000))
    assert seen(describe(noise)).format == "JPEG"
    dots = Image.frombytes("1", (1200, 1200), random.Random(1).randbytes(180_000))
    assert seen(describe(dots)).format == "PNG"
    assert len(sent_bytes(describe(noise, Limits(eye=RECENT)))) <= MOST_BYTES


def test_moving_image() -> None:
    """Of a moving image the frame that it shows is sent; the label counts the others."""
    file = BytesIO()
    frames = [Image.new("L", (9, 9), shade) for shade in (0, 99, 200)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    with Image.open(file) as image:
        described = describe(image)
        assert image.tell() == 0
    assert described.left_out == "all frames but one of 3"
    assert "all frames but one of 3" in describe(file.getvalue()).label()
    assert getattr(seen(described), "n_frames", 1) == 1


@pytest.mark.parametrize(("shade", "ground"), [(0, 255), (255, 0)])
def test_transparent(shade: int, ground: int) -> None:
    """What is transparent becomes white, or black behind what is light itself."""
    image = Image.new("LA", (40, 40), (0, 0))
    image.paste((shade, 255), (10, 10, 30, 30))
    sent = seen(describe(image)).convert("L")
    assert (sent.getpixel((0, 0)), sent.getpixel((20, 20))) == (ground, shade)


def test_deep_grey() -> None:
    """Of 16-bit values the lowest is black and the highest white; the label says so."""
    image = Image.new("I;16", (2, 1))
    image.putpixel((0, 0), 300)
    image.putpixel((1, 0), 4000)
    described = describe(image)
    assert "black is 300, white is 4000" in described.label()
    assert seen(described).getextrema() == (0, 255)


def test_camera_turned() -> None:
    """A photo that a camera marked as turned stands upright."""
    file, exif = BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20)).save(file, "JPEG", exif=exif)
    assert seen(describe(file.getvalue())).size == (20, 40)


def test_own_bytes() -> None:
    """An image file that fits is sent as it is."""
    described = describe(SMALL)
    assert sent_bytes(accepted(described)) == SMALL
    assert described.label("logo") == "[logo: PNG image, 30 × 20 pixels]"


def test_unreadable() -> None:
    """An image without pixels, or cut short, is refused with what to do."""
    with pytest.raises(InputError, match="has no pixels"):
        describe(Image.new("RGB", (0, 5)))
    broken = Image.open(BytesIO(png(3000, 3000)[:200]))
    with broken, pytest.raises(InputError, match="cannot be read"):
        describe(broken)


@pytest.mark.parametrize(
    "given",
    [SMALL, base64.b64encode(SMALL).decode(), (SMALL, {"width": 3}), (SMALL,)],
    ids=["bytes", "base64", "metadata", "tuple"],
)
@pytest.mark.parametrize("method", ["_repr_png_", "_repr_jpeg_"])
def test_drawn_by_itself(given: object, method: str) -> None:
    """IPython's picture methods may give bytes, base64, and metadata beside them."""
    drawn = type("Drawn", (), {method: lambda self: given})()
    described = describe(drawn)
    assert sent_bytes(accepted(described)) == SMALL
    assert described.label().endswith("Drawn, 30 × 20 pixels]")


@pytest.mark.parametrize("given", [None, b"", b"no picture", "é", (), 3, (None, {})])
def test_draws_nothing(given: object) -> None:
    """A method that gives no picture leaves the object to its other words."""
    drawn = type(
        "D", (), {"_repr_png_": lambda self: given, "__repr__": lambda _: "ha"}
    )
    assert describe(drawn()).text == "ha"
    assert describe_by_picture(drawn, Limits()) is None


def test_drawing_fails() -> None:
    """A picture that cannot be drawn is told; another method may do."""

    class Broken:
        def _repr_png_(self) -> bytes:
            raise OSError("no dot")

        def __repr__(self) -> str:
            return "Broken()"

    class Mended(Broken):
        def _repr_jpeg_(self) -> bytes:
            return SMALL

    assert "no dot" in describe(Broken()).left_out
    assert describe(Broken()).text == "Broken()"
    assert sent_bytes(describe(Mended())) == SMALL


def test_without_pillow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Pillow is not imported for an image: it is sent as it is, or refused."""
    monkeypatch.delitem(sys.modules, "PIL.Image")
    as_it_is = describe_image(png(3000, 10), "PNG image", Limits())
    assert as_it_is.size == "3,000 × 10 pixels"
    path = tmp_path / "a.png"
    path.write_bytes(SMALL)
    assert sent_bytes(describe_image(path, "PNG image", Limits())) == SMALL
    for data in (png(8001, 1), SMALL + bytes(MOST_BYTES), b"BM no such format"):
        with pytest.raises(InputError, match="import PIL"):
            describe_image(data, "PNG image", Limits())
    assert "PIL.Image" not in sys.modules


def test_vast_image() -> None:
    """Of an image many times as large as it is sent, the look is kept."""
    whole = Image.linear_gradient("L").resize((2000, 1600))
    described = describe(whole, Limits(image_edge=250))
    sent = seen(described)
    assert sent.size == (250, 200)
    for y in (10, 100, 190):
        assert sent.getpixel((9, y)) == pytest.approx(whole.getpixel((9, y * 8)), abs=3)
