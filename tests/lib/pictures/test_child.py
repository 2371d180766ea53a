"""Pages are drawn as pictures of our own, and a file made to break things breaks only itself."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator

import pypdfium2
import pytest
from PIL import Image

from lib.mime.limits import Unreadable
from lib.pictures.child import PictureChild
from tests.lib.pictures.files import page, pdf

PDF = "application/pdf"


def image(kind: str, size: tuple[int, int] = (30, 20), **options: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (200, 10, 10)).save(file, kind, **options)
    return file.getvalue()


@pytest.fixture(scope="module")
def child() -> Iterator[PictureChild]:
    drawer = PictureChild(seconds=5.0)
    yield drawer
    drawer.close()


def test_a_page_is_drawn_as_it_is_written(child: PictureChild) -> None:
    # The left half red, on a page of 200 by 200 points: drawn at the largest scale of four.
    drawn = child.draw(page(b"1 0 0 rg 0 0 100 200 re f", count=3), PDF, 2)
    assert (drawn.pages, drawn.all_pages) == (3, 3)
    seen = Image.open(io.BytesIO(drawn.picture)).convert("RGB")
    assert (seen.format or "WEBP", seen.size) == ("WEBP", (800, 800))
    red, white = seen.getpixel((100, 400)), seen.getpixel((700, 400))
    assert red[0] > 230 > 60 > red[1]
    assert min(white) > 230


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_an_image_is_drawn_anew_without_what_else_was_in_it(child: PictureChild, kind: str) -> None:
    secret = b"GPS 59.91 10.75"
    data = image(kind, comment=secret) if kind != "PNG" else image(kind) + secret
    assert secret in data
    drawn = child.draw(data, f"image/{kind.lower()}", 1)
    assert secret not in drawn.picture
    assert Image.open(io.BytesIO(drawn.picture)).size == (30, 20)


def test_a_photograph_taken_sideways_is_shown_upright(child: PictureChild) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: turn by 90 degrees (EXIF 2.32, 4.6.4)
    drawn = child.draw(image("JPEG", exif=exif.tobytes()), "image/jpeg", 1)
    assert Image.open(io.BytesIO(drawn.picture)).size == (20, 30)


def test_a_page_as_large_as_a_field_is_drawn_no_larger_than_others(child: PictureChild) -> None:
    drawn = child.draw(page(b"", box=b"0 0 2000000 1000000"), PDF, 1)
    assert Image.open(io.BytesIO(drawn.picture)).size == (1100, 550)


def test_of_many_pages_a_hundred_can_be_seen(child: PictureChild) -> None:
    many = page(b"", count=5_000)
    drawn = child.draw(many, PDF, 100)
    assert (drawn.pages, drawn.all_pages) == (100, 5_000)
    with pytest.raises(Unreadable, match="no_such_page"):
        child.draw(many, PDF, 101)


# A form that draws itself ten times, in ten levels: 10^10 pictures of a page.
NESTED = pdf(
    b"<< /Type /Catalog /Pages 2 0 R >>",
    b"<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 600 800 ] /Contents 4 0 R"
    b" /Resources << /XObject << /X 5 0 R >> >> >>",
    b"<< /Length 50 >>\nstream\n" + b"/X Do " * 10 + b"\nendstream",
    *(
        b"<< /Type /XObject /Subtype /Form /BBox [ 0 0 600 800 ] /Length 60"
        b" /Resources << /XObject << /X %d 0 R >> >> >>\nstream\n%s\nendstream"
        % (number + 1, b"/X Do " * 10 if number < 15 else b"0 0 600 800 re f")
        for number in range(5, 16)
    ),
)


def png_bomb() -> bytes:
    """A PNG of 40,000 by 40,000 points, in a few kilobytes."""
    head = b"\x89PNG\r\n\x1a\n"
    body = (40_000).to_bytes(4, "big") * 2 + b"\x01\x00\x00\x00\x00"

    def chunk(name: bytes, data: bytes) -> bytes:
        check = zlib.crc32(name + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + name + data + check

    return (
        head + chunk(b"IHDR", body) + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        (b"%PDF-1.4 %%EOF", PDF, "damaged"),
        (page(b"")[:150], PDF, "damaged"),
        (page(b"", box=b"0 0 100000 0.001"), PDF, "damaged"),
        pytest.param(png_bomb(), "image/png", "too_many_pixels", id="bomb"),
        (image("JPEG")[:200], "image/jpeg", "damaged"),
        # What it is by its content counts: an image that calls itself a PNG and is none.
        (b"<svg onload='alert(1)'/>", "image/png", "damaged"),
        (b"<svg/>", "image/svg+xml", "no_picture"),
        (b"PK\x03\x04", "application/zip", "no_picture"),
        (page(b""), PDF, "no_such_page"),
    ],
)
def test_a_file_that_cannot_be_drawn_says_why_and_the_next_one_is_drawn(
    child: PictureChild, data: bytes, kind: str, code: str
) -> None:
    with pytest.raises(Unreadable) as caught:
        child.draw(data, kind, 2 if code == "no_such_page" else 1)
    assert caught.value.code == code
    assert child.draw(page(b""), PDF, 1).pages == 1


def test_a_page_without_end_is_given_up(child: PictureChild) -> None:
    # By time or by memory, whichever is reached first.
    with pytest.raises(Unreadable, match=r"parser_timeout|parser_memory|parser_crashed"):
        child.draw(NESTED, PDF, 1)
    assert child.draw(page(b""), PDF, 1).pages == 1


def test_a_locked_file_says_so(child: PictureChild) -> None:
    # pdfium cannot write locked files: this is an empty page under the standard handler (RC4, 40
    # bits), whose checks of the password fail because they are zeros.
    locked = page(b"").replace(
        b"trailer\n<<",
        b"5 0 obj\n<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>\nendobj\n"
        b"trailer\n<< /Encrypt 5 0 R /ID [ <00> <00> ]" % (b"00" * 32, b"00" * 32),
    )
    with pytest.raises(pypdfium2.PdfiumError, match="password"):
        pypdfium2.PdfDocument(locked)
    with pytest.raises(Unreadable, match="encrypted"):
        child.draw(locked, PDF, 1)
