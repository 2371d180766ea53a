"""One page of a file as a picture of our own: nothing of the stranger's bytes is in it."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import pypdfium2
from PIL import Image, ImageOps

from lib.mime.limits import Unreadable

# Page images of these are made; by content, never by name.
PDF = "application/pdf"
IMAGES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF"}
MOST_PAGES = 100
MEDIA_TYPE = "image/webp"

_WIDE, _HIGH = 1_100, 2_200  # pixels of a picture
_LARGEST_SCALE = 4.0  # of a point (1/72 inch), so that a stamp-sized page is not blown up
_MOST_PIXELS = 60_000_000  # of an image as it came, before it is unpacked
_WRITABLE = ("RGB", "RGBA")


@dataclass(frozen=True)
class Drawn:
    """A picture, and how many pages there are to be seen and in all."""

    picture: bytes
    pages: int
    all_pages: int


def draw(data: bytes, media_type: str, number: int) -> Drawn:
    """Page `number` (from 1) of a file.

    Raises `Unreadable`: no_picture (a kind of file that is not drawn), encrypted, damaged,
    no_such_page, too_many_pixels.
    """
    try:
        if media_type == PDF:
            return _pdf(data, number)
        if media_type in IMAGES:
            return _image(data, IMAGES[media_type], number)
    except (Unreadable, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise Unreadable("too_many_pixels") from None
    except Exception as error:  # the libraries raise whatever comes up in a broken file
        raise Unreadable("damaged", type(error).__name__) from None
    raise Unreadable("no_picture")


def _pdf(data: bytes, number: int) -> Drawn:
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        code = "encrypted" if "password" in str(error).lower() else "damaged"
        raise Unreadable(code) from None
    total = len(pdf)
    pages = min(total, MOST_PAGES)
    if not 1 <= number <= pages:
        raise Unreadable("no_such_page")
    pdf.init_forms()  # what somebody has filled into a form is drawn as well
    page = pdf[number - 1]
    wide, high = page.get_size()
    if not (math.isfinite(wide) and math.isfinite(high) and wide > 0 and high > 0):
        raise Unreadable("damaged")
    scale = min(_WIDE / wide, _HIGH / high, _LARGEST_SCALE)
    if min(wide, high) * scale < 1:
        raise Unreadable("damaged")  # a line, not a page
    return Drawn(_written(page.render(scale=scale).to_pil()), pages, total)


def _image(data: bytes, kind: str, number: int) -> Drawn:
    if number != 1:
        raise Unreadable("no_such_page")
    with Image.open(io.BytesIO(data), formats=[kind]) as image:
        if image.width * image.height > _MOST_PIXELS:
            raise Unreadable("too_many_pixels")
        image.draft("RGB", (_WIDE, _HIGH))  # a JPEG is unpacked no larger than needed
        image.load()
        upright = ImageOps.exif_transpose(image)
        if upright.mode not in _WRITABLE:
            upright = upright.convert("RGBA" if _is_see_through(upright) else "RGB")
        upright.thumbnail((_WIDE, _HIGH))
        return Drawn(_written(upright), 1, 1)


def _is_see_through(image: Image.Image) -> bool:
    return image.mode in ("LA", "PA") or "transparency" in image.info


def _written(image: Image.Image) -> bytes:
    file = io.BytesIO()
    # Without EXIF, colour profile or text: a copy of what is seen.
    image.save(file, "WEBP", quality=85, method=2, exif=b"", icc_profile=b"", xmp=b"")
    return file.getvalue()
