"""The bytes of a registered document: out of the raw mail, read by a child that may be killed."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from lib import blobs
from lib.mime.child import ParserChild

# What the child takes before it has read anything; the limit is on top of that.
_PYTHON_MEGABYTES = 64


def content(sha256: str, part: str) -> bytes:
    """The raw mail with this checksum, or one part of it, decoded ("" = all of it).

    Raises BlobMissing, BlobDamaged or BlobStoreUnavailable; lib.mime.limits.Unreadable for a part
    that cannot be taken out.
    """
    raw = blobs.load(sha256)
    return _child().part_bytes(raw, part) if part else raw


@lru_cache
def _child() -> ParserChild:
    return ParserChild(
        seconds=settings.PARSE_SECONDS,
        memory=(settings.PARSE_MEGABYTES - _PYTHON_MEGABYTES) * 2**20,
    )
