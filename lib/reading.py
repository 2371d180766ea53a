"""What is in raw mail, by checksum; it is read by a child process that may be killed."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache

from django.conf import settings

from lib import blobs
from lib.mime.child import ParserChild
from lib.mime.html import Cleaned
from lib.mime.model import Parsed
from lib.mime.reports import DeliveryReport

# What the child takes before it has read anything; the limit is on top of that.
_PYTHON_MEGABYTES = 64


class Reader:
    """Reads mail in one child process, started when first needed."""

    def __init__(self) -> None:
        self._child = ParserChild(
            seconds=settings.PARSE_SECONDS,
            memory=(settings.PARSE_MEGABYTES - _PYTHON_MEGABYTES) * 2**20,
        )

    def parsed(self, sha256: str) -> Parsed:
        """The mail with this checksum, read. Raises lib.mime.limits.Unreadable, or BlobMissing
        and BlobDamaged when the store does not have it any more."""
        return self._child.parse_bytes(blobs.load(sha256))

    def parsed_bytes(self, raw: bytes) -> Parsed:
        """The mail in `raw`, such as a letter of ours. Raises lib.mime.limits.Unreadable."""
        return self._child.parse_bytes(raw)

    def reports(self, sha256: str) -> tuple[DeliveryReport, ...]:
        """What a delivery report says, a recipient each; raises as `parsed`."""
        return self._child.delivery_reports(blobs.load(sha256))

    def part(self, sha256: str, path: str) -> bytes:
        """One part of a mail, decoded. Raises as `parsed`, and KeyError for no such part."""
        return self._child.part_bytes(blobs.load(sha256), path)

    def cleaned(self, html: str, image_urls: Mapping[str, str]) -> Cleaned:
        """A letter's HTML, safe to show (lib.mime.html.clean). Raises lib.mime.limits.Unreadable
        for what takes too long: show the text then."""
        return self._child.clean_html(html, image_urls)


class ReadAhead:
    """A reader that may be told what it will be asked for: it reads that in the meantime."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="read ahead")
        self._begun: dict[str, Future[Parsed]] = {}

    def begin(self, sha256: str) -> None:
        """Begin to read this mail, unless that has been begun."""
        if sha256 not in self._begun:
            self._begun[sha256] = self._thread.submit(self._reader.parsed, sha256)

    def forget(self, sha256: str) -> None:
        """Keep no longer what was read of this mail."""
        self._begun.pop(sha256, None)

    def parsed(self, sha256: str) -> Parsed:
        """As Reader.parsed."""
        begun = self._begun.get(sha256)
        return begun.result() if begun is not None else self._reader.parsed(sha256)

    def reports(self, sha256: str) -> tuple[DeliveryReport, ...]:
        """As Reader.reports."""
        return self._reader.reports(sha256)


@lru_cache
def reader() -> Reader:
    """The one reader of this process."""
    return Reader()


@lru_cache
def read_ahead() -> ReadAhead:
    """The same one, for whoever knows what comes next."""
    return ReadAhead(reader())
