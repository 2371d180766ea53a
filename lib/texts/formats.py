"""The text of a file by what its content says that it is."""

from __future__ import annotations

import io
import itertools
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterable, Iterator

import docx
import openpyxl
import pptx
import pypdfium2

from lib.mime.charsets import decode, scrub
from lib.mime.limits import Unreadable
from lib.mime.parse import parse
from lib.mime.plaintext import from_html
from lib.mime.sniff import sniff
from lib.texts.archive import open_office

MAX_CHARS = 200_000  # of one file: some 70 pages
_MAX_PAGES = 500
_MAX_ROWS = 50_000
_HEAD = 4_096


def text_of(data: bytes, filename: str = "") -> str:
    """Text of a file, perhaps a little over MAX_CHARS. Raises `Unreadable` as TextChild does."""
    kind = _kind(data, filename)
    read = _READERS.get(kind)
    if read is None:
        raise Unreadable("no_text", kind)
    try:
        return scrub(_gather(read(data)))
    except Unreadable:
        raise
    except MemoryError:
        raise
    except Exception as error:  # the libraries raise whatever comes up in a broken file
        raise Unreadable("damaged", type(error).__name__) from None


def _gather(pieces: Iterable[str]) -> str:
    """Pieces until there is enough, so that the rest of a long file is not even read."""
    kept: list[str] = []
    length = 0
    for piece in pieces:
        kept.append(piece)
        length += len(piece) + 1
        if length > MAX_CHARS:
            break
    return "\n".join(kept)


def _kind(data: bytes, filename: str) -> str:
    """pdf, docx, xlsx, pptx, odf, html, mail or text; else the type of what it is."""
    if data[:1_024].lstrip().startswith(b"%PDF"):
        return "pdf"
    if data[:4] == b"PK\x03\x04":
        return _kind_of_zip(data)
    extension = filename.rpartition(".")[2].lower()
    head = data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html")) or extension in ("html", "htm"):
        return "html"
    if extension == "eml":
        return "mail"
    declared = "text/plain" if extension in ("txt", "csv", "md", "log", "ics", "vcf") else ""
    found = sniff(data, declared)
    return "text" if found.startswith("text/") else found


def _kind_of_zip(data: bytes) -> str:
    archive = open_office(data)
    names = set(archive.namelist())
    for kind, name in (
        ("docx", "word/document.xml"),
        ("xlsx", "xl/workbook.xml"),
        ("pptx", "ppt/presentation.xml"),
        ("odf", "content.xml"),
    ):
        if name in names:
            return kind
    return "application/zip"


def _pdf(data: bytes) -> Iterator[str]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        code = "encrypted" if "password" in str(error).lower() else "damaged"
        raise Unreadable(code) from None
    for number in range(min(len(document), _MAX_PAGES)):
        page = document[number]
        text = page.get_textpage()
        yield text.get_text_bounded()
        text.close()
        page.close()


def _docx(data: bytes) -> Iterator[str]:
    document = docx.Document(io.BytesIO(data))
    for section in document.sections:
        yield from (paragraph.text for paragraph in section.header.paragraphs)
    # In the order of the document, whatever tables and frames the text stands in.
    for paragraph in document.element.body.iter(
        "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p"
    ):
        yield "".join(
            node.text or ""
            for node in paragraph.iter(
                "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"
            )
        )


def _xlsx(data: bytes) -> Iterator[str]:
    # Values as they were last calculated; nothing is calculated here.
    book = openpyxl.load_workbook(
        io.BytesIO(data), read_only=True, data_only=True, keep_links=False
    )
    for sheet in book.worksheets:
        yield sheet.title
        for row in itertools.islice(sheet.iter_rows(values_only=True), _MAX_ROWS):
            yield " ".join(str(value) for value in row if value is not None)


def _pptx(data: bytes) -> Iterator[str]:
    for slide in pptx.Presentation(io.BytesIO(data)).slides:
        for node in slide.element.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}t"):
            yield node.text or ""
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            yield slide.notes_slide.notes_text_frame.text


def _odf(data: bytes) -> Iterator[str]:
    archive: zipfile.ZipFile = open_office(data)
    namespace = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
    with archive.open("content.xml") as file:
        # Checked for entities when the archive was opened.
        for _, node in ET.iterparse(file):  # noqa: S314
            if node.tag in (f"{namespace}p", f"{namespace}h"):
                yield "".join(node.itertext())
                node.clear()


def _html(data: bytes) -> Iterator[str]:
    yield from_html(decode(data, None)[0], 4 * MAX_CHARS)


def _mail(data: bytes) -> Iterator[str]:
    mail = parse(data)
    yield mail.subject
    yield mail.text


def _plain(data: bytes) -> Iterator[str]:
    yield decode(data[: 4 * MAX_CHARS], None)[0]


_READERS: dict[str, Callable[[bytes], Iterator[str]]] = {
    "pdf": _pdf,
    "docx": _docx,
    "xlsx": _xlsx,
    "pptx": _pptx,
    "odf": _odf,
    "html": _html,
    "mail": _mail,
    "text": _plain,
}
