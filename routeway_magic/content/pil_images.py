"""PIL images, and image files once the user has imported Pillow."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import cast

from PIL import Image, ImageOps, ImageStat

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import register
from routeway_magic.content.fitting import MOST_BYTES, fits, fitted, pixels
from routeway_magic.content.guarded import BrokenFileError
from routeway_magic.content.images import image_block
from routeway_magic.errors import InputError
from routeway_magic.pictures import Size

__all__ = ["describe_file", "describe_image"]

_PLAIN = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})  # modes any reader knows
_FILES = frozenset({"PNG", "JPEG"})
_SMOOTH = frozenset({"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F"})
_CLEAR = frozenset({"RGBA", "LA"})
_DEEP = frozenset({"I", "F"})  # more than 8 bits to a value
_FEW_COLOURS = 16_384
_FEW_PIXELS = 250_000  # of a photo that is short as a PNG too
_QUALITIES = (90, 80, 65, 50, 30)
_VAST = 6  # times the size that is sent
_LIGHT = 200
_ORIENTATION = 0x0112  # EXIF


@register(Image.Image)
def describe_image(image: Image.Image, limits: Limits) -> Described:
    """A PIL image, as large as the model looks at.

    Raises:
        InputError: if its pixels cannot be read.
    """
    frames = getattr(image, "n_frames", 1)
    with _readable("PIL image"):
        return _described(image, f"PIL image, mode {image.mode}", limits, frames)


def describe_file(source: BytesIO | Path, kind: str, limits: Limits) -> Described:
    """An image file: its own bytes where they may be sent, else made smaller.

    Raises:
        InputError: if it cannot be read.
    """
    with _readable(kind), Image.open(source) as image:
        if _may_stay(image, limits):
            data = _bytes_of(source)
            if len(data) <= MOST_BYTES:
                size = pixels(image.size)
                return Described(kind=kind, size=size, blocks=[image_block(data)])
        frames = getattr(image, "n_frames", 1)
        if image.getexif().get(_ORIENTATION, 1) != 1:
            return _described(ImageOps.exif_transpose(image), kind, limits, frames)
        whole = image.size
        if image.format == "JPEG":  # read at a fraction, as far as it is useful
            image.draft(None, fitted(whole, limits))
        return _described(image, kind, limits, frames, whole)


@contextmanager
def _readable(kind: str) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the user asked for that very image
            yield
    except InputError:
        raise
    except Exception as error:
        what = f"The {kind} cannot be read: {error}."
        raise BrokenFileError(what, "Open it anew, or give a copy of it.") from error


def _may_stay(image: Image.Image, limits: Limits) -> bool:
    return (
        image.format in _FILES
        and image.mode in _PLAIN
        and fits(image.size, limits)
        and image.getexif().get(_ORIENTATION, 1) == 1
        and not _has_holes(image)
    )


def _bytes_of(source: BytesIO | Path) -> bytes:
    return source.read_bytes() if isinstance(source, Path) else source.getvalue()


def _described(
    image: Image.Image,
    kind: str,
    limits: Limits,
    frames: int = 1,
    whole: Size | None = None,
) -> Described:
    whole = whole or image.size
    if not all(whole):
        raise InputError(f"The {kind} has no pixels: it is {pixels(whole)}.")
    size = fitted(whole, limits)
    seen, stretched = _eight_bits(_scaled(image, size))
    data = _encoded(_opaque(seen))
    left_out = [f"detail, as it is sent as {pixels(size)}"] if size != whole else []
    left_out += [f"all frames but one of {frames:,}"] if frames > 1 else []
    return Described(
        kind=kind,
        size=", ".join(filter(None, (pixels(whole), stretched))),
        blocks=[image_block(data)],
        left_out="; ".join(left_out),
    )


def _scaled(image: Image.Image, size: Size) -> Image.Image:
    """A smaller one; of a vast one, not all pixels are read."""
    if image.size == size:
        return image
    if image.mode not in _SMOOTH:
        image = _blendable(_thinned(image, size))
    elif min(image.size) > _VAST * min(size):
        return _thinned(image, size).reduce(2)
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _thinned(image: Image.Image, size: Size) -> Image.Image:
    """Some of its pixels: at most twice as many to a side as are sent."""
    sides = zip(size, image.size, strict=True)
    width, height = (min(new * 2, old) for new, old in sides)
    return image.resize((width, height), Image.Resampling.NEAREST)


def _blendable(image: Image.Image) -> Image.Image:
    if image.mode == "1":
        return image.convert("L")
    if image.mode.startswith("I;16"):
        return image.convert("I")
    if image.mode == "La":
        return image.convert("LA")
    if image.mode == "LAB":
        return image.getchannel("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _eight_bits(image: Image.Image) -> tuple[Image.Image, str]:
    """One whose values are bytes, and which values are its black and white."""
    if image.mode.startswith("I;16"):
        image = image.convert("I")
    if image.mode not in _DEEP:
        return image if image.mode in _PLAIN else _coloured(image), ""
    values = image.convert("F")
    low, high = _extremes(values)
    scale = 255 / (high - low) if high > low else 1.0
    grey = values.point(lambda value: value * scale - low * scale)
    return grey.convert("L"), f"black is {low:.4g}, white is {high:.4g}"


def _extremes(band: Image.Image) -> tuple[float, float]:
    low, high = band.getextrema()
    return cast("float", low), cast("float", high)


def _coloured(image: Image.Image) -> Image.Image:
    return image.convert("RGB") if image.mode in _SMOOTH else _blendable(image)


def _has_holes(image: Image.Image) -> bool:
    if not image.has_transparency_data:
        return False
    low, _ = _extremes(image.convert("RGBA").getchannel("A"))
    return low < 255  # noqa: PLR2004 - opaque


def _opaque(image: Image.Image) -> Image.Image:
    """Nothing transparent: on white, or on black if what is seen is light itself."""
    if not _has_holes(image):
        return image.convert("RGB") if image.mode in _CLEAR else image
    clear = image.convert("RGBA")
    alpha = clear.getchannel("A")
    light = ImageStat.Stat(clear.convert("L"), alpha.point(bool)).mean
    shade = "black" if light and light[0] > _LIGHT else "white"
    ground = Image.new("RGB", image.size, shade)
    ground.paste(clear, mask=alpha)
    return ground


def _encoded(image: Image.Image) -> bytes:
    """A PNG where pixels or colours are few, as in charts; else a JPEG."""
    few = image.getcolors(_FEW_COLOURS) is not None
    if few or image.width * image.height <= _FEW_PIXELS:
        data = _saved(image, "PNG")
        if len(data) <= MOST_BYTES:
            return data
    photo = image if image.mode == "L" else image.convert("RGB")
    for quality in _QUALITIES:  # colours at every pixel: letters stay sharp
        data = _saved(photo, "JPEG", quality=quality, subsampling=0)
        if len(data) <= MOST_BYTES:
            break
    return data


def _saved(image: Image.Image, form: str, **options: int) -> bytes:
    file = BytesIO()
    image.save(file, form, **options)
    return file.getvalue()
