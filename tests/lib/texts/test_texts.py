"""The text of attached files, made here small and whole, broken, and as bombs."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Iterator

import docx
import openpyxl
import pptx
import pytest

from lib.mime.limits import Unreadable
from lib.texts import archive
from lib.texts.child import TextChild
from lib.texts.formats import MAX_CHARS


@pytest.fixture(scope="module")
def child() -> Iterator[TextChild]:
    child = TextChild(seconds=20)
    yield child
    child.close()


def saved(thing: object) -> bytes:
    file = io.BytesIO()
    thing.save(file)  # type: ignore[attr-defined]
    return file.getvalue()


def pdf(text: str) -> bytes:
    """A PDF of one page by hand (ISO 32000-1, 7.5)."""
    stream = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + (
        b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF" % (table, len(data))
    )


def word() -> bytes:
    document = docx.Document()
    document.add_paragraph("Søknad om garasje")
    document.add_table(1, 1).cell(0, 0).text = "Gnr. 12"
    document.sections[0].header.paragraphs[0].text = "Brevhode"
    return saved(document)


def excel() -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Budsjett"
    book.active.append(["Vei", 1200])
    return saved(book)


def powerpoint() -> bytes:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = "Reguleringsplan"
    slide.notes_slide.notes_text_frame.text = "Husk kartet"
    return saved(show)


def zipped(**entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return file.getvalue()


def odt() -> bytes:
    text = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    return zipped(
        content_xml=f'<o xmlns:t="{text}"><t:h>Klage</t:h><t:p>på <t:s/>vedtak</t:p></o>'.encode()
    )


@pytest.mark.parametrize(
    ("make", "filename", "words"),
    [
        (lambda: pdf("S\xf8knad om garasje"), "a.pdf", ["Søknad om garasje"]),
        (word, "a.docx", ["Brevhode", "Søknad om garasje", "Gnr. 12"]),
        (excel, "a.xlsx", ["Budsjett", "Vei 1200"]),
        (powerpoint, "a.pptx", ["Reguleringsplan", "Husk kartet"]),
        (odt, "a.odt", ["Klage", "på vedtak"]),
        (lambda: b"<html><p>Vei</p><script>ond()</script>", "a.html", ["Vei"]),
        (lambda: "Blåbær;søtt".encode("latin-1"), "a.csv", ["Blåbær;søtt"]),
        (lambda: b"Subject: Vei\r\n\r\nGrus", "a.eml", ["Vei", "Grus"]),
        # What it is called does not count.
        (word, "kart.pdf", ["Søknad om garasje"]),
    ],
)
def test_text_is_read_from_what_people_attach(
    child: TextChild, make: Callable[[], bytes], filename: str, words: list[str]
) -> None:
    text = child.text_of(make(), filename).text
    assert all(each in text for each in words), text
    assert "ond()" not in text


def many_entries() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for number in range(archive.MAX_ENTRIES + 1):
            made.writestr(f"{number}", b"")
    return file.getvalue()


def declared_too_large() -> bytes:
    """Four entries of 60 MB each, packed well below the ratio that is refused by itself."""
    noise = os.urandom(2**20)
    return zipped(**{f"a{n}": noise + b"\0" * (60 * 2**20 - 2**20) for n in range(4)})


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>'


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: zipped(word__document_xml=b"<w/>" + b" " * (50 * 2**20)), "zip_ratio"),
        (declared_too_large, "zip_too_large"),
        (many_entries, "zip_too_many"),
        (lambda: zipped(content_xml=LAUGHS), "entities"),
        (lambda: zipped(content_xml=LAUGHS.decode().encode("utf-16")), "entities"),
        (lambda: word()[:-300], "damaged"),
        (lambda: b"%PDF-1.7\n" + b"\xff" * 500, "damaged"),
        (lambda: zipped(a=zipped(b=b"b")), "no_text"),
        (lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no_text"),
        (lambda: b"MZ" + bytes(range(256)) * 9, "no_text"),
    ],
)
def test_bombs_and_broken_files_are_refused_with_a_code(
    child: TextChild, make: Callable[[], bytes], code: str
) -> None:
    with pytest.raises(Unreadable) as caught:
        child.text_of(make(), "a.docx")
    assert caught.value.code == code
    assert child.text_of(b"ok", "a.txt").text == "ok"


def test_a_long_text_is_cut_and_says_so(child: TextChild) -> None:
    found = child.text_of(b"vei " * MAX_CHARS, "a.txt")
    assert (len(found.text), found.cut) == (MAX_CHARS, True)
    assert not child.text_of(b"vei", "a.txt").cut


def test_a_file_that_takes_too_long_is_given_up() -> None:
    slow = TextChild(seconds=0.3)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for _ in range(20_000):
        sheet.append(["x"] * 8)
    # The text is cut long before its end; opening alone takes longer than this child has.
    with pytest.raises(Unreadable) as caught:
        slow.text_of(saved(book), "a.xlsx")
    assert caught.value.code == "parser_timeout"
    slow.close()


def test_an_office_file_whose_packed_text_is_broken_is_damaged_and_nothing_worse() -> None:
    whole = zipped(content_xml=bytes(range(256)) * 40)
    packed = whole.index(b"content.xml") + len("content.xml")
    broken = whole[:packed] + b"\xff" * 40 + whole[packed + 40 :]
    with pytest.raises(Unreadable) as refused:
        archive.open_office(broken)
    assert refused.value.code == "damaged"
