"""Raw mail and what is in it, by checksum; reading happens in a child that may be killed."""

from __future__ import annotations

import threading

from django.conf import settings

from lib import blobs
from lib.mime.child import ParserChild
from lib.mime.model import Parsed

_child: ParserChild | None = None
_lock = threading.Lock()


def _reader() -> ParserChild:
    global _child
    with _lock:
        if _child is None:
            _child = ParserChild(
                seconds=settings.PARSE_SECONDS, megabytes=settings.PARSE_MEGABYTES
            )
        return _child


def read_by_checksum(sha256: str) -> Parsed:
    """The mail with this checksum, read. Raises lib.mime.limits.Unreadable, or BlobMissing and
    BlobDamaged when the store does not have it any more."""
    return _reader().parse_bytes(blobs.load(sha256))


def raw_of(sha256: str) -> bytes:
    """The raw bytes, verified against their checksum. Raises BlobMissing or BlobDamaged."""
    return blobs.load(sha256)


def part_of(sha256: str, path: str) -> bytes:
    """One part of a mail, decoded. Raises as `read_by_checksum`, and KeyError for no such part."""
    return _reader().part_bytes(blobs.load(sha256), path)
