"""Office files are zip archives of XML: what is in one, once it is known to be no bomb."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from lib.mime.limits import Unreadable

MAX_ENTRIES = 5_000
MAX_BYTES = 200 * 2**20  # of all entries, unpacked
# XML packs to a tenth or, in large empty sheets, a hundredth; bombs to a thousandth.
MAX_RATIO = 200
_RATIO_FROM = 2**20  # bytes unpacked below which the ratio says nothing

# General purpose bit 0 of a zip entry: a password is needed.
_LOCKED = 0x1

_XML = (".xml", ".rels")
# Office files declare no entities, so whoever does wants to blow up or to read our files.
_DECLARATION = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def open_office(data: bytes) -> zipfile.ZipFile:
    """The archive, checked before anything of it is unpacked further than needed.

    Archives inside it are not opened by anyone, so there is no depth to limit. Raises
    `Unreadable`: damaged, encrypted, zip_too_many, zip_too_large, zip_ratio, entities.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
        _check_sizes(entries)
        for entry in entries:
            if entry.filename.lower().endswith(_XML):
                _check_declarations(archive, entry)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        RuntimeError,
        ValueError,
        OSError,
    ) as error:
        raise Unreadable("damaged", type(error).__name__) from None
    return archive


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    if any(entry.flag_bits & _LOCKED for entry in entries):
        raise Unreadable("encrypted")
    if len(entries) > MAX_ENTRIES:
        raise Unreadable("zip_too_many", f"{len(entries)} entries")
    if sum(entry.file_size for entry in entries) > MAX_BYTES:
        raise Unreadable("zip_too_large")
    for entry in entries:
        if entry.file_size > _RATIO_FROM and entry.file_size > MAX_RATIO * entry.compress_size:
            raise Unreadable("zip_ratio")


def _check_declarations(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    # zipfile gives no more than the size that was declared, which has been checked.
    with archive.open(entry) as file:
        start = file.read(65_536)
    # UTF-16 has a NUL beside each ASCII letter.
    if _DECLARATION.search(start.replace(b"\0", b"")):
        raise Unreadable("entities")
