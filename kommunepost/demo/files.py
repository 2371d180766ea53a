"""Small attachments made from nothing: the same bytes every time, harmless, and what they claim."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape


def pdf(*lines: str) -> bytes:
    """A one-page PDF 1.4 with `lines` of Latin-1 text."""
    shown = b"".join(
        b"(" + line.encode("latin-1", "replace").translate(None, b"()\\") + b") Tj T*\n"
        for line in lines
    )
    page = b"BT /F1 12 Tf 16 TL 72 770 Td\n" + shown + b"ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    out, offsets = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(out)


def png(*, width: int = 160, height: int = 120, tint: int = 90) -> bytes:
    """An RGB picture of a slope; `tint` (0 to 255) tells one from another."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = b"".join(
        b"\0" + b"".join(bytes((x * 255 // width, y * 255 // height, tint)) for x in range(width))
        for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def docx(*paragraphs: str) -> bytes:
    """The least that a word processor opens as a document (ECMA-376)."""
    kinds = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    relations = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    body = "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in paragraphs)
    document = (
        '<?xml version="1.0" encoding="UTF-8"?><w:document '
        'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body>{body}</w:body></w:document>"
    )
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("[Content_Types].xml", kinds),
            ("_rels/.rels", relations),
            ("word/document.xml", document),
        ):
            # A fixed time in the archive keeps the bytes the same from run to run.
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text)
    return held.getvalue()


def ics(title: str, start: datetime, organiser: str) -> bytes:
    """An invitation (RFC 5546) of one hour at `start`, an aware time."""
    start = start.astimezone(UTC)
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Sample//Calendar//EN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        f"UID:{hashlib.sha256(title.encode()).hexdigest()[:16]}@sample.example",
        f"DTSTAMP:{start - timedelta(days=7):%Y%m%dT%H%M%SZ}",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        "DURATION:PT1H",
        f"SUMMARY:{title}",
        f"ORGANIZER:mailto:{organiser}",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(f"{line}\r\n" for line in lines).encode()


def winmail(name: str, content: bytes) -> bytes:
    """A TNEF stream (MS-OXTNEF) such as Outlook sends, with one file inside."""

    def attribute(level: int, code: int, data: bytes) -> bytes:
        head = struct.pack("<BII", level, code, len(data))
        return head + data + struct.pack("<H", sum(data) & 0xFFFF)

    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + attribute(1, 0x00089006, struct.pack("<I", 0x00010000))
        + attribute(1, 0x00069007, struct.pack("<II", 1252, 0))
        + attribute(2, 0x00069002, struct.pack("<HiHHI", 1, -1, 0, 0, 0))
        + attribute(2, 0x00018010, name.encode("latin-1") + b"\0")
        + attribute(2, 0x0006800F, content)
    )


def p7m(seed: str) -> bytes:
    """What an S/MIME encrypted letter looks like from outside: EnvelopedData (RFC 8551), no key."""

    def der(tag: int, data: bytes) -> bytes:
        return bytes((tag, 0x82)) + struct.pack(">H", len(data)) + data

    secret = b"".join(hashlib.sha256(f"{seed}{n}".encode()).digest() for n in range(40))
    enveloped = bytes.fromhex("06092a864886f70d010703")
    return der(0x30, enveloped + der(0xA0, der(0x30, bytes.fromhex("020100") + der(0x04, secret))))
